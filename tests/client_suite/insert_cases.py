"""Inserts and upserts, with every parameter of the client, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from postgrest.types import CountMethod, ReturnMethod

from tests.client_suite.case import Answer, Builder, Case, Client, Outcome, Refused

COMPANIES = "SELECT company_id, title, currency FROM companies ORDER BY 1"
UNCHANGED: list[tuple[Any, ...]] = [(900100, "Салон", "RUB"), (900200, "Второй", None)]
CLIENTS = "SELECT id, name, discount FROM clients ORDER BY 1"
CLIENTS_UNCHANGED: list[tuple[Any, ...]] = [(1, "Анна", 5), (2, "Борис", 5), (3, "Anna 100%", 5), (4, 'o_\\x "q"', 5)]


def changing(
    name: str, ask: Callable[[Client], Builder], expected: Outcome, stored: str, rows: Sequence[tuple[Any, ...]]
) -> Case:
    """A case that changes rows, what it answers, and what a query then finds."""
    return Case(f"write: {name}", ask, expected, (stored, list(rows)))


def refusing(name: str, ask: Callable[[Client], Builder], code: str) -> Case:
    """A case that is refused, and no company was changed."""
    return changing(name, ask, Refused(code), COMPANIES, UNCHANGED)


def _company(company_id: int, title: str, **more: Any) -> dict[str, Any]:
    return {"company_id": company_id, "title": title, **more}


TWO = [_company(900301, "a", currency="USD"), _company(900302, "b")]
INSERTS = (
    changing(
        "insert returns the whole row with its defaults",
        lambda c: c.table("companies").insert(_company(900300, "Новый")),
        Answer([_company(900300, "Новый", currency="RUB")]),
        COMPANIES,
        [*UNCHANGED, (900300, "Новый", "RUB")],
    ),
    changing(
        "select after insert chooses columns",
        lambda c: c.table("companies").insert(_company(900300, "Новый")).select("title", "company_id"),
        Answer([{"title": "Новый", "company_id": 900300}]),
        COMPANIES,
        [*UNCHANGED, (900300, "Новый", "RUB")],
    ),
    changing(
        "insert of rows with unequal keys sets null where a row lacks a key",
        lambda c: c.table("companies").insert(TWO),
        Answer([_company(900301, "a", currency="USD"), _company(900302, "b", currency=None)]),
        COMPANIES,
        [*UNCHANGED, (900301, "a", "USD"), (900302, "b", None)],
    ),
    changing(
        "insert with default_to_null=False uses the default there",
        lambda c: c.table("companies").insert(TWO, default_to_null=False),
        Answer([_company(900301, "a", currency="USD"), _company(900302, "b", currency="RUB")]),
        COMPANIES,
        [*UNCHANGED, (900301, "a", "USD"), (900302, "b", "RUB")],
    ),
    changing(
        "insert returning nothing",
        lambda c: c.table("companies").insert(_company(900300, "x"), returning=ReturnMethod.minimal),
        Answer([]),
        COMPANIES,
        [*UNCHANGED, (900300, "x", "RUB")],
    ),
    changing(
        "insert with a count",
        lambda c: c.table("companies").insert(TWO, count=CountMethod.exact).select("company_id"),
        Answer([{"company_id": 900301}, {"company_id": 900302}], 2),
        COMPANIES,
        [*UNCHANGED, (900301, "a", "USD"), (900302, "b", None)],
    ),
    changing(
        "insert of an empty list",
        lambda c: c.table("companies").insert([]),
        Answer([]),
        COMPANIES,
        UNCHANGED,
    ),
    changing(
        "insert with upsert goes by the primary key",
        lambda c: c.table("companies").insert(_company(900100, "z"), upsert=True),
        Answer([_company(900100, "z", currency="RUB")]),
        COMPANIES,
        [(900100, "z", "RUB"), UNCHANGED[1]],
    ),
    changing(
        "insert takes identity from its sequence",
        lambda c: c.table("clients").insert({"company_id": 900100, "name": "n"}).select("id,discount"),
        Answer([{"id": 101, "discount": 5}]),
        CLIENTS,
        [*CLIENTS_UNCHANGED, (101, "n", 5)],
    ),
    changing(
        "insert with single",
        lambda c: c.table("companies").insert(_company(900300, "x")).single(),
        Answer(_company(900300, "x", currency="RUB")),
        COMPANIES,
        [*UNCHANGED, (900300, "x", "RUB")],
    ),
    changing(
        "insert with an embedded resource in its answer",
        lambda c: c.table("clients").insert({"company_id": 900200}).select("id,companies(title)"),
        Answer([{"id": 101, "companies": {"title": "Второй"}}]),
        CLIENTS,
        [*CLIENTS_UNCHANGED, (101, None, 5)],
    ),
    refusing("insert of a key that is there", lambda c: c.table("companies").insert(_company(900100, "x")), "23505"),
    refusing(
        "insert of null where none may be", lambda c: c.table("companies").insert({"company_id": 900300}), "23502"
    ),
    refusing("insert of a wrong type", lambda c: c.table("companies").insert(_company("many", "x")), "22P02"),  # type: ignore[arg-type]
    refusing(
        "insert of an unknown column", lambda c: c.table("companies").insert(_company(900300, "x", fired=1)), "PGRST204"
    ),
    refusing(
        "insert of a row whose company is missing", lambda c: c.table("clients").insert({"company_id": 1}), "23503"
    ),
    refusing("insert of what a check forbids", lambda c: c.table("bookings").insert({"id": 9, "price": -1}), "23514"),
    refusing("insert into a generated column", lambda c: c.table("words").insert({"id": 9, "lexemes": "x"}), "428C9"),
    refusing(
        "one bad row of an insert leaves none behind",
        lambda c: c.table("companies").insert([_company(900300, "a"), _company(900100, "b")]),
        "23505",
    ),
    refusing("insert of a NUL character", lambda c: c.table("companies").insert(_company(900300, "a\0b")), "22P05"),
    refusing("insert of rows that are no objects", lambda c: c.table("companies").insert([1, 2]), "PGRST102"),
    Case(
        "write: insert against a policy",
        lambda c: c.table("notes").insert({"id": 9, "author": "staff"}),
        Refused("42501"),
        ("SELECT id FROM notes ORDER BY 1", [(1,), (2,)]),
        role="anon",
    ),
    changing(
        "the answer of an insert is not capped",
        lambda c: c.table("marks").insert([{"n": n} for n in range(1, 1201)]),
        Answer([{"n": n} for n in range(1, 1201)]),
        "SELECT count(*) FROM marks",
        [(1200,)],
    ),
)
BOTH = [
    {"yclients_id": 101, "company_id": 900100, "name": "Аня"},
    {"yclients_id": 777, "company_id": 900100, "name": "Яна"},
]
UPSERTS = (
    changing(
        "upsert by the primary key leaves other columns alone",
        lambda c: c.table("companies").upsert(_company(900100, "Салон 2")),
        Answer([_company(900100, "Салон 2", currency="RUB")]),
        COMPANIES,
        [(900100, "Салон 2", "RUB"), UNCHANGED[1]],
    ),
    changing(
        "upsert by on_conflict updates one row and inserts the other; the conflict has burnt a value of the sequence",
        lambda c: c.table("clients").upsert(BOTH, on_conflict="yclients_id,company_id").select("id,name"),
        Answer([{"id": 1, "name": "Аня"}, {"id": 102, "name": "Яна"}]),
        CLIENTS,
        [(1, "Аня", 5), *CLIENTS_UNCHANGED[1:], (102, "Яна", 5)],
    ),
    changing(
        "upsert of rows with unequal keys overwrites with null",
        lambda c: c.table("companies").upsert([_company(900100, "a"), _company(900200, "b", currency="EUR")]),
        Answer([_company(900100, "a", currency=None), _company(900200, "b", currency="EUR")]),
        COMPANIES,
        [(900100, "a", None), (900200, "b", "EUR")],
    ),
    changing(
        "upsert with default_to_null=False overwrites with the default",
        lambda c: c.table("companies").upsert(
            [_company(900100, "a"), _company(900200, "b", currency="EUR")], default_to_null=False
        ),
        Answer([_company(900100, "a", currency="RUB"), _company(900200, "b", currency="EUR")]),
        COMPANIES,
        [(900100, "a", "RUB"), (900200, "b", "EUR")],
    ),
    changing(
        "upsert with ignore_duplicates leaves skipped rows out of the answer",
        lambda c: (
            c.table("companies")
            .upsert([_company(900100, "x"), _company(900300, "y")], ignore_duplicates=True)
            .select("company_id")
        ),
        Answer([{"company_id": 900300}]),
        COMPANIES,
        [*UNCHANGED, (900300, "y", "RUB")],
    ),
    changing(
        "upsert returning nothing",
        lambda c: c.table("companies").upsert(_company(900300, "x"), returning=ReturnMethod.minimal),
        Answer([]),
        COMPANIES,
        [*UNCHANGED, (900300, "x", "RUB")],
    ),
    changing(
        "upsert with a count",
        lambda c: c.table("companies").upsert(_company(900300, "x"), count=CountMethod.exact).select("company_id"),
        Answer([{"company_id": 900300}], 1),
        COMPANIES,
        [*UNCHANGED, (900300, "x", "RUB")],
    ),
    refusing(
        "upsert without a matching unique index",
        lambda c: c.table("companies").upsert(_company(900100, "x"), on_conflict="title"),
        "42P10",
    ),
    refusing(
        "upsert of one key twice",
        lambda c: c.table("companies").upsert([_company(900100, "a"), _company(900100, "b")]),
        "21000",
    ),
)
CASES = (*INSERTS, *UPSERTS)
