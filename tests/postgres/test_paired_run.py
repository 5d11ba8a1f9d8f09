"""Pairs of calls: from which state each begins, whatever earlier calls left and whenever they did."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from harness.core.outcomes import Case
from harness.core.record import Side
from harness.embedded.server import Server
from harness.stages.methods import paired
from harness.stages.paired_run import PairedRun
from harness.stages.subjects import load_subjects
from tests.data_pair import pair_of
from tests.method_pair import COMPANY, MethodPair, opened

COUNT = Case(id="how many", method="count_clients", kwargs={"company_id": COMPANY})
LATEST = Case(id="ten", method="latest_clients", kwargs={"company_id": COMPANY})
BY_NAME = Case(id="by name", method="search_clients", kwargs={"company_id": COMPANY, "name": "late"})
REFUSED = Case(id="no name", method="upsert_client", kwargs={"number": 9900002, "company_id": COMPANY, "name": None})
NEW = Case(id="new", method="upsert_client", kwargs={"number": 9900001, "company_id": COMPANY, "name": "Test"})


@pytest.fixture(scope="module")
def run(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PairedRun]:
    with pair_of(server, newer_server) as pair:
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            yield from _of(methods)


def _of(methods: MethodPair) -> Iterator[PairedRun]:
    configuration = methods.configuration()
    subjects = load_subjects(configuration, methods.folder)
    assert subjects is not None
    catalogs = methods.pair.catalogs()
    with paired(
        methods.pair.source,
        methods.pair.target,
        *catalogs,
        tuple(catalogs[0].table_by_identity),
        subjects,
        configuration,
        stack=methods.stack,
    ) as run:
        yield run


def written_late(run: PairedRun, side: Side) -> None:
    """What a data layer does that writes in a thread of its own, after it has answered."""
    (subject,) = (each for each in run.subjects if each.side is side)
    with psycopg.connect(subject.stand.context.dsn) as connection:
        connection.execute(
            "INSERT INTO clients (number, company_id, name) VALUES (9900003, %s, 'late')", (COMPANY,), prepare=False
        )


@pytest.mark.parametrize(("side", "case"), [(Side.SOURCE, COUNT), (Side.TARGET, LATEST)])
def test_what_is_written_after_a_call_returned_is_not_there_for_the_next(
    run: PairedRun, side: Side, case: Case
) -> None:
    before = run.pair(case).pair
    # Once before a method that never left anything, once before one of which that is no longer known.
    for _ in range(2):
        written_late(run, side)
        judged = run.pair(case)
        assert (judged.pair.verdict, judged.wrote, judged.asked_twice) == ("equal", False, False)
        assert judged.pair.source.shape == before.source.shape


def test_a_method_that_writes_after_calls_that_left_nothing_begins_in_the_state_of_the_template(run: PairedRun) -> None:
    assert not run.pair(REFUSED).wrote
    for _ in range(2):
        judged = run.pair(NEW)
        assert judged.pair.verdict == "equal"
        assert judged.pair.source.effects == judged.pair.target.effects == {"public.clients inserted": 1}


def test_a_call_that_finds_what_was_written_late_is_made_again_on_a_new_clone(run: PairedRun) -> None:
    run.pair(BY_NAME)
    written_late(run, Side.TARGET)
    resets = [each.stand.slot.resets for each in run.subjects]
    assert run.pair(BY_NAME).pair.source.shape == "empty list"
    assert [each.stand.slot.resets for each in run.subjects] == [resets[0], resets[1] + 1]
