"""Column types: how the values of a column get into another type, what that costs, and what would refuse it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from harness.core.align.ddl.kind import Sides
from harness.core.align.prechecks import sample
from harness.core.consequences.type_change import type_change
from harness.core.model.relations import Column
from harness.core.names import literal, quote
from harness.core.plan import Precheck
from harness.core.record import Consequence

_FORM = re.compile(r"(?P<name>.+?)(?:\((?P<limits>[\d,-]+)\))?(?P<rest> with(?:out)? time zone)?(?P<array>\[\])?\Z")

_INTEGERS = {"smallint": 15, "integer": 31, "bigint": 63}
_NUMBERS = frozenset({*_INTEGERS, "real", "double precision", "numeric"})
_STRINGS = frozenset({"text", "character varying", "character", "name"})
_ASSIGNED = (
    _NUMBERS,
    _STRINGS | {'"char"'},
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
_INPUT_IS_VALID_SINCE = 160000
_JSON = frozenset({"json", "jsonb"})
_CALL = re.compile(r"(?i)(?!\b(?:and|or|not|any|all|in|value)\b)\b[\w\"]+\s*\(")


@dataclass(frozen=True, slots=True)
class _Form:
    """A type's name apart from its limits."""

    name: str
    limits: tuple[int, ...]
    array: bool


def _form(text: str) -> _Form:
    match = _FORM.match(text)
    if match is None:
        return _Form(text, (), False)
    limits = tuple(int(each) for each in (match["limits"] or "").split(",") if each)
    name = match["name"] + (match["rest"] or "")
    if name.startswith("interval"):
        name, limits = "interval", ()
    return _Form(name, limits, match["array"] is not None)


def using(now: Column, wanted: Column) -> str | None:
    """The expression of USING; None where PostgreSQL assigns values of the one type to the other by itself."""
    ours, theirs = _form(now.base_type or now.type), _form(wanted.base_type or wanted.type)
    name = quote(now.name)
    if _assigned(ours, theirs, wanted):
        return None
    if theirs.array and not ours.array:
        element = wanted.type.removesuffix("[]")
        inner = _expression(name, ours, _form(element), element) or name
        return f"CASE WHEN {name} IS NULL THEN NULL ELSE ARRAY[{inner}]::{wanted.type} END"
    if ours.array and theirs.array:
        plain = ours.name in _STRINGS or (ours.name in _NUMBERS and theirs.name in _NUMBERS)
        return f"{name}::{wanted.type}" if plain else f"{name}::text[]::{wanted.type}"
    if ours.array and theirs.name in ("json", "jsonb"):
        return f"to_{theirs.name}({name})"
    if ours.array:
        # Of several elements the first is kept.
        first = _form(now.type.removesuffix("[]"))
        return _expression(f"{name}[1]", first, theirs, wanted.type) or f"{name}[1]"
    return _expression(name, ours, theirs, wanted.type) or f"{name}::{wanted.type}"


def _assigned(ours: _Form, theirs: _Form, wanted: Column) -> bool:
    if ours.array != theirs.array:
        return theirs.name in _STRINGS and not theirs.array and theirs.name != "name"
    if ours.name == theirs.name or (_is_string(theirs.name) and not theirs.array and theirs.name != '"char"'):
        return True
    if (ours.name, theirs.name) in _ASSIGNED_PAIRS:
        return True
    return any(ours.name in group and theirs.name in group for group in _ASSIGNED) and not wanted.enum


def _is_string(name: str) -> bool:
    return name in _STRINGS - {"name"} or name.endswith(".citext")


def _expression(name: str, ours: _Form, theirs: _Form, wanted: str) -> str | None:
    """How one value becomes one of another type; None where it is assigned."""
    if ours.name == theirs.name or (ours.name in _NUMBERS and theirs.name in _NUMBERS):
        return None
    if _is_string(ours.name) or ours.name in ("name", '"char"'):
        return f"{name}::{wanted}" if ours.name == "text" else f"{name}::text::{wanted}"
    if ours.name in ("json", "jsonb"):
        direct = ours.name == "jsonb" and theirs.name in _NUMBERS | {"boolean"}
        return f"{name}::{wanted}" if direct else f"({name} #>> '{{}}')::{wanted}"
    if theirs.name in ("json", "jsonb"):
        return f"to_{theirs.name}({name})"
    # Every type can be written as text and read from it.
    return (
        _of_number(name, ours, theirs, wanted)
        or _to_number(name, ours, theirs, wanted)
        or (_of_range(name, ours, theirs, wanted) or f"{name}::text::{wanted}")
    )


