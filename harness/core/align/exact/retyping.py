"""Retyping: columns that a type is replaced under keep their values while the former and the new one change places."""

from __future__ import annotations

from dataclasses import replace

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Made, Statement
from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.values import (
    as_text,
    assisted,
    by_name,
    loses,
    of_json,
    of_text,
    refused,
    replaced_types,
)
from harness.core.model.objects import RELATION, Address
from harness.core.model.relations import Column
from harness.core.names import quote
from harness.core.plan import Hazard, Precheck


def loosened(decisions: Decisions, column: Column) -> Made:
    """The column holds text for a while."""
    if _parents(decisions, column):
        return []
    return _type_of(column, "text", as_text(decisions, column), freed=_has_default(decisions, column))


def retyped(decisions: Decisions, column: Column) -> Made:
    """The column takes the new type, and the default that the source has for it."""
    kept = decisions.partner(column.address)
    default = kept.default if isinstance(kept, Column) else column.default
    made: Made = []
    if not _parents(decisions, column):
        loose = column.address in decisions.loosened
        freed = not loose and _has_default(decisions, column)
        hazards = (Hazard.DATA_LOSS,) if loses(decisions, column) else ()
        made = _type_of(column, column.type, _using(decisions, column, loose=loose), freed=freed, hazards=hazards)
        made = assisted(column, column.type, _checked(made, refused(decisions, column, column)))
    if default is not None:
        # Of this table alone: what inherits the column has a default of its own.
        made.append(_alter(column, f"SET DEFAULT {default}", only=True))
    return made


def _using(decisions: Decisions, column: Column, *, loose: bool) -> str:
    """The new value out of the former one, or out of the text that stands for it."""
    name, kind = quote(column.name), decisions.retyped[column.address]
    now, wanted = decisions.theirs[kind], decisions.partner(kind)
    if loose:
        return of_text(decisions, column, column.type, name)
    converted = KINDS[now.kind].converted
    if converted is not None and column.type == now.identity and replaced_types(decisions, column) == [kind]:
        return converted(now, wanted, name, decisions.sides)
    if by_name(decisions, column):
        return of_json(column, column.type, f"pg_catalog.to_json({name})")
    return f"{name}::{_text(column.type)}::{column.type}"


def _checked(made: Made, prechecks: tuple[Precheck, ...]) -> Made:
    return [*made[:-1], replace(made[-1], prechecks=prechecks)]


def parents_first(decisions: Decisions, address: Address) -> tuple[Address, ...]:
    """Columns of parent tables that take the new type before the one at `address`, and with it."""
    column = decisions.theirs[address]
    return _parents(decisions, column) if isinstance(column, Column) else ()


def _parents(decisions: Decisions, column: Column) -> tuple[Address, ...]:
    """Those whose type recurses to this column; one that is still inherited by then."""
    if (RELATION, column.table_identity or "") in decisions.detached:
        return ()
    above = ((Column.kind, each) for each in column.inherited_from)
    return tuple(each for each in above if each in decisions.retyped)


def _has_default(decisions: Decisions, column: Column) -> bool:
    """Whether it has one that is of the former type, or a column that inherits it has."""
    if column.default is not None:
        return True
    heirs = (each for each in map(decisions.theirs.get, decisions.retyped) if isinstance(each, Column))
    return any(column.identity in each.inherited_from and _has_default(decisions, each) for each in heirs)


def _text(type_name: str) -> str:
    return "text[]" if type_name.endswith("[]") else "text"


def _type_of(column: Column, type_name: str, value: str, *, freed: bool, hazards: tuple[Hazard, ...] = ()) -> Made:
    """ALTER COLUMN … TYPE; a default has to go before it."""
    made = [_alter(column, "DROP DEFAULT")] if freed else []
    return [*made, _alter(column, f"TYPE {type_name} USING {value}", hazards=(Hazard.LOCK, Hazard.REWRITE, *hazards))]


def _alter(column: Column, change: str, *, only: bool = False, hazards: tuple[Hazard, ...] = ()) -> Statement:
    head = f"ALTER TABLE {'ONLY ' if only else ''}{column.table_identity} ALTER COLUMN {quote(column.name)}"
    return Statement(sql=f"{head} {change};", lock=ACCESS_EXCLUSIVE, hazards=hazards)
