"""Arguments for what no row tells by itself: columns of empty tables, and elements of arrays."""

from __future__ import annotations

import random
from typing import Any

import pytest

from harness.core.generation.arguments import row_values
from harness.core.generation.binding import Known, bindings_of
from harness.core.generation.calls import Base, call
from harness.core.generation.changes import below_zero, lanes, together
from harness.core.generation.choosing import by_turns
from harness.core.generation.parameter_types import ANYTHING, INTEGER, TEXT, ListOf, OptionalOf, ParameterType
from harness.core.generation.planning import Plan, plan_of
from harness.core.generation.sampled import Row, Sampled, SampledColumn, SampledTable
from harness.core.generation.signatures import MethodSignature, Parameter

ROOMS = SampledTable(
    "public.rooms",
    (
        SampledColumn(name="id", type="bigint", family="integer", not_null=True, filled=True),
        SampledColumn(name="company_id", type="integer", family="integer", not_null=True),
        SampledColumn(name="title", type="text", family="text"),
        SampledColumn(name="tags", type="text[]", family="array"),
        SampledColumn(name="floors", type="integer[]", family="array"),
    ),
    (("id",),),
    (
        {"id": 7, "company_id": 900200, "title": "Hall", "tags": ["Quiet", None, "large"], "floors": [3, 4]},
        {"id": 8, "company_id": 900200, "title": "Den", "tags": [], "floors": None},
    ),
)
COMPLAINTS = SampledTable(
    "public.complaints",
    (
        SampledColumn(name="id", type="bigint", family="integer", not_null=True, filled=True),
        SampledColumn(name="company_id", type="integer", family="integer", not_null=True),
        SampledColumn(name="room_id", type="bigint", family="integer", references=("public.rooms", "id")),
        SampledColumn(name="body", type="character varying", family="text", length=6),
        SampledColumn(name="remark", type="text", family="text"),
        SampledColumn(name="mood", type="public.mood", family="text", labels=("calm", "angry")),
        SampledColumn(name="noticed_at", type="timestamp without time zone", family="datetime"),
        SampledColumn(name="photos", type="text[]", family="array"),
    ),
    (("id",),),
)
NOTHING = Known()
BOTH = Sampled({each.identity: each for each in (ROOMS, COMPLAINTS)})


def plan(method: str, known: Known = NOTHING, **parameters: ParameterType) -> Plan:
    signature = MethodSignature(method, tuple(Parameter(name, type_) for name, type_ in parameters.items()))
    return plan_of(signature, BOTH, known, choice={})


def given(made: Plan, row: Row | None = None) -> dict[str, Any]:
    return {".".join(path): value for path, value in row_values(made, row or {}).items()}


def changed(made: Plan, row: Row) -> dict[str, Any]:
    """Arguments by what the calls are about."""
    base = Base(plan=made, row=row, values=row_values(made, row), full=True)
    around = lanes(base, random.Random(1))
    calls = by_turns((around.first, *around.leading, *around.following))
    return {each.words: each.arguments for each in calls}


def test_an_empty_table_is_written_with_a_key_that_is_there_and_the_tenant_of_its_row() -> None:
    made = plan("complain", company_id=INTEGER, room_id=INTEGER, body=TEXT, mood=TEXT, photos=ListOf(TEXT))
    # The company's binding is the other table's as well: what the writing told decides.
    made = plan_of(
        made.signature, BOTH, Known(tables=(COMPLAINTS.identity,), written=(COMPLAINTS.identity,)), choice={}
    )
    assert {place.binding.table for place in made.places} == {COMPLAINTS.identity}
    assert given(made) == {"company_id": 900200, "room_id": 7, "body": "New te", "mood": "calm", "photos": []}


def test_a_text_for_an_empty_table_is_varied_as_any_other() -> None:
    stored = frozenset({(COMPLAINTS.identity, "body"), (COMPLAINTS.identity, "room_id")})
    written = Known(tables=(COMPLAINTS.identity,), written=(COMPLAINTS.identity,), stored=stored)
    calls = changed(plan("complain", written, room_id=INTEGER, body=OptionalOf(TEXT)), {})
    assert {
        "body with blanks around", "body that is empty", "body of blanks", "body NULL", "room_id of another row",
        "room_id that is missing",
    } <= set(calls)  # fmt: skip
    assert calls["body with blanks around"] == {"room_id": 7, "body": " New te "}
    assert calls["room_id of another row"]["room_id"] == 8
    assert calls["room_id that is missing"]["room_id"] not in (7, 8)


def test_what_may_be_null_is_given_to_an_empty_table_only_where_it_is_written() -> None:
    parameters: dict[str, ParameterType] = {"room_id": INTEGER, "remark": OptionalOf(TEXT)}
    assert given(plan("complaints_of", NOTHING, **parameters))["remark"] is None
    written = Known(tables=(COMPLAINTS.identity,), written=(COMPLAINTS.identity,))
    assert given(plan("complain", written, **parameters))["remark"] == "New text"


def test_a_moment_for_a_column_without_a_zone_has_none() -> None:
    assert given(plan("complain", noticed_at=TEXT)) == {"noticed_at": "2025-03-04T05:06:07"}


def test_a_value_that_a_row_holds_comes_before_any_other() -> None:
    assert given(plan("find_room", title=TEXT), ROOMS.rows[1]) == {"title": "Den"}