def _of_number(name: str, ours: _Form, theirs: _Form, wanted: str) -> str | None:
    if ours.name not in _NUMBERS:
        return None
    if theirs.name == "boolean":
        return f"({name} <> 0)"
    if theirs.name in _TIMESTAMPS:
        zone = "" if theirs.name == "timestamp with time zone" else " AT TIME ZONE 'UTC'"
        return f"(pg_catalog.to_timestamp({name}::double precision){zone})::{wanted}"
    if theirs.name == "interval":
        return f"pg_catalog.make_interval(secs => {name}::double precision)"
    return f"{name}::{wanted}" if theirs.name == "bit" else None


def _to_number(name: str, ours: _Form, theirs: _Form, wanted: str) -> str | None:
    if theirs.name not in _NUMBERS:
        return None
    if ours.name == "boolean":
        return f"{name}::integer" if wanted == "integer" else f"{name}::integer::{wanted}"
    if ours.name in (*_TIMESTAMPS, "interval"):
        return f"extract(epoch FROM {name})::{wanted}"
    if ours.name == "money":
        return f"{name}::numeric::{wanted}"
    return f"{name}::{wanted}" if ours.name == "bit" else None


def _of_range(name: str, ours: _Form, theirs: _Form, wanted: str) -> str | None:
    if _RANGES.get(ours.name) == theirs.name:
        return f"{name}::{wanted}"
    return f"pg_catalog.range_merge({name})" if _RANGES.get(theirs.name) == ours.name else None


def comparable(now: Column, wanted: Column) -> bool:
    """Whether a foreign key between both types stands."""
    ours, theirs = _form(now.base_type or now.type), _form(wanted.base_type or wanted.type)
    same = (_INTEGERS.keys(), {"text", "character varying"})
    return ours.name == theirs.name or any({ours.name, theirs.name} <= set(each) for each in same)


def rewrites(now: Column, wanted: Column) -> bool:
    """Whether PostgreSQL writes the table anew; it need not where the stored bytes stay the same."""
    ours, theirs = _form(now.type), _form(wanted.type)
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
    ours, theirs = _form(now.type), _form(wanted.type)
    if type_change(now.type, wanted.type) is not Consequence.DATA_LOSS:
        return False
    if ours.array and not theirs.array:
        return theirs.name not in _STRINGS
    if ours.name in _NUMBERS and theirs.name in _NUMBERS:
        return not (ours.name in _INTEGERS and theirs.name in _INTEGERS)
    times = ("time", "interval", "date")
    if ours.name.startswith(times) and theirs.name.startswith(times):
        return True
    return ours.name in _NUMBERS and theirs.name == "boolean"


def prechecks(now: Column, wanted: Column, sides: Sides) -> tuple[Precheck, ...]:
    """The rows that the type would refuse."""
    condition = _refused(now, wanted, sides)
    if condition is None:
        return ()
    return (
        Precheck(
            text=f"rows of {now.table_identity} with a {quote(now.name)} that is no {wanted.type}",
            sql=f"SELECT count(*) FROM {now.table_identity} WHERE {condition}",  # noqa: S608
            sample_sql=sample(f"FROM {now.table_identity} WHERE {condition}"),
        ),
    )


def _refused(now: Column, wanted: Column, sides: Sides) -> str | None:
    refused = _refused_by_type(now, wanted, sides)
    if wanted.base_type is None or wanted.type.endswith("[]") or now.base_type == wanted.base_type:
        return refused
    value = _expression(quote(now.name), _form(now.type), _form(wanted.base_type), wanted.base_type)
    if value is not None and ("::text::" in value or "#>>" in value):
        return refused
    outside = _outside(value or f"{quote(now.name)}::{wanted.base_type}", wanted.type, sides)
    return f"CASE WHEN {refused} THEN true ELSE {outside} END" if refused and outside else refused or outside


