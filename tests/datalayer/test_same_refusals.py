"""What is no row, no limit and no list of ids is refused alike on every backend, before anything is sent."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import OrderBy, eq, gt, in_, is_null
from tests.datalayer.two_backends import MANY, TwoBackends, failure_of


@pytest.mark.parametrize(
    "row",
    [[{"id": 5001, "part": 1}, {"id": 5002, "part": 1}], {}, {1: 2}, {"": 1}, None, "x", [None]],
    ids=["rows", "empty", "number", "no name", "none", "text", "list"],
)
def test_what_is_no_row_is_invalid_input_and_nothing_is_written(both: TwoBackends, backend: str, row: Any) -> None:
    many = both.repositories[backend](MANY)
    assert failure_of(lambda: many.upsert(row))[0] == "invalid_input"
    assert failure_of(lambda: many.bulk_upsert([row]))[0] == "invalid_input"
    assert both.execute("SELECT count(*) FROM many") == [(2500,)]


@pytest.mark.parametrize("wrong", [{"limit": True}, {"offset": True}, {"offset": False}])
def test_a_truth_value_is_no_number_of_rows(visits: Any, wrong: dict[str, Any]) -> None:
    assert failure_of(lambda: visits.find_many([], **wrong))[0] == "invalid_input"


@pytest.mark.parametrize("ids", [None, "12", b"12", 12])
def test_ids_that_are_no_list_are_invalid_input(visits: Any, ids: Any) -> None:
    assert failure_of(lambda: visits.find_by_ids("number", ids))[0] == "invalid_input"
    assert failure_of(lambda: visits.find_many([in_("number", ids)]))[0] == "invalid_input"


def test_ids_from_a_generator_are_the_ids_of_a_list(visits: Any) -> None:
    ids = [row["id"] for row in visits.find_many([], order_by=[OrderBy("id")], limit=3)]
    assert len(ids) == 3
    expected = visits.find_by_ids("id", ids)
    assert len(expected) == 3
    assert visits.find_by_ids("id", (each for each in ids)) == expected
    assert visits.find_many([in_("id", (each for each in ids))], order_by=[OrderBy("id")]) == expected


@pytest.mark.parametrize("name", [["number"], None, 1, "", "a\x00b"])
def test_what_is_no_name_of_a_column_is_invalid_input(visits: Any, name: Any) -> None:
    for column in (eq, gt, is_null):
        arguments = (name,) if column is is_null else (name, 1)
        assert failure_of(lambda column=column, arguments=arguments: visits.find_many([column(*arguments)]))[0] == (
            "invalid_input"
        )
    assert failure_of(lambda: visits.find_many([], order_by=[OrderBy(name)]))[0] == "invalid_input"


def test_a_number_of_thousands_of_digits_is_a_failure(visits: Any) -> None:
    assert failure_of(lambda: visits.find_one([eq("number", 10**5000)]))[0] == "invalid_input"


def test_an_object_in_a_text_column_is_the_same_text(visits: Any) -> None:
    row = visits.upsert({"number": 7001, "company_id": 900100, "name": {"a": 1, "b": [2, 3]}, "tags": [{"a": 1}]})
    assert (row["name"], row["tags"]) == ('{"a":1,"b":[2,3]}', ['{"a":1}'])


def test_what_a_trigger_says_stays_untold_whatever_its_code_is(both: TwoBackends, backend: str) -> None:
    both.execute(
        "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'client % may not be changed', new.name USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    both.execute("CREATE TRIGGER refuses BEFORE INSERT ON many FOR EACH ROW EXECUTE FUNCTION refuses()")
    many = both.repositories[backend](MANY)
    try:
        with pytest.raises(CallFailed) as failed:
            many.upsert({"id": 90_001, "part": 1, "name": "80005550001"})
    finally:
        both.execute("DROP FUNCTION refuses CASCADE")
    assert (failed.value.kind, failed.value.code) == ("permission", "42501")
    assert "80005550001" not in failed.value.message


def test_no_log_of_a_read_holds_what_was_asked_for(visits: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        visits.find_many([eq("name", "80005550001")])
    assert "80005550001" not in caplog.text
