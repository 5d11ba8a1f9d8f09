"""The names found so far in one statement, and the signal that something in it cannot be resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.sql.sources import Meaning, Source, meaning_of_qualified
from harness.core.usage import ColumnRole, ColumnUse, ConflictUse, RelationUse


class Unresolved(Exception):
    """The statement holds something about which nothing can be said; the message names it without any value."""


@dataclass(slots=True)
class Names:
    """The names found so far, in the order of finding, each once."""

    schema: str
    relations: dict[RelationUse, None] = field(default_factory=dict)
    columns: dict[ColumnUse, None] = field(default_factory=dict)
    conflicts: dict[ConflictUse, None] = field(default_factory=dict)
    creates: dict[str, None] = field(default_factory=dict)
    not_functions: set[str] = field(default_factory=set)
    """Names of tables, aliases and CTEs: a parenthesis behind one is a list of columns"""

    def use(self, meaning: Meaning, name: str, role: ColumnRole) -> None:
        """A column, unless it is none of a relation."""
        if not meaning.settled:
            self.columns[ColumnUse(name=name, role=role, levels=meaning.levels, elsewhere=meaning.elsewhere)] = None

    def use_of(self, source: Source, name: str, role: ColumnRole) -> None:
        """A column of one source."""
        self.use(meaning_of_qualified(source, name), name, role)
