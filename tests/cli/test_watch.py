"""`pgparity watch` and `report` of its history as a user runs them: exit codes, what is said, what is refused."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.conftest import Pgparity, environment
from tests.data_pair import Pair
from tests.faults.watch.receiver import receiving, until
from tests.watch_history_sample import history_text

TABLES = (
    "CREATE TABLE clients (id bigint PRIMARY KEY, name text NOT NULL)",
    "INSERT INTO clients SELECT i, 'client ' || i FROM generate_series(1, 50) AS i",
)
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgparity%' AND wait_event_type = 'Lock'"
    " AND datname = current_database()"
)
"""Sessions of ours that wait for a lock"""


@pytest.fixture
def alike(pair: Pair) -> Pair:
    pair.on_both(*TABLES)
    return pair


def sides(pair: Pair) -> dict[str, str]:
    return {"PGPARITY_SOURCE": pair.source_dsn, "PGPARITY_TARGET": pair.target_dsn}


def test_one_look_ends_with_0_where_all_is_alike_and_with_1_where_a_row_is_missing(
    here: Pgparity, alike: Pair, tmp_path: Path
) -> None:
    (tmp_path / "pgparity.toml").write_text('[watch]\nsettle_seconds = 0\ndigest_every = "never"\n', encoding="utf-8")
    calm = here("watch", "--once", "--json", **sides(alike))
    assert calm.returncode == 0, calm.stderr
    (line,) = calm.stdout.splitlines()
    assert json.loads(line)["counts"][0]["source"] == 50
    alike.on_target("DELETE FROM clients WHERE id = 7")
    alarmed = here("watch", "--once", "--metrics", "watch.prom", **sides(alike))
    assert alarmed.returncode == 1, alarmed.stderr
    gauges = (tmp_path / "watch.prom").read_text(encoding="utf-8").splitlines()
    assert 'pgparity_watch_difference_rows{table="public.clients"} -1.0' in gauges
    assert 'pgparity_watch_alerts_open{kind="counts"} 1.0' in gauges
    assert alarmed.stdout == ""
    assert "ALERT: public.clients: 50 rows on the source, 49 on the target: 1 fewer" in alarmed.stderr
    text = here("report", "reports/watch/watch.jsonl")
    assert text.returncode == 0
    assert text.stdout.startswith("1 open alert")
    summary = json.loads(here("report", "reports/watch/watch.jsonl", "--format", "json").stdout)
    assert (summary["format"], summary["looks"]) == ("pgparity/watch-summary", 2)
    page = here("report", "reports/watch/watch.jsonl", "--format", "html", "--output", "watch.html")
    assert page.returncode == 0
    assert "1 open alert" in (tmp_path / "watch.html").read_text(encoding="utf-8")


@pytest.mark.long
def test_a_side_that_is_down_is_an_alert_that_ends_when_it_is_there(here: Pgparity, alike: Pair) -> None:
    nowhere = "postgresql://someone:pass-word-1@127.0.0.1:1/none"
    down = here("watch", "--once", PGPARITY_SOURCE=alike.source_dsn, PGPARITY_TARGET=nowhere)
    assert down.returncode == 2
    assert "ALERT: target could not be looked at: the target server at 127.0.0.1:1 cannot be reached" in down.stderr
    assert "not looked at: counts" in down.stderr
    assert "pass-word-1" not in down.stderr
    back = here("watch", "--once", **sides(alike))
    assert back.returncode == 0, back.stderr
    assert "ended: target could not be looked at" in back.stderr


@pytest.mark.long
def test_quiet_says_nothing_of_a_calm_look_and_tells_of_alerts(here: Pgparity, alike: Pair) -> None:
    counts_alone = ("--digest-every", "never", "--schema-every", "never")
    calm = here("watch", "--once", "-q", *counts_alone, **sides(alike))
    assert (calm.returncode, calm.stderr) == (0, "")
    alike.on_target("DELETE FROM clients WHERE id = 7")
    alarmed = here("watch", "--once", "-q", *counts_alone, **sides(alike))
    assert alarmed.returncode == 1
    (line,) = alarmed.stderr.splitlines()
    assert line.endswith("ALERT: public.clients: 50 rows on the source, 49 on the target: 1 fewer")


@pytest.mark.long
def test_an_empty_source_is_no_pass(here: Pgparity, pair: Pair) -> None:
    nothing = here("watch", "--once", **sides(pair))
    assert nothing.returncode == 3, nothing.stderr
    assert "the source has no table in scope" in nothing.stderr
    pair.on_both("CREATE TABLE empty (id int PRIMARY KEY)")
    empty = here("watch", "--once", "--new-baseline", **sides(pair))
    assert empty.returncode == 3, empty.stderr
    assert "every table is empty on the source" in empty.stderr


@pytest.mark.long
def test_what_the_budget_does_not_pay_for_is_said_and_exits_with_3(here: Pgparity, alike: Pair) -> None:
    assert here("watch", "--once", **sides(alike)).returncode == 0
    poor = here("watch", "--once", "--budget", "90kB", **sides(alike))
    assert poor.returncode == 3, poor.stderr
    assert "not looked at: digests: put off:" in poor.stderr
    assert "1 table counted" in poor.stderr
    # A restart does not forget what was received.
    nothing_left = here("watch", "--once", "--budget", "20kB", **sides(alike))
    assert nothing_left.returncode == 3, nothing_left.stderr
    assert "not looked at: counts: put off:" in nothing_left.stderr


@pytest.mark.long
def test_the_same_database_twice_is_refused(here: Pgparity, alike: Pair, tmp_path: Path) -> None:
    counts_alone = ("--digest-every", "never", "--schema-every", "never")
    same = here("watch", "--once", *counts_alone, PGPARITY_SOURCE=alike.source_dsn, PGPARITY_TARGET=alike.source_dsn)
    assert same.returncode == 2
    assert "source and target are the same database" in same.stderr
    assert not (tmp_path / "reports/watch/watch.jsonl").exists()


@pytest.mark.long
def test_a_new_baseline_ends_the_alerts_of_the_source_schema(here: Pgparity, alike: Pair) -> None:
    assert here("watch", "--once", **sides(alike)).returncode == 0
    alike.on_both("ALTER TABLE clients ADD note text")
    changed = here("watch", "--once", **sides(alike))
    assert changed.returncode == 1, changed.stderr
    assert "ALERT: schema of the source, against its own beginning: column public.clients.note is new" in changed.stderr
    accepted = here("watch", "--once", "--new-baseline", **sides(alike))
    assert accepted.returncode == 0, accepted.stderr
    assert here("watch", "--once", **sides(alike)).returncode == 0


@pytest.mark.long
def test_a_baseline_that_is_gone_is_no_pass(here: Pgparity, alike: Pair, tmp_path: Path) -> None:
    assert here("watch", "--once", **sides(alike)).returncode == 0
    (baseline,) = (tmp_path / "reports/watch").glob("*.source-*.json")
    baseline.unlink()
    lost = here("watch", "--once", **sides(alike))
    assert lost.returncode == 1, lost.stderr
    assert "is not there; --new-baseline begins anew" in lost.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--every", "soon"), "--every: write a number with its unit"),
        (("--limit", "0"), "--limit: Input should be greater than or equal to 1"),
        (("--once", "--for", "1h"), "--once and --for exclude each other"),
        (("--for", "a while"), "--for a while: write a number with its unit"),
        (("--webhook", "nowhere"), "the address of the webhook is none"),
        (("--webhook", "env:NO_SUCH"), "the environment variable NO_SUCH of the webhook's address is not set"),
        (("--webhook", "http://127.0.0.1:1/", "--webhook-token", "plain-token"), "token is not named as env:NAME"),
        (("--sentry", "https://key@host/1"), "the Sentry DSN is not named as env:NAME"),
        (("--budget", "much"), "--budget much is no size"),
        (("--history", "."), "the history . is a folder"),
        (("--history", ""), "the history . is a folder"),
        (("--history", "/"), "the history / is a folder"),
    ],
)
def test_bad_input_is_one_clear_line(here: Pgparity, arguments: tuple[str, ...], said: str) -> None:
    dsn = "postgresql://127.0.0.1:1/none"
    refused = here("watch", *arguments, PGPARITY_SOURCE=dsn, PGPARITY_TARGET=dsn)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "plain-token" not in refused.stderr
    assert "Traceback" not in refused.stderr


def test_report_says_which_formats_a_watch_has(here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "w.jsonl").write_text(history_text(), encoding="utf-8")
    refused = here("report", "w.jsonl", "--format", "junit")
    assert refused.returncode == 2
    assert "the history of a watch has no format junit" in refused.stderr
    alone = here("report", "w.jsonl", "run.json")
    assert alone.returncode == 2
    assert "the history of a watch is drawn by itself" in alone.stderr


def started(
    arguments: tuple[str, ...], pair: Pair, folder: Path, preexec_fn: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "harness", "watch", *arguments],
        cwd=folder,
        env=environment(**sides(pair)),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=preexec_fn,
    )


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_when_it_is_told_to_and_says_where_it_goes_on(
    alike: Pair, tmp_path: Path, number: signal.Signals
) -> None:
    process = started(("--digest-every", "never"), alike, tmp_path)
    file = tmp_path / "reports/watch/watch.jsonl"
    try:
        until(lambda: file.exists() and file.read_text(encoding="utf-8").count('"record":"look"') == 1)
        second = started((), alike, tmp_path)
        _, said_of_second = second.communicate(timeout=30)
        assert second.returncode == 2
        assert f"process {process.pid}" in said_of_second
        process.send_signal(number)
        _, said = process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert "the next watch goes on from the history" in said


@pytest.mark.long
def test_told_to_end_in_the_midst_of_a_look_it_ends_what_the_servers_work_on(alike: Pair, tmp_path: Path) -> None:
    with psycopg.connect(alike.target_dsn) as other:
        other.execute("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE")
        process = started((), alike, tmp_path)
        try:
            until(lambda: bool(alike.rows_of_target(WAITING)), 60)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=5)
        finally:
            process.kill()
        assert process.returncode == 0, said
        until(lambda: not alike.rows_of_target(WAITING), 5)
    # A look that did not come to its end is none.
    assert not (tmp_path / "reports/watch/watch.jsonl").exists()


@pytest.mark.long
def test_a_history_that_has_no_room_ends_the_watch_with_what_it_found(alike: Pair, tmp_path: Path) -> None:
    alike.on_target("DELETE FROM clients WHERE id = 7")
    (tmp_path / "pgparity.toml").write_text("[watch]\nsettle_seconds = 0\n", encoding="utf-8")
    process = started(
        ("--once", "--digest-every", "never", "--schema-every", "never"),
        alike,
        tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)),
    )
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2, said
    assert "ALERT: public.clients" in said
    assert "the history reports/watch/watch.jsonl cannot be written: File too large" in said
    # Nothing of the line is left that the next one would stick to.
    assert (tmp_path / "reports/watch/watch.jsonl").read_bytes() == b""


@pytest.mark.long
def test_killed_at_random_and_run_again_no_alert_is_lost_or_told_twice_and_no_look_is_doubled(
    alike: Pair, tmp_path: Path
) -> None:
    (tmp_path / "pgparity.toml").write_text(
        '[watch]\nsettle_seconds = 0\ndigest_every = "never"\nschema_every = "never"\n', encoding="utf-8"
    )
    file = tmp_path / "reports/watch/watch.jsonl"
    with receiving() as receiver:
        for round_ in range(6):
            process = started(("--every", "1s", "--webhook", receiver.url), alike, tmp_path)
            try:
                looks = _looks(file)
                until(lambda before=looks: len(_looks(file)) > len(before), 60)  # type: ignore[misc]
                # One row comes and goes: an alert begins in one life of the process, and ends in another.
                if round_ % 2 == 0:
                    alike.on_target("DELETE FROM clients WHERE id = 7")
                else:
                    alike.on_target("INSERT INTO clients VALUES (7, 'client 7') ON CONFLICT DO NOTHING")
                until(_after(process, 0.3 + 0.17 * round_))
            finally:
                os.kill(process.pid, signal.SIGKILL)
                process.communicate()
        last = started(("--every", "1s", "--for", "3s", "--webhook", receiver.url), alike, tmp_path)
        _, said = last.communicate(timeout=60)
        assert last.returncode in (0, 1), said
    looks = _looks(file)
    numbers = [look["number"] for look in looks]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len({look["due"] for look in looks}) == len(looks)
    changes = [(change["id"], change["change"]) for look in looks for change in look["changes"]]
    assert {change for _, change in changes} == {"begun", "ended"}
    turns = [change for _, change in changes]
    assert turns == ["begun", "ended"] * (len(turns) // 2) + ["begun"] * (len(turns) % 2)
    # What was posted just before a kill may be posted again, under the same id; nothing else is.
    assert list(dict.fromkeys(receiver.changes())) == changes
    posted = [notice["id"] for notice in receiver.taken]
    assert len(posted) - len(set(posted)) <= 1


def _after(process: subprocess.Popen[str], seconds: float) -> Callable[[], bool]:
    """True once so long has passed; the process must be alive until then."""
    end = time.monotonic() + seconds

    def passed() -> bool:
        assert process.poll() is None, "the watch ended by itself"
        return time.monotonic() >= end

    return passed


def _looks(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").split("\n")[:-1]
    return [each for line in lines if (each := json.loads(line))["record"] == "look"]
