"""Statistics objects: what the planner is told to learn about several columns or about expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import RELATION, Address, CatalogObject, measured


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsObject(CatalogObject):
    """What CREATE STATISTICS makes; it has a schema of its own and stands on one table."""

    kind: ClassVar[str] = "statistics object"
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    table: str
    """Identity of the table"""
    columns: tuple[str, ...] = ()
    """Sorted by name, since their order says nothing"""
    expressions: str | None = None
    """As pg_get_expr deparses their list"""
    kinds: tuple[str, ...] = ()
    """ndistinct, dependencies, mcv"""
    statistics: int | None = None
    """Statistics target; None: the default"""
    comment: str | None = None
    owner: str = ""
    definition: str = measured("")
    """The whole statement as pg_get_statisticsobjdef deparses it: for DDL"""

    @property
    def table_identity(self) -> str | None:
        """The table."""
        return self.table

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The table."""
        return ((RELATION, self.table),)

    @property
    def signature(self) -> str | None:
        """Two of one table over the same columns and expressions, of the same kinds, are the same."""
        return repr((self.columns, self.expressions, self.kinds))
