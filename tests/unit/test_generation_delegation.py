"""Keys of a mapping that a method only hands on: from the code that it calls, and from what refuses it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, TypedDict

import pytest
from pydantic import BaseModel, ConfigDict

from harness.core.generation.binding import Known
from harness.core.generation.delegation import delegated
from harness.core.generation.parameter_types import INTEGER, TEXT, OptionalOf
from harness.core.generation.planning import Plan, plan_of
from harness.core.generation.refusals import Refusal, refusal_of
from harness.core.generation.sampled import Sampled, SampledColumn, SampledTable
from harness.core.generation.signatures import signature_of
from harness.core.observations import Observation
from harness.core.record import Side

DAYS = SampledTable(
    "public.days",
    (
        SampledColumn(name="company_id", type="integer", family="integer"),
        SampledColumn(name="staff_id", type="integer", family="integer"),
        SampledColumn(name="note", type="text", family="text"),
        SampledColumn(name="day", type="date", family="date"),
    ),
    (("company_id", "staff_id"),),
    ({"company_id": 900100, "staff_id": 1, "note": None, "day": "2025-01-01"},),
)
SAMPLED = Sampled({DAYS.identity: DAYS})


class DayQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    company_id: int
    staff_id: int | None = None


class DayFilter(TypedDict, total=False):
    note: str


@dataclasses.dataclass
class Days:
    rows: list[Any]

    def matching(self, query: DayQuery) -> list[Any]:
        return [row for row in self.rows if row[0] == query.company_id]

    def noted(self, given: dict[str, Any]) -> list[Any]:
        return [given.get("note"), given["staff_id"], json.dumps(given)]


def validated(kind: type[BaseModel], value: Any) -> Any:
    return kind.model_validate(value)


class Layer:
    def __init__(self) -> None:
        self._days = Days([])

    def by_model(self, query: dict[str, Any]) -> list[Any]:
        return self._days.matching(validated(DayQuery, query))

    def by_annotation(self, query: dict[str, Any]) -> list[Any]:
        return self._filtered(query)  # type: ignore[arg-type]

    def _filtered(self, query: DayFilter) -> list[Any]:
        return [query]

    def by_texts(self, query: dict[str, Any]) -> list[Any]:
        return self._days.noted(query)

    def find(self, company_id: int) -> list[Any]:
        return self._days.matching(DayQuery(company_id=company_id))


def places(method: str, style: int = 0, **known: Any) -> Plan:
    signature = signature_of(getattr(Layer(), method))
    about = Known(tables=(DAYS.identity,), **known)
    return plan_of(signature, SAMPLED, about, choice={}, style=style)


def keys(plan: Plan) -> list[str]:
    return [place.path[1] for place in plan.places if len(place.path) > 1]


def test_the_fields_of_a_model_that_a_method_validates_with_are_its_keys() -> None:
    plan = places("by_model")
    assert keys(plan) == ["company_id", "staff_id"]
    assert [(each.required, each.type) for each in plan.places] == [(True, INTEGER), (False, OptionalOf(INTEGER))]


def test_a_record_type_in_an_annotation_of_what_is_called_is_found() -> None:
    plan = places("by_annotation")
    assert [(each.path, each.type) for each in plan.places] == [(("query", "note"), TEXT)]


def test_keys_that_the_called_code_looks_for_are_found() -> None:
    assert keys(places("by_texts")) == ["note", "staff_id"]


def test_the_standard_library_and_installed_packages_are_not_followed() -> None:
    found = delegated(Layer().by_texts)
    assert found.records == (Days,) or found.records == ()
    assert not {"ascii", "ensure_ascii", "utf-8"} & {text for each in found.texts for text in each}


def test_a_method_whose_parameters_are_all_declared_is_not_followed() -> None:
    assert signature_of(Layer().find).keys == ()


def test_another_guess_is_made_where_the_first_finds_nothing() -> None:
    assert keys(places("by_model", style=6)) != keys(places("by_model"))


def test_keys_that_an_error_names_are_added_and_those_that_it_refuses_are_left() -> None:
    plan = places("by_texts", wanted=("company_id", "sentence"), refused=frozenset({"note"}))
    assert keys(plan) == ["company_id", "staff_id"]


@pytest.mark.parametrize(
    ("error", "given", "expected"),
    [
        (KeyError("company_id"), {"query": {"staff_id": 1}}, Refusal(("company_id",))),
        (ValueError("query.company_id is required"), {"query": {}}, Refusal(("company_id",))),
        (ValueError("unknown field 'note'"), {"query": {"note": "a"}}, Refusal((), ("note",))),
        (ValueError("company_id has to be positive"), {"query": {"company_id": -1}}, Refusal()),
        (None, {"query": {}}, Refusal()),
    ],
)
def test_an_error_tells_which_keys_it_wants(error: Exception | None, given: Any, expected: Refusal) -> None:
    assert refusal_of(Observation(side=Side.SOURCE, exception=error), given) == expected


def test_a_model_tells_which_keys_it_wants_and_which_it_does_not_take() -> None:
    given = {"note": "a"}
    with pytest.raises(ValueError, match="company_id") as caught:
        DayQuery.model_validate(given)
    refusal = refusal_of(Observation(side=Side.SOURCE, exception=caught.value), {"query": given})
    assert "company_id" in refusal.wanted
    assert refusal.excess == ("note",)


def test_an_error_in_an_envelope_is_read_but_not_its_kind() -> None:
    answer = {"success": False, "data": None, "error": {"kind": "invalid_input", "message": "Missing key 'staff_id'"}}
    refusal = refusal_of(Observation(side=Side.SOURCE, answer=answer), {"query": {}})
    assert refusal == Refusal(("staff_id",))
