"""Data layers that do the same on both sides: whatever the seed, no finding says that something differs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.faults.methods.domains import DOMAINS, Trial, alarms, trial_of

ALL = os.environ.get("PGPARITY_FAULTS") == "all"
SEEDS = (1, 2, 3, 4) if ALL else (1,)
METHODS = 4
FEWER: dict[str, Any] = {"generate": 8, "sequences": 2}
"""Methods, cases of each and sequences: fewer than there are, for the time; `make soak-methods` takes the defaults"""


QUICK = tuple(DOMAINS) if ALL else ("library", "shop")
"""Domains that `make test` takes: layers that are one text, and layers that are two"""


@pytest.fixture(
    scope="module",
    params=[pytest.param(each, marks=() if each in QUICK else pytest.mark.long) for each in DOMAINS],
)
def trial(
    request: pytest.FixtureRequest, server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("layers")
    with (
        pytest.MonkeyPatch.context() as patch,
        trial_of(DOMAINS[request.param], server, newer_server, folder) as opened,
    ):
        patch.syspath_prepend(folder)
        yield opened


@pytest.mark.parametrize("seed", SEEDS)
def test_an_equal_pair_gives_no_alarm(trial: Trial, seed: int) -> None:
    result = trial.compare(methods=trial.drawn(METHODS, seed=seed), seed=seed, **FEWER)
    assert [(each.code, each.title) for each in alarms(result)] == []
    assert result.coverage.checked >= 4 * METHODS