def _refused_by_type(now: Column, wanted: Column, sides: Sides) -> str | None:
    ours, theirs = _form(now.base_type or now.type), _form(wanted.base_type or wanted.type)
    name = quote(now.name)
    if ours.array or theirs.array:
        return _refused_array(name, ours, theirs, wanted, sides)
    if theirs.name in ("character varying", "character") and theirs.limits:
        if ours.name in ("character varying", "character") and ours.limits and ours.limits[0] <= theirs.limits[0]:
            return None
        return f"pg_catalog.char_length({name}::text) > {theirs.limits[0]}"
    if ours.name in _NUMBERS and theirs.name in _INTEGERS:
        bits = _INTEGERS[theirs.name]
        if _INTEGERS.get(ours.name, 99) <= bits:
            return None
        return f"{name}::numeric NOT BETWEEN -{2**bits} AND {2**bits - 1}"
    if ours.name in _NUMBERS and theirs.name == "numeric" and theirs.limits:
        precision, scale = (*theirs.limits, 0)[:2]
        return f"abs(round({name}::numeric, {scale})) >= 1e{precision - scale}"
    if ours.name == theirs.name:
        return None
    expression = _expression(name, ours, theirs, wanted.type) or name
    if _is_string(ours.name) or "::text::" in expression or "#>>" in expression:
        return _unreadable(_as_text(name, ours), wanted.type, sides)
    return None


def _refused_array(name: str, ours: _Form, theirs: _Form, wanted: Column, sides: Sides) -> str | None:
    """The same of every element, of the one element that there will be, or of the first."""
    element = wanted.type.removesuffix("[]")
    if ours.name == theirs.name or (ours.name in _NUMBERS and theirs.name in _NUMBERS) or theirs.name in _JSON:
        refused = None
    elif ours.array and theirs.array:
        refused = _unreadable("each", element, sides)
        refused = refused and f"EXISTS (SELECT FROM pg_catalog.unnest({name}::text[]) AS each WHERE {refused})"
    else:
        refused = _unreadable(_as_text(f"{name}[1]" if ours.array else name, ours), element, sides)
    if not ours.array or theirs.array or theirs.name in _STRINGS | _JSON or not wanted.not_null:
        return refused
    empty = f"{name}[1] IS NULL"
    return empty if refused is None else f"({empty} OR {refused})"


def _as_text(name: str, form: _Form) -> str:
    return f"({name} #>> '{{}}')" if form.name in _JSON else f"{name}::text"


def _outside(value: str, domain: str, sides: Sides) -> str | None:
    """What is true of a value that a domain does not take; None where nothing can be said.

    Functions that its checks call need not be there yet: those checks are passed over.
    """
    checks = [
        each.definition.removesuffix(" NOT VALID").removeprefix("CHECK ")
        for each in sides.source.domain_constraints
        if each.type_identity == domain and each.type == "check" and not _CALL.search(each.definition[len("CHECK ") :])
    ]
    if not checks:
        return None
    conditions = " AND ".join(f"({each})" for each in checks)
    return f"EXISTS (SELECT FROM (SELECT {value} AS value) AS held WHERE NOT ({conditions}))"


def _unreadable(value: str, type_name: str, sides: Sides) -> str | None:
    """What is true of a text that the type does not read; None where nothing can be said."""
    if _is_string(_form(type_name).name):
        return None
    # With the labels that the type is to have, since it may not be there yet.
    labels = next((each.labels for each in sides.source.enums if each.identity == type_name), None)
    if labels is not None:
        return f"NOT {value} = ANY (ARRAY[{', '.join(map(literal, labels))}]::text[])"
    domain = next((each for each in sides.source.domains if each.identity == type_name), None)
    if domain is not None:
        read, held = _unreadable(value, domain.type, sides), _outside(f"{value}::{domain.type}", type_name, sides)
        return f"CASE WHEN {read} THEN true ELSE {held or 'false'} END" if read else held
    if "." not in type_name and sides.target.server.version_number >= _INPUT_IS_VALID_SINCE:
        return f"NOT pg_catalog.pg_input_is_valid({value}, {literal(type_name)})"
    return None
