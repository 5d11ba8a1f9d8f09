"""Calls of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from postgrest.types import CountMethod

from tests.client_suite.case import NO_RESPONSE, Answer, Builder, Case, Client, Refused, gives, refuses


def _rows(name: str, ask: Callable[[Client], Builder], data: Any, count: int | None = None) -> Case:
    return gives(f"call: {name}", ask, data, count)


def _refused(name: str, ask: Callable[[Client], Builder], code: str) -> Case:
    return refuses(f"call: {name}", ask, code)


RESULTS = (
    _rows("a scalar", lambda c: c.rpc("add", {"a": 1, "b": 5}), 6),
    _rows("a default argument", lambda c: c.rpc("add", {"a": 1}), 3),
    _rows("a null argument", lambda c: c.rpc("add", {"a": None}), None),
    _rows("text", lambda c: c.rpc("echo", {"said": 'it\'s "ы" \\ $1 %s'}), 'it\'s "ы" \\ $1 %s'),
    _rows("void", lambda c: c.rpc("nothing"), []),
    _rows("json in and out", lambda c: c.rpc("document", {"body": {"a": [1, None, "б"]}}), {"a": [1, None, "б"]}),
    _rows("an array in", lambda c: c.rpc("total", {"numbers": [1, 2, 3]}), 6),
    _rows("a set of values", lambda c: c.rpc("words_of", {"said": "one two"}), ["one", "two"]),
    _rows("a table", lambda c: c.rpc("pairs"), [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}, {"x": 3, "y": None}]),
    _rows("one composite value", lambda c: c.rpc("one_pair"), {"a": 1, "b": "x"}),
    _rows("another schema", lambda c: c.schema("archive").rpc("years", {}), [2023, 2024]),
    _rows("the cap of 1,000 rows", lambda c: c.rpc("all_numbers").order("n"), [{"n": n} for n in range(1, 1001)]),
)
WITH_GET = (
    _rows("a scalar with GET", lambda c: c.rpc("add", {"a": 1, "b": 5}, get=True), 6),
    _rows("an array with GET", lambda c: c.rpc("total", {"numbers": [1, 2, 3]}, get=True), 6),
    _rows("json with GET", lambda c: c.rpc("document", {"body": {"a": [1]}}, get=True), {"a": [1]}),
    _rows("text with a comma and a plus with GET", lambda c: c.rpc("echo", {"said": "a,b + c"}, get=True), "a,b + c"),
    _rows("the postgrest client's rpc", lambda c: c.postgrest.rpc("add", {"a": 1}), 3),
    _rows(
        "the postgrest client's rpc with GET and a count",
        lambda c: c.postgrest.rpc("pairs", {}, count=CountMethod.exact, get=True).select("x").eq("x", 1),
        [{"x": 1}],
        1,
    ),
    _rows("the postgrest client's rpc with HEAD", lambda c: c.postgrest.rpc("pairs", {}, head=True), []),
    _rows("HEAD with a count", lambda c: c.rpc("pairs", {}, count=CountMethod.exact, head=True), [], 3),
    Case(
        "call: a function that writes, with GET",
        lambda c: c.rpc("rename", {"wanted": 1, "called": "x"}, get=True),
        Refused("25006"),
        ("SELECT name FROM clients WHERE id = 1", [("Анна",)]),
    ),
)
CHOSEN = (
    _rows("a filter on what comes back", lambda c: c.rpc("pairs").gt("x", 1).is_("y", None), [{"x": 3, "y": None}]),
    _rows("or_ on what comes back", lambda c: c.rpc("pairs").or_("x.eq.1,y.eq.b").select("x"), [{"x": 1}, {"x": 2}]),
    _rows(
        "columns of what comes back",
        lambda c: c.rpc("clients_of", {"company": 900100}).select("id", "name").order("id"),
        [{"id": 1, "name": "Анна"}, {"id": 2, "name": "Борис"}],
    ),
    _rows(
        "order, limit, offset and count of what comes back",
        lambda c: c.rpc("pairs", {}, count=CountMethod.exact).select("x").order("x", desc=True).limit(1).offset(1),
        [{"x": 2}],
        3,
    ),
    _rows(
        "range of what comes back", lambda c: c.rpc("pairs").select("x").order("x").range(1, 2), [{"x": 2}, {"x": 3}]
    ),
    _rows("strip_nulls of what comes back", lambda c: c.rpc("pairs").eq("x", 3).strip_nulls(), [{"x": 3}]),
    _rows(
        "an embedded resource of what comes back",
        lambda c: c.rpc("clients_of", {"company": 900200}).select("id,companies(title)").eq("id", 3),
        [{"id": 3, "companies": {"title": "Второй"}}],
    ),
    _rows("single", lambda c: c.rpc("pairs").eq("x", 1).single(), {"x": 1, "y": "a"}),
    _refused("single of several", lambda c: c.rpc("pairs").single(), "PGRST116"),
    _rows("maybe_single", lambda c: c.rpc("pairs").eq("x", 1).maybe_single(), {"x": 1, "y": "a"}),
    Case("call: maybe_single of none", lambda c: c.rpc("pairs").eq("x", 9).maybe_single(), NO_RESPONSE),
    _rows("csv", lambda c: c.rpc("pairs").select("x,y").order("x").csv(), "x,y\n1,a\n2,b\n3,"),
    Case(
        "call: a function that writes",
        lambda c: c.rpc("rename", {"wanted": 1, "called": "Ася"}).select("id,name"),
        Answer([{"id": 1, "name": "Ася"}]),
        ("SELECT name FROM clients WHERE id = 1", [("Ася",)]),
    ),
)
REFUSALS = (
    _refused("an unknown function", lambda c: c.rpc("paris"), "PGRST202"),
    _refused("an unknown argument", lambda c: c.rpc("add", {"a": 1, "c": 2}), "PGRST202"),
    _refused("a missing argument", lambda c: c.rpc("add", {}), "PGRST202"),
    _refused("an argument of a wrong type", lambda c: c.rpc("add", {"a": "many"}), "22P02"),
    _refused("a function that fails", lambda c: c.rpc("failing"), "P0001"),
    _refused("a NUL character in an argument", lambda c: c.rpc("echo", {"said": "a\0b"}), "22P05"),
)
CASES = (*RESULTS, *WITH_GET, *CHOSEN, *REFUSALS)
