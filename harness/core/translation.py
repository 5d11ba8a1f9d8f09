"""Translation: what a table or a column of the source is called on the target, as the configuration says."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.core.configuration import Configuration
from harness.core.names import qualified, split


@dataclass(frozen=True, slots=True)
class Translation:
    """Known renames in both directions; what is not renamed keeps its name."""

    tables: dict[str, str] = field(default_factory=dict)
    """Identity on the source to the target's"""
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    """Table's identity and column on the source to the column on the target"""
    dropped: dict[tuple[str, str], str] = field(default_factory=dict)
    """Table's identity and column on the source that do not move, to the reason: a decision"""

    def target_table(self, source: str) -> str:
        """The target's table for one of the source."""
        return self.tables.get(source, source)

    def source_table(self, target: str) -> str:
        """The source's table for one of the target."""
        return next((mine for mine, its in self.tables.items() if its == target), target)

    def target_column(self, source_table: str, column: str) -> str:
        """The target's column for one of the source."""
        return self.columns.get((source_table, column), column)

    def source_column(self, source_table: str, column: str) -> str:
        """The source's column for one of the target; `source_table` is the source's."""
        return next(
            (mine for (table, mine), its in self.columns.items() if table == source_table and its == column), column
        )


def translation(configuration: Configuration) -> Translation:
    """What the mapping and schema.renames say."""
    known = Translation()
    for source, target in configuration.schema_.renames.items():
        parts, renamed = split(source), split(target)
        if len(parts) == 2:
            known.tables[qualified(*parts)] = qualified(*renamed)
        elif len(parts) == 3:
            known.columns[qualified(*parts[:2]), parts[2]] = renamed[-1]
    for table, mapping in configuration.mapping.tables.items():
        if mapping.target is not None:
            known.tables[table] = mapping.target
        for column, origin in mapping.columns.items():
            if origin.source is not None:
                known.columns[table, origin.source] = column
        for column, reason in mapping.drop.items():
            known.dropped[table, column] = reason
    return known
