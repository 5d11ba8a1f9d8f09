"""What queries leave open: read from SQL and from requests, and used to compare no more than they determine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from harness.core.answers import compare_as_far_as_determined
from harness.core.determined_order import orderings_of
from harness.core.open_order import OpenOrder
from harness.core.ordering import Ordering
from harness.core.record import Side
from harness.core.statements import CapturedStatement, RestRequest


def of_sql(text: str) -> tuple[Ordering, ...]:
    return orderings_of([CapturedStatement(side=Side.SOURCE, origin="m", sql=text)], None)


def of_request(query: str, verb: str = "GET") -> tuple[Ordering, ...]:
    request = RestRequest(verb=verb, path="/rest/v1/clients", query=query)
    return orderings_of([CapturedStatement(side=Side.SOURCE, origin="m", request=request)], None)


@pytest.mark.parametrize(
    ("text", "keys", "limited"),
    [
        ("SELECT * FROM clients", (), False),
        ("SELECT id, name AS n FROM clients ORDER BY n DESC, 1 LIMIT $1", ("name", "id"), True),
        ("SELECT id FROM clients c ORDER BY lower(c.name) OFFSET 3", ("(lower(c.name)",), True),
        ("SELECT id FROM a UNION SELECT id FROM b ORDER BY id", ("id",), False),
    ],
)
def test_the_terms_of_a_statement_are_its_columns_and_expressions(
    text: str, keys: tuple[str, ...], limited: bool
) -> None:
    (found,) = of_sql(text)
    assert (tuple(key.column for key in found.keys), found.limited) == (keys, limited)


def test_a_request_has_the_same_terms_as_the_statement() -> None:
    (sql,) = of_sql("SELECT id, name FROM clients WHERE company_id = $1 ORDER BY name DESC NULLS LAST, id LIMIT 3")
    (rest,) = of_request("select=id,name&company_id=eq.4&order=name.desc.nullslast,id&limit=3")
    assert (sql.keys, sql.equal, sql.limited, sql.names) == (rest.keys, rest.equal, rest.limited, rest.names)
    assert sql.relation == rest.relation == "public.clients"


def test_embedded_rows_have_an_order_of_their_own() -> None:
    root, orders = of_request("select=id,orders(id)&order=id&orders.order=total.desc")
    assert (root.place, orders.place) == ("", "orders")
    assert [key.column for key in orders.keys] == ["total"]


@pytest.mark.parametrize(
    "text", ["SELECT count(*) FROM clients", "INSERT INTO t VALUES (1) RETURNING id", "nonsense ("]
)
def test_what_gives_one_row_or_is_not_understood_leaves_nothing_open(text: str) -> None:
    assert of_sql(text) == ()


def rows(*pairs: tuple[int, int | None]) -> list[dict[str, Any]]:
    return [{"id": number, "rank": rank} for number, rank in pairs]


def compared(
    text: str, source: Any, target: Any, there: Mapping[int, int] | None = None, other: str = ""
) -> tuple[list[str], bool]:
    """Classes of differences, and whether something was left open. `there`: ids of the table's rows, with ranks."""

    def rows_like(_: str, values: Mapping[str, Any]) -> int | None:
        held = [{"id": number, "rank": rank} for number, rank in (there or {}).items()]
        return len([row for row in held if all(row[name] == value for name, value in values.items())])

    order = OpenOrder(source=of_sql(text), target=of_sql(other or text), rows_like=rows_like if there else None)
    deltas, places = compare_as_far_as_determined(source, target, order)
    return [delta.cls for delta in deltas], bool(places)


SELECTED = "SELECT id, rank FROM clients"


def test_rows_in_no_order_are_compared_in_any() -> None:
    assert compared(SELECTED, rows((1, 1), (2, 2)), rows((2, 2), (1, 1))) == ([], True)
    assert compared(SELECTED, rows((1, 1), (2, 2)), rows((2, 3), (1, 1)))[0] != []


def test_only_rows_that_tie_may_change_places() -> None:
    ordered = f"{SELECTED} ORDER BY rank"
    assert compared(ordered, rows((1, 1), (2, 1), (3, 2)), rows((2, 1), (1, 1), (3, 2))) == ([], True)
    assert compared(ordered, rows((1, 1), (2, 1), (3, 2)), rows((3, 2), (1, 1), (2, 1))) == (["order"], False)


def test_an_order_by_a_unique_column_leaves_nothing_open() -> None:
    assert compared(f"{SELECTED} ORDER BY id", rows((1, 1), (2, 1)), rows((2, 1), (1, 1))) == (["order"], False)


def test_where_a_limit_cuts_ties_other_rows_that_are_there_may_come() -> None:
    cut = f"{SELECTED} ORDER BY rank LIMIT 2"
    there = {1: 1, 2: 2, 3: 2}
    assert compared(cut, rows((1, 1), (2, 2)), rows((1, 1), (3, 2)), there) == ([], True)
    assert compared(cut, rows((1, 1), (2, 2)), rows((1, 1), (4, 2)), there)[0] != []
    assert compared(cut, rows((1, 1), (2, 2)), rows((1, 1), (3, 3)), there)[0] != []


def test_without_a_limit_other_rows_are_a_difference() -> None:
    there = {1: 1, 2: 2, 3: 2}
    assert compared(f"{SELECTED} ORDER BY rank", rows((1, 1), (2, 2)), rows((1, 1), (3, 2)), there)[0] != []


def test_a_single_row_of_several_may_be_another() -> None:
    (one, other, wrong), there = rows((1, 1), (2, 2), (9, 2)), {1: 1, 2: 2}
    assert compared(f"{SELECTED} LIMIT 1", one, other, there) == ([], True)
    assert compared(f"{SELECTED} LIMIT 1", one, wrong, there)[0] != []


def test_an_order_that_the_answer_does_not_show_must_at_least_be_asked_for_on_the_target() -> None:
    hidden = "SELECT id FROM clients ORDER BY rank"
    source, target = [{"id": 1}, {"id": 2}], [{"id": 2}, {"id": 1}]
    assert compared(hidden, source, target) == ([], True)
    assert compared(hidden, source, target, other="SELECT id FROM clients") == (["order"], False)
