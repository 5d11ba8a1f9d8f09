"""No input becomes SQL: apart from quoted identifiers, a statement's text follows from the shape of a request alone."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from harness.core.postgrest.filtering import QUANTIFIED_OPERATORS, SIMPLE_OPERATORS
from harness.core.postgrest.model import (
    Action,
    Comparison,
    Condition,
    Distinct,
    Field,
    Filter,
    FullText,
    JsonStep,
    Logic,
    Membership,
    OrderTerm,
    Payload,
    Placed,
    Preferences,
    Query,
    Request,
    RowRange,
    SelectField,
    SelectRelation,
    Truth,
)
from harness.gateway.cache.relationship_detection import all_relationships
from harness.gateway.cache.relationships import ForeignKey
from harness.gateway.cache.schema_cache import Column, Function, Name, Parameter, SchemaCache, Table
from harness.gateway.planning.planner import Planner
from harness.gateway.queries.casts import type_name
from harness.gateway.settings import GatewaySettings

HOSTILE = st.one_of(
    st.sampled_from(
        [
            "'; DROP TABLE canary; --",
            '"; DROP TABLE canary; --',
            '""',
            "\\",
            "$1",
            "$$",
            "%s",
            "%(x)s",
            "{}",
            "a\0b",
            "/*",
            "E'\\''",
            "é\u0301",
            "1); DELETE FROM canary WHERE (1=1",
            "x::text",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
).filter(lambda text: text != "*")
PLACEHOLDER = "x"
IDENTIFIER = re.compile(r'"(?:[^"]|"")*"')

STEPS = st.lists(st.builds(JsonStep, st.one_of(HOSTILE, st.integers(-9, 9)), st.booleans()), max_size=2).map(tuple)
FIELDS = st.builds(Field, HOSTILE, STEPS)
MEMBERS = st.lists(HOSTILE, min_size=1, max_size=3).map(tuple)
OPERATIONS = st.one_of(
    st.builds(Comparison, st.sampled_from(SIMPLE_OPERATORS), HOSTILE),
    st.builds(Comparison, st.sampled_from(QUANTIFIED_OPERATORS), HOSTILE, st.sampled_from([None, "any", "all"])),
    st.builds(Membership, MEMBERS),
    st.builds(Truth, st.sampled_from(["null", "not_null", "true", "false", "unknown"])),
    st.builds(Distinct, HOSTILE),
    st.builds(FullText, st.sampled_from(["fts", "plfts", "phfts", "wfts"]), HOSTILE, st.one_of(st.none(), HOSTILE)),
)
FILTERS = st.builds(Filter, FIELDS, OPERATIONS, st.booleans())
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    FILTERS,
    lambda inner: st.builds(
        Logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=5,
)
SELECTED = st.builds(SelectField, FIELDS, st.one_of(st.none(), HOSTILE), st.one_of(st.none(), HOSTILE))
ORDERED = st.builds(
    OrderTerm,
    FIELDS,
    st.none(),
    st.sampled_from([None, "asc", "desc"]),
    st.sampled_from([None, "first", "last"]),
)
PREFERENCES = st.builds(
    Preferences,
    resolution=st.sampled_from([None, "merge-duplicates", "ignore-duplicates"]),
    returning=st.sampled_from([None, "representation", "minimal", "headers-only"]),
    count=st.sampled_from([None, "exact", "planned", "estimated"]),
    missing=st.sampled_from([None, "default"]),
)
BODIES = st.binary(max_size=20)


def _anonymous(value: Any) -> Any:
    """The same shape, with every text of the request replaced by one and the same."""
    match value:
        case Field(_, path):
            return Field(PLACEHOLDER, tuple(_anonymous(step) for step in path))
        case JsonStep(operand, as_text):
            return JsonStep(PLACEHOLDER if isinstance(operand, str) else operand, as_text)
        case Comparison(operator, _, quantifier):
            return Comparison(operator, PLACEHOLDER, quantifier)
        case Membership(values):
            return Membership((PLACEHOLDER,) * len(values))
        case Distinct(_):
            return Distinct(PLACEHOLDER)
        case FullText(operator, _, language):
            return FullText(operator, PLACEHOLDER, None if language is None else PLACEHOLDER)
        case SelectField(column, alias, cast):
            return SelectField(_anonymous(column), alias and PLACEHOLDER, cast and PLACEHOLDER)
        case tuple():
            return tuple(_anonymous(one) for one in value)
        case Filter() | Logic() | OrderTerm() | Placed() | SelectRelation():
            changes = {
                part.name: _anonymous(getattr(value, part.name))
                for part in dataclasses.fields(value)
                if part.name not in ("path", "operator", "name", "hint", "join", "direction", "nulls", "relation")
            }
            return dataclasses.replace(value, **changes)
    return value


def _named(conditions: tuple[Condition, ...]) -> set[str]:
    """The columns that the conditions speak of."""
    names: set[str] = set()
    for one in conditions:
        names |= {one.field.name} if isinstance(one, Filter) else _named(one.members)
    return names


def _cache(column: str) -> SchemaCache:
    """Two tables with a foreign key between them, and a function; `column` is a name that all of them have."""
    columns = {
        name: Column(name, "integer", "integer", "nextval('seq'::regclass)") for name in dict.fromkeys((column, "id"))
    }
    tables = {
        Name("public", name): Table(Name("public", name), False, True, True, True, ("id",), columns)
        for name in ("parents", "children")
    }
    key = ForeignKey(Name("public", "children"), Name("public", "parents"), "fk", (("id", "id"),), unique=False)
    function = Function(
        Name("public", "f"),
        (Parameter(column, "integer", "integer", required=True, variadic=False),),
        returns_set=True,
        returns_composite=True,
        return_type="record",
        row_type=None,
        volatility="v",
        settings=(),
    )
    return SchemaCache(
        tables=tables,
        relationships=all_relationships([key], dict.fromkeys(tables, ("id",)), {"public"}),
        functions={function.name: (function,)},
    )


def _skeleton(request: Request, cache: SchemaCache) -> tuple[str, int]:
    """The statement's text without its quoted identifiers, and how many parameters it has."""
    plan = Planner(cache, GatewaySettings(db_uri="")).plan(request)
    query = plan.statement.query
    text = (query if isinstance(query, bytes) else query.as_bytes(None)).decode()
    return IDENTIFIER.sub('""', text), len(plan.statement.values)


