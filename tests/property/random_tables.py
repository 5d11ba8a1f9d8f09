"""Random tables of some kinds of key, edited at random, for a migration to load."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import psycopg
from hypothesis import strategies as st
from psycopg import sql

Row = tuple[object, ...]
Tables = tuple[str, list[str], list[Row], list[Row]]

TEXTS = st.one_of(st.none(), st.sampled_from(["", " ", "a", "A", "а", "a|b", "|", "é", "e\u0301", "NULL", "\\N", "🦔"]))
NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
KINDS: dict[str, st.SearchStrategy[object]] = {
    "text": TEXTS,
    "int": NUMBERS,
    "bigint": NUMBERS,
    "varchar": TEXTS,
    "bool": st.one_of(st.none(), st.booleans()),
    "date": st.one_of(st.none(), st.dates(date(1999, 12, 30), date(2000, 1, 2))),
    "uuid": st.one_of(st.none(), st.integers(0, 2).map(lambda number: UUID(int=number))),
}
KEYS = ("primary key", "composite", "text key", "nullable key", "none")


@st.composite
def two_tables(draw: st.DrawFn) -> Tables:
    """The kind of key, the columns' types, and the rows of both sides, the target's edited from the source's."""
    key = draw(st.sampled_from(KEYS))
    kinds = ["int", "text", *draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))]
    row = st.tuples(*(KINDS[kind] for kind in kinds))
    source = keyed(draw(st.lists(row, max_size=40)), key)
    target: list[Row] = []
    for each in source:
        edit = draw(st.sampled_from(["keep"] * 6 + ["change", "delete", "double"]))
        if edit == "change":
            column = draw(st.integers(2, len(kinds) - 1))
            each = (*each[:column], draw(KINDS[kinds[column]]), *each[column + 1 :])
        target += [each] * {"delete": 0, "double": 2}.get(edit, 1)
    target += draw(st.lists(row, max_size=4))
    return key, kinds, source, keyed(target, key)


def key_of(row: Row, key: str) -> Row | None:
    """The part of a row that rows are matched by; None where only whole rows can be."""
    return {"primary key": row[:1], "composite": row[:2], "text key": row[1:2], "nullable key": row[:2]}.get(key)


def keyed(rows: list[Row], key: str) -> list[Row]:
    """The rows that a table with such a key can hold."""
    kept: dict[object, Row] = {}
    for number, row in enumerate(rows):
        part = key_of(row, key)
        if part is None or (key == "nullable key" and None in part):
            kept[number] = row
        elif None not in part:
            kept.setdefault(part, row)
    return list(kept.values())


DEFINITIONS = {
    "primary key": ", PRIMARY KEY (c0)",
    "composite": ", PRIMARY KEY (c0, c1)",
    "text key": ", PRIMARY KEY (c1)",
    "nullable key": ", UNIQUE (c0, c1)",
    "none": "",
}


def load(dsn: str, key: str, kinds: list[str], rows: list[Row]) -> None:
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(kinds))
    with psycopg.connect(dsn) as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS t"))
        connection.execute(sql.SQL(f"CREATE TABLE t ({columns}{DEFINITIONS[key]})"))
        with connection.cursor().copy("COPY t FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
