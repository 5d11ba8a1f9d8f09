"""Fixtures of the cutovers that faults are planted in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cutover.kills import Undisturbed, undisturbed_run
from tests.faults.cutover.town import Town, Which, town
from tests.faults.cutover.trial import Trial, trial_of

Passing = Counter[tuple[Which, str]]


@pytest.fixture(scope="session")
def salon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The servers, which may die, and the databases of the morning."""
    with town(tmp_path_factory.mktemp("salon")) as made:
        yield made


@pytest.fixture
def trial(salon: Town, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trial]:
    """A cutover under load that has just begun to write to the source."""
    with trial_of(salon, tmp_path, request.node.name) as made:
        yield made


@pytest.fixture(scope="session")
def undisturbed(salon: Town, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """What a cutover and a rollback say to the servers and write to their journal when nothing happens to them."""
    with trial_of(salon, tmp_path_factory.mktemp("undisturbed"), "undisturbed") as made:
        return undisturbed_run(made)
