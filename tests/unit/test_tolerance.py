"""Tolerances: which values lie within one, and which declarations of one are refused."""

from __future__ import annotations

import pytest

from harness.core.cell_classes import CellKind
from harness.core.configuration import Tolerance
from harness.core.row_forms import CellForm, SideForm
from harness.core.tolerance import check_tolerances, within
from harness.errors import ConfigurationError

WITHIN: list[tuple[str | None, str | None, CellKind, Tolerance, bool]] = [
    ("10.01", "10.02", "number", Tolerance(absolute=0.01), True),
    ("10.01", "10.0200001", "number", Tolerance(absolute=0.01), False),
    ("1000", "1010", "number", Tolerance(relative=0.01), True),
    ("1000", "1011", "number", Tolerance(relative=0.01), False),
    ("0", "0.001", "number", Tolerance(relative=0.5), False),
    ("1e300", "1.001e300", "number", Tolerance(relative=0.01), True),
    ("NaN", "NaN", "number", Tolerance(absolute=1), True),
    ("NaN", "1", "number", Tolerance(absolute=1e9), False),
    ("Infinity", "-Infinity", "number", Tolerance(relative=1), False),
    (None, "0", "number", Tolerance(absolute=1), False),
    ("2024-01-01 10:00:00.5+00", "2024-01-01 10:00:01+00", "timestamp", Tolerance(seconds=0.5), True),
    ("2024-01-01 10:00:00.499999+00", "2024-01-01 10:00:01+00", "timestamp", Tolerance(seconds=0.5), False),
    ("2024-01-01", "2024-01-02", "timestamp", Tolerance(seconds=86_400), True),
    ("infinity", "2024-01-01", "timestamp", Tolerance(seconds=1e12), False),
    ("10:00:00", "10:00:02", "time", Tolerance(seconds=2), True),
    ("1 mon", "30 days 00:00:01", "interval", Tolerance(seconds=1), True),
    ("1 mon -1 days", "-00:00:01", "interval", Tolerance(seconds=60), False),
    ("10", "11", "number", Tolerance(seconds=5), False),
    ("a", "b", "text", Tolerance(absolute=5), False),
]


@pytest.mark.parametrize(("source", "target", "kind", "tolerance", "expected"), WITHIN)
def test_a_tolerance_holds_up_to_its_bound_in_either_direction(
    source: str | None, target: str | None, kind: CellKind, tolerance: Tolerance, expected: bool
) -> None:
    assert within(source, target, kind, tolerance) is expected
    assert within(target, source, kind, tolerance) is expected


KINDS: tuple[tuple[str, CellKind], ...] = (("total", "number"), ("made", "timestamp"), ("name", "text"))
FORMS = {
    name: CellForm(source=SideForm(exact="{}", key="{}"), target=SideForm(exact="{}", key="{}"), kind=kind)
    for name, kind in KINDS
}


@pytest.mark.parametrize(
    ("name", "tolerance", "text"),
    [("totl", Tolerance(absolute=1), "Did you mean total"), ("total", Tolerance(seconds=1), "absolute and relative"),
     ("made", Tolerance(absolute=1), "takes seconds"), ("name", Tolerance(seconds=1), "name is none"),
     ("total", Tolerance(), "no bound")],
)  # fmt: skip
def test_a_tolerance_that_cannot_hold_is_refused_with_what_to_do(name: str, tolerance: Tolerance, text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_tolerances("rows.tables.'public.t'", {name: tolerance}, FORMS)
    assert text in f"{refused.value} {refused.value.hint}"
    assert name in str(refused.value)


def test_tolerances_that_fit_their_columns_are_accepted() -> None:
    tolerances = {"total": Tolerance(absolute=1, relative=0.1), "made": Tolerance(seconds=1)}
    check_tolerances("rows.tables.'public.t'", tolerances, FORMS)
