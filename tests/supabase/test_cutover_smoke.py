"""The smoke comparison of a cutover calls the data layers on the real servers: it must find out what reads, and write
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.core.record import Side
from harness.core.verdict import Status
from harness.postgres.connect import Endpoint
from harness.stages.cutover.request import CutoverRequest, Situation
from harness.stages.cutover.smoke import planned_smoke, smoke
from harness.stages.demo import reference_configuration
from harness.stages.events import Silent
from harness.stages.journal import Journal
from harness.stages.learned import RunRequest
from harness.stages.migrate_alone import migrate_rows
from harness.stages.reference_stack import reference_stack
from harness.stages.structure import learn_structure

pytestmark = pytest.mark.long

TABLES = ("companies", "clients", "services", "staff", "staff_schedules", "bookings", "dialog_contexts")


@pytest.fixture(scope="module")
def request_of_both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CutoverRequest]:
    with reference_stack("aligned") as stack:
        both = Endpoint(Side.SOURCE, stack.source.dsn), Endpoint(Side.TARGET, stack.target.dsn)
        configuration = reference_configuration("harness.reference.repository_layer:create")
        folder = tmp_path_factory.mktemp("cutover")
        asked = RunRequest(configuration=configuration, base=folder, source=both[0], target=both[1], consent=True)
        moved = migrate_rows(asked, lambda _: True)
        assert moved.document is not None
        assert moved.document.verdict.status is Status.GO
        yield CutoverRequest(run=asked, state=folder / "cutover.jsonl", runs=folder)


def situation_of(request: CutoverRequest) -> Situation:
    found = Situation(request=request, cutover="c0ffee")
    found.learned = learn_structure(request.run, Journal(request.configuration, Silent()))
    return found


def contents(endpoint: Endpoint) -> list[object]:
    """How many rows each table has, and a sum of what stands in them."""
    statement = sql.SQL("SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {} t")
    with psycopg.connect(endpoint.dsn) as connection:
        return [connection.execute(statement.format(sql.Identifier(name))).fetchone() for name in TABLES]


def test_cases_that_write_write_nothing_while_it_is_found_out_which_ones_read(request_of_both: CutoverRequest) -> None:
    before = contents(request_of_both.source), contents(request_of_both.target)
    situation = situation_of(request_of_both)
    check = planned_smoke(situation)
    assert check.status == "ok", check
    assert situation.smoke is not None
    with situation.smoke:
        outcome = smoke(situation)
    assert outcome.passed, [each for each in outcome.checks if not each.ok]
    called = {case.method for case in situation.smoke.cases}
    assert len(called) > 15
    assert not {name for name in called if name.startswith(("upsert", "create", "reschedule", "sync"))}
    assert (contents(request_of_both.source), contents(request_of_both.target)) == before


def test_a_row_that_only_the_target_has_otherwise_is_seen_by_the_method_that_reads_it(
    request_of_both: CutoverRequest, tmp_path: Path
) -> None:
    situation = situation_of(request_of_both)
    assert planned_smoke(situation).ok
    assert situation.smoke is not None
    with situation.smoke, psycopg.connect(request_of_both.target.dsn, autocommit=True) as connection:
        connection.execute("UPDATE companies SET title = title || ' (another)'")
        try:
            outcome = smoke(situation)
        finally:
            connection.execute("UPDATE companies SET title = replace(title, ' (another)', '')")
    assert any("get_company" in each.text for each in outcome.checks if not each.ok), outcome
    assert not list(tmp_path.iterdir())
