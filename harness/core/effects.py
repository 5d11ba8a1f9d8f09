"""Effects: the rows, sequences and open transactions that one call left behind on one side."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

Row = Mapping[str, str | None]
"""A row as texts, by column"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedTable:
    """A table whose rows are looked at after a call. Names are those of its own side."""

    identity: str
    schema: str
    name: str
    columns: Mapping[str, str]
    """Column to type"""
    key: tuple[str, ...] = ()
    """Columns that rows are matched by; none: rows have no identity"""
    partitioned: bool = False
    silent: bool = False
    """Only whether it was written to is looked at"""
    common: str = ""
    """The source's identity, by which tables of both sides are matched; '' where the other side has none"""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Column to its name on the source, where that is another"""

    def common_name(self, column: str) -> str:
        """The column's name on the source."""
        return self.renamed.get(column, column)

    def relevant(self, changed: Collection[str], ignore: Collection[str]) -> list[str]:
        """Those of some columns that are not ignored, by the name of either side."""
        return [name for name in changed if name not in ignore and self.common_name(name) not in ignore]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEffects:
    """What happened to one table. Updated rows are as they are now, with the columns that changed."""

    table: WatchedTable
    inserted: tuple[Row, ...] = ()
    updated: tuple[tuple[Row, frozenset[str]], ...] = ()
    deleted: tuple[tuple[str | None, ...], ...] = ()
    """Keys; of a table without one, all columns"""
    deleted_rows: int = 0
    unread: int = 0
    """More rows were written than are read: only their number is known"""
    unseen_deleted: int = 0
    """Rows that went, where only their number is known"""

    @property
    def compared(self) -> bool:
        """Whether more than the number of the rows is known."""
        return not (self.unread or self.unseen_deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What a call left behind on one side."""

    tables: Mapping[str, TableEffects] = field(default_factory=dict)
    """By common identity; tables that the other side has not, by their own"""
    sequences: Mapping[str, int] = field(default_factory=dict)
    """Sequence to how far it was moved"""
    open_transaction: bool = False
    """The call left a transaction with writes uncommitted"""
    touched: bool = False
    """Something was written, be it to a table that is not compared, or a row that is as it was before"""
    unseen: tuple[str, ...] = ()
    """Tables that were written to and whose rows are not looked at"""

    def counts(self, ignore: Collection[str] = ()) -> dict[str, int]:
        """'table inserted|updated|deleted' to rows; an update of ignored columns alone is none."""
        found: dict[str, int] = {}
        for identity, effects in self.tables.items():
            updated = sum(bool(effects.table.relevant(changed, ignore)) for _, changed in effects.updated)
            for word, number in (
                ("inserted", len(effects.inserted)),
                ("updated", updated),
                ("deleted", effects.deleted_rows),
                ("written", effects.unread),
            ):
                if number:
                    found[f"{identity} {word}"] = number
        return found


NO_EFFECTS = Effects()


def effect_notes(source: Effects, target: Effects, *, sequences: bool = True) -> tuple[str, ...]:
    """What is worth knowing and no difference of rows: sequences, tables of one side, transactions left open."""
    notes = []
    for side, effects in (("source", source), ("target", target)):
        notes += [
            f"the {side} changed {table}, which the other side has not"
            for table, each in effects.tables.items()
            if not each.table.common
        ]
        if effects.open_transaction:
            notes.append(f"the {side} left a transaction open: what it wrote is not there")
    notes += [
        f"sequence {name} moved by {source.sequences.get(name, 0)} on the source, {target.sequences.get(name, 0)} on"
        " the target"
        for name in (_moved_otherwise(source, target) if sequences else ())
    ]
    return tuple(notes)


def left_otherwise(source: Effects, target: Effects, *, sequences: bool = True) -> bool:
    """Whether a sequence moved otherwise on the target, or a transaction was left open."""
    return source.open_transaction or target.open_transaction or (sequences and bool(_moved_otherwise(source, target)))


def _moved_otherwise(source: Effects, target: Effects) -> list[str]:
    names = sorted(source.sequences.keys() | target.sequences.keys())
    return [name for name in names if source.sequences.get(name, 0) != target.sequences.get(name, 0)]
