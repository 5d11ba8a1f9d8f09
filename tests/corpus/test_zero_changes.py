"""Whatever is in the corpus does not differ from its own dump restored, nor from the same DDL on another version.

`make test-corpus` takes every case's source, each on one of the versions at hand; `make test` every thirtieth.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from benchmarks.large_schema import READERS, statements
from harness.core.change import Change
from harness.embedded.server import Server
from tests.conftest import MEMORY
from tests.corpus.cases import Case, chosen
from tests.corpus.databases import catalog, drop, load
from tests.corpus.restored import differing, dumped_text, majors, restore

NAME = "zero_changes"
OTHER = "other_owner"
EVERYTHING = os.environ.get("PGPARITY_CORPUS") == "all"
TABLES = 1_000 if EVERYTHING else 60
OF_A_HANDLER = "pg_dump leaves the handler of a language out where it is PostgreSQL's own"
NOT_RESTORED = {
    "constraint_exclusion_of_partitioned": "psql cannot attach the index of a partition's exclusion constraint",
    "extension_added": "pg_dump does not say that plpgsql was dropped",
    **dict.fromkeys(
        (
            "language_comment", "language_inline", "language_of_function", "language_owner", "language_removed",
            "language_trusted", "language_validator",
        ),
        OF_A_HANDLER,
    ),
    "owner_materialized_view": "its owner may not read what it is refreshed from",
    "view_materialized_owner_altered": "its owner may not read what it is refreshed from",
    "view_materialized_knot_filled_over_emptied": "pg_dump refreshes no view over one that is not populated",
}  # fmt: skip
"""Cases that pg_dump and psql do not bring back as they were, with the reason"""
NEW_DEFAULTS: dict[tuple[str, str | None], int] = {
    ("subscription", "streaming"): 18,
    ("subscription", "run_as_owner"): 16,
}
"""Attributes whose default is another one since a version, so that the same statement means something else there"""


@pytest.fixture(scope="module")
def servers(server: Server, newer_server: Server) -> Iterator[dict[int, Server]]:
    """A server of every version at hand, with the corpus's roles."""
    with ExitStack() as stack:
        running = {each.installation.major: each for each in (server, newer_server)}
        for major in majors():
            if major not in running:
                running[major] = stack.enter_context(Server.start(major=major, memory=MEMORY))
        for each in running.values():
            load(each, NAME)
            drop(each, NAME)
        yield running


def _told(changes: Iterable[Change]) -> list[str]:
    return [f"{each.change} {each.kind} {each.identity} {each.attribute or ''}".rstrip() for each in changes]


def _loaded(server: Server, case: Case) -> str:
    try:
        return load(server, NAME, case.source)
    except psycopg.errors.FeatureNotSupported as error:
        pytest.skip(str(error))


def _param(case: Case) -> object:
    reason = NOT_RESTORED.get(case.name)
    marks = [] if reason is None else [pytest.mark.xfail(raises=AssertionError, strict=True, reason=reason)]
    return pytest.param(case, marks=marks, id=case.name)


@pytest.mark.parametrize("case", [_param(each) for each in chosen()[:: 1 if EVERYTHING else 2]])
def test_a_case_is_the_same_on_the_newest_version_and_restored(servers: dict[int, Server], case: Case) -> None:
    newest = max(servers)
    able = [major for major in sorted(servers) if major >= case.since]
    origin = able[zlib.crc32(case.name.encode()) % len(able)]
    try:
        dsn = _loaded(servers[origin], case)
        first, dump = catalog(dsn), dumped_text(dsn)
        drop(servers[origin], NAME)
        if origin != newest:
            again = catalog(_loaded(servers[newest], case))
            drop(servers[newest], NAME)
            changes = differing(first, again, servers[newest])
            told = [each for each in changes if not origin < NEW_DEFAULTS.get((each.kind, each.attribute), 0) <= newest]
            assert _told(told) == [], f"{origin} and {newest}"
        restore(servers[newest], dump)
        restored = catalog(servers[newest].dsn(NAME))
        assert _told(differing(first, restored, servers[newest])) == [], f"{origin} restored on {newest}"
    finally:
        for major in {origin, newest}:
            drop(servers[major], NAME)


def test_a_large_schema_restored_by_another_owner_differs_in_nothing(servers: dict[int, Server]) -> None:
    running = servers[max(servers)]
    with psycopg.connect(running.dsn("postgres"), autocommit=True) as admin:
        for role, rights in ((OTHER, "SUPERUSER LOGIN"), *((reader, "NOLOGIN") for reader in READERS)):
            if admin.execute("SELECT FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
                admin.execute(f"CREATE ROLE {role} {rights} PASSWORD '{running.password}'".encode())
    try:
        dsn = load(running, NAME, "\n".join(statements(TABLES)))
        first, dump = catalog(dsn), dumped_text(dsn, "--no-owner")
        drop(running, NAME)
        restore(running, dump, user=OTHER)
        restored = catalog(running.dsn(NAME))
        assert {table.owner for table in restored.tables} == {OTHER}
        told = [each for each in differing(first, restored, running) if each.attribute != "owner"]
        assert _told(told) == []
        assert len(restored.tables) >= TABLES
    finally:
        drop(running, NAME)
