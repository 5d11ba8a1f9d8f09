"""`pgparity migrate --source-rest-url`: its plan, its result, and what it refuses in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.embedded.server import Server
from harness.gateway.settings import new_keys
from tests.cli.conftest import Pgparity
from tests.rest_project import Project, project_of


@pytest.fixture(scope="module")
def project(server: Server, newer_server: Server) -> Iterator[Project]:
    with project_of(server, newer_server) as project:
        project.ready("CREATE TABLE t (id int PRIMARY KEY, n int)", rows=("INSERT INTO t VALUES (1, 1), (2, NULL)",))
        yield project


def test_the_plan_is_shown_and_rows_move_and_are_verified(project: Project, here: Pgparity) -> None:
    url, target = project.gateway.url, project.pair.target_dsn
    asked = ("migrate", "--source-rest-url", url, "--source-api-key", "env:KEY", "--target", target)
    key = project.keys.service_role_key
    shown = here(*asked, "--dry-run", KEY=key)
    assert shown.returncode == 0, shown.stderr
    assert "public.t: 2 rows, upserted page by page by id" in shown.stdout
    assert project.pair.rows_of_target("SELECT count(*) FROM t") == [(0,)]
    unasked = here(*asked, KEY=key)
    assert unasked.returncode == 2
    assert "Pass --yes" in unasked.stderr
    moved = here(*asked, "--yes", "--format", "json", KEY=key)
    assert moved.returncode == 0, moved.stderr
    (table,) = json.loads(moved.stdout)["tables"]
    assert (table["table"], table["rows"], table["verified"], table["mode"]) == ("public.t", 2, True, "upsert")
    again = here(*asked, "--yes", "--format", "jsonl", KEY=key)
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert [(each["table"], each["rows"]) for each in lines if each["event"] == "progress" and "table" in each] == [
        ("public.t", 2)
    ]
    assert key not in moved.stdout + moved.stderr


def test_what_cannot_be_is_refused_in_one_line(project: Project, here: Pgparity) -> None:
    target = ("--target", project.pair.target_dsn)
    rest = ("--source-rest-url", project.gateway.url, "--source-api-key", "env:KEY")
    nowhere = ("--source-rest-url", "http://127.0.0.1:9", "--source-api-key", "env:KEY")
    for arguments, said in (
        ((*rest, *target, "--create-schema"), "REST does not tell the schema"),
        ((*rest, *target, "--catch-up"), "--catch-up has no effect where the source is REST"),
        ((*rest, *target, "--batch-rows", "5"), "--batch-rows has no effect where the source is REST"),
        ((*rest, *target, "--source", project.pair.source_dsn), "--source and --source-rest-url are given"),
        ((*rest[2:], *target), "--source-api-key is given without --source-rest-url"),
        ((*rest[:2], *target), "not named as env:NAME"),
        ((*rest, *target), "refuses the key"),
        ((*nowhere, *target), "cannot be reached"),
        (("--source-rest-url", "ftp://x", *rest[2:], *target), "is no http:// or https:// URL"),
    ):
        found = here("migrate", *arguments, "--yes", "--no-progress", KEY=new_keys().service_role_key)
        assert found.returncode == 2, (arguments, found.stdout, found.stderr)
        assert said in found.stderr
        assert len(found.stderr.strip().splitlines()) <= 2, found.stderr  # the error, and what to do
