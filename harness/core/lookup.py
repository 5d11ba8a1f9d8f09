"""Looks names of statements up in a catalog: relations, columns by PostgreSQL's order of scopes, functions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from harness.core.model.catalog import Catalog
from harness.core.model.rules import Constraint, Index
from harness.core.usage import FunctionUse


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column was found: the relation, and how many queries outwards of the one that names it."""

    relation: str
    level: int


@dataclass(frozen=True)
class Lookup:
    """One catalog, prepared for look-ups."""

    catalog: Catalog

    @cached_property
    def _columns(self) -> dict[str, frozenset[str]]:
        """Names of columns by relation."""
        found = {each.identity: frozenset[str]() for each in self.catalog.composite_types}
        for attribute in self.catalog.composite_attributes:
            found[attribute.type_identity] = found.get(attribute.type_identity, frozenset()) | {attribute.name}
        by_table = self.catalog.columns_by_table
        for table in (*self.catalog.tables, *self.catalog.foreign_tables):
            found[table.identity] = frozenset(column.name for column in by_table.get(table.identity, ()))
        for view in self.catalog.views:
            found[view.identity] = frozenset(name for column in view.columns for name in _name_of_view_column(column))
        return found

    @cached_property
    def _functions(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            {(each.schema, each.name) for each in self.catalog.routines}
            | {(each.schema, each.name) for each in self.catalog.aggregates}
        )

    @cached_property
    def _function_names(self) -> frozenset[str]:
        return frozenset(name for _, name in self._functions)

    @cached_property
    def _row_functions(self) -> frozenset[tuple[str, str]]:
        """Functions of one argument, with its type."""
        return frozenset((each.name, each.arguments) for each in self.catalog.routines)

    @cached_property
    def schemas(self) -> frozenset[str]:
        """The schemas that the catalog covers."""
        return frozenset(schema.name for schema in self.catalog.schemas)

    def has_relation(self, identity: str) -> bool:
        """Whether there is a table, a view or the like."""
        return identity in self._columns

    def is_view(self, identity: str) -> bool:
        """Whether it is a view."""
        return any(view.identity == identity for view in self.catalog.views)

    def columns(self, identity: str) -> frozenset[str]:
        """Names of the columns of a relation as far as they are known."""
        return self._columns.get(identity, frozenset())

    def place(self, levels: tuple[tuple[str, ...], ...], name: str) -> Place | None:
        """Where PostgreSQL would find a column, from the inside outwards; None where it would not (42703).

        A function that takes the row counts as a column of it: PostgreSQL takes `row.name` for `name(row)`.
        """
        for number, level in enumerate(levels):
            for relation in level:
                columns = self._columns.get(relation, frozenset())
                if name in columns or (name, relation) in self._row_functions:
                    return Place(relation, number)
        return None

    def has_function(self, use: FunctionUse) -> bool:
        """Whether a function of that name is in the catalog, which has none of PostgreSQL's own."""
        return use.name in self._function_names if use.schema is None else (use.schema, use.name) in self._functions

    def indexes(self, relation: str) -> tuple[Index, ...]:
        """The indexes of a table, those of constraints too."""
        return self.catalog.indexes_by_table.get(relation, ())

    def constraint(self, relation: str, name: str) -> Constraint | None:
        """A table's constraint."""
        constraints = self.catalog.constraints_by_table.get(relation, ())
        return next((each for each in constraints if each.name == name), None)

    def primary_key(self, relation: str) -> tuple[str, ...]:
        """The columns of a table's primary key; empty without one."""
        constraints = self.catalog.constraints_by_table.get(relation, ())
        return next((each.columns for each in constraints if each.type == "primary key"), ())


def _name_of_view_column(column: str) -> list[str]:
    """'name type' as the names that it can hold: neither says where the other begins once a name has blanks."""
    words = column.split(" ")
    return [" ".join(words[:count]) for count in range(1, len(words))]