def _same_shape(request: Request, cache: SchemaCache, anonymous: Request, other: SchemaCache) -> None:
    assert _skeleton(request, cache) == _skeleton(anonymous, other)


def _query(
    select: tuple[Any, ...], conditions: tuple[Condition, ...], order: tuple[OrderTerm, ...], *, embed: bool
) -> Query:
    children: tuple[Any, ...] = (SelectRelation("children", select, join="inner"),) if embed else ()
    placed = [Placed((), condition) for condition in conditions]
    if embed:
        placed += [Placed(("children",), condition) for condition in conditions]
    return Query(
        select=(*select, *children),
        conditions=tuple(placed),
        order=(Placed((), order),) if order else (),
    )


SELECT_LISTS = st.lists(SELECTED, min_size=1, max_size=3).map(tuple)
CONDITION_LISTS = st.lists(CONDITIONS, max_size=2).map(tuple)


@given(SELECT_LISTS, CONDITION_LISTS, st.lists(ORDERED, max_size=2).map(tuple), PREFERENCES, st.booleans())
def test_the_sql_of_a_read_follows_from_its_shape(
    select: tuple[Any, ...],
    conditions: tuple[Condition, ...],
    order: tuple[OrderTerm, ...],
    preferences: Preferences,
    embed: bool,
) -> None:
    assume(not any(item.cast is not None and not _is_identifier(item.cast) for item in select))

    def request(query: Query) -> Request:
        return Request(Action.READ, "parents", "public", query=query, preferences=preferences, rows=RowRange(1, 2))

    query = _query(select, conditions, order, embed=embed)
    anonymous = _query(_anonymous(select), _anonymous(conditions), _anonymous(order), embed=embed)
    cache = _cache("id")
    _same_shape(request(query), cache, request(anonymous), cache)


