"""What the data layer library costs: a call over bare psycopg, and a batch of 500 rows against other ways to write it.

    python -m benchmarks.datalayer [--calls 3000] [--rounds 7]

Bare psycopg is one connection that executes the same text with the same parameters and gives dicts. The batch is
compared with executemany of one INSERT … ON CONFLICT a row, and with COPY into a temporary table followed by
INSERT … SELECT … ON CONFLICT; each contender writes 500 rows of 40 columns that exist already and reads them back.
Medians; the contenders take turns, a call after a call and a batch after a batch.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb

from harness.datalayer.filters import eq
from harness.datalayer.postgres import statements
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.json_forms import JSON_FORMS
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.rows import MOST_ROWS_WRITTEN, Table
from harness.embedded.server import Server

_TEXTS, _NUMBERS, _MOMENTS = 16, 16, 5
_COLUMNS = [
    "id",
    *(f"text_{n}" for n in range(_TEXTS)),
    *(f"number_{n}" for n in range(_NUMBERS)),
    *(f"moment_{n}" for n in range(_MOMENTS)),
    "document",
]
_TABLE = Table("rows_of_40", key=("id",), json_columns=frozenset({"document"}), has_updated_at=False)
_SMALL = Table("small", key=("id",), has_updated_at=False)
_WARM_UP = 200
_MEMORY = 2 * 1024**3


def _prepare(dsn: str) -> None:
    kinds = {"text": "text", "number": "numeric", "moment": "timestamptz"}
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kinds[name.partition("_")[0]]))
        for name in _COLUMNS
        if "_" in name
    ]
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE TABLE rows_of_40 (id bigint PRIMARY KEY, {}, document jsonb, flag boolean)").format(
                sql.SQL(", ").join(columns)
            )
        )
        connection.execute("CREATE TABLE small (id bigint PRIMARY KEY, name text, phone text, visits integer)")
        connection.execute("INSERT INTO small SELECT n, 'Имя ' || n, '8000555' || n, n FROM generate_series(1, 1000) n")


def _rows(version: int) -> list[dict[str, Any]]:
    rows = []
    for n in range(MOST_ROWS_WRITTEN):
        row: dict[str, Any] = {"id": n, "flag": n % 2 == 0}
        row |= {f"text_{place}": f"Текст {n} {place} {version}" for place in range(_TEXTS)}
        row |= {f"number_{place}": n * 100 + place + 0.25 for place in range(_NUMBERS)}
        row |= {f"moment_{place}": f"2024-02-29T21:{place:02}:00+00:00" for place in range(_MOMENTS)}
        row["document"] = {"n": n, "list": [1, 2, 3], "имя": "Ёлка"}
        rows.append(row)
    return rows


def _microseconds(bare: Callable[[], object], library: Callable[[], object], calls: int) -> list[tuple[float, float]]:
    """What the two take, one right after the other: a machine that is busy is so for both."""
    pairs = []
    for _ in range(calls):
        began = time.perf_counter()
        bare()
        between = time.perf_counter()
        library()
        pairs.append(((between - began) * 1e6, (time.perf_counter() - between) * 1e6))
    return pairs


def calls(dsn: str, number: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Microseconds of a call (median) by what it does: bare psycopg, the library, and the median difference."""
    found: dict[str, list[tuple[float, float]]] = {}
    pool = PooledDatabase(dsn)
    table = Repository(pool, _SMALL)
    with psycopg.connect(
        dsn, autocommit=True, row_factory=dict_row, prepare_threshold=None, context=JSON_FORMS
    ) as bare:
        row = {"id": 7, "name": "Имя", "phone": "80005550007", "visits": 3}
        one = statements.select("small", [eq("id", 7)], limit=2)
        write = statements.upsert("small", list(row), [row], ["id"])
        count = statements.count("small", [eq("id", 7)])
        contenders: dict[str, tuple[statements.Statement, Callable[[], object]]] = {
            "find_one": (one, lambda: table.find_one([eq("id", 7)])),
            "count": (count, lambda: table.count([eq("id", 7)])),
            "upsert": (write, lambda: table.upsert(row)),
        }
        for statement, call in contenders.values():
            _microseconds(_bare(bare, statement), call, _WARM_UP)
        for _ in range(rounds):
            for name, (statement, call) in contenders.items():
                found.setdefault(name, []).extend(_microseconds(_bare(bare, statement), call, number))
    pool.close()
    return {
        name: (
            statistics.median(without for without, _ in pairs),
            statistics.median(library for _, library in pairs),
            statistics.median(library - without for without, library in pairs),
        )
        for name, pairs in found.items()
    }


