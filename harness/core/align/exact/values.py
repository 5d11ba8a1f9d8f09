"""Values: what a column holds of a type that is replaced, in a form that outlives the type, and back again."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.align.ddl import refusals
from harness.core.align.ddl.composite_types import attributes_of
from harness.core.align.ddl.kind import Made, Statement
from harness.core.align.exact.decisions import Decisions
from harness.core.model.objects import Address, CatalogObject
from harness.core.model.relations import Column
from harness.core.model.types import CompositeAttribute, CompositeType, Domain, Enum
from harness.core.names import qualified, quote
from harness.core.plan import Precheck

TYPES = frozenset({"enum", "domain", "composite type", "range type", "base type"})
"""Kinds that columns hold values of"""
_LONGEST = 63
"""Bytes of a name"""


def replaced_types(decisions: Decisions, column: Column) -> list[Address]:
    """The types that go, or are made again, of which the values of a column of the target are made."""
    found: dict[Address, None] = {}
    waiting = [column.address]
    while waiting:
        for need in sorted(decisions.sides.target.needs.get(waiting.pop(), ())):
            each = decisions.theirs.get(need)
            if need not in found and each is not None and each.kind in TYPES:
                found[need] = None
                waiting.append(need)
    return [each for each in found if each in decisions.drops]


def by_name(decisions: Decisions, column: Column) -> bool:
    """Whether the attributes of a composite value have to be found by their names, being others or elsewhere."""
    return any(
        [each.name for each in now] != [each.name for each in wanted] for now, wanted in _attributes(decisions, column)
    )


def loses(decisions: Decisions, column: Column) -> bool:
    """Whether the values have attributes that the new type has not."""
    return any(
        {each.name for each in now} - {each.name for each in wanted} for now, wanted in _attributes(decisions, column)
    )


def as_text(decisions: Decisions, column: Column) -> str:
    """The values as text, of any type that is replaced."""
    name = quote(column.name)
    return f"pg_catalog.to_json({name})::text" if by_name(decisions, column) else f"{name}::text"


def of_json(column: Column, type_name: str, value: str) -> str:
    """A value of a composite type, of a domain over one or of an array of them, from json."""
    if not type_name.endswith("[]"):
        return f"pg_catalog.json_populate_record(NULL::{type_name}, {value})"
    record = f"pg_catalog.json_build_object('value', {value})"
    return f"(pg_catalog.json_populate_record(NULL::{_helper(column)}, {record})).value"


def of_text(decisions: Decisions, column: Column, type_name: str, value: str) -> str:
    """What `as_text` has made, as the new type."""
    return of_json(column, type_name, f"{value}::json") if by_name(decisions, column) else f"{value}::{type_name}"


def assisted(column: Column, type_name: str, made: Made) -> Made:
    """The statements with the type of one attribute without which json becomes no array of composite values."""
    if not type_name.endswith("[]") or not any(_helper(column) in each.sql for each in made):
        return made
    return [
        Statement(sql=f"CREATE TYPE {_helper(column)} AS (value {type_name});"),
        *made,
        Statement(sql=f"DROP TYPE {_helper(column)};"),
    ]


def refused(decisions: Decisions, now: Column, wanted: Column) -> tuple[Precheck, ...]:
    """Rows whose value the type of the source would not take: another one, or one of that name made anew."""
    if now.type != wanted.type:
        return refusals.prechecks(now, wanted, decisions.sides)
    if any(_takes_less(decisions.theirs[each], decisions.partner(each)) for each in replaced_types(decisions, now)):
        return refusals.prechecks_of_text(now, decisions.sides)
    return ()


def _takes_less(now: CatalogObject, wanted: CatalogObject | None) -> bool:
    if isinstance(now, Enum) and isinstance(wanted, Enum):
        return not set(now.labels) <= set(wanted.labels)
    return isinstance(now, Domain)


def _attributes(
    decisions: Decisions, column: Column
) -> Iterator[tuple[list[CompositeAttribute], list[CompositeAttribute]]]:
    """Of each composite type among those that are replaced, what it has now and what it is to have."""
    for address in replaced_types(decisions, column):
        now, wanted = decisions.theirs[address], decisions.partner(address)
        if isinstance(now, CompositeType) and isinstance(wanted, CompositeType):
            yield attributes_of(now, decisions.sides.target), attributes_of(wanted, decisions.sides.source)


def _helper(column: Column) -> str:
    name = f"pgparity_{column.name}_of_{column.table}".encode()[:_LONGEST].decode(errors="ignore")
    return qualified(column.schema, name)
