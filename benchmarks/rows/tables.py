"""Large tables to compare: their rows, made alike on both servers, and the differences that are planted in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

_WIDE: Final = {
    "id": "g::bigint",
    "company": "(g::bigint * 7919 % 100000)::int",
    "name": "'Kunde ' || g",
    "email": "md5(g::text)",
    "amount": "((g::bigint * 13 % 1000000) / 100.0)::numeric(12, 2)",
    "active": "g % 3 = 0",
    "created": "timestamptz '2024-01-01 00:00+00' + g * interval '17 seconds'",
    "updated": "timestamptz '2024-06-01 00:00+00' + g * interval '11 seconds'",
    "day": "date '2020-01-01' + (g % 1500)::int",
    "doc": "jsonb_build_object('a', g, 'b', repeat('x', (g % 20)::int), 'c', ARRAY[g, g + 1])",
    "tags": "ARRAY['t' || g % 10, 'u' || g % 7]",
    "ref": "md5((g::bigint * 31)::text)::uuid",
    "note": "repeat('note ', (g % 15)::int)",
    "part": "(g % 1000)::int",
    "total": "g::bigint * 3",
}
"""15 columns, some 300 bytes a row"""
_NARROW: Final = {"id": "g::bigint", "part": "(g % 1000)::int", "name": "'n' || g"}
_TEXT_KEY: Final = {**_WIDE, "id": "'k' || md5((g * 7)::text)"}


@dataclass(frozen=True, slots=True)
class Large:
    """A table of schema public on both servers, and in how many rows its sides differ."""

    name: str
    rows: int
    key: tuple[str, ...]
    columns: tuple[str, ...]
    differences: int
    numbered: bool

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns beside the key."""
        return tuple(name for name in self.columns if name not in self.key)

    @property
    def by_hand(self) -> bool:
        """Whether benchmarks.rows.by_hand can scan it: its id is a number."""
        return self.name == "wide" and self.key == ("id",) and self.numbered


@dataclass(frozen=True, slots=True)
class _Case:
    columns: dict[str, str]
    key: tuple[str, ...] = ("id",)
    planted: str = "five"
    name: str = "wide"


CASES: Final = {
    "5 differences": _Case(_WIDE),
    "no difference": _Case(_WIDE, planted="none"),
    "1 % differ": _Case(_WIDE, planted="percent"),
    "text key": _Case(_TEXT_KEY),
    "composite key": _Case(_WIDE, ("company", "part", "id")),
    "no key": _Case(_WIDE, ()),
    "narrow": _Case(_NARROW, planted="one", name="narrow"),
}
"""By name, what the table of a case has"""


def make(dsns: tuple[str, str], case: str, rows: int) -> Large:
    """Make the table of one case on both servers, in place of the one before; returns how its sides differ."""
    made = CASES[case]
    changes, count = _planted(made, rows)
    for dsn, statements in zip(dsns, ((), changes), strict=True):
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in (
                f"DROP TABLE IF EXISTS {made.name}",
                f"CREATE TABLE {made.name} AS {_select(made, f'generate_series(1, {rows})')}",
                *([f"ALTER TABLE {made.name} ADD PRIMARY KEY ({', '.join(made.key)})"] if made.key else []),
                *statements,
                f"VACUUM (FREEZE, ANALYZE) {made.name}",
                "CHECKPOINT",
            ):
                connection.execute(statement.encode())
    return Large(made.name, rows, made.key, tuple(made.columns), count, made.columns is not _TEXT_KEY)


def _select(made: _Case, numbers: str) -> str:
    return f"SELECT {', '.join(f'{text} AS {name}' for name, text in made.columns.items())} FROM {numbers} AS g"


def _planted(made: _Case, rows: int) -> tuple[Sequence[str], int]:
    """What makes the target differ, and the number of rows that then do."""
    if made.planted == "none":
        return (), 0
    if made.planted == "one":
        return (f"UPDATE {made.name} SET name = 'x' WHERE id = {rows // 3}",), 1
    if made.planted == "percent":
        return (f"UPDATE {made.name} SET amount = amount + 1 WHERE id % 100 = 7",), len(range(7, rows + 1, 100))
    number, text, day, gone = (3 * max(1, rows * part // 100) for part in (1, 37, 62, 99))
    return (
        f"UPDATE {made.name} SET amount = amount + 0.01 WHERE total = {number}",
        f"UPDATE {made.name} SET name = name || ' ' WHERE total = {text}",
        f"UPDATE {made.name} SET day = day + 1 WHERE total = {day}",
        f"DELETE FROM {made.name} WHERE total = {gone}",
        f"INSERT INTO {made.name} {_select(made, f'generate_series({rows + 1}, {rows + 1})')}",
    ), 5 if made.key else 8  # Without a key, a row that is changed is one too few and one too many.
