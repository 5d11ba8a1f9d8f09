"""Pairs of calls: from which state each begins, whatever earlier calls left and whenever they did."""

from __future__ import annotations

import contextlib
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
from tests.method_pair import COMPANY, LAYER, MethodPair, opened

COUNT = Case(id="how many", method="count_clients", kwargs={"company_id": COMPANY})
LATEST = Case(id="ten", method="latest_clients", kwargs={"company_id": COMPANY})
BY_NAME = Case(id="by name", method="search_clients", kwargs={"company_id": COMPANY, "name": "late"})
REFUSED = Case(id="no name", method="upsert_client", kwargs={"number": 9900002, "company_id": COMPANY, "name": None})
NEW = Case(id="new", method="upsert_client", kwargs={"number": 9900001, "company_id": COMPANY, "name": "Test"})


FAILS_ONCE = (
    '        return self._rows(\n            "INSERT INTO clients',
    """        if name and not hasattr(self, "ready"):
            self.ready = True
            raise psycopg.errors.InvalidSqlStatementName
        return self._rows(
            "INSERT INTO clients""",
)
"""A data layer whose first write fails, as where a statement is prepared that is not there yet"""


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="module")
def run(methods: MethodPair) -> Iterator[PairedRun]:
    with run_of(methods) as run:
        yield run


@contextlib.contextmanager
def run_of(methods: MethodPair, target: str = LAYER) -> Iterator[PairedRun]:
    configuration = methods.configuration(target)
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


def test_calls_that_find_what_was_written_late_are_made_again_on_new_clones(run: PairedRun) -> None:
    run.pair(BY_NAME)
    written_late(run, Side.TARGET)
    resets = [each.stand.slot.resets for each in run.subjects]
    assert run.pair(BY_NAME).pair.source.shape == "empty list"
    assert [each.stand.slot.resets for each in run.subjects] == [each + 1 for each in resets]


def test_what_fails_once_is_not_mended_by_calling_it_again_because_of_the_other_side(methods: MethodPair) -> None:
    assert FAILS_ONCE[0] in LAYER
    with run_of(methods, LAYER.replace(*FAILS_ONCE)) as run:
        assert not run.pair(REFUSED).wrote
        judged = run.pair(NEW)
    assert (judged.pair.verdict, judged.failed) == ("different", True), judged.pair
