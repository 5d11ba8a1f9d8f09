"""`pgparity migrate` with options for how rows move: what is refused, how fast, in which mode, told to programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.core.event_line import EventLine
from harness.stages.throttle import Throttle
from tests.cli.conftest import Pgparity
from tests.data_pair import Pair

PLAIN = "CREATE TABLE t (id int PRIMARY KEY, v text, n int)"
FILLED = "INSERT INTO t SELECT g, 'v' || g, g FROM generate_series(1, 100) g"
Migrate = Callable[..., Any]


@pytest.fixture
def migrate(pair: Pair, here: Pgparity) -> Migrate:
    return lambda *arguments: here("migrate", "--source", pair.source_dsn, "--target", pair.target_dsn, *arguments)


def refused(result: Any, *words: str) -> None:
    """One error with its hint, exit code 2."""
    assert result.returncode == 2, result.stdout + result.stderr
    assert result.stderr.count("error E") == 1
    assert all(word in result.stderr for word in words), result.stderr


def test_rows_that_the_target_refuses_are_listed_and_a_rerun_says_that_they_are_missing(
    pair: Pair, migrate: Migrate, tmp_path: Path
) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target("CREATE TABLE t (id int PRIMARY KEY, v text, n int CONSTRAINT c CHECK (n <> 42))")
    first = migrate("--yes", "--format", "json", "--on-reject", "rejected.jsonl")
    said = json.loads(first.stdout)
    assert first.returncode == 1
    assert (said["tables"][0]["rows"], said["tables"][0]["rejected"], said["tables"][0]["verified"]) == (99, 1, False)
    assert {each["code"] for each in said["findings"]} == {"MIG004", "ROW001"}
    assert "rejected.jsonl" in next(each["fix"]["text"] for each in said["findings"] if each["code"] == "MIG004")
    line = (tmp_path / "rejected.jsonl").read_text(encoding="utf-8")
    assert json.loads(line) == {
        "table": "public.t",
        "key": {"id": 42},
        "sqlstate": "23514",
        "reason": "a row breaks the check c",
    }
    refused(migrate("--yes", "--on-reject", "rejected.jsonl"), "is there already", "another file")
    again = migrate("--yes", "--format", "json", "--on-reject", "again.jsonl")
    assert again.returncode == 1
    assert {each["code"] for each in json.loads(again.stdout)["findings"]} == {"ROW001", "MIG003"}
    assert not (tmp_path / "again.jsonl").exists()
    assert (tmp_path / "rejected.jsonl").read_text(encoding="utf-8") == line
    refused(migrate("--yes", "--on-reject", "no/such/folder"), "cannot be written")


def test_rows_are_copied_only_into_tables_that_are_empty_where_that_was_asked_for(pair: Pair, migrate: Migrate) -> None:
    pair.on_source(PLAIN, FILLED)
    pair.on_target(PLAIN, "INSERT INTO t VALUES (1, 'v1', 1)")
    for way in ("--yes", "--dry-run"):
        refused(migrate("--mode", "copy", way), "public.t of the target holds rows", "--mode auto")
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(1,)]
    pair.on_target("TRUNCATE t")
    assert migrate("--mode", "copy", "--yes").returncode == 0


@pytest.mark.long
def test_rows_are_upserted_into_an_empty_table_where_that_was_asked_for(pair: Pair, migrate: Migrate) -> None:
    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    assert "upserted: as was asked for" in migrate("--mode", "upsert", "--dry-run").stdout
    result = migrate("--mode", "upsert", "--yes", "--format", "json")
    assert (result.returncode, json.loads(result.stdout)["tables"][0]["mode"]) == (0, "upsert")


def test_a_migration_that_goes_on_keeps_its_mode_and_refuses_another(pair: Pair, migrate: Migrate) -> None:
    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    pair.on_target("ALTER TABLE t ADD CONSTRAINT c CHECK (n < 100)")
    assert migrate("--mode", "copy", "--batch-rows", "10", "--yes").returncode == 1
    refused(migrate("--mode", "upsert", "--yes"), "public.t by copy", "--forget")
    pair.on_source("UPDATE t SET n = 1 WHERE n = 100")
    result = migrate("--yes", "--format", "json")
    assert (result.returncode, json.loads(result.stdout)["tables"][0]["mode"]) == (0, "copy")


def test_throttled_rows_arrive_and_what_was_sent_has_taken_its_time(
    pair: Pair, migrate: Migrate, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []

    def sent(throttle: Throttle, size: int, _stopped: Callable[[], bool]) -> None:
        assert throttle.bytes_a_second == 20_000_000
        heard.append(size)

    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    monkeypatch.setattr(Throttle, "sent", sent)
    result = migrate("--throttle", "20MB", "--yes", "--format", "json")
    assert (result.returncode, sum(heard) >= json.loads(result.stdout)["tables"][0]["bytes"] > 0) == (0, True)
    refused(migrate("--throttle", "fast", "--yes"), "--throttle fast is no size")


def test_what_happens_is_told_line_by_line_and_the_last_line_is_the_result(pair: Pair, migrate: Migrate) -> None:
    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    result = migrate("--yes", "--format", "jsonl")
    assert result.returncode == 0, result.stderr
    *events, last = [json.loads(line) for line in result.stdout.splitlines()]
    for each in events:
        EventLine.model_validate(each)
    assert [each["stage"] for each in events if each["event"] == "finished"] == [
        "introspect",
        "scope",
        "migrate",
        "rows",
    ]
    moving = [each for each in events if each["event"] == "progress" and each["stage"] == "migrate"]
    assert (moving[-1]["table"], moving[-1]["rows"]) == ("public.t", 100)
    assert moving[-1]["bytes"] == moving[-1]["of_bytes"] == moving[-1]["of_total_bytes"] > 0
    again = json.loads(migrate("--yes", "--format", "json").stdout)
    assert (last.pop("event"), last.keys()) == ("result", again.keys())
    assert last["tables"][0]["verified"] is True


def test_a_condition_of_the_file_chooses_rows_and_the_plan_has_it(pair: Pair, migrate: Migrate, tmp_path: Path) -> None:
    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    (tmp_path / "pgparity.toml").write_text('[migrate.tables."public.t"]\nwhere = "n <= 30"\n', encoding="utf-8")
    assert "only rows move where n <= 30" in migrate("--dry-run").stdout
    assert migrate("--dry-run", "--format", "json", "--output", "plan.json").returncode == 0
    (tmp_path / "pgparity.toml").unlink()
    result = migrate("--plan", "plan.json", "--yes", "--format", "json")
    said = json.loads(result.stdout)
    assert (result.returncode, said["tables"][0]["rows"], said["tables"][0]["verified"]) == (0, 30, True)
    assert pair.rows_of_target("SELECT count(*) FROM t") == [(30,)]
