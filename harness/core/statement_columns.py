"""The columns that a statement names, with their types on both sides, and whether it writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.core.configuration import Configuration
from harness.core.faults import UsedStatement
from harness.core.lookup import Lookup
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.names import qualified, split
from harness.core.record import Side
from harness.core.translation import Translation, translation
from harness.core.usage import ColumnUse

_WRITTEN = frozenset({"insert", "update"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedColumn:
    """A column that exists on both sides."""

    source_table: str
    source_column: str
    target_table: str
    target_column: str
    source: str
    """Type on the source, as format_type spells it"""
    target: str
    written: bool = False

    @property
    def name(self) -> str:
        """Its identity on the target."""
        return qualified(*split(self.target_table), self.target_column)


@dataclass(frozen=True)
class StatementColumns:
    """Resolves columns of statements on both catalogs at once."""

    source: Lookup
    target: Lookup
    names: Translation = field(default_factory=Translation)

    @staticmethod
    def of(source: Catalog, target: Catalog, configuration: Configuration) -> StatementColumns:
        """For the two catalogs of a run."""
        return StatementColumns(Lookup(source), Lookup(target), translation(configuration))

    def of_other_type(self, each: UsedStatement) -> tuple[TypedColumn, ...]:
        """The columns of a statement whose types are not the same on both sides, each once."""
        found: dict[tuple[str, str], TypedColumn] = {}
        for use in each.usage.columns:
            for column in self._typed(each.side, use):
                key = column.target_table, column.target_column
                if column.source != column.target and (key not in found or column.written):
                    found[key] = column
        return tuple(found.values())

    def table_on(self, side: Side, of: Side, relation: str) -> str:
        """What a relation of one side's statement is called on a side."""
        if side is of:
            return relation
        return self.names.target_table(relation) if side is Side.TARGET else self.names.source_table(relation)

    def _typed(self, side: Side, use: ColumnUse) -> Iterator[TypedColumn]:
        here = self.source if side is Side.SOURCE else self.target
        place = here.place(use.levels, use.name)
        if place is None:
            return
        mine = self.table_on(Side.SOURCE, side, place.relation)
        its = self.table_on(Side.TARGET, side, place.relation)
        ours = use.name if side is Side.SOURCE else self.names.source_column(mine, use.name)
        theirs = use.name if side is Side.TARGET else self.names.target_column(mine, use.name)
        left, right = _column(self.source.catalog, mine, ours), _column(self.target.catalog, its, theirs)
        if left is not None and right is not None:
            yield TypedColumn(
                source_table=mine,
                source_column=ours,
                target_table=its,
                target_column=theirs,
                source=left.type,
                target=right.type,
                written=use.role in _WRITTEN,
            )


def _column(catalog: Catalog, table: str, name: str) -> Column | None:
    return next((each for each in catalog.columns_by_table.get(table, ()) if each.name == name), None)
