"""Which names a request uses: what the contract check asks of the grammar."""

from __future__ import annotations

from harness.core.postgrest.model import Action
from harness.core.postgrest.parse import parse
from harness.core.postgrest.usage import EmbeddedUsage, columns_used


def test_a_read_uses_the_columns_that_it_selects_filters_and_orders_by() -> None:
    usage = columns_used(
        parse("GET", "/clients", "select=id,n:name,data->a&phone=eq.1&or=(id.gt.1,and(name.is.null))&order=last.desc")
    )
    assert (usage.action, usage.relation, usage.function) == (Action.READ, "clients", None)
    assert usage.selected == ("id", "name", "data")
    assert usage.filtered == ("phone", "id", "name")
    assert usage.ordered == ("last",)


def test_an_upsert_uses_the_columns_of_its_body_and_of_its_conflict_target() -> None:
    usage = columns_used(
        parse("POST", "/clients", "on_conflict=yclients_id,company_id", body=b'{"yclients_id": 1, "name": "a"}')
    )
    assert usage.written == ("name", "yclients_id")
    assert usage.conflict == ("yclients_id", "company_id")


def test_without_on_conflict_the_target_is_not_said() -> None:
    assert columns_used(parse("POST", "/clients", body=b"{}")).conflict is None


def test_the_columns_parameter_wins_over_the_body() -> None:
    assert columns_used(parse("POST", "/t", 'columns="b","a"', body=b"[]")).written == ("a", "b")


def test_a_call_uses_a_function_and_its_arguments() -> None:
    posted = columns_used(parse("POST", "/rpc/f", body=b'{"b": 1, "a": 2}'))
    assert (posted.function, posted.relation, posted.arguments, posted.written) == ("f", None, ("a", "b"), ())
    assert columns_used(parse("GET", "/rpc/f", "x=1")).arguments == ("x",)


def test_embedded_resources_are_told_with_their_own_columns() -> None:
    usage = columns_used(
        parse(
            "GET",
            "/bookings",
            "select=id,who:clients!fk(name,company:companies(title))&who.phone=eq.1&clients.order=name&count=eq.1",
        )
    )
    assert usage.embedded == (
        EmbeddedUsage(("who",), "clients", "fk", ("name",), ("phone",), ("name",)),
        EmbeddedUsage(("who", "company"), "companies", None, ("title",), (), ()),
    )
    assert usage.filtered == ("count",)


def test_counting_rows_selects_no_column() -> None:
    assert columns_used(parse("GET", "/t", "select=count(),id.count()")).selected == ("id",)
