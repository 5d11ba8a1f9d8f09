"""A server that keeps the connection and never says a word: the look is given up, told as an alert, and taken again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.data_pair import Pair
from tests.faults.migrate.proxy import Failure, Proxy
from tests.watching import HOUR, Time, settings, watching


@pytest.mark.long
@pytest.mark.parametrize("after", [12_000, 40_000])
def test_a_server_that_falls_silent_in_the_midst_of_a_look_is_an_alert_and_not_the_end(
    pair: Pair, tmp_path: Path, after: int
) -> None:
    pair.on_both(
        "CREATE TABLE clients (id bigint PRIMARY KEY, name text)",
        "INSERT INTO clients SELECT i, 'client ' || i FROM generate_series(1, 100) AS i",
    )
    hours = Time()
    configuration = settings(settle_seconds=0, time_limit="2s", digest_every="1h")
    proxy = Proxy(pair.target_dsn, failure=Failure("stall", "to the client", after))
    try:
        behind = Pair(pair.source_dsn, proxy.through)
        with watching(behind, tmp_path / "watch.jsonl", hours, configuration) as (watch, log):
            begun = time.monotonic()
            watch.run(0.5 * HOUR)
            assert time.monotonic() - begun < 25
            (first,) = watch.file.history.looks
            assert proxy.happened.is_set()
            assert {each.change for each in first.changes} == {"begun"}
            assert {each.key.split(" ")[0] for each in first.changes} == {"look"}
            assert any("it took longer than 2s, and was given up" in line for line in log), log
            assert first.gaps
            proxy.drop()
            watch.run(1 * HOUR)
            assert watch.file.history.open_alerts == ()
            assert not watch.file.history.looks[-1].gaps
    finally:
        proxy.close()
