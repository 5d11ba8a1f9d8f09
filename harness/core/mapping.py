"""Mapping: how source rows become target rows; one mapping drives migration, row and method comparison."""

from __future__ import annotations

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from harness.core.record import Record


class ColumnMapping(Record):
    """Where the value of one target column comes from: exactly one of source, expression, constant or default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = Field(default=None, description="A column of the source table (a rename)")
    expression: str | None = Field(default=None, description="SQL over the source row, evaluated on the source")
    constant: str | None = Field(default=None, description="A literal, given as text, read as the target's type")
    default: bool = Field(default=False, description="Leave the column to the target's own default")
    cast: str | None = Field(default=None, description="A type that the value is cast to on the source")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [self.source is not None, self.expression is not None, self.constant is not None, self.default]
        if sum(given) != 1:
            raise ValueError("give exactly one of source, expression, constant or default = true")
        return self


class TableMapping(Record):
    """The mapping of one source table. Columns that are not named map to the column of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    target: str | None = Field(default=None, description="Identity of the target table, where its name is another")
    columns: dict[str, ColumnMapping] = Field(default_factory=dict, description="By name of the target column")
    drop: dict[str, str] = Field(
        default_factory=dict, description="Source columns that do not move, each with the reason: a declared loss"
    )


class Mapping(Record):
    """All table mappings, by identity of the source table (schema.table)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: dict[str, TableMapping] = Field(default_factory=dict)

    def table(self, identity: str) -> TableMapping:
        """The mapping of a table; the empty one, which changes nothing, where none is given."""
        return self.tables.get(identity, TableMapping())

    def target_of(self, identity: str) -> str:
        """The identity of the target's table."""
        return self.table(identity).target or identity
