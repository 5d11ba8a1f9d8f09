"""Faults planted in data layers that know nothing of the generator: its cases alone name the method that has each."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.faults.methods.domains import DOMAINS, Trial, alarms, trial_of
from tests.faults.methods.missed import MISSED
from tests.faults.methods.planted import Fault

PLANTED = [(domain, name) for domain, each in DOMAINS.items() for name in each.faults]
ALL = os.environ.get("PGPARITY_FAULTS") == "all"
"""As `make test-faults` sets it"""
EACH_TIME = 20
"""`make test` and `make test-long` together take one fault of so many, in turn"""
CALLS_ALONE: dict[str, Any] = {"sequences": 0, "concurrency": 0}
"""Looked at first: quicker, and enough for most faults"""


def chosen() -> Iterator[Any]:
    for number, planted in enumerate(PLANTED):
        if ALL or (number % EACH_TIME == 0 and planted not in MISSED):
            quick = ALL or number % (4 * EACH_TIME) == 0
            yield pytest.param(*planted, id=": ".join(planted), marks=() if quick else pytest.mark.long)


@pytest.fixture(scope="module")
def trial(
    server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Trial]]:
    """The databases of a domain, made when they are first asked for."""
    folder = tmp_path_factory.mktemp("layers")
    opened: dict[str, Trial] = {}
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as cleanup:
        patch.syspath_prepend(folder)

        def of(domain: str) -> Trial:
            if domain not in opened:
                opened[domain] = cleanup.enter_context(trial_of(DOMAINS[domain], server, newer_server, folder))
            return opened[domain]

        yield of


def _named(trial: Trial, fault: Fault, **settings: Any) -> set[str]:
    return {each.object.identity for each in alarms(trial.compare(fault, **settings))}


@pytest.mark.parametrize(("domain", "name"), list(chosen()))
def test_generated_cases_alone_name_the_method_that_has_the_fault(
    trial: Callable[[str], Trial], domain: str, name: str
) -> None:
    fault = DOMAINS[domain].faults[name]
    named = _named(trial(domain), fault, **CALLS_ALONE) or _named(trial(domain), fault)
    if (domain, name) in MISSED:
        assert not named, "it is caught now: take it off the list in missed.py"
    else:
        assert named
    assert named <= set(fault.methods)


def test_a_fault_that_generated_cases_do_not_show_is_caught_by_written_ones(trial: Callable[[str], Trial]) -> None:
    for (domain, name), written in MISSED.items():
        fault = DOMAINS[domain].faults[name]
        settings = {"generate": 0, "written": written, **CALLS_ALONE}
        assert _named(trial(domain), fault, **settings) == {fault.methods[0]}, name
        assert not alarms(trial(domain).compare(methods=fault.methods, **settings)), name


def test_nine_of_ten_planted_faults_are_shown_by_generated_cases() -> None:
    assert set(MISSED) <= set(PLANTED)
    assert len(PLANTED) >= 120
    assert len(MISSED) <= len(PLANTED) // 10
