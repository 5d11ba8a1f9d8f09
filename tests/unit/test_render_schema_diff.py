"""A comparison of schemas as people read it: grouped, wrapped, cut, and the same with and without colour."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from harness.core.attribute_words import differs
from harness.core.change import Change
from harness.core.column_order import ColumnOrder
from harness.core.record import Consequence, JsonValue
from harness.render.schema_diff import SchemaDiff, print_diff

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def change(kind: str, identity: str, consequence: Consequence, **given: object) -> Change:
    values = {"change": "removed", "source": {"definition": "x"}, "table": None} | given
    return Change(kind=kind, identity=identity, consequence=consequence, **values)  # type: ignore[arg-type]


LOST = change("column", "public.clients.phone", Consequence.DATA_LOSS, table="public.clients", source={"type": "text"})
MOOD = change(
    "column", "public.clients.mood", Consequence.WRONG_RESULTS, table="public.clients", change="altered",
    attribute="default", source="'calm'::text", target="'angry'::text",
)  # fmt: skip
SECURED = change(
    "table", "public.clients", Consequence.EXPOSURE, table="public.clients", change="altered",
    attribute="row_security", source=True, target=False,
)  # fmt: skip
EXTRA = change(
    "column", "public.clients.vip", Consequence.WRITES_FAIL, table="public.clients", change="added", source=None,
    target={"type": "boolean", "not_null": True},
)  # fmt: skip
GRANT = change("privilege", "view public.open PUBLIC SELECT", Consequence.COSMETIC, source={"x": 1})
SPARE = [
    change("table", f"public.spare_{n}", Consequence.COSMETIC, change="added", source=None, target={}, table=f"s{n}")
    for n in range(5)
]
FIXES = {
    ("column", "public.clients.phone"): "ALTER TABLE public.clients ADD COLUMN phone text;\n" * 9,
    ("column", "public.clients.vip"): "ALTER TABLE public.clients DROP COLUMN vip;",
    ("table", "public.clients"): "ALTER TABLE public.clients ENABLE ROW LEVEL SECURITY;",
}


def printed(*changes: Change, width: int = 80, colour: bool = False, full: bool = False, **given: object) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=colour, color_system="standard" if colour else None,
        no_color=not colour, highlight=False, legacy_windows=False,
    )  # fmt: skip
    values = {"fixes": FIXES, "filtered": {}} | given
    diff = SchemaDiff(names=("old", "new"), changes=changes, full=full, **values)  # type: ignore[arg-type]
    print_diff(diff, console, wrapped=True)
    return stream.getvalue()


def test_changes_of_a_table_stand_below_what_they_do_with_what_mends_them() -> None:
    assert printed(MOOD, EXTRA, LOST, SECURED).splitlines() == [
        "old -> new",
        "in texts: [-only on the source-] {+only on the target+}",
        "mend: brings it to the target; drop: only where the target must equal the source",
        "",
        "table public.clients  3 blocker, 1 risk",
        "  blocker, data loss: rows or values do not survive the move",
        "    column public.clients.phone is missing on the target",
        *("      mend: ALTER TABLE public.clients ADD COLUMN phone text;",),
        *("            ALTER TABLE public.clients ADD COLUMN phone text;" for _ in range(5)),
        "            … 3 more lines (--full shows all)",
        "  blocker, exposure: more roles may read or do it than before",
        "    table public.clients has row security on the source only",
        "      mend: ALTER TABLE public.clients ENABLE ROW LEVEL SECURITY;",
        "  blocker, writes fail: statements that the source takes are refused",
        "    column public.clients.vip exists on the target only",
        "      boolean NOT NULL",
        "      drop: ALTER TABLE public.clients DROP COLUMN vip;",
        "  risk, wrong results: statements answer or act otherwise",
        "    column public.clients.mood has another default on the target",
        "      '[-calm-]{+angry+}'::text",
        "",
        "4 changes: 3 blocker, 1 risk",
    ]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal_and_colour_changes_no_letter(width: int) -> None:
    order = (ColumnOrder(table="public.clients", source=("id", "phone", "name"), target=("id", "name", "phone")),)
    given: dict[str, Any] = {
        "column_order": order, "filtered": {"a reason that is so long that it is wrapped " * 3: 2},
    }  # fmt: skip
    plain = printed(LOST, EXTRA, MOOD, SECURED, GRANT, *SPARE, width=width, **given)
    assert max(map(len, plain.splitlines())) <= width
    coloured = printed(LOST, EXTRA, MOOD, SECURED, GRANT, *SPARE, width=width, colour=True, **given)
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured) == plain


def test_the_first_line_has_the_room_that_those_below_it_give_up() -> None:
    name = "public." + "x" * 38
    (first,) = [line for line in printed(change("view", name, Consequence.COSMETIC)).splitlines() if "missing" in line]
    assert first == f"    view {name} is missing on the target"


def test_what_the_target_merely_has_as_well_is_named_once() -> None:
    text = printed(*SPARE)
    assert "5 objects exist on the target only, and no statement notices\n  table s0\n" in text
    assert "no statement notices" not in printed(*SPARE, full=True).split("table s0")[0]
    assert "exist on the target only, and" not in printed(*SPARE[:3])


def test_a_privilege_stands_with_the_object_that_it_is_on() -> None:
    assert "\nview public.open\n  cosmetic: no statement notices\n    privilege view" in printed(GRANT)


@pytest.mark.parametrize(
    ("kind", "attribute", "source", "sentence"),
    [
        ("column", "type", "text", "has another type on the target"),
        ("enum", "labels", ["a"], "has other labels on the target"),
        ("domain", "check", ["a"], "has other constraints on the target"),
        ("policy", "check", "true", "has another WITH CHECK on the target"),
        ("column", "not_null", True, "has NOT NULL on the source only"),
        ("index", "valid", True, "is valid on the source only"),
        ("routine", "security_definer", False, "has SECURITY DEFINER on the target only"),
    ],
)
def test_a_sentence_says_what_differs(kind: str, attribute: str, source: JsonValue, sentence: str) -> None:
    assert differs(kind, attribute, source) == sentence
