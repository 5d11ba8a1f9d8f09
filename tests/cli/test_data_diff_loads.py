"""`data diff` of two databases loads what it needs: some comparisons take less time than what it does not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.embedded.server import Server
from tests.cli.conftest import environment
from tests.data_pair import Pair, pair_of

CODE = """
import json, sys
from harness.cli.app import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(set(sys.modules) & {names})]), file=sys.stderr)
"""
NOT_NEEDED = {
    "httpx": "the source is no REST interface",
    "sqlglot": "no SQL of a configuration is read",
    "jinja2": "no report is written",
    "uvicorn": "no gateway is started",
    "harness.stages.diff": "schemas are not compared",
    "harness.stages.methods_result": "methods are not called",
    "harness.embedded.server": "no server is started",
    "harness.postgres.clones": "nothing is cloned",
    "harness.core.model.operators": "no operator of a schema is read",
    "harness.core.platform_needs": "no policy is chosen",
    "harness.core.schema_findings": "schemas are not compared",
    "harness.core.sql.text": "no SQL of a configuration is read",
    "harness.render.markdown": "no such format is asked for",
    "harness.stages.rows_checks": "the configuration has no checks",
    "rich": "nothing is printed for people",
}


@pytest.mark.parametrize("differing", [False, True], ids=["equal tables", "tables that differ"])
def test_two_databases_are_compared_without_what_other_comparisons_need(
    server: Server, newer_server: Server, tmp_path: Path, differing: bool
) -> None:
    with pair_of(server, newer_server) as pair:
        pair.on_both("CREATE TABLE t (id int PRIMARY KEY, note text)")
        pair.on_source("INSERT INTO t VALUES (1, 'a')")
        pair.on_target(f"INSERT INTO t VALUES (1, '{'b' if differing else 'a'}')")
        code, loaded = compared(pair, tmp_path)
    assert (code, loaded) == (int(differing), [])


def compared(pair: Pair, folder: Path) -> tuple[int, list[str]]:
    """Exit code of the command in a process of its own, and what it loaded of what is not needed."""
    arguments = ["data", "diff", "--source", pair.source_dsn, "--target", pair.target_dsn, "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-c", CODE.replace("{names}", repr(set(NOT_NEEDED))), *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
        env=environment(),
    )
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    return code, loaded
