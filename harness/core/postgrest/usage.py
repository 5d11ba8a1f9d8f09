"""Which names of a database a request uses: its relation or function, and the columns by what it does with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.core.postgrest.model import (
    Action,
    Condition,
    Filter,
    OrderTerm,
    Placed,
    Request,
    SelectField,
    SelectItem,
    SelectRelation,
)


@dataclass(frozen=True, slots=True)
class EmbeddedUsage:
    """An embedded resource: the names that lead to it, its relation (or constraint, or column), its columns."""

    path: tuple[str, ...]
    target: str
    hint: str | None
    selected: tuple[str, ...]
    filtered: tuple[str, ...]
    ordered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """The names that a request uses. A `*` in `selected` stands for every column.

    `written` are the columns that an insert or update sets, `conflict` those of on_conflict (None: not said, so the
    primary key), `arguments` those that a function is called with.
    """

    action: Action
    schema: str
    relation: str | None
    function: str | None
    selected: tuple[str, ...]
    filtered: tuple[str, ...]
    ordered: tuple[str, ...]
    written: tuple[str, ...]
    conflict: tuple[str, ...] | None
    arguments: tuple[str, ...]
    embedded: tuple[EmbeddedUsage, ...]


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _selected(items: Iterable[SelectItem]) -> tuple[str, ...]:
    """The columns among the items; `count()` is none."""
    columns = (item for item in items if isinstance(item, SelectField))
    return _distinct(item.field.name for item in columns if not (item.aggregate == "count" and item.field.name == "*"))


def _columns_of(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Filter):
        yield condition.field.name
        return
    for member in condition.members:
        yield from _columns_of(member)


def _filtered(conditions: Iterable[Placed[Condition]], path: tuple[str, ...]) -> tuple[str, ...]:
    return _distinct(name for at in conditions if at.path == path for name in _columns_of(at.value))


def _ordered(order: Iterable[Placed[tuple[OrderTerm, ...]]], path: tuple[str, ...]) -> tuple[str, ...]:
    terms = (term for at in order if at.path == path for term in at.value)
    return _distinct(term.field.name for term in terms if term.relation is None)


def _embedded(request: Request, items: Iterable[SelectItem], path: tuple[str, ...]) -> Iterator[EmbeddedUsage]:
    for item in items:
        if not isinstance(item, SelectRelation):
            continue
        here = (*path, item.alias or item.name)
        # a filter may call an embedded resource by its alias or by its name
        places = dict.fromkeys((here, (*path, item.name)))
        yield EmbeddedUsage(
            path=here,
            target=item.name,
            hint=item.hint,
            selected=_selected(item.items),
            filtered=_distinct(name for at in places for name in _filtered(request.query.conditions, at)),
            ordered=_distinct(name for at in places for name in _ordered(request.query.order, at)),
        )
        yield from _embedded(request, item.items, here)


def columns_used(request: Request) -> Usage:
    """The names that a request uses, by what it does with them."""
    query = request.query
    is_call = request.action is Action.CALL
    set_by_body = request.payload.columns if request.payload is not None else ()
    return Usage(
        action=request.action,
        schema=request.schema,
        relation=None if is_call else request.target,
        function=request.target if is_call else None,
        selected=_selected(query.select),
        filtered=_filtered(query.conditions, ()),
        ordered=_ordered(query.order, ()),
        written=() if is_call else set_by_body,
        conflict=query.on_conflict,
        arguments=_distinct([key for key, _ in query.arguments] + (list(set_by_body) if is_call else [])),
        embedded=tuple(_embedded(request, query.select, ())),
    )
