"""Reading: two databases that are read together give the catalogs that each of them gives alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.postgres.reading import Alike
from tests.server_versions import since

EVERY_KIND = (Path(__file__).parent / "every_kind.sql").read_text(encoding="utf-8")
SCHEMAS = ("public", "shop")
OTHERWISE = """
    ALTER TABLE shop.customer ADD COLUMN nickname text DEFAULT 'none';
    CREATE TABLE shop.waiting (id bigint PRIMARY KEY, note text CHECK (note <> ''));
    COMMENT ON SCHEMA shop IS 'the other one';
"""


def load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def read(dsn: str, alike: Alike | None = None) -> Catalog:
    with session(Endpoint(Side.SOURCE, dsn), purpose="test") as connection, snapshot(connection):
        return introspect(connection, schemas=SCHEMAS, alike=alike)


def together(*dsns: str) -> tuple[Catalog, ...]:
    alike = Alike(len(dsns))
    with ThreadPoolExecutor(max_workers=len(dsns)) as readers:
        return tuple(readers.map(lambda dsn: read(dsn, alike), dsns))


@since(16, "views deparsed as the newer versions do")
def test_two_databases_read_at_once_have_the_catalogs_that_each_has_alone(database: str, newer_database: str) -> None:
    load(database, EVERY_KIND)
    load(newer_database, EVERY_KIND, OTHERWISE)
    assert together(database, newer_database) == (read(database), read(newer_database))


@since(16, "views deparsed as the newer versions do")
def test_what_both_databases_have_alike_is_one_object(database: str, newer_database: str) -> None:
    load(database, EVERY_KIND)
    load(newer_database, EVERY_KIND, OTHERWISE)
    source, target = together(database, newer_database)
    ours, theirs = ({each.address: each for each in catalog.objects()} for catalog in (source, target))
    common = [address for address in ours if ours[address] == theirs.get(address)]
    assert len(common) > len(ours) / 2
    assert [address for address in common if ours[address] is not theirs[address]] == []


@since(16, "views deparsed as the newer versions do")
def test_a_diff_of_catalogs_that_share_objects_is_that_of_catalogs_that_do_not(
    database: str, newer_database: str
) -> None:
    load(database, EVERY_KIND)
    load(newer_database, EVERY_KIND, OTHERWISE)
    source, target = together(database, newer_database)
    ours, theirs = read(database), read(newer_database)
    assert diff(source, target) == diff(ours, theirs) != ()
    assert diff(target, source) == diff(theirs, ours) != ()
