"""Column types: how the values of a column get into another type, and what that costs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.core.consequences.type_change import type_change
from harness.core.model.relations import Column
from harness.core.names import quote
from harness.core.record import Consequence

_FORM = re.compile(r"(?P<name>.+?)(?:\((?P<limits>[\d,-]+)\))?(?P<rest> with(?:out)? time zone)?(?P<array>\[\])?\Z")

INTEGERS = {"smallint": 15, "integer": 31, "bigint": 63}
NUMBERS = frozenset({*INTEGERS, "real", "double precision", "numeric"})
STRINGS = frozenset({"text", "character varying", "character", "name"})
_ASSIGNED = (
    NUMBERS,
    STRINGS | {'"char"'},
    frozenset({"bit", "bit varying"}),
    frozenset({"json", "jsonb"}),
    frozenset({"inet", "cidr"}),
    frozenset({"macaddr", "macaddr8"}),
    frozenset({"date", "timestamp without time zone", "timestamp with time zone"}),
    frozenset({"integer", "bigint", "oid", "regclass"}),
)
"""Types of which each is assigned to each other"""
_ASSIGNED_PAIRS = frozenset(
    {
        *((each, "money") for each in ("integer", "bigint", "numeric")), ("money", "numeric"),
        *((f"timestamp {zone} time zone", "time without time zone") for zone in ("with", "without")),
        ("timestamp with time zone", "time with time zone"), ("time without time zone", "time with time zone"),
        ("time with time zone", "time without time zone"), ("time without time zone", "interval"),
        ("interval", "time without time zone"),
    }
)  # fmt: skip
_TIMESTAMPS = ("timestamp with time zone", "timestamp without time zone", "date")
_RANGES = {
    "int4range": "int4multirange", "int8range": "int8multirange", "numrange": "nummultirange",
    "tsrange": "tsmultirange", "tstzrange": "tstzmultirange", "daterange": "datemultirange",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A type's name apart from its limits."""

    name: str
    limits: tuple[int, ...]
    array: bool


def form(text: str) -> Form:
    """A type as PostgreSQL writes it, taken apart; an interval without its fields."""
    match = _FORM.match(text)
    if match is None:
        return Form(text, (), False)
    limits = tuple(int(each) for each in (match["limits"] or "").split(",") if each)
    name = match["name"] + (match["rest"] or "")
    if name.startswith("interval"):
        name, limits = "interval", ()
    return Form(name, limits, match["array"] is not None)


def using(now: Column, wanted: Column) -> str | None:
    """The expression of USING; None where PostgreSQL assigns values of the one type to the other by itself."""
    ours, theirs = form(now.base_type or now.type), form(wanted.base_type or wanted.type)
    name = quote(now.name)
    if _assigned(ours, theirs, wanted):
        return None
    if theirs.array and not ours.array:
        element = wanted.type.removesuffix("[]")
        inner = expression(name, ours, form(element), element) or name
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE ARRAY[{inner}]::{wanted.type} END"
    if ours.array and theirs.array:
        plain = ours.name in STRINGS or (ours.name in NUMBERS and theirs.name in NUMBERS)
        return f"{name}::{wanted.type}" if plain else f"{name}::text[]::{wanted.type}"
    if ours.array and theirs.name in ("json", "jsonb"):
        return f"to_{theirs.name}({name})"
    if ours.array:
        # Of several elements the first is kept.
        first = form(now.type.removesuffix("[]"))
        return expression(f"{name}[1]", first, theirs, wanted.type) or f"{name}[1]"
    return expression(name, ours, theirs, wanted.type) or f"{name}::{wanted.type}"


def _assigned(ours: Form, theirs: Form, wanted: Column) -> bool:
    if ours.array != theirs.array:
        return theirs.name in STRINGS and not theirs.array and theirs.name != "name"
    if ours.name == theirs.name or (is_string(theirs.name) and not theirs.array and theirs.name != '"char"'):
        return True
    if (ours.name, theirs.name) in _ASSIGNED_PAIRS:
        return True
    return any(ours.name in group and theirs.name in group for group in _ASSIGNED) and not wanted.enum


def is_string(name: str) -> bool:
    """Whether values of the type are texts."""
    return name in STRINGS - {"name"} or name.endswith(".citext")


