"""`pgparity methods --clone-in-place` against a server behind TLS: nothing in plain text, and no clone left."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from harness.embedded.server import Server
from tests.cli.conftest import environment
from tests.data_pair import Pair, pair_of
from tests.method_pair import LAYER, SCHEMA
from tests.postgres.tls_front import SSL_REQUEST, tls_front

FEW = ("--generate", "0", "--sequences", "0", "--concurrency", "0", "--format", "json")
CASES = """
[[case]]
id = "one"
method = "get_client"
kwargs = { number = 7, company_id = 900100 }

[[case]]
id = "new"
method = "upsert_client"
kwargs = { number = 9900001, company_id = 900100, name = "Test" }
"""
WAITING = LAYER.replace(
    "    def get_client(self, number, company_id):",
    "    def get_client(self, number, company_id):\n"
    "        print('asked', flush=True)\n"
    "        self._rows('SELECT pg_sleep(300)')",
)


@dataclass
class Front:
    """A pair of databases, the target behind TLS, and the first bytes of each connection to it."""

    pair: Pair
    folder: Path
    target: str = field(repr=False)
    first: list[bytes]

    def started(self, layer: str = LAYER) -> subprocess.Popen[str]:
        """The command, in a process of its own."""
        for name in ("old_layer", "new_layer"):
            (self.folder / f"{name}.py").write_text(layer, encoding="utf-8")
        (self.folder / "cases.toml").write_text(CASES, encoding="utf-8")
        given = ["--source", self.pair.source_dsn, "--target", self.target, "--clone-in-place", "--cases", "cases.toml"]
        given += ["--source-layer", "old_layer:create", "--target-layer", "new_layer:create", *FEW]
        return subprocess.Popen(
            [sys.executable, "-m", "harness", "methods", *given],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def databases(self) -> set[str]:
        where = conninfo.make_conninfo(self.pair.target_dsn, dbname="postgres")
        with psycopg.connect(where) as connection:
            return {name for (name,) in connection.execute("SELECT datname::text FROM pg_database").fetchall()}


@pytest.fixture
def front(server: Server, newer_server: Server, tmp_path: Path) -> Iterator[Front]:
    first: list[bytes] = []
    with pair_of(server, newer_server) as pair, contextlib.ExitStack() as cleanup:
        pair.on_both(SCHEMA)
        port = int(conninfo.conninfo_to_dict(pair.target_dsn)["port"] or 0)
        behind, _ = cleanup.enter_context(
            tls_front(port, tmp_path / "tls", dt.datetime.now(dt.UTC) + dt.timedelta(days=2), first=first)
        )
        target = conninfo.make_conninfo(pair.target_dsn, host="127.0.0.1", port=behind, sslmode="require")
        yield Front(pair, tmp_path, target, first)


@pytest.mark.long
def test_a_comparison_in_place_over_tls_is_whole_speaks_no_plain_text_and_leaves_no_clone(front: Front) -> None:
    before = front.databases()
    with front.started() as process:
        said, told = process.communicate(timeout=120)
    found: dict[str, Any] = json.loads(said or "{}")
    verdicts = {each["method"]: each["equal"] for each in found.get("methods", ()) if each["cases"]}
    assert verdicts == {"get_client": 1, "upsert_client": 1}, told
    assert front.first
    assert set(front.first) == {SSL_REQUEST}
    assert front.databases() == before


@pytest.mark.long
def test_an_interrupted_comparison_in_place_over_tls_leaves_no_clone(front: Front) -> None:
    before = front.databases()
    with front.started(WAITING) as process:
        assert process.stderr is not None
        asked = next((line for line in process.stderr if "asked" in line), "")
        during = front.databases()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert asked
    assert any(name.startswith("pgparity_clone_") for name in during - before)
    assert process.returncode == 130
    assert front.databases() == before
