"""A fence that a program puts up: pgparity asks what it can, and never takes its word for it unasked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.core.cutover.record import CutoverRecord
from harness.core.record import Side
from harness.stages.cutover.engine import cut_over, never
from tests.postgres.cutover_pair import APPLICATION, Morning, morning

pytestmark = pytest.mark.long
WRITES = "INSERT, UPDATE, DELETE ON clients, visits"
PROGRAMS: dict[str, object] = {"fence": "hook", "fence_command": ["true"], "unfence_command": ["true"]}


@pytest.fixture
def salon(database: str, newer_database: str, tmp_path: Path) -> Morning:
    return morning(database, newer_database, tmp_path)


def executing(salon: Morning, name: str, statement: str) -> str:
    code = f"import psycopg; psycopg.connect('{salon.source}', autocommit=True).execute('{statement}')"
    return salon.program(name, f'exec {sys.executable} -c "{code}"')


def told(record: CutoverRecord, name: str) -> list[tuple[str, str]]:
    return [(step.name, check.status) for step in record.steps for check in step.checks if check.name == name]


def test_a_program_that_stops_nobody_stops_the_cutover(salon: Morning) -> None:
    record = salon.cut_over(**PROGRAMS)
    assert (record.state, record.exit_code) == ("stopped", 1), record
    assert told(record, "fence by the hook") == [("preflight", "ok"), ("fence", "not checked")]
    assert APPLICATION in next(each.text for each in record.unchecked)
    assert salon.may_write(Side.SOURCE)
    assert salon.may_write(Side.TARGET)


def test_a_program_that_takes_the_rights_away_is_believed_because_they_are_gone(salon: Morning) -> None:
    section = PROGRAMS | {
        "fence_command": [executing(salon, "fence", f"REVOKE {WRITES} FROM {APPLICATION}")],
        "unfence_command": [executing(salon, "unfence", f"GRANT {WRITES} TO {APPLICATION}")],
    }
    record = salon.cut_over(**section)
    assert (record.state, record.exit_code) == ("open", 0), record
    assert told(record, "fence of the source") == [("open", "ok")]
    assert salon.cut_over(**section).exit_code == 0
    salon.execute(salon.source, f"GRANT {WRITES} TO {APPLICATION}")
    again = salon.cut_over(**section)
    assert (again.state, again.exit_code) == ("incomplete", 3)
    assert "clients" in again.message


def test_where_nobody_can_be_asked_preflight_says_so_and_nothing_is_done(salon: Morning) -> None:
    record = salon.cut_over(**PROGRAMS, source_roles=[])
    assert (record.state, record.exit_code) == ("planned", 3), record
    assert told(record, "fence by the hook") == [("preflight", "not checked")]


def test_a_decision_by_name_is_reported_as_one(salon: Morning) -> None:
    reason = "the application is stopped as a whole"
    plan = cut_over(salon.request(**PROGRAMS, source_roles=[], no_fence_check=reason), never)
    assert plan.exit_code == 0, plan.unchecked
    assert f"fence by the hook: {reason}" in plan.exceptions


def test_others_who_could_write_are_asked_for_behind_a_program_too(salon: Morning) -> None:
    salon.execute(
        salon.source,
        "DO $$ BEGIN CREATE ROLE c1_other LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
        "GRANT INSERT ON clients TO c1_other",
    )
    plan = cut_over(salon.request(**PROGRAMS), never)
    assert "c1_other" in next(check.text for check in plan.failed if check.name == "other writers on the source")
