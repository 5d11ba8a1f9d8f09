"""A snapshot is read only where it says all that this version compares."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core.model.catalog import Catalog
from harness.core.narrowing import common_scope, narrowed
from harness.core.snapshot import read_snapshot
from harness.errors import DocumentError
from tests.unit.catalogs import SERVER, catalog, columns

SMALL = catalog({"clients": columns("clients", id="integer!")})


def document(**changes: Any) -> str:
    return json.dumps(json.loads(SMALL.to_json()) | changes)


def test_a_snapshot_is_read_back() -> None:
    assert read_snapshot(SMALL.to_json(), "a.json") == SMALL


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a.json is not JSON"),
        ("[]", "is not a snapshot"),
        (document(format="pgparity/plan"), "is not a snapshot"),
        (document(version=0), "format version 0"),
        (document(wonders=[]), "newer pgparity: it holds wonders"),
    ],
)
def test_what_is_no_snapshot_of_this_version_is_refused(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        read_snapshot(text, "a.json")


def test_absent_families_and_attributes_are_not_taken_for_absent_objects() -> None:
    data = json.loads(SMALL.to_json())
    del data["triggers"]
    with pytest.raises(DocumentError, match="older pgparity: it does not hold triggers"):
        read_snapshot(json.dumps(data), "a.json")
    data = json.loads(SMALL.to_json())
    del data["columns"][0]["collation"]
    with pytest.raises(DocumentError, match="collation of columns"):
        read_snapshot(json.dumps(data), "a.json")


def test_both_sides_are_narrowed_to_what_both_looked_at() -> None:
    assert common_scope([None, None]) is None
    assert common_scope([("public", "audit"), None]) == ("public", "audit")
    assert common_scope([("public", "audit")], ("audit", "other")) == ("audit",)


def test_narrowing_takes_parts_and_keeps_what_is_in_no_schema() -> None:
    from harness.core.model.programs import Extension

    whole = Catalog(server=SERVER, tables=SMALL.tables, columns=SMALL.columns, extensions=(Extension(name="x"),))
    part = narrowed(whole, ("audit",))
    assert (part.tables, part.columns, part.scope) == ((), (), ("audit",))
    assert part.extensions == whole.extensions
