"""Every case of schemas/corpus, on a real server: it loads, and a comparison is never blind to it, in either direction.

`make test-corpus` runs all of them; `make test` every thirtieth.
"""

from __future__ import annotations

import contextlib
import functools
import os
import zlib
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint, session, snapshot
from harness.postgres.introspect import introspect
from harness.stages.diff import DiffArtifact, diff_stage
from tests.corpus.cases import ROLES, Case, cases
from tests.server_versions import MAJOR

ALL = os.environ.get("PGPARITY_CORPUS") == "all"
ONE_VERSION = "PGPARITY_TEST_MAJOR" in os.environ
CONSEQUENCES = {"data loss", "exposure", "writes fail", "wrong results", "performance", "cosmetic"}
WAITING = frozenset((Path(__file__).parent / "waiting.txt").read_text(encoding="utf-8").split())
"""Cases of which a comparison does not tell yet what expect.toml says; one that it does tell has to be taken out"""
SILENT = frozenset((Path(__file__).parent / "silent.txt").read_text(encoding="utf-8").split())
"""Cases to which a comparison is blind today, most of them privileges and owners; one that it sees has to go"""

_MIRRORED = {"added": "removed", "removed": "added", "altered": "altered"}


def chosen() -> list[Case]:
    """All cases, or every thirtieth."""
    return [case for case in cases() if ALL or zlib.crc32(case.name.encode()) % 30 == 0]


def load(server: Server, name: str, *texts: str) -> str:
    """A fresh database with these statements in it; its DSN."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        for role in ROLES:
            if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for text in texts:
            connection.execute(text.encode())
    return server.dsn(name)


def _drop(server: Server, name: str) -> None:
    """Drop a database, and first the subscriptions in it, which would keep it."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server.dsn(name), autocommit=True) as inside:
        subscriptions = inside.execute(
            "SELECT subname FROM pg_subscription WHERE subdbid ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall()
        for (subscription,) in subscriptions:
            for statement in (
                "ALTER SUBSCRIPTION {} DISABLE",
                "ALTER SUBSCRIPTION {} SET (slot_name = NONE)",
                "DROP SUBSCRIPTION {}",
            ):
                inside.execute(sql.SQL(statement).format(sql.Identifier(subscription)))
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _catalog(dsn: str) -> Catalog:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'"
        ).fetchall()
    with session(Endpoint(Side.SOURCE, dsn), purpose="corpus") as connection, snapshot(connection):
        return introspect(connection, schemas=tuple(sorted(name for (name,) in found)))


def diff(source: str, target: str) -> DiffArtifact:
    """What differs between two databases, in all their schemas."""
    return diff_stage(_catalog(source), _catalog(target), Configuration()).artifact


@functools.cache
def _both_ways(server: Server, case: Case) -> tuple[DiffArtifact, DiffArtifact]:
    names = [f"corpus_{zlib.crc32(case.name.encode()):08x}_{side}" for side in ("source", "target")]
    rows = () if case.rows is None else (case.rows,)
    try:
        source, target = (
            load(server, name, text, *rows) for name, text in zip(names, (case.source, case.target), strict=True)
        )
        return diff(source, target), diff(target, source)
    finally:
        for name in names:
            _drop(server, name)


@pytest.fixture
def found(server: Server, newer_server: Server, case: Case) -> tuple[DiffArtifact, DiffArtifact]:
    """The diff of the case and its mirror image, on the newest server at hand or the one that is asked for."""
    if ONE_VERSION and case.since > MAJOR:
        pytest.skip(f"needs PostgreSQL {case.since}")
    return _both_ways(server if ONE_VERSION else newer_server, case)


@pytest.mark.parametrize("case", [each for each in chosen() if "_same_" not in each.name], ids=lambda case: case.name)
def test_a_comparison_is_not_blind_to_the_case(case: Case, found: tuple[DiffArtifact, DiffArtifact]) -> None:
    told = [bool(each.changes or each.unmodelled or each.column_order) for each in found]
    assert all(told) == (case.name not in SILENT), case.about


@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.name)
def test_a_comparison_tells_what_is_expected(case: Case, found: tuple[DiffArtifact, DiffArtifact]) -> None:
    there, back = found
    told = {(each.kind, each.identity, each.attribute, each.change, str(each.consequence)) for each in there.changes}
    mirrored = {(each.kind, each.identity, each.attribute, _MIRRORED[each.change]) for each in back.changes}
    expected = {(each.kind, each.identity, each.attribute, each.change, each.consequence) for each in case.changes}
    right = told == expected and mirrored == {each[:4] for each in expected}
    if case.name in WAITING:
        assert not right, "it is told as expected: take it out of waiting.txt"
    else:
        assert told == expected
        assert mirrored == {each[:4] for each in expected}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_case_says_what_is_expected(case: Case) -> None:
    assert case.about.strip()
    assert case.source != case.target
    assert all(each.consequence in CONSEQUENCES for each in case.changes)
    assert all(each.change in ("added", "removed", "altered") for each in case.changes)
    assert all((each.attribute is None) == (each.change != "altered") for each in case.changes)
    assert len(set(case.changes)) == len(case.changes)


def test_the_lists_name_cases_that_there_are() -> None:
    assert {case.name for case in cases()} >= WAITING | SILENT
    assert SILENT <= WAITING
