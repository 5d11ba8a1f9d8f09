"""Faults planted in a copy of the package: a cutover under load, or one of the other tests, has to catch each."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from harness.errors import PgparityError
from tests.faults.cutover.planted import PLANTED, planted_in
from tests.faults.cutover.test_breaks import other_answers_lead_back
from tests.faults.cutover.test_faults import (
    changed_row_stops,
    lost_lock_stops,
    open_is_looked_at_again,
    slow_transaction_arrives,
    superuser_is_held_back,
)
from tests.faults.cutover.town import Town
from tests.faults.cutover.trial import Trial, trial_of

pytestmark = pytest.mark.long


def there(trial: Trial) -> None:
    """A cutover that nothing happens to."""
    trial.finish("cutover")


def there_and_back(trial: Trial) -> None:
    """The same, and back with what was written since."""
    assert trial.cutover().exit_code == 0
    trial.load.wait_for_writes(15)
    trial.finish("rollback")


def stopped_and_unfenced(trial: Trial) -> None:
    """A program that fails stops the cutover."""
    trial.configure(
        switches_file=None, switch_command=["false"], switch_back_command=["true"], switched_command=["false"]
    )
    trial.finish("cutover")


CHECKS: Final[dict[str, Callable[[Trial], None]]] = {
    "nobody's writes to the source are revoked": there,
    "transactions that run are not waited for, nor is the source held": slow_transaction_arrives,
    "the source is not held": superuser_is_held_back,
    "nobody asks whether the source is still held": lost_lock_stops,
    "rows are not compared": changed_row_stops,
    "rights are not given back where it stops": stopped_and_unfenced,
    "the application is not led back where its methods answer otherwise": other_answers_lead_back,
    "an open target is believed to be open": open_is_looked_at_again,
    "rows are not carried back": there_and_back,
    "writes that waited on the target while its rows were carried back are let in": there_and_back,
    "the target is not fenced before it is opened": other_answers_lead_back,
}
WITH_METHODS: Final = (other_answers_lead_back,)


@pytest.mark.parametrize("name", PLANTED)
def test_it_is_caught(name: str, salon: Town, tmp_path: Path) -> None:
    check = CHECKS[name]
    code = planted_in(tmp_path, name)
    with trial_of(salon, tmp_path, name, methods=check in WITH_METHODS) as trial:
        trial.code = code
        assert caught(check, trial), f"{name}: not caught"


@pytest.mark.parametrize("check", [there, there_and_back, stopped_and_unfenced])
def test_the_same_without_a_fault_holds(check: Callable[[Trial], None], trial: Trial) -> None:
    check(trial)


def caught(check: Callable[[Trial], None], trial: Trial) -> bool:
    """Whether a check fails; a load that gets no answer any more is a failure too."""
    try:
        check(trial)
    except (AssertionError, PgparityError) as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        print(f"caught in {last.name}: {last.line}: {str(error)[:300]}")
        return True
    return False
