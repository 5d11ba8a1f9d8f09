"""The same by hand, by which the whole command is measured: COPY through a pipe, the index builds, one hash scan."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import psycopg

from benchmarks.migrate.databases import columns_of, definition, index_builds, primary_key
from benchmarks.migrate.programs import Ran, run
from benchmarks.rows.by_hand import scan

_BLOCK: Final = 8192
_BUILD: Final = "SET maintenance_work_mem = '1GB'"
"""As much as pgcopydb sets for its own builds"""


def moved(dsns: tuple[str, str], programs: Path, rows: int, streams: int) -> tuple[Ran, dict[str, float]]:
    """Move the wide table into an empty database; also the seconds of each part.

    One psql writes the table in the binary format of COPY and another one reads it, in so many pairs side by side, each
    with its share of the blocks; then the unique indexes are built beside each other; then both sides' rows are hashed
    (benchmarks.rows.by_hand: four sessions a side, all at once).
    """
    begun = time.perf_counter()
    execute(dsns[1], definition("wide"))
    piped = copied(dsns, programs, "wide", streams)
    copy = time.perf_counter()
    with ThreadPoolExecutor() as executor:
        list(executor.map(lambda statement: execute(dsns[1], (_BUILD, statement)), index_builds("wide")))
    execute(dsns[1], (primary_key("wide"),))
    built = time.perf_counter()
    scan(dsns, rows)
    ended = time.perf_counter()
    parts = {"copy": copy - begun, "indexes": built - copy, "hash scan": ended - built}
    return Ran(ended - begun, piped.processor, piped.mebibytes), parts


def upserted(dsns: tuple[str, str], programs: Path, rows: int) -> tuple[Ran, dict[str, float]]:
    """Move the wide table into one that holds rows: COPY into a staging table, and one INSERT … ON CONFLICT from it.

    Returns what the statements took, without the hash scan, and the seconds of each part.
    """
    names = list(columns_of("wide"))
    others = [name for name in names if name != "id"]
    listed = ", ".join(names)
    upsert = (
        f"INSERT INTO public.wide AS t ({listed}) SELECT {listed} FROM public.staging ON CONFLICT (id) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in others)}"
        f" WHERE ({', '.join(f't.{name}' for name in others)})"
        f" IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in others)})"
    )
    begun = time.perf_counter()
    execute(dsns[1], ("CREATE UNLOGGED TABLE public.staging (LIKE public.wide)",))
    piped = copied(dsns, programs, "staging", 1)
    copy = time.perf_counter()
    execute(dsns[1], (upsert, "DROP TABLE public.staging"))
    ended = time.perf_counter()
    scan(dsns, rows)
    parts = {"copy": copy - begun, "upsert": ended - copy, "hash scan": time.perf_counter() - ended}
    return Ran(ended - begun, piped.processor, piped.mebibytes), parts


def copied(dsns: tuple[str, str], programs: Path, into: str, streams: int) -> Ran:
    """Copy the wide table of the source into a table of the target that has its columns; by so many pairs of psql."""
    if streams == 1:
        shares = ["public.wide"]
    else:
        with psycopg.connect(dsns[0]) as connection:
            row = connection.execute("SELECT pg_catalog.pg_relation_size('public.wide')").fetchone()
        blocks = (row or (0,))[0] // _BLOCK
        bounds = [f"'({blocks * number // streams},0)'" for number in range(1, streams)]
        above = ["", *(f"ctid >= {bound}" for bound in bounds)]
        below = [*(f"ctid < {bound}" for bound in bounds), ""]
        within = [" AND ".join(filter(None, ends)) for ends in zip(above, below, strict=True)]
        shares = [f"(SELECT * FROM public.wide WHERE {each})" for each in within]
    begun = time.perf_counter()
    with ThreadPoolExecutor() as executor:
        ran = list(executor.map(lambda share: run(_pipe(dsns, share, into), programs), shares))
    processor = sum(each.processor for each in ran)
    return Ran(time.perf_counter() - begun, processor, max(each.mebibytes for each in ran))


def _pipe(dsns: tuple[str, str], share: str, into: str) -> Sequence[Sequence[str]]:
    sides = (f"COPY {share} TO STDOUT (FORMAT binary)", f"COPY public.{into} FROM STDIN (FORMAT binary)")
    return [["psql", "-X", "-q", "-d", dsn, "-c", text] for dsn, text in zip(dsns, sides, strict=True)]


def execute(dsn: str, statements: Sequence[str]) -> None:
    """Run statements in a session of their own, each in a transaction of its own."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
