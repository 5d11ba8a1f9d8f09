"""Faults planted one at a time into a schema with every kind of object: each is found, and nothing else is reported.

`make test-corpus` plants all of them; `make test` every tenth.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from harness.core.align.ddl.registry import KINDS
from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.embedded.server import Server
from harness.stages.diff import DiffArtifact, diff_stage
from tests.corpus.databases import catalog, drop, load
from tests.corpus.planted_faults import OLDEST, Fault, chosen, faults, of_each_database, schema
from tests.server_versions import MAJOR

ONE_VERSION = "PGPARITY_TEST_MAJOR" in os.environ
TEMPLATE, UNHARMED, HARMED = "planted_template", "planted_unharmed", "planted_harmed"
LABELLED = "security label"
"""Needs a provider, which is a library that the server loads"""
SEVERITIES = {
    "data loss": "blocker", "exposure": "blocker", "writes fail": "blocker", "wrong results": "risk",
    "performance": "risk", "cosmetic": "cosmetic",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Salon:
    """A server with the schema as a template, and the schema's catalog."""

    server: Server
    catalog: Catalog

    def copied(self, name: str, *statements: str) -> Catalog:
        """The catalog of a fresh copy, after these statements."""
        return _copied(self.server, name, *statements)

    def differing(self, harmed: Catalog) -> DiffArtifact:
        """What a comparison says of a copy."""
        return diff_stage(self.catalog, harmed, Configuration()).artifact


@pytest.fixture(scope="module")
def salon(server: Server, newer_server: Server) -> Iterator[Salon]:
    """On the newest server at hand, or on the one that is asked for."""
    running = server if ONE_VERSION else newer_server
    if ONE_VERSION and MAJOR < OLDEST:
        pytest.skip(f"needs PostgreSQL {OLDEST}")
    load(running, TEMPLATE, schema())
    try:
        yield Salon(running, _copied(running, UNHARMED))
    finally:
        drop(running, TEMPLATE)


def _copied(server: Server, name: str, *statements: str) -> Catalog:
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}".encode())
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            for text in (of_each_database(), *statements):
                connection.execute(text.encode())
        return catalog(server.dsn(name))
    finally:
        drop(server, name)


@pytest.mark.parametrize("fault", chosen(), ids=lambda fault: fault.name)
def test_a_planted_fault_is_found_and_nothing_else_is_reported(salon: Salon, fault: Fault) -> None:
    if fault.since * 10_000 > salon.catalog.server.version_number:
        pytest.skip(f"needs PostgreSQL {fault.since}")
    found = salon.differing(salon.copied(HARMED, fault.sql))
    expected = fault.change
    assert [(each.kind, each.identity, each.attribute, each.change) for each in found.changes] == [
        (expected.kind, expected.identity, expected.attribute, expected.change)
    ]
    assert str(found.changes[0].consequence) == expected.consequence
    assert str(found.changes[0].severity) == SEVERITIES[expected.consequence]
    assert (found.renames, found.column_order, found.unmodelled) == ((), (), ())


def test_a_copy_without_a_fault_does_not_differ(salon: Salon) -> None:
    found = salon.differing(salon.copied(HARMED))
    assert (found.changes, found.unmodelled) == ((), ())


def test_the_schema_has_every_kind_that_is_compared(salon: Salon) -> None:
    there = {each.kind for each in salon.catalog.objects() if each.compared}
    assert set(KINDS) - there == {LABELLED}


def test_faults_are_planted_in_every_kind() -> None:
    told = {KINDS_TOLD.get(kind, kind) for kind in KINDS}
    assert told - {each.change.kind for each in faults()} == {LABELLED}
    assert len({each.sql for each in faults()}) == len(faults())


KINDS_TOLD = {"view column": "column", "composite attribute": "column"}
"""Kinds that are told as another one"""
