"""DDL of routines: what CREATE OR REPLACE takes, and what has to be dropped before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.core.align.ddl.kind import Sides
from harness.core.align.ddl.routines import DDL, named, replaceable
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Routine
from tests.unit.catalogs import SERVER

F = Routine(
    schema="public", name="price_of", arguments="integer, text", returns="numeric", argument_names=("service", "city"),
    definition="CREATE OR REPLACE FUNCTION public.price_of(service integer, city text)\n …\n",
)  # fmt: skip
ROWS = replace(
    F, returns="record", arguments="integer", argument_names=("service", "low", "high"),
    argument_modes=("i", "o", "o"), argument_types=("integer", "numeric", "numeric"),
)  # fmt: skip
SIDES = Sides(source=Catalog(server=SERVER), target=Catalog(server=SERVER))


@pytest.mark.parametrize(
    "other",
    [
        {"body": "SELECT 2"},
        {"volatility": "stable", "security_definer": True, "settings": ("search_path=",)},
        {"defaults": 1},
    ],
)
def test_another_body_other_options_and_one_more_default_are_replaced(other: dict[str, Any]) -> None:
    assert replaceable(F, replace(F, **other))


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ({}, {"returns": "integer"}),
        ({}, {"returns": "SETOF numeric"}),
        ({}, {"type": "procedure", "returns": None}),
        ({}, {"type": "window"}),
        ({"defaults": 1}, {"defaults": 0}),
    ],
)
def test_another_result_kind_or_a_default_less_is_refused(now: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert not replaceable(replace(F, **now), replace(F, **wanted))


@pytest.mark.parametrize(
    ("now", "wanted", "taken"),
    [
        (("", ""), ("service", "city"), True),
        (("service", ""), ("service", "city"), True),
        ((), ("service", "city"), True),
        (("service", "city"), ("service", "town"), False),
        (("service", "city"), ("service", ""), False),
        (("service", "city"), (), False),
    ],
)
def test_a_parameter_may_be_given_a_name_and_not_lose_or_change_it(
    now: tuple[str, ...], wanted: tuple[str, ...], taken: bool
) -> None:
    assert replaceable(replace(F, argument_names=now), replace(F, argument_names=wanted)) is taken


@pytest.mark.parametrize(
    "other",
    [
        {"argument_names": ("service", "low", "top")},
        {"argument_types": ("integer", "numeric", "integer")},
        {"argument_modes": ("i", "o"), "argument_types": ("integer", "numeric"), "argument_names": ("service", "low")},
    ],
)
def test_the_row_that_is_returned_keeps_its_columns(other: dict[str, Any]) -> None:
    assert replaceable(ROWS, replace(ROWS, body="SELECT 3"))
    assert not replaceable(ROWS, replace(ROWS, **other))


def test_the_one_out_parameter_of_a_function_may_be_called_otherwise() -> None:
    one = replace(
        F, argument_names=("service", "city", "price"), argument_modes=("i", "i", "o"),
        argument_types=("integer", "text", "numeric"),
    )  # fmt: skip
    assert replaceable(one, replace(one, argument_names=("service", "city", "cost")))


def test_the_inout_parameter_of_a_procedure_keeps_its_name() -> None:
    one = replace(
        F, type="procedure", returns=None, arguments="integer", argument_names=("left_over",), argument_modes=("b",),
        argument_types=("integer",),
    )  # fmt: skip
    assert not replaceable(one, replace(one, argument_names=("rest",)))


def test_what_cannot_be_replaced_is_dropped_and_created() -> None:
    alter = DDL[Routine.kind].alter
    assert alter(F, replace(F, returns="integer"), frozenset({"returns"}), SIDES) is None
    made = alter(F, replace(F, body="SELECT 2"), frozenset({"body"}), SIDES)
    assert [each.sql for each in made or ()] == [F.definition.rstrip() + ";"]


def test_a_window_function_is_a_function_and_a_procedure_is_none() -> None:
    assert named(replace(F, type="window")) == "FUNCTION public.price_of(integer, text)"
    assert named(replace(F, type="procedure")) == "PROCEDURE public.price_of(integer, text)"
