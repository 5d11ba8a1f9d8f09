"""Target names: what filters, orders and limits call an embedded resource that has an alias.

Written from https://docs.postgrest.org/en/v16/references/api/resource_embedding.html, Embedded Filters, and
https://docs.postgrest.org/en/v16/references/configuration.html#url-use-legacy-target-names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.supabase.documentation.salon import SALON

if TYPE_CHECKING:
    from tests.supabase.documentation.conftest import Serve, Served

REPRESENTATION = {"Prefer": "return=representation"}


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(SALON, db_schemas=("api",), db_tx_end="rollback-allow-override")


def test_call_an_aliased_resource_by_its_relation_with_a_warning(served: Served) -> None:
    answer = served.http.get(
        "/companies?select=people:clients(id),team:staff(name)&clients.id=eq.2&staff.order=name.desc"
        "&company_id=eq.900100"
    )
    assert answer.json() == [{"people": [{"id": 2}], "team": [{"name": "Егор"}, {"name": "Дина"}, {"name": "Глеб"}]}]
    # the one that was looked for last comes first
    assert answer.headers["warning"] == (
        '299 PostgRESTv16 "Embedded resource was referenced by relation name even though it has an alias.'
        " This is deprecated and will stop working in a future release. Update `staff` to `team`, `clients` to `people`"
        ' in query string filters, orders or limits."'
    )


def test_by_relation_warn_after_writes_and_calls_too(served: Served) -> None:
    written = served.http.patch(
        "/clients?select=b:bookings(id)&id=eq.1&bookings.id=eq.2", json={"name": "Ася"}, headers=REPRESENTATION
    )
    called = served.http.get("/rpc/everyone?select=b:bookings(id)&id=eq.1&bookings.id=eq.2")
    for answer in (written, called):
        assert (answer.status_code, answer.json()) == (200, [{"b": [{"id": 2}]}])
        assert "Update `bookings` to `b` in query string" in answer.headers["warning"]
    refused = served.http.get("/clients?select=b:bookings(id)&bookings.nothing=eq.2")
    assert (refused.status_code, "warning" in refused.headers) == (400, False)


def test_by_relation_go_to_the_first_of_two(served: Served) -> None:
    answer = served.http.get("/companies?select=a:clients(id),clients(id)&clients.id=eq.2&company_id=eq.900100")
    assert answer.json() == [{"a": [{"id": 2}], "clients": [{"id": 1}, {"id": 2}]}]
    assert "warning" in answer.headers


def test_a_line_break_in_an_alias_is_none_in_the_warning(served: Served) -> None:
    answer = served.http.get('/companies?select="a%0D%0AX-Made: up":clients(id)&clients.id=eq.2&company_id=eq.900100')
    assert answer.status_code == 200
    assert "x-made" not in answer.headers
    assert "`clients` to `a??X-Made: up`" in answer.headers["warning"]


def test_by_relation_can_be_switched_off(serve: Serve) -> None:
    strict = serve(SALON, db_schemas=("api",), url_use_legacy_target_names=False)
    answer = strict.http.get("/companies?select=people:clients(id)&clients.id=eq.2")
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "PGRST108",
            "message": "'clients' is not an embedded resource in this request",
            "details": "Target names are not allowed in filters if they have an alias",
            "hint": "Change 'clients' to 'people' in filters, orders or limits.",
        },
    )
    # the same relation with and without an alias: each is called by its own name
    path = "/companies?select=a:clients(id),clients(id)&clients.id=eq.2&a.id=eq.1&company_id=eq.900100"
    answer = strict.http.get(path)
    assert answer.json() == [{"clients": [{"id": 2}], "a": [{"id": 1}]}]
    assert "warning" not in answer.headers
