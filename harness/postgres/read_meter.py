"""Read meter: what the sessions of one side are sent, counted where a budget of bytes is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.rows import TupleRow, tuple_row

from harness.postgres.connect import Connection

Taken = Callable[[int], None]
"""Told of bytes; what it raises ends the reading"""

_NUMBER = 8
_meters: WeakKeyDictionary[Connection, Taken] = WeakKeyDictionary()


def metered(connection: Connection, taken: Taken) -> None:
    """Tell of every row that the session's statements give, from now on; COPY is told of by `crossed`.

    Texts and byte strings count by their length, numbers as eight bytes, and what they hold of arrays: the protocol's
    own few bytes a value are not counted.
    """

    def rows(cursor: Any) -> Callable[[Sequence[Any]], TupleRow]:
        made = tuple_row(cursor)

        def row(values: Sequence[Any]) -> TupleRow:
            taken(_size(values))
            return made(values)

        return row

    connection.row_factory = rows
    _meters[connection] = taken


def metered_like(connection: Connection, other: Connection) -> None:
    """Count what a session is sent with that of another one, where that is counted."""
    taken = _meters.get(other)
    if taken is not None:
        metered(connection, taken)


def crossed(connection: Connection, rows: Sequence[Sequence[str | None]]) -> None:
    """Tell of the rows that a COPY has given."""
    taken = _meters.get(connection)
    if taken is not None:
        taken(_size(rows))


def _size(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, str | bytes | bytearray | memoryview):
        return len(value)
    if isinstance(value, list | tuple):
        return sum(_size(each) for each in value)
    return _NUMBER