@given(SELECT_LISTS, CONDITION_LISTS, st.lists(ORDERED, max_size=2).map(tuple), HOSTILE, st.booleans(), st.booleans())
def test_the_sql_of_embedded_resources_follows_from_its_shape(
    select: tuple[Any, ...],
    conditions: tuple[Condition, ...],
    order: tuple[OrderTerm, ...],
    alias: str,
    spread: bool,
    to_many: bool,
) -> None:
    assume(not any(item.cast is not None and not _is_identifier(item.cast) for item in select))
    target, related = ("parents", "children") if to_many else ("children", "parents")

    def request(items: tuple[Any, ...], those: tuple[Condition, ...], by: tuple[OrderTerm, ...], name: str) -> Request:
        called = related if spread else name
        query = Query(
            select=(SelectRelation(related, items, None if spread else name, spread=spread),),
            conditions=tuple(Placed((called,), one) for one in those),
            order=(Placed((called,), by),) if by else (),
        )
        return Request(Action.READ, target, "public", query=query)

    cache = _cache("id")
    anonymous = request(_anonymous(select), _anonymous(conditions), _anonymous(order), PLACEHOLDER)
    _same_shape(request(select, conditions, order, alias), cache, anonymous, cache)


def _is_identifier(cast: str) -> bool:
    return type_name(cast).as_string(None).startswith('"')


@given(st.sampled_from([Action.INSERT, Action.UPDATE, Action.DELETE]), HOSTILE, CONDITION_LISTS, PREFERENCES, BODIES)
def test_the_sql_of_a_write_follows_from_its_shape(
    action: Action, column: str, conditions: tuple[Condition, ...], preferences: Preferences, raw: bytes
) -> None:
    # a column that the schema cache knows may be searched otherwise than one that it does not know
    assume(column != "id" and column not in _named(conditions))

    def request(name: str, those: tuple[Condition, ...], body: bytes) -> Request:
        query = Query(
            select=(SelectField(Field(name)),),
            conditions=tuple(Placed((), one) for one in those),
            on_conflict=(name, "id"),
        )
        payload = Payload(body, (name,), is_object=True)
        return Request(action, "parents", "public", query=query, preferences=preferences, payload=payload)

    _same_shape(
        request(column, conditions, raw),
        _cache(column),
        request("y", _anonymous(conditions), b"{}"),
        _cache("y"),
    )


@given(HOSTILE, CONDITION_LISTS, st.booleans(), HOSTILE)
def test_the_sql_of_a_call_follows_from_its_shape(
    argument: str, conditions: tuple[Condition, ...], by_body: bool, value: str
) -> None:
    def request(name: str, those: tuple[Condition, ...], text: str) -> Request:
        query = Query(conditions=tuple(Placed((), one) for one in those), arguments=() if by_body else ((name, text),))
        payload = Payload(text.encode(), (name,), is_object=True) if by_body else None
        return Request(Action.CALL, "f", "public", query=query, payload=payload)

    _same_shape(
        request(argument, conditions, value),
        _cache(argument),
        request("y", _anonymous(conditions), "v"),
        _cache("y"),
    )


@given(HOSTILE)
def test_a_cast_is_one_of_sqls_own_spellings_or_a_quoted_name(cast: str) -> None:
    text = type_name(cast).as_string(None)
    assert IDENTIFIER.fullmatch(text) or re.fullmatch(r"[a-z][a-z ]*", text)
