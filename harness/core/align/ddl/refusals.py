"""Refusals: the rows whose values another type of their column would not take, as far as that can be asked."""

from __future__ import annotations

import re

from harness.core.align.ddl.column_types import INTEGERS, NUMBERS, STRINGS, Form, expression, form, is_string
from harness.core.align.ddl.kind import Sides
from harness.core.align.prechecks import sample
from harness.core.model.relations import Column
from harness.core.names import literal, quote
from harness.core.plan import Precheck

_INPUT_IS_VALID_SINCE = 160000
_NULL_OF_JSON_CASTS_SINCE = 180000
_JSON = frozenset({"json", "jsonb"})
_CALL = re.compile(r"(?i)(?!\b(?:and|or|not|any|all|in|value)\b)\b[\w\"]+\s*\(")


def prechecks(now: Column, wanted: Column, sides: Sides) -> tuple[Precheck, ...]:
    """The rows that the type would refuse."""
    return _found(now, wanted.type, _refused(now, wanted, sides), sides)


def prechecks_of_text(column: Column, sides: Sides) -> tuple[Precheck, ...]:
    """The rows whose value, written as text, the column's own type would refuse once it is made as on the source."""
    element, name = column.type.removesuffix("[]"), quote(column.name)
    condition = _unreadable("each" if column.type.endswith("[]") else f"{name}::text", element, sides)
    if condition is not None and column.type.endswith("[]"):
        condition = f"EXISTS (SELECT FROM pg_catalog.unnest({name}::text[]) AS each WHERE {condition})"
    return _found(column, column.type, condition, sides)


def _found(now: Column, type_name: str, condition: str | None, sides: Sides) -> tuple[Precheck, ...]:
    if any(each.identity == type_name and each.not_null for each in sides.source.domains):
        empty = f"{quote(now.name)} IS NULL"
        condition = f"({empty} OR {condition})" if condition else empty
    if condition is None:
        return ()
    return (
        Precheck(
            text=f"rows of {now.table_identity} with a {quote(now.name)} that is no {type_name}",
            sql=f"SELECT count(*) FROM {now.table_identity} WHERE {condition}",  # noqa: S608
            sample_sql=sample(f"FROM {now.table_identity} WHERE {condition}"),
        ),
    )


def _refused(now: Column, wanted: Column, sides: Sides) -> str | None:
    refused = _refused_by_type(now, wanted, sides)
    if wanted.base_type is None or wanted.type.endswith("[]") or now.base_type == wanted.base_type:
        return refused
    value = expression(quote(now.name), form(now.type), form(wanted.base_type), wanted.base_type)
    if value is not None and ("::text::" in value or "#>>" in value):
        return refused
    outside = _outside(value or f"{quote(now.name)}::{wanted.base_type}", wanted.type, sides)
    return f"CASE WHEN {refused} THEN true ELSE {outside} END" if refused and outside else refused or outside


def _refused_by_type(now: Column, wanted: Column, sides: Sides) -> str | None:
    ours, theirs = form(now.base_type or now.type), form(wanted.base_type or wanted.type)
    name = quote(now.name)
    if ours.array or theirs.array:
        return _refused_array(name, ours, theirs, wanted, sides)
    if theirs.name in ("character varying", "character") and theirs.limits:
        if ours.name in ("character varying", "character") and ours.limits and ours.limits[0] <= theirs.limits[0]:
            return None
        return f"pg_catalog.char_length({name}::text) > {theirs.limits[0]}"
    if ours.name in NUMBERS and theirs.name in INTEGERS:
        bits = INTEGERS[theirs.name]
        if INTEGERS.get(ours.name, 99) <= bits:
            return None
        return f"{name}::numeric NOT BETWEEN -{2**bits} AND {2**bits - 1}"
    if ours.name in NUMBERS and theirs.name == "numeric" and theirs.limits:
        precision, scale = (*theirs.limits, 0)[:2]
        return f"abs(round({name}::numeric, {scale})) >= 1e{precision - scale}"
    if ours.name == theirs.name:
        return None
    if ours.name == "jsonb" and (theirs.name in NUMBERS or theirs.name == "boolean"):
        return _refused_json(name, theirs, sides)
    value = expression(name, ours, theirs, wanted.type) or name
    if is_string(ours.name) or "::text::" in value or "#>>" in value:
        return _unreadable(_as_text(name, ours), wanted.type, sides)
    return None


def _refused_json(name: str, theirs: Form, sides: Sides) -> str:
    """jsonb is cast to the kind of value that it holds, a number within its limits; its null only by newer servers."""
    holds = f"pg_catalog.jsonb_typeof({name})"
    kinds = ["boolean" if theirs.name == "boolean" else "number"]
    if sides.target.server.version_number >= _NULL_OF_JSON_CASTS_SINCE:
        kinds.append("null")
    other = f"{holds} NOT IN ({', '.join(map(literal, kinds))})"
    if theirs.name not in INTEGERS:
        return other
    limit = 2 ** INTEGERS[theirs.name]
    beyond = f"({name} #>> '{{}}')::numeric NOT BETWEEN -{limit} AND {limit - 1}"
    return f"CASE WHEN {other} THEN true WHEN {holds} = 'number' THEN {beyond} END"


def _refused_array(name: str, ours: Form, theirs: Form, wanted: Column, sides: Sides) -> str | None:
    """The same of every element, of the one element that there will be, or of the first."""
    element = wanted.type.removesuffix("[]")
    if ours.name == theirs.name or (ours.name in NUMBERS and theirs.name in NUMBERS) or theirs.name in _JSON:
        refused = None
    elif ours.array and theirs.array:
        refused = _unreadable("each", element, sides)
        refused = refused and f"EXISTS (SELECT FROM pg_catalog.unnest({name}::text[]) AS each WHERE {refused})"
    else:
        refused = _unreadable(_as_text(f"{name}[1]" if ours.array else name, ours), element, sides)
    if not ours.array or theirs.array or theirs.name in STRINGS | _JSON or not wanted.not_null:
        return refused
    empty = f"{name}[1] IS NULL"
    return empty if refused is None else f"({empty} OR {refused})"


def _as_text(name: str, its: Form) -> str:
    return f"({name} #>> '{{}}')" if its.name in _JSON else f"{name}::text"


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
    if is_string(form(type_name).name):
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
