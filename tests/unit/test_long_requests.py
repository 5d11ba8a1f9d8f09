"""Lists that no URL takes: the source's interface is named, and neither data layer is blamed."""

from __future__ import annotations

import httpx
import pytest

from harness.core.long_requests import LONG, too_long_for_a_url
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.record import Side

CASE = Case(id="many", method="by_ids", kwargs={"ids": list(range(20_000))})
SHORT = Case(id="few", method="by_ids", kwargs={"ids": list(range(LONG - 1))})
ANSWER = Observation(side=Side.TARGET, answer=[])


class Wrapped(Exception):
    """What a data layer makes of errors of its client."""


def failing(error: Exception) -> Observation:
    return Observation(side=Side.SOURCE, exception=error)


def wrapped() -> Wrapped:
    with pytest.raises(httpx.InvalidURL) as refused:
        httpx.get("http://h/?id=" + "1" * 70_000)
    error = Wrapped()
    error.__cause__ = refused.value
    return error


def envelope(text: object) -> Observation:
    return Observation(side=Side.SOURCE, answer={"success": False, "data": None, "error": text})


@pytest.mark.parametrize(
    "source",
    [
        failing(httpx.InvalidURL("URL too long")),
        failing(wrapped()),
        envelope("URL too long"),
        envelope({"kind": "invalid_input", "code": "414"}),
        envelope({"kind": "error", "code": "431"}),
    ],
    ids=["raised", "wrapped", "in an envelope", "414", "431"],
)
def test_a_url_that_is_too_long_is_named(source: Observation) -> None:
    told = too_long_for_a_url(CASE, source, ANSWER)
    assert told == "the source's interface takes no URL with 20,000 values, and the target has no such limit"
    assert too_long_for_a_url(SHORT, source, ANSWER) == ""


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (failing(ValueError("more than 500 ids")), ANSWER),
        (envelope({"kind": "invalid_input", "code": "22P02"}), ANSWER),
        (failing(httpx.InvalidURL("URL too long")), failing(ValueError())),
        (Observation(side=Side.SOURCE, answer=[]), ANSWER),
    ],
    ids=["a limit of its own", "another code", "both fail", "neither fails"],
)
def test_other_errors_are_the_layers_own(source: Observation, target: Observation) -> None:
    assert too_long_for_a_url(CASE, source, target) == ""