def expression(name: str, ours: Form, theirs: Form, wanted: str) -> str | None:
    """How one value becomes one of another type; None where it is assigned."""
    if ours.name == theirs.name or (ours.name in NUMBERS and theirs.name in NUMBERS):
        return None
    if is_string(ours.name) or ours.name in ("name", '"char"'):
        return f"{name}::{wanted}" if ours.name == "text" else f"{name}::text::{wanted}"
    if ours.name in ("json", "jsonb"):
        direct = ours.name == "jsonb" and theirs.name in NUMBERS | {"boolean"}
        return f"{name}::{wanted}" if direct else f"({name} #>> '{{}}')::{wanted}"
    if theirs.name in ("json", "jsonb"):
        return f"to_{theirs.name}({name})"
    # Every type can be written as text and read from it.
    return (
        _of_number(name, ours, theirs, wanted)
        or _to_number(name, ours, theirs, wanted)
        or (_of_range(name, ours, theirs, wanted) or f"{name}::text::{wanted}")
    )


def _of_number(name: str, ours: Form, theirs: Form, wanted: str) -> str | None:
    if ours.name not in NUMBERS:
        return None
    if theirs.name == "boolean":
        return f"({name} <> 0)"
    if theirs.name in _TIMESTAMPS:
        zone = "" if theirs.name == "timestamp with time zone" else " AT TIME ZONE 'UTC'"
        return f"(pg_catalog.to_timestamp({name}::double precision){zone})::{wanted}"
    if theirs.name == "interval":
        return f"pg_catalog.make_interval(secs => {name}::double precision)"
    return f"{name}::{wanted}" if theirs.name == "bit" else None


def _to_number(name: str, ours: Form, theirs: Form, wanted: str) -> str | None:
    if theirs.name not in NUMBERS:
        return None
    if ours.name == "boolean":
        return f"{name}::integer" if wanted == "integer" else f"{name}::integer::{wanted}"
    if ours.name in (*_TIMESTAMPS, "interval"):
        return f"extract(epoch FROM {name})::{wanted}"
    if ours.name == "money":
        return f"{name}::numeric::{wanted}"
    return f"{name}::{wanted}" if ours.name == "bit" else None


def _of_range(name: str, ours: Form, theirs: Form, wanted: str) -> str | None:
    if _RANGES.get(ours.name) == theirs.name:
        return f"{name}::{wanted}"
    return f"pg_catalog.range_merge({name})" if _RANGES.get(theirs.name) == ours.name else None


def comparable(now: Column, wanted: Column) -> bool:
    """Whether a foreign key between both types stands."""
    ours, theirs = form(now.base_type or now.type), form(wanted.base_type or wanted.type)
    same = (INTEGERS.keys(), {"text", "character varying"})
    return ours.name == theirs.name or any({ours.name, theirs.name} <= set(each) for each in same)


def rewrites(now: Column, wanted: Column) -> bool:
    """Whether PostgreSQL writes the table anew; it need not where the stored bytes stay the same."""
    ours, theirs = form(now.type), form(wanted.type)
    if now.type == wanted.type:
        return False
    if ours.array or theirs.array:
        return True
    if (ours.name, theirs.name) == ("cidr", "inet"):
        return False
    if {ours.name, theirs.name} <= {"text", "character varying"}:
        return bool(theirs.limits) and not (ours.limits and ours.limits[0] <= theirs.limits[0])
    if ours.name == theirs.name and ours.name in ("bit varying", "numeric", *_TIMESTAMPS):
        wider = not theirs.limits or (bool(ours.limits) and ours.limits[0] <= theirs.limits[0])
        return not ((wider and ours.limits[1:] == theirs.limits[1:]) or not theirs.limits)
    return True


def cuts(now: Column, wanted: Column) -> bool:
    """Whether values may lose something without an error."""
    ours, theirs = form(now.type), form(wanted.type)
    if type_change(now.type, wanted.type) is not Consequence.DATA_LOSS:
        return False
    if ours.array and not theirs.array:
        return theirs.name not in STRINGS
    if ours.name in NUMBERS and theirs.name in NUMBERS:
        return not (ours.name in INTEGERS and theirs.name in INTEGERS)
    times = ("time", "interval", "date")
    if ours.name.startswith(times) and theirs.name.startswith(times):
        return True
    return ours.name in NUMBERS and theirs.name == "boolean"
