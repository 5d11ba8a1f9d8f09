"""What a suite tells of two databases before its tests run: what it has no test of is a gap, whatever it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.suite_answers import SuiteFacts, Told
from harness.embedded.server import Server
from harness.stages.suite import ConfiguredPair
from harness.stages.suite_rows import NO_LARGE_OBJECTS
from tests.data_pair import Pair, pair_of

UNLINKED = "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"


@pytest.fixture(scope="module")
def pair(server: Server, newer_server: Server) -> Iterator[Pair]:
    """More large objects than a catalog has, one table that is partitioned, and one that refers to none of them."""
    with pair_of(server, newer_server) as databases:
        databases.on_both(
            "CREATE TABLE t (id bigint PRIMARY KEY) PARTITION BY RANGE (id)",
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10)",
            "INSERT INTO t VALUES (1)",
        )
        databases.on_source("SELECT lo_create(n) FROM generate_series(20000, 21000) n")
        yield databases
        databases.on_source(UNLINKED)


def told(pair: Pair, tmp_path: Path, **settings: Any) -> SuiteFacts:
    configuration = Configuration.model_validate(settings)
    with ConfiguredPair(configuration, tmp_path, pair.source, pair.target, telling=True) as suite:
        suite.schema_findings(None)
        facts = Told.from_json(suite.taken_told()).facts
    assert facts is not None
    return facts


def test_large_objects_that_no_test_compares_are_a_gap_however_many_there_are(pair: Pair, tmp_path: Path) -> None:
    facts = told(pair, tmp_path)
    assert facts.large_objects == (Skipped(item="large objects", reason=NO_LARGE_OBJECTS),)
    assert facts.partitions == {"public.t_1": "public.t"}
    assert all(facts.fingerprints)


def test_large_objects_that_are_left_behind_by_name_are_decided(pair: Pair, tmp_path: Path) -> None:
    (left,) = told(pair, tmp_path, migrate={"leave_large_objects": "nobody reads them"}).large_objects
    assert left.decided
    assert left.reason == "1,001 of the source are not moved: nobody reads them"


def test_large_objects_that_no_table_in_scope_refers_to_are_no_gap(pair: Pair, tmp_path: Path) -> None:
    assert told(pair, tmp_path, scope={"tables": ["public.t"]}).large_objects == ()