def _bare(connection: psycopg.Connection[DictRow], statement: statements.Statement) -> Callable[[], object]:
    return lambda: connection.execute(statement.text, statement.parameters).fetchall()


def batches(dsn: str, rounds: int) -> dict[str, float]:
    """Milliseconds (median) that each way to upsert 500 rows of 40 columns takes, the rows read back included."""
    pool = PooledDatabase(dsn)
    table = Repository(pool, _TABLE)
    table.bulk_upsert(_rows(0))
    columns = list(_rows(0)[0])
    found: dict[str, list[float]] = {}
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row, context=JSON_FORMS) as bare:
        bare.execute("CREATE TEMPORARY TABLE staging (LIKE rows_of_40)")
        contenders: dict[str, Callable[[list[dict[str, Any]]], object]] = {
            "bulk_upsert": table.bulk_upsert,
            "executemany": lambda rows: _executemany(bare, columns, rows),
            "COPY, INSERT … SELECT": lambda rows: _staged(bare, columns, rows),
        }
        for version in range(rounds + 1):
            for name, write in contenders.items():
                rows = _rows(version)
                began = time.perf_counter()
                write(rows)
                if version:
                    found.setdefault(name, []).append((time.perf_counter() - began) * 1000)
            bare.execute("VACUUM rows_of_40")
    pool.close()
    return {name: statistics.median(taken) for name, taken in found.items()}


def _upserting(columns: list[str], rest: sql.Composable) -> sql.Composed:
    return sql.SQL("INSERT INTO rows_of_40 ({}) {} ON CONFLICT (id) DO UPDATE SET {} RETURNING *").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        rest,
        sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(column)) for column in columns),
    )


def _executemany(connection: psycopg.Connection[DictRow], columns: list[str], rows: list[dict[str, Any]]) -> list[Any]:
    values = sql.SQL("VALUES ({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(_upserting(columns, values), [_values(row) for row in rows], returning=True)
        return [result.fetchone() for result in cursor.results()]


def _staged(connection: psycopg.Connection[DictRow], columns: list[str], rows: list[dict[str, Any]]) -> list[Any]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE staging")
        with cursor.copy(sql.SQL("COPY staging ({}) FROM STDIN").format(names)) as copy:
            for row in rows:
                copy.write_row(_values(row))
        cursor.execute(_upserting(columns, sql.SQL("SELECT {} FROM staging").format(names)))
        return cursor.fetchall()


def _values(row: dict[str, Any]) -> list[Any]:
    return [Jsonb(value) if isinstance(value, dict) else value for value in row.values()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=3000, help="calls a contender and round")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with Server.start(major=16, memory=_MEMORY) as server:
        dsn = server.dsn("postgres")
        _prepare(dsn)
        print(f"{'µs a call, median':24} {'psycopg':>9} {'library':>9} {'cost':>9}")
        for name, (bare, library, cost) in calls(dsn, given.calls, given.rounds).items():
            print(f"{name:24} {bare:9.1f} {library:9.1f} {cost:9.1f}")
        found = batches(dsn, given.rounds * 3)
        print(f"\n{'500 rows x 40 columns':24} {'ms':>9} {'times':>9}")
        for name, taken in found.items():
            print(f"{name:24} {taken:9.1f} {taken / found['bulk_upsert']:9.2f}")


if __name__ == "__main__":
    main()
