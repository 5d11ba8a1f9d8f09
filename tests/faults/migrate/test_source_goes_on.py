"""A source that is written to while it is moved: what the run says of the rows is what its snapshot had of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from tests.faults.migrate import witness
from tests.faults.migrate.trial import ROWS, Office, Trial, chance, copy_of

LONG = pytest.mark.long
WRITTEN = {"public.visit", "public.entry", "public.price", "public.booking", "public.tick"}


def transaction(number: int, seed: str) -> list[str]:
    """What the writer's transaction of a number does: the same whenever it is asked."""
    chosen = random.Random(f"{seed} {number}")
    visit, price = chosen.randint(1, 3000), 3 * chosen.randint(1, 600)
    return [
        f"UPDATE public.tick SET n = {number}",
        f"UPDATE public.visit SET note = 'changed {number}' WHERE id = {visit}",
        f"DELETE FROM public.visit WHERE id = {chosen.randint(1, 3000)}",
        f"INSERT INTO public.visit (id, person, code, at) VALUES ({ROWS + number}, 1, 'w-{number}', '2027-01-01')",
        f"INSERT INTO public.entry VALUES ('written', {number % 5}, '2027-01-01')",
        f"DELETE FROM public.booking WHERE company = 900100 AND slot = {number % 8} AND day = '2026-03-05'",
        f"UPDATE public.price SET id = {-number}, value = {number} WHERE id = {price}",
    ]


class Writer(threading.Thread):
    """Writes to the source, transaction after transaction, until it is told to stop."""

    def __init__(self, dsn: str, seed: str) -> None:
        super().__init__(daemon=True)
        self.dsn, self.seed, self.number = dsn, seed, 0
        self.told = threading.Event()

    def run(self) -> None:
        while not self.told.is_set():
            self.number += 1
            write(self.dsn, [self.number], self.seed)

    def stop(self) -> None:
        self.told.set()
        self.join()


def write(dsn: str, numbers: list[int], seed: str) -> None:
    with witness.connect(dsn) as connection:
        for number in numbers:
            with connection.transaction():
                for statement in transaction(number, seed):
                    connection.execute(statement)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> str:
    return str(chance("source goes on", request.node.name).random())


@pytest.fixture
def written(own_trial: Trial, seed: str) -> Iterator[Writer]:
    """A writer at work on the trial's own source; it is stopped after the test."""
    writer = Writer(own_trial.source, seed)
    writer.start()
    yield writer
    writer.stop()


def tables_unlike(trial: Trial) -> set[str]:
    """By the witness, a partition under the name of its table."""
    return {table.split("_")[0] for table in trial.differing()}


@pytest.mark.long
@pytest.mark.parametrize("number", range(3))
def test_a_run_ends_equal_at_a_snapshot_or_names_what_differs(
    number: int, office: Office, own_trial: Trial, written: Writer, seed: str
) -> None:
    with own_trial.running() as running:
        ended = running.end()
    assert ended.exit_code in (0, 1), ended
    unverified = {str(each["table"]) for each in ended.report["tables"] if not each["verified"]}
    if ended.exit_code == 0:
        assert_equal_at_some_transaction(office, own_trial, seed)
    else:
        assert unverified
        assert unverified <= WRITTEN
        assert unverified <= ended.findings.keys()
    written.stop()
    assert_ends_true(own_trial)


@pytest.mark.long
@pytest.mark.parametrize("number", range(3))
def test_killed_while_the_source_goes_on_the_rerun_says_what_is_true(
    number: int, own_trial: Trial, written: Writer, run_seconds: float
) -> None:
    chosen = chance("killed while the source goes on", number)
    for _ in range(2):
        with own_trial.running() as running:
            running.ended_within(chosen.uniform(run_seconds / 3, run_seconds))
            running.kill()
    written.stop()
    assert_ends_true(own_trial)


def assert_equal_at_some_transaction(office: Office, trial: Trial, seed: str) -> None:
    """The target holds what the source had after the transaction that its own tick names, in all tables."""
    with witness.connect(trial.target) as connection:
        row = connection.execute("SELECT n FROM public.tick").fetchone()
    assert row is not None
    with copy_of(office.source, None) as replayed:
        write(replayed, list(range(1, row[0] + 1)), seed)
        assert witness.differing(witness.rows_of(replayed), witness.rows_of(trial.target)) == {}


def assert_ends_true(trial: Trial) -> None:
    """On a source that is quiet now, a rerun moves what changed, or names exactly the tables that are not alike."""
    trial.settle()
    for _ in range(2):
        ended = trial.run()
        assert ended.exit_code in (0, 1), ended
        if ended.exit_code == 0:
            trial.assert_complete(ended)
        else:
            unverified = {str(each["table"]) for each in ended.report["tables"] if not each["verified"]}
            assert unverified == tables_unlike(trial) != set()
            assert unverified <= ended.findings.keys()
        trial.assert_left_alone()
