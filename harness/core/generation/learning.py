"""Learning: what one call on the source tells of a method: tables, columns it searches by or stores, rows it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from harness.core.generation.binding import Known
from harness.core.generation.refusals import refusal_of
from harness.core.generation.sampled import Sampled
from harness.core.likeness import opened
from harness.core.model.catalog import Catalog
from harness.core.observations import Observation
from harness.core.request_usage import usage_of_request
from harness.core.sql.statement import usage_of_sql
from harness.core.statements import CapturedStatement
from harness.core.usage import Usage

_SEARCHED = ("filter", "conflict")
_STORED = ("insert", "update")
_NAMES = 40
_LIKE_IN_SQL = re.compile(r'(\w+)"?\)?(?:::\w+)?\)?\s+(?:not\s+)?(?:i?like\b|!?~~\*?|similar\s+to\b)', re.IGNORECASE)
_LIKE_IN_REQUEST = re.compile(r"(\w+)(?:=|\.)(?:not\.)?i?like(?:\.|\()", re.IGNORECASE)


def learned(
    known: Known,
    observation: Observation,
    given: Mapping[str, Any],
    statements: Iterable[CapturedStatement],
    sampled: Sampled,
    catalog: Catalog,
) -> Known:
    """What is known after one more call."""
    below = {view.identity: view.depends_on for view in catalog.views}
    for statement in statements:
        if statement.request is not None:
            usage = usage_of_request(statement.request)
            known = replace(known, over_rest=True)
        else:
            usage = usage_of_sql(statement.sql or "")
        if isinstance(usage, Usage):
            known = _used(known, usage, sampled, below)
        known = _matched(known, statement, sampled)
    refusal = refusal_of(observation, given)
    known = replace(
        known,
        wanted=_joined(known.wanted, refusal.wanted)[:_NAMES],
        refused=known.refused | set(refusal.excess),
    )
    written = (each for each in observation.effects.tables if each in sampled.tables)
    return replace(known, written=_joined(known.written, written))


def _used(known: Known, usage: Usage, sampled: Sampled, below: dict[str, tuple[str, ...]]) -> Known:
    read = [each for use in usage.relations for each in (use.relation, *below.get(use.relation, ()))]
    written = [use.relation for use in usage.relations if use.role == "write"]
    filters, stored = set(known.filters), set(known.stored)
    for use in usage.columns:
        named = [each for relation in use.relations for each in (relation, *below.get(relation, ()))]
        owner = next(
            (each for each in named if each in sampled.tables and use.name in sampled.tables[each].by_name), ""
        )
        if owner and use.role in _SEARCHED:
            filters.add((owner, use.name))
        elif owner and use.role in _STORED:
            stored.add((owner, use.name))
    for conflict in usage.conflicts:
        filters |= {(conflict.relation, name) for name in conflict.columns}
    return replace(
        known,
        tables=_joined(known.tables, (each for each in read if each in sampled.tables)),
        written=_joined(known.written, (each for each in written if each in sampled.tables)),
        filters=frozenset(filters),
        stored=frozenset(stored),
    )


def _matched(known: Known, statement: CapturedStatement, sampled: Sampled) -> Known:
    """The columns of which a name stands before LIKE or ILIKE, among the tables that the method asks for."""
    if statement.request is not None:
        found = _LIKE_IN_REQUEST.findall(statement.request.query)
    else:
        found = _LIKE_IN_SQL.findall(statement.sql or "")
    names = {name.lower() for name in found}
    sought = {(table, name) for table in known.tables for name in names & set(sampled.tables[table].by_name)}
    return replace(known, sought=known.sought | sought) if names else known


def _joined(first: tuple[str, ...], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def rows_found(observation: Observation) -> int:
    """How many rows the answer holds: of a list or the longest list in it; 1 for anything else that is something."""
    return 0 if observation.error is not None else _rows(opened(observation.content)[1])


def _rows(content: Any) -> int:
    if isinstance(content, dict):
        inside = [len(each) for each in content.values() if isinstance(each, list)]
        return max([*inside, 1]) if content else 0
    if isinstance(content, list):
        return len(content)
    return int(bool(content))
