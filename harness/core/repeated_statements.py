"""N+1: a statement that a method sends once for each row, where one for all of them would do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from harness.core.likeness import opened
from harness.core.observations import Observation
from harness.core.request_usage import usage_of_request
from harness.core.sql.statement import usage_of_sql
from harness.core.sql.text import TextError, tokens
from harness.core.statements import CapturedStatement
from harness.core.usage import NotUnderstood

FEWEST = 5
"""Fewer equal statements than this are no loop over rows."""
_PAGE = frozenset({"limit", "offset", "order", "select", "columns", "on_conflict"})
_LIST = re.compile(r"\((?: *\?,)+ *\?\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """How often each side sent its most frequent statement in one call."""

    table: str
    source: int
    target: int
    rows: int
    """Rows of the answer, or rows left behind where those are more"""


def repetition(source: Observation, target: Observation) -> Repetition | None:
    """The target's statement that was sent for each row; None where there is none."""
    if len(target.statements) < FEWEST:
        return None
    form, number = Counter(_form(each) for each in target.statements).most_common(1)[0]
    if number < FEWEST:
        return None
    rows = max(rows_of(each.content) for each in (source, target))
    rows = max([rows, *(sum(each.effects.counts().values()) for each in (source, target))])
    if rows == 0 or number < rows:
        return None
    of_source = max(Counter(_form(each) for each in source.statements).values(), default=0)
    first = next(each for each in target.statements if _form(each) == form)
    return Repetition(table=_table(first), source=of_source, target=number, rows=rows)


def rows_of(content: Any) -> int:
    """The longest list within an answer, 1 where there is another answer, 0 of none."""
    _, value = opened(content)
    if isinstance(value, list):
        return max([len(value), *(rows_of(each) for each in value if isinstance(each, dict))])
    if isinstance(value, dict):
        return max([1, *(rows_of(each) for each in value.values() if isinstance(each, dict | list))])
    return int(bool(value))


def _form(statement: CapturedStatement) -> str:
    """The statement without its values."""
    request = statement.request
    if request is not None:
        names = sorted(name for name, _ in parse_qsl(request.query, keep_blank_values=True) if name not in _PAGE)
        return f"{request.verb} {request.path} {' '.join(names)}"
    try:
        words = [_word(token.kind, token.text) for token in tokens(statement.sql or "")]
    except TextError:
        return statement.sql or ""
    return _LIST.sub("(?)", " ".join(words))


def _word(kind: str, text: str) -> str:
    return "?" if kind in ("string", "number", "parameter") else text.lower() if kind == "word" else text


def _table(statement: CapturedStatement) -> str:
    """The first table that the statement names."""
    return next(iter(relations_of([statement])), "")


def relations_of(statements: Iterable[CapturedStatement], schema: str = "public") -> tuple[str, ...]:
    """Identities of the relations that statements name, as far as they are understood."""
    found: dict[str, None] = {}
    for each in statements:
        usage = (
            usage_of_sql(each.sql, schema=schema)
            if each.sql is not None
            else usage_of_request(each.request, schema=schema)
            if each.request is not None
            else NotUnderstood(reason="")
        )
        if not isinstance(usage, NotUnderstood):
            found |= dict.fromkeys(use.relation for use in usage.relations)
    return tuple(found)