@pytest.mark.parametrize(
    ("parameter", "type_", "known", "column", "element"),
    [
        ("tag", TEXT, Known(), "tags", True),
        ("tag", OptionalOf(TEXT), Known(), "tags", True),
        ("wanted_tag", TEXT, Known(), "tags", True),
        ("tag", ANYTHING, Known(), "tags", True),
        ("floor", INTEGER, Known(), "floors", True),
        # Nothing in the name: what the statement searches by.
        ("what", TEXT, Known(tables=("public.rooms",), filters=frozenset({("public.rooms", "tags")})), "tags", True),
        ("tags", ListOf(TEXT), Known(), "tags", False),
        ("tags", ANYTHING, Known(), "tags", False),
        ("title", TEXT, Known(), "title", False),
    ],
)
def test_one_value_is_an_element_of_an_array_and_a_list_is_all_of_it(
    parameter: str, type_: ParameterType, known: Known, column: str, element: bool
) -> None:
    bound = bindings_of(parameter, type_, "rooms", BOTH, known, {})[0]
    assert (bound.role, bound.column, bound.element) == ("column", column, element)


def test_no_value_is_an_element_of_an_array_of_another_type() -> None:
    assert not any(each.element for each in bindings_of("tag", INTEGER, "rooms", BOTH, Known(), {}))


def test_elements_of_rows_are_asked_for_the_first_and_the_last_and_those_of_other_rows() -> None:
    made = plan("rooms_with_tag", tag=TEXT)
    calls = changed(made, ROOMS.rows[0])
    assert given(made, ROOMS.rows[0]) == {"tag": "Quiet"}
    assert calls["tag the last of a row's list"] == {"tag": "large"}
    assert calls["tag with case changed"] == {"tag": "qUIET"}
    assert given(made, ROOMS.rows[1]) == {"tag": "Quiet"}, "a row without elements takes another row's"


def test_an_element_asks_nothing_of_the_rows_that_the_other_arguments_are_taken_from() -> None:
    made = plan("rooms_with_tag", company_id=INTEGER, tag=TEXT)
    assert given(made, ROOMS.rows[1]) == {"company_id": 900200, "tag": "Quiet"}
    assert [each.binding.column for each in made.bound("public.rooms")] == ["company_id"]
    (one,) = call(Base(plan=made, row=ROOMS.rows[0], values=row_values(made, ROOMS.rows[0]), full=False), "", {})
    assert one.arguments == {"company_id": 900200, "tag": "Quiet"}


def test_two_optional_arguments_are_given_together_twice_at_most() -> None:
    parameters = (
        Parameter("company_id", INTEGER),
        Parameter("title", OptionalOf(TEXT), required=False),
        Parameter("tag", OptionalOf(TEXT), required=False),
        Parameter("offset", INTEGER, required=False, default=0),
    )
    made = plan_of(MethodSignature("list_rooms", parameters), BOTH, NOTHING, choice={})
    base = Base(plan=made, row=ROOMS.rows[0], values=row_values(made, ROOMS.rows[0]), full=False)
    assert [each.arguments for each in together(base)] == [
        {"company_id": 900200, "title": "Hall", "offset": 1},
        {"company_id": 900200, "tag": "Quiet", "offset": 1},
    ]
    alone = plan_of(MethodSignature("list_rooms", parameters[:2]), BOTH, NOTHING, choice={})
    assert not list(together(Base(plan=alone, row=ROOMS.rows[0], values=row_values(alone, ROOMS.rows[0]), full=False)))


HOURS = SampledTable(
    "public.hours",
    (
        SampledColumn(name="room_id", type="bigint", family="integer", not_null=True),
        SampledColumn(name="day", type="date", family="date", not_null=True),
        SampledColumn(name="company_id", type="integer", family="integer", not_null=True),
    ),
    (("room_id", "day", "company_id"),),
    tuple({"room_id": n, "day": f"2026-03-0{n}", "company_id": 900100} for n in range(1, 6)),
)


@pytest.mark.parametrize("declared", [TEXT, OptionalOf(TEXT), ANYTHING], ids=["text", "text or none", "anything"])
def test_ends_of_a_time_stand_for_the_day_and_not_for_the_number_that_was_asked_for(declared: ParameterType) -> None:
    known = Known(tables=("public.hours",), filters=frozenset({("public.hours", "company_id")}))
    parameters = {"company_id": INTEGER, "date_from": declared, "date_to": declared}
    signature = MethodSignature("hours", tuple(Parameter(name, each) for name, each in parameters.items()))
    made = plan_of(signature, Sampled({"public.hours": HOURS}), known, choice={})
    assert [(each.binding.column, each.binding.end) for each in made.places] == [
        ("company_id", ""),
        ("day", "lower"),
        ("day", "upper"),
    ]


def test_an_end_of_a_range_lies_on_a_row_and_one_step_beside_it() -> None:
    known = Known(tables=("public.hours",))
    signature = MethodSignature("hours", (Parameter("until", TEXT, required=False, default=None),))
    made = plan_of(signature, Sampled({"public.hours": HOURS}), known, choice={})
    tried = {words: arguments["until"] for words, arguments in changed(made, HOURS.rows[1]).items() if arguments}
    assert tried["until given"] == "2026-03-04"
    assert tried["until exactly at the row"] == "2026-03-02"
    assert (tried["until a day later"], tried["until a day earlier"]) in [
        ("2026-03-03", "2026-03-01"),
        ("2026-03-05", "2026-03-03"),
    ]


def test_a_number_below_0_is_tried_through_rest_by_itself() -> None:
    for over_rest, expected in ((True, [{"limit": -1}, {"offset": -1}]), (False, [])):
        known = Known(tables=("public.rooms",), over_rest=over_rest)
        made = plan("rooms", known, limit=INTEGER, offset=INTEGER)
        base = Base(plan=made, row={}, values=row_values(made, {}), full=False)
        found = [{name: value for name, value in each.arguments.items() if value == -1} for each in below_zero(base)]
        assert found == expected
        in_turn = [each for each in changed(made, {}).values() if -1 in each.values()]
        assert bool(in_turn) is not over_rest
