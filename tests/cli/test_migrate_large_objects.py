"""`pgparity migrate` with large objects: the plan says them, the report has them, and the exit code depends on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

Migrate = Callable[..., Any]
UNLINKED = "SELECT lo_unlink(oid) FROM pg_largeobject_metadata"


@pytest.fixture
def pair(databases: Pair) -> Iterator[Pair]:
    empty = databases.emptied()
    empty.on_source(
        "CREATE TABLE t (id bigint PRIMARY KEY, picture oid)",
        "INSERT INTO t VALUES (1, 7001)",
        "SELECT lo_from_bytea(7001, 'abc')",
        "SELECT lo_from_bytea(7002, 'defg')",
        "COMMENT ON LARGE OBJECT 7002 IS 'a scan'",
    )
    try:
        yield empty
    finally:
        empty.on_both(UNLINKED)


@pytest.fixture
def migrate(pair: Pair, here: Pgparity) -> Migrate:
    return lambda *arguments: here("migrate", "--source", pair.source_dsn, "--target", pair.target_dsn, *arguments)


def test_a_plan_names_them_and_is_carried_out_with_them(pair: Pair, migrate: Migrate, tmp_path: Path) -> None:
    """The schema's part of the plan makes them, empty and with their comments; then their bytes come."""
    plan = tmp_path / "plan.json"
    assert migrate("--create-schema", "--dry-run", "--format", "json", "--output", str(plan)).returncode == 0
    planned = json.loads(plan.read_text())["large_objects"]
    assert (planned["objects"], planned["columns"], planned["finished"]) == (2, None, False)
    assert pair.rows_of_target("SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]

    done = migrate("--plan", str(plan), "--yes", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)["large_objects"]
    assert (report["objects"], report["bytes"], report["verified"]) == (2, 7, True)
    assert pair.rows_of_target(
        "SELECT oid::bigint, convert_from(lo_get(oid), 'UTF8'), obj_description(oid, 'pg_largeobject')"
        " FROM pg_largeobject_metadata ORDER BY oid"
    ) == [(7001, "abc", None), (7002, "defg", "a scan")]


def test_one_that_is_not_the_sources_ends_with_1_and_is_named(pair: Pair, migrate: Migrate) -> None:
    pair.on_target("CREATE TABLE t (id bigint PRIMARY KEY, picture oid)", "SELECT lo_from_bytea(7001, 'its')")
    assert "; 1 numbers are taken on the target" in " ".join(migrate("--dry-run").stdout.split())
    done = migrate("--yes")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "MIG006 blocker: large object 7001 was not moved" in done.stdout
    assert "large objects: 2, 7 bytes" in done.stdout
    assert "NOT VERIFIED" in done.stdout
    named = migrate("--table", "public.t", "--dry-run")
    assert "large objects: 1, those that public.t.picture refer to" in named.stdout, named.stdout


def test_a_whole_run_moves_them_and_then_finds_no_difference(pair: Pair, here: Pgparity, tmp_path: Path) -> None:
    """They are missing on the target when the schemas are compared, and are objects of the schema as well."""
    pair.on_target("CREATE TABLE t (id bigint PRIMARY KEY, picture oid)")
    reasons = 'contract = "no code in this test"\nmethods = "no code in this test"'
    (tmp_path / "pgparity.toml").write_text(f"[run.exclude_stages]\n{reasons}\n")
    dsns = {"PGPARITY_SOURCE": pair.source_dsn, "PGPARITY_TARGET": pair.target_dsn}
    done = here("run", "--yes", "--format", "json", "--no-progress", "--report-dir", str(tmp_path / "report"), **dsns)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document["migration"]["large_objects"]["verified"]
    assert document["findings"] == []
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "<strong>2 large objects</strong>, 7 B, 2 written by this run" in page

    pair.on_target("SELECT lo_put(7002, 1, 'x')", "SELECT lo_unlink(7001)")
    compared = here("run", "--format", "json", "--no-progress", **dsns)
    assert compared.returncode == 1
    said = {
        each["stage"]: each["title"] for each in json.loads(compared.stdout)["findings"] if each["code"] == "MIG007"
    }
    assert set(said) == {"rows"}


def test_comparing_rows_alone_compares_them_or_says_why_not(pair: Pair, here: Pgparity) -> None:
    pair.on_target(
        "CREATE TABLE t (id bigint PRIMARY KEY, picture oid)",
        "INSERT INTO t VALUES (1, 7001)",
        "SELECT lo_from_bytea(7001, 'abc')",
        "SELECT lo_from_bytea(7002, 'other')",
    )
    sides = ("data", "diff", "--source", pair.source_dsn, "--target", pair.target_dsn)
    whole = here(*sides)
    assert whole.returncode == 1, whole.stdout + whole.stderr
    assert "MIG007" in whole.stdout
    assert "large object 7002 does not hold the same bytes on both sides" in whole.stdout
    assert here(*sides, "--table", "public.t").returncode == 0
    sampled = here(*sides, "--sample", "1")
    assert "large objects" in sampled.stdout
    assert sampled.returncode == 3, sampled.stdout
