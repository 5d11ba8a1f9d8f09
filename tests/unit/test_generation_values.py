"""Values, rows and calls: what is tried around arguments that find rows, in which order, and under which names."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from harness.core.generation.adaptation import Misfit, adapted
from harness.core.generation.around import Around
from harness.core.generation.binding import Known, bindings_of
from harness.core.generation.calls import Call
from harness.core.generation.choosing import budget, by_turns, chosen
from harness.core.generation.learning import learned
from harness.core.generation.lists import limits, listed, lists_in, many_ids
from harness.core.generation.names import bound_of, is_limit, is_offset, singular, words
from harness.core.generation.parameter_types import (
    ANYTHING,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    NUMBER,
    TEXT,
    UUID_VALUE,
    Choice,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
)
from harness.core.generation.records import Form, Material, Slot
from harness.core.generation.row_changes import batches, row_changes
from harness.core.generation.sampled import Sampled, SampledColumn, SampledTable, described
from harness.core.generation.values import shared_piece, variations
from harness.core.model.types import Domain, Enum
from harness.core.observations import Observation
from harness.core.record import Side
from harness.core.statements import CapturedStatement, RestRequest
from tests.unit.catalogs import catalog, columns

CLIENTS = SampledTable(
    "public.clients",
    (
        SampledColumn(name="id", type="bigint", family="integer", not_null=True, filled=True),
        SampledColumn(name="company_id", type="integer", family="integer", not_null=True),
        SampledColumn(name="number", type="integer", family="integer", not_null=True),
        SampledColumn(name="name", type="text", family="text", not_null=True),
        SampledColumn(name="phone", type="text", family="text"),
        SampledColumn(name="spent", type="numeric", family="decimal", scale=2),
        SampledColumn(name="created_at", type="timestamp with time zone", family="datetime", filled=True),
    ),
    (("id",), ("company_id", "number")),
    tuple(
        {
            "id": n, "company_id": 900100, "number": n, "name": f"Anna {n}", "phone": f"8000555000{n}",
            "spent": Decimal("1.10") * n, "created_at": f"2025-01-0{n}T21:30:00+00:00",
        }
        for n in range(1, 5)
    ),
)  # fmt: skip
BOOKINGS = SampledTable(
    "public.bookings",
    (
        SampledColumn(name="id", type="bigint", family="integer"),
        SampledColumn(name="client_phone", type="text", family="text"),
        SampledColumn(name="client_id", type="bigint", family="integer", references=("public.clients", "id")),
        SampledColumn(name="starts_at", type="timestamp with time zone", family="datetime"),
    ),
)
BOTH = Sampled({each.identity: each for each in (CLIENTS, BOOKINGS)})


def test_a_value_takes_the_declared_type() -> None:
    moment = SampledColumn(name="at", type="timestamp with time zone", family="datetime")
    assert adapted("2025-01-01T21:30:00+00:00", DATETIME, moment) == dt.datetime(2025, 1, 1, 21, 30, tzinfo=dt.UTC)
    assert adapted("2025-01-01T21:30:00+00:00", DATE, moment) == dt.date(2025, 1, 1)
    assert adapted("2025-01-01T21:30:00+00:00", TEXT, moment) == "2025-01-01T21:30:00+00:00"
    assert adapted(Decimal("1.10"), DECIMAL) == Decimal("1.10")
    assert adapted(Decimal("1.5"), ANYTHING) == 1.5
    assert adapted("00000000-0000-4000-8000-000000000001", UUID_VALUE) == uuid.UUID(
        "00000000-0000-4000-8000-000000000001"
    )
    assert adapted([1, 2], ListOf(INTEGER, tuple)) == (1, 2)
    assert adapted(None, OptionalOf(INTEGER)) is None


@pytest.mark.parametrize(
    ("value", "type_"), [("Anna", INTEGER), ("x", DATE), ("c", Choice(("a", "b"))), (1, RecordOf()), (True, INTEGER)]
)
def test_a_value_that_cannot_be_what_is_declared_is_no_argument(value: Any, type_: ParameterType) -> None:
    with pytest.raises(Misfit):
        adapted(value, type_)


def test_names_are_read() -> None:
    assert words("clientPhone") == words("client_phone") == ("client", "phone")
    assert [singular(each) for each in ("clients", "companies", "statuses", "ids", "status", "address")] == [
        "client", "company", "status", "id", "status", "address",
    ]  # fmt: skip
    assert [each for each in ("page_size", "max_rows", "company_id") if is_limit(each)] == ["page_size", "max_rows"]
    assert is_offset("skip")
    assert (bound_of("date_from"), bound_of("until"), bound_of("company_id")) == ("lower", "upper", "")


@pytest.mark.parametrize(
    ("parameter", "type_", "method", "known", "expected"),
    [
        ("company_id", INTEGER, "get_client", Known(), "public.clients.company_id"),
        ("client_phone", TEXT, "list_bookings", Known(), "public.bookings.client_phone"),
        ("phone", TEXT, "find_clients", Known(), "public.clients.phone"),
        ("phones", ANYTHING, "find_clients", Known(), "public.clients.phone"),
        ("since", DATETIME, "list_bookings", Known(), "public.bookings.starts_at"),
        # Nothing in the name: what the statement searches by.
        (
            "who",
            TEXT,
            "find",
            Known(tables=("public.clients",), filters=frozenset({("public.clients", "name")})),
            "public.clients.name",
        ),
        ("client", INTEGER, "get", Known(tables=("public.clients",)), "public.clients.id"),
    ],
)
def test_a_parameter_is_bound_by_name_type_and_what_was_asked(
    parameter: str, type_: ParameterType, method: str, known: Known, expected: str
) -> None:
    bound = bindings_of(parameter, type_, method, BOTH, known, {})[0]
    assert f"{bound.table}.{bound.column}" == expected
    assert bound.several == (parameter == "phones")


def test_a_text_is_not_bound_to_a_number_of_a_similar_name() -> None:
    known = Known(tables=("public.bookings", "public.clients"), filters=frozenset({("public.clients", "phone")}))
    assert bindings_of("client", TEXT, "book", BOTH, known, {})[0].column == "phone"


def around(value: Any, column: str, **more: Any) -> list[str]:
    named = CLIENTS.by_name[column]
    return [each.words for each in variations(Around(value=value, column=named, rng=random.Random(1), **more))]


def test_a_text_is_changed_in_the_ways_that_data_layers_part_over() -> None:
    said = around("Anna 1", "name", near=["Anna 2"], foreign=["Boris", "100%"])
    for expected in (
        "of another row", "of a row that the other arguments exclude", "of a row with unusual characters",
        "a piece that several rows share", "with case changed", "with blanks around", "that is empty", "of blanks",
        "with one character as _", "with % in its middle", "with a backslash", "*", "an injection", "that is missing",
    ):  # fmt: skip
        assert expected in said


def test_moments_are_moved_by_the_smallest_step_and_to_other_zones() -> None:
    said = around("2025-01-01T21:30:00+00:00", "created_at")
    assert said[:3] == ["a microsecond later", "a microsecond earlier", "in another zone"]


def moved(type_: str, version: int = 140000, **more: Any) -> dict[str, Any]:
    """What is tried in place of nothing in a column of the type, by its words."""
    found = catalog({"t": columns("t", it=type_)})
    found = replace(found, server=replace(found.server, version_number=version))
    column = described(found, "public.t").by_name["it"]
    given = Around(value=None, column=column, rng=random.Random(0), infinite=column.infinite, **more)
    return {each.words: each.value for each in variations(given)}


@pytest.mark.parametrize("type_", ["date", "timestamp with time zone", "timestamp without time zone"])
def test_moments_reach_to_the_ends_of_what_python_has_and_of_what_postgresql_has(type_: str) -> None:
    made = moved(type_)
    assert (made["infinity"], made["infinity in the past"]) == ("infinity", "-infinity")
    ends = [value for words, value in made.items() if words.endswith("of all")]
    declared = DATE if type_ == "date" else DATETIME
    assert [adapted(value, declared).year for value in ends] == [1, 9999]
    assert not any(words.endswith("of all") for words in moved(type_, written=True))


def test_infinity_is_given_where_the_annotation_has_it() -> None:
    assert adapted("infinity", OptionalOf(TEXT)) == adapted("infinity", ANYTHING) == "infinity"
    assert adapted(Decimal("Infinity"), DECIMAL) == Decimal("Infinity")
    assert adapted(Decimal("Infinity"), NUMBER) == float("inf")
    for value, declared in (("infinity", DATE), ("infinity", DATETIME), (Decimal("Infinity"), INTEGER)):
        with pytest.raises(Misfit):
            adapted(value, declared)


def test_numbers_reach_to_the_ends_of_their_type() -> None:
    made = moved("numeric(10,2)")
    assert made["the largest"] == Decimal("99999999.99")
    assert (made["infinity"], made["infinity below 0"]) == (Decimal("Infinity"), Decimal("-Infinity"))
    assert "the largest" not in moved("numeric(20,2)")
    assert "the largest" not in moved("numeric")
    assert moved("double precision")["infinity"] == Decimal("Infinity")
    assert "infinity" in moved("date", 130000)
    assert "infinity" not in moved("numeric", 130000)


def test_null_is_given_only_where_it_is_allowed() -> None:
    assert "NULL" not in around("Anna", "name")
    assert "NULL" in around("Anna", "name", nulls=True)


def test_a_piece_that_rows_share_is_found() -> None:
    assert shared_piece(["Anna 1", "Anna 2", "Boris"]) == "Anna"
    assert shared_piece(["a", "b"]) == ""


def test_limits_lie_around_the_rows_that_there_are() -> None:
    assert {0, 1, 39, 40, 41} <= {each.value for each in limits(40)}
    assert [each.value for each in limits(40) if each.bad] == [-1]


def test_lists_are_empty_doubled_reversed_and_lack_a_value() -> None:
    made = {each.words: each.value for each in listed([1, 2], 9, nulls=True)}
    assert made["of nothing"] == []
    assert made["of several values in another order"] == [2, 1]
    assert made["with a value twice"] == [2, 1, 2]
    assert made["with a missing value"] == [1, 9]
    assert made["with NULL"] == [1, None]


def test_lists_are_as_long_as_no_url_is_of_integers_and_of_uuids() -> None:
    number = SampledColumn(name="id", type="bigint", family="integer")
    (numbers,) = many_ids(number, 9)
    assert numbers.bad
    assert numbers.value == list(range(9, 20_009))
    assert list(many_ids(replace(number, type="smallint"), 30_000)) == []
    (uuids,) = many_ids(SampledColumn(name="id", type="uuid", family="uuid"), "ffffffff-ffff-ffff-ffff-ffffffffffff")
    assert len(set(uuids.value)) == 20_000
    assert [uuid.UUID(each).int for each in uuids.value[:2]] == [2**128 - 1, 0]


def material() -> Material:
    slots = tuple(Slot(name=each.name, column=each) for each in CLIENTS.columns if not each.filled)
    first, second = CLIENTS.rows[:2]
    return Material(table=CLIENTS, slots=slots, row=first, other=second, rng=random.Random(1))


def test_a_row_is_changed_in_every_column_that_is_no_key() -> None:
    changes = {each.words: each for each in row_changes(material())}
    changed = changes["an existing row changed"].values
    assert changed["number"] == 1
    assert all(changed[name] != CLIENTS.rows[0][name] for name in ("name", "phone", "spent"))
    assert changes["a new row"].values["number"] not in CLIENTS.distinct("number")
    assert changes["a new row with nothing optional"].omitted == {"phone", "spent"}
    assert changes["a new row with NULL in name"].bad


def test_a_batch_ends_with_a_row_that_is_refused() -> None:
    form = Form(table=CLIENTS, slots=material().slots, open_ended=True)
    made = {words: [form.content(each) for each in rows] for words, rows, _ in batches(material())}
    good, bad = made["a new row, then a new row with NULL in name"]
    assert good["name"]
    assert bad["name"] is None
    assert good["number"] != bad["number"]
    assert made["no rows"] == []
    one, two = made["the same new row twice"]
    assert one == two
    assert len({len(each) for each in made["rows with unequal columns"]}) == 2
    assert len(made["501 new rows"]) == 501


def test_cases_are_chosen_by_turns_and_none_twice() -> None:
    calls = [[Call(f"{lane} {n}", {"a": n, "b": lane}) for n in range(5)] for lane in "xy"]
    doubled = [Call("again", {"a": 0, "b": "x"})]
    turns = by_turns([iter(each) for each in (*calls, doubled)])
    cases = chosen("find", [], turns, iter(()), 4)
    assert [case.purpose for case in cases] == ["x 0", "y 0", "x 1", "y 1"]
    assert {case.origin for case in cases} == {"generated"}


def test_cases_of_one_purpose_have_ids_of_their_own() -> None:
    cases = chosen("find", [Call("of a row", {"a": n}) for n in range(3)], [], iter(()), 9)
    assert len({case.id for case in cases}) == 3


def test_a_method_that_takes_much_gets_more_cases_up_to_twice_as_many() -> None:
    assert budget(24, 2, writes_rows=False) == 24
    assert 24 < budget(24, 5, writes_rows=False) < 48
    assert budget(24, 30, writes_rows=True) == 48


def test_each_kind_of_text_that_a_pattern_is_made_of_comes_before_a_second_of_any() -> None:
    row = {"name": "Anna Jones"}
    column = CLIENTS.by_name["name"]
    made = variations(Around(value=row["name"], column=column, rng=random.Random(1), sought=True))
    first = {each.words: each.value for each in made if each.first}
    first.pop("a piece that several rows share", None)
    assert first == {
        "characters of its middle": "a Jo", "of blanks": "   ", "with one character as _": "Ann_ Jones",
        "with blanks around": " Anna Jones ", "with case changed": "aNNA jONES", "that is empty": "",
        "its first characters": "Anna", "its last characters": "ones", "with % in its middle": "Ann%nes",
    }  # fmt: skip


def test_turns_end_with_the_lane_that_they_are_taken_for() -> None:
    first = iter([Call("a", {}), Call("b", {})])
    other = iter([Call(str(n), {}) for n in range(9)])
    assert [each.words for each in by_turns([other, first, first], until=first)] == ["0", "a", "b", "1"]


def test_a_method_that_hands_its_text_to_like_is_seen_to() -> None:
    for sent in (
        {"sql": "SELECT id FROM clients WHERE company_id = $1 AND name ILIKE $2 LIMIT $3"},
        {"request": RestRequest(verb="GET", path="/rest/v1/clients", query="select=id&name=ilike.%25a%25&limit=2")},
    ):
        statement = CapturedStatement(side=Side.SOURCE, origin="find", **sent)
        known = learned(Known(), Observation(side=Side.SOURCE), {}, [statement], BOTH, catalog({}))
        assert known.sought == {("public.clients", "name")}


@pytest.fixture
def documented() -> dict[str, SampledColumn]:
    """Columns of arrays of an enum, of a domain over it and of a domain over a domain of integers."""
    found = replace(
        catalog(
            {"t": columns("t", moods="mood[]", mine="public.mine[]", ids="smaller[]", tags="text[]", words="jsonb")}
        ),
        enums=(Enum(schema="public", name="mood", labels=("sad", "ok", "glad")),),
        domains=(
            Domain(schema="public", name="mine", type="mood"),
            Domain(schema="public", name="small", type="integer"),
            Domain(schema="public", name="smaller", type="small"),
        ),
    )
    return described(found, "public.t").by_name


def test_what_an_array_of_an_enum_or_a_domain_holds_is_known(documented: dict[str, SampledColumn]) -> None:
    elements = {name: column.element for name, column in documented.items() if column.element is not None}
    assert {name: (each.family, each.labels) for name, each in elements.items()} == {
        "moods": ("text", ("sad", "ok", "glad")),
        "mine": ("text", ("sad", "ok", "glad")),
        "ids": ("integer", ()),
        "tags": ("text", ()),
    }
    assert elements["ids"].type == "integer"


def test_an_array_of_an_enum_is_tried_with_labels_that_it_has_not(documented: dict[str, SampledColumn]) -> None:
    around = Around(value=["ok"], column=documented["moods"], rng=random.Random(0))
    made = {each.words: (each.value, each.bad) for each in variations(around)}
    assert made["with another label"] == (["ok", "sad"], False)
    assert made["of every label"] == (["sad", "ok", "glad"], False)
    assert made["with a value that is no label"] == (["ok", "no_such_label"], True)
    of_texts = Around(value=["ok"], column=documented["tags"], rng=random.Random(0))
    assert not any("label" in each.words for each in variations(of_texts))


def test_an_element_of_an_enum_array_is_asked_for_by_its_labels(documented: dict[str, SampledColumn]) -> None:
    element = documented["moods"].element
    assert element is not None
    words = [each.value for each in variations(Around(value="ok", column=element, rng=random.Random(0)))]
    assert words == ["sad", "glad", "no_such_label"]


def test_a_list_inside_a_document_is_changed_too(documented: dict[str, SampledColumn]) -> None:
    value = {"name": "a", "tags": ["x", "y"]}
    made = {
        each.words: each.value
        for each in variations(Around(value=value, column=documented["words"], rng=random.Random(0)))
    }
    assert made["a document with a list in another order"] == {"name": "a", "tags": ["y", "x"]}
    assert made["a document with a list of nothing"] == {"name": "a", "tags": []}
    assert list(lists_in({"name": "a", "tags": []})) == []
    assert next(lists_in([1, 2])).value == [2, 1]
