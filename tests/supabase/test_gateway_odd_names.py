"""Columns that are called what could be SQL or grammar: in quotes a name is a name, wherever it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.supabase.conftest import Project

ODD_NAMES = [
    "'",
    '"',
    "\\",
    "$1",
    "%s",
    "%",
    "a b",
    "a,b",
    "a.b",
    "a:b",
    "a::text",
    "a->b",
    "(x)",
    "or",
    "select",
    "é",
    "--",
]


@pytest.fixture(scope="module")
def oddly_named(shared_project: Project) -> httpx.Client:
    """A table whose columns are called what could be SQL or grammar; each column has the name's number."""
    quoted = ['"' + name.replace('"', '""') + '"' for name in ODD_NAMES]
    columns = ", ".join(f"{name} int UNIQUE" for name in quoted)
    numbers = ", ".join(str(number) for number in range(len(ODD_NAMES)))
    shared_project.sql(
        f"DROP TABLE IF EXISTS oddly; CREATE TABLE oddly ({columns}); INSERT INTO oddly VALUES ({numbers});"
        " GRANT ALL ON oddly TO service_role"
    )
    return shared_project.http()


@pytest.mark.parametrize(("number", "name"), list(enumerate(ODD_NAMES)), ids=ODD_NAMES)
def test_a_name_in_quotes_is_that_name_wherever_it_stands(oddly_named: httpx.Client, number: int, name: str) -> None:
    named = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    row = [{name: number}]
    for parameters in (
        {"select": named},
        {"select": named, named: f"eq.{number}"},
        {"select": named, "or": f"({named}.eq.{number},{named}.is.null)"},
        {"select": named, "order": f"{named}.desc.nullslast"},
    ):
        answer = oddly_named.get("/oddly", params=parameters)
        assert (answer.status_code, answer.json()) == (200, row), parameters
    prefer = {"Prefer": "return=representation,resolution=merge-duplicates"}
    upsert = {"select": named, "columns": named, "on_conflict": named}
    answer = oddly_named.post("/oddly", params=upsert, json=[{name: number, "other": 1}], headers=prefer)
    assert (answer.status_code, answer.json()) == (200, row)
