"""Columns, order, pages, counts and forms of an answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postgrest.types import CountMethod

from tests.client_suite.case import NO_RESPONSE, Builder, Case, Client, gives, refuses


def _rows(name: str, ask: Callable[[Client], Builder], data: Any, count: int | None = None) -> Case:
    return gives(f"read: {name}", ask, data, count)


def _refused(name: str, ask: Callable[[Client], Builder], code: str) -> Case:
    return refuses(f"read: {name}", ask, code)


def _ids(*ids: int) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]


def _numbers(first: int, last: int) -> list[dict[str, int]]:
    return [{"n": number} for number in range(first, last + 1)]


COLUMNS = (
    _rows(
        "select of nothing is all columns",
        lambda c: c.from_("skills").select().order("skill_id"),
        [{"skill_id": 1, "title": "cut"}, {"skill_id": 2, "title": "colour"}],
    ),
    _rows(
        "select of several columns",
        lambda c: c.table("staff").select("staff_id", "name").eq("staff_id", 1),
        [{"staff_id": 1, "name": "Вера"}],
    ),
    _rows(
        "select renames and casts",
        lambda c: c.table("companies").select("called:title, as_text:company_id::text").eq("company_id", 900100),
        [{"called": "Салон", "as_text": "900100"}],
    ),
    _rows(
        "select takes json apart",
        lambda c: c.table("clients").select("vip:document->vip,document->at->k->1,first:tags->>0").eq("id", 1),
        [{"vip": True, "k": 20, "first": "a"}],
    ),
    _rows(
        "names that need quotes",
        lambda c: c.table("Odd Names").select('"the id","a,b",имя').eq("a,b", "x,y"),
        [{"the id": 1, "a,b": "x,y", "имя": "да"}],
    ),
    _rows(
        "a view",
        lambda c: c.table("titles").select("*").eq("company_id", 900200),
        [{"company_id": 900200, "title": "Второй"}],
    ),
    _refused("an unknown column", lambda c: c.table("clients").select("id,fired"), "42703"),
    _refused("an unknown table", lambda c: c.table("client").select("*"), "PGRST205"),
    _refused("a malformed select", lambda c: c.table("clients").select("id,name("), "PGRST100"),
    _refused("a table without privileges", lambda c: c.table("secrets").select("*"), "42501"),
    _rows(
        "another schema of the client",
        lambda c: c.schema("archive").table("visits").select("id", "year").order("id"),
        [{"id": 1, "year": 2023}, {"id": 2, "year": 2024}],
    ),
    _rows(
        "another schema of the postgrest client",
        lambda c: c.postgrest.schema("archive").from_("visits").select("year").eq("id", 1),
        [{"year": 2023}],
    ),
    _refused("a schema that is not exposed", lambda c: c.schema("private").table("visits").select("*"), "PGRST106"),
    _rows(
        "the postgrest client's table",
        lambda c: c.postgrest.table("skills").select("title").eq("skill_id", 1),
        [{"title": "cut"}],
    ),
)
ORDER = (
    _rows("order", lambda c: c.table("clients").select("id").order("name"), _ids(3, 4, 1, 2)),
    _rows(
        "order, descending, has nulls first",
        lambda c: c.table("clients").select("id").order("visited_on", desc=True),
        _ids(2, 3, 1, 4),
    ),
    _rows(
        "order with nullsfirst",
        lambda c: c.table("clients").select("id").order("visited_on", nullsfirst=True),
        _ids(2, 4, 1, 3),
    ),
    _rows(
        "order with nulls last",
        lambda c: c.table("clients").select("id").order("visited_on", desc=True, nullsfirst=False),
        _ids(3, 1, 4, 2),
    ),
    _rows(
        "order by several columns",
        lambda c: c.table("clients").select("id").order("company_id", desc=True).order("id", desc=True),
        _ids(4, 3, 2, 1),
    ),
    _rows(
        "order by a JSON path",
        lambda c: c.table("clients").select("id").order("document->n", nullsfirst=False).order("id"),
        _ids(4, 1, 2, 3),
    ),
    _refused("order by an unknown column", lambda c: c.table("clients").select("id").order("fired"), "42703"),
)
PAGES = (
    _rows("limit", lambda c: c.table("clients").select("id").order("id").limit(2), _ids(1, 2)),
    _rows("limit of nothing", lambda c: c.table("clients").select("id").limit(0), []),
    _rows("offset", lambda c: c.table("clients").select("id").order("id").offset(3), _ids(4)),
    _rows("limit and offset", lambda c: c.table("clients").select("id").order("id").limit(2).offset(1), _ids(2, 3)),
    _rows("range", lambda c: c.table("clients").select("id").order("id").range(1, 2), _ids(2, 3)),
    _rows("an offset past the end", lambda c: c.table("clients").select("id").offset(99), []),
    _refused(
        "an offset past the end with a count",
        lambda c: c.table("clients").select("id", count=CountMethod.exact).offset(99),
        "PGRST103",
    ),
    _rows("the cap of 1,000 rows", lambda c: c.table("numbers").select("n").order("n"), _numbers(1, 1000)),
    _rows(
        "the cap, whatever limit says",
        lambda c: c.table("numbers").select("n").order("n").limit(2000),
        _numbers(1, 1000),
    ),
    _rows(
        "the cap counts from the offset",
        lambda c: c.table("numbers").select("n").order("n").offset(1400),
        _numbers(1401, 1500),
    ),
)
COUNTS = (
    _rows(
        "count, exact",
        lambda c: c.table("clients").select("id", count=CountMethod.exact).order("id").limit(1),
        _ids(1),
        4,
    ),
    _rows(
        "count, planned",
        lambda c: c.table("numbers").select("n", count=CountMethod.planned).order("n").limit(1),
        _numbers(1, 1),
        1500,
    ),
    _rows(
        "count, estimated, is exact below the cap",
        lambda c: c.table("clients").select("id", count=CountMethod.estimated).gt("id", 1).order("id").limit(1),
        _ids(2),
        3,
    ),
    _rows(
        "count, exact, tells a capped answer",
        lambda c: c.table("numbers").select("n", count=CountMethod.exact).order("n"),
        _numbers(1, 1000),
        1500,
    ),
    _rows(
        "no count where none is asked for",
        lambda c: c.table("skills").select("title").eq("skill_id", 1),
        [{"title": "cut"}],
    ),
    _rows("head", lambda c: c.table("clients").select("*", count=CountMethod.exact, head=True), [], 4),
    _rows("head without a count", lambda c: c.table("clients").select("*", head=True), []),
    _refused("head of an unknown table", lambda c: c.table("nowhere").select("*", head=True), "PGRST205"),
)
FORMS = (
    _rows("single", lambda c: c.table("staff").select("name").eq("staff_id", 1).single(), {"name": "Вера"}),
    _rows(
        "single with a count",
        lambda c: c.table("staff").select("name", count=CountMethod.exact).eq("staff_id", 1).single(),
        {"name": "Вера"},
        1,
    ),
    _refused("single of none", lambda c: c.table("staff").select("name").eq("staff_id", 0).single(), "PGRST116"),
    _refused("single of several", lambda c: c.table("staff").select("name").single(), "PGRST116"),
    _rows("maybe_single", lambda c: c.table("staff").select("name").eq("staff_id", 1).maybe_single(), {"name": "Вера"}),
    Case(
        "read: maybe_single of none",
        lambda c: c.table("staff").select("name").eq("staff_id", 0).maybe_single(),
        NO_RESPONSE,
    ),
    _refused("maybe_single of several", lambda c: c.table("staff").select("name").maybe_single(), "406"),
    _rows(
        "csv",
        lambda c: c.table("staff").select("staff_id,name").order("staff_id").csv(),
        "staff_id,name\n1,Вера\n2,Глеб\n3,Дина",
    ),
    _rows(
        "strip_nulls",
        lambda c: c.table("staff").select("staff_id,mentor_id").eq("staff_id", 1).strip_nulls(),
        [{"staff_id": 1}],
    ),
    _rows(
        "strip_nulls of a single object",
        lambda c: c.table("staff").select("staff_id,mentor_id").eq("staff_id", 1).strip_nulls().single(),
        {"staff_id": 1},
    ),
    _refused("explain, where plans are not enabled", lambda c: c.table("staff").select("*").explain(), "PGRST107"),
    _refused(
        "explain with every option",
        lambda c: (
            c.table("staff")
            .select("*")
            .explain(analyze=True, verbose=True, settings=True, buffers=True, wal=True, format="json")
        ),
        "PGRST107",
    ),
    _rows("retry off", lambda c: c.table("skills").select("title").eq("skill_id", 1).retry(False), [{"title": "cut"}]),
    _rows(
        "retry off of a single object",
        lambda c: c.table("skills").select("title").eq("skill_id", 1).single().retry(False),
        {"title": "cut"},
    ),
    _rows(
        "retry off of maybe a single object",
        lambda c: c.table("skills").select("title").eq("skill_id", 1).maybe_single().retry(False),
        {"title": "cut"},
    ),
    _refused("retry off of a plan", lambda c: c.table("skills").select("title").explain().retry(False), "PGRST107"),
)
ROLES = (
    Case(
        "read: a policy hides rows from anon without an error",
        lambda c: c.table("notes").select("id", count=CountMethod.exact).order("id"),
        gives("", lambda c: c, _ids(1), 1).expected,
        role="anon",
    ),
    _rows("no policy binds service_role", lambda c: c.table("notes").select("id").order("id"), _ids(1, 2)),
)
CASES = (*COLUMNS, *ORDER, *PAGES, *COUNTS, *FORMS, *ROLES)
