"""Properties of PostgREST's grammar: rendering and parsing are inverse, and no text makes it fail unprepared."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.filtering import QUANTIFIED_OPERATORS, SIMPLE_OPERATORS
from harness.core.postgrest.model import (
    STAR,
    Comparison,
    Condition,
    Distinct,
    Field,
    Filter,
    FullText,
    JsonStep,
    Logic,
    Membership,
    Operation,
    OrderTerm,
    Placed,
    Query,
    RowRange,
    SelectField,
    SelectItem,
    SelectRelation,
    Truth,
)
from harness.core.postgrest.parse import parse, parse_query
from harness.core.postgrest.query_string import canonical, parameters
from harness.core.postgrest.render import query_string
from harness.core.postgrest.usage import columns_used

T = TypeVar("T")

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.text("abcXYZя_0 $-", min_size=1, max_size=6)
NAMES = st.one_of(TEXT, PLAIN, st.sampled_from(["select", "order", "and", "or", "count", "a.b", '"', "\\", "left"]))
# of the path of a tree the word `not` is taken out, by PostgREST as well
PATHS = st.lists(NAMES.filter(lambda name: name != "not"), max_size=2).map(tuple)
WORDS = st.text("abcя_0$", min_size=1, max_size=6)
STEPS = st.builds(JsonStep, st.one_of(TEXT, PLAIN), st.booleans())
FIELDS = st.builds(Field, NAMES, st.lists(STEPS, max_size=2).map(tuple))


def _or_none(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


SELECT_FIELDS = st.one_of(
    st.just(SelectField(Field("*"))),
    st.builds(SelectField, st.just(Field("*")), _or_none(NAMES), st.none(), st.just("count"), _or_none(WORDS)),
    st.builds(
        SelectField,
        FIELDS.filter(lambda column: column.name != "*"),
        _or_none(NAMES),
        _or_none(WORDS),
        st.none(),
        st.none(),
    ),
    st.builds(
        SelectField,
        FIELDS.filter(lambda column: column.name != "*"),
        _or_none(NAMES),
        _or_none(WORDS),
        st.sampled_from(["sum", "avg", "count", "max", "min"]),
        _or_none(WORDS),
    ),
)


def _relations(items: st.SearchStrategy[SelectItem]) -> st.SearchStrategy[SelectRelation]:
    inside = st.lists(items, max_size=3).map(tuple)
    join = st.sampled_from([None, "inner", "left"])
    return st.one_of(
        st.builds(SelectRelation, NAMES, inside, _or_none(NAMES), _or_none(NAMES), join, st.just(value=False)),
        st.builds(SelectRelation, NAMES, inside, st.none(), _or_none(NAMES), join, st.just(value=True)),
    )


SELECT_ITEMS = st.recursive(SELECT_FIELDS, lambda items: st.one_of(items, _relations(items)), max_leaves=8)

OPERATIONS = st.one_of(
    st.builds(Comparison, st.sampled_from(SIMPLE_OPERATORS), TEXT),
    st.builds(Comparison, st.sampled_from(QUANTIFIED_OPERATORS), TEXT, st.sampled_from([None, "any", "all"])),
    st.builds(Membership, st.lists(TEXT, min_size=1, max_size=4).map(tuple)),
    st.builds(Truth, st.sampled_from(["null", "not_null", "true", "false", "unknown"])),
    st.builds(Distinct, TEXT),
    st.builds(FullText, st.sampled_from(["fts", "plfts", "phfts", "wfts"]), TEXT, _or_none(WORDS)),
)
FILTERS = st.builds(Filter, FIELDS, OPERATIONS, st.booleans())
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    FILTERS,
    lambda inner: st.builds(
        Logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=6,
)
ORDER_TERMS = st.builds(
    OrderTerm,
    FIELDS,
    _or_none(NAMES),
    st.sampled_from([None, "asc", "desc"]),
    st.sampled_from([None, "first", "last"]),
)
ROW_RANGES = st.builds(RowRange, st.integers(0, 10**9), st.one_of(st.none(), st.integers(1, 10**9)))


def _queries() -> st.SearchStrategy[Query]:
    return st.builds(
        Query,
        select=st.one_of(st.just(STAR), st.lists(SELECT_ITEMS, max_size=4).map(tuple)),
        conditions=st.lists(st.builds(Placed, PATHS, CONDITIONS), max_size=3).map(tuple),
        order=st.lists(
            st.builds(Placed, PATHS, st.lists(ORDER_TERMS, min_size=1, max_size=3).map(tuple)), max_size=2
        ).map(tuple),
        columns=st.one_of(st.none(), st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
        on_conflict=st.one_of(st.none(), st.lists(NAMES, min_size=1, max_size=3).map(tuple)),
    )


def _understood(read: Callable[[], T]) -> T | RequestError:
    """What is read, or the refusal; any other exception fails the test."""
    try:
        return read()
    except RequestError as error:
        return error


@given(_queries())
def test_parsing_what_was_rendered_gives_the_same_query(query: Query) -> None:
    assert parse_query(query_string(query)) == query


@given(
    FIELDS.filter(lambda column: column.name != "*"),
    st.lists(st.builds(JsonStep, st.integers(-(10**12), 10**12), st.booleans()), min_size=1, max_size=3),
    OPERATIONS,
)
def test_indexes_come_back_as_they_were(column: Field, indexes: list[JsonStep], asked: Operation) -> None:
    """At the root: before a closing parenthesis PostgREST takes a number for a key."""
    indexed = Field(column.name, (*column.path, *indexes))
    query = Query(
        select=(SelectField(indexed, "of", "text"),),
        conditions=(Placed((), Filter(indexed, asked)), Placed((), Logic("or", (Filter(indexed, asked),)))),
        order=(Placed((), (OrderTerm(indexed), OrderTerm(indexed, None, "desc", "last"))),),
    )
    assert parse_query(query_string(query)) == query


@given(st.text('ab_.,()"\\:-> !1*{}\n\tяn', max_size=30), st.sampled_from(["select", "order", "or", "a", "columns"]))
def test_a_mistake_is_told_with_a_place_in_the_text(text: str, key: str) -> None:
    understood = _understood(lambda: parse_query(f"{quote(key)}={quote(text)}"))
    if isinstance(understood, RequestError):
        line, column = (int(number) for number in re.findall(r"(?:line|column) ([0-9]+)", understood.message)[-2:])
        # a tree is read with its operator before it
        lines = (f"or{text}" if key == "or" else text).split("\n")
        assert 1 <= line <= len(lines)
        assert 1 <= column <= 8 * len(lines[line - 1]) + 2
        assert str(understood.details).startswith("unexpected ")


@given(st.dictionaries(st.text("abcя%& =,+", max_size=4), st.text("abcя%& =,+", max_size=6), max_size=4))
def test_the_canonical_query_string_does_not_depend_on_the_order(pairs: dict[str, str]) -> None:
    encoded = [f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs.items()]
    assert canonical("&".join(encoded)) == canonical("&".join(reversed(encoded)))
    assert dict(parameters("&".join(encoded))) == pairs


@given(ROW_RANGES, st.dictionaries(NAMES, ROW_RANGES, max_size=2))
def test_ranges_come_back_as_they_were(rows: RowRange, embedded: dict[str, RowRange]) -> None:
    asked = {name: one for name, one in embedded.items() if one != RowRange()}
    ranges = tuple(Placed((name,), one) for name, one in asked.items())
    request = parse("GET", "/t", query_string(Query(ranges=ranges), rows))
    assert request.rows == rows
    assert {at.path: at.value for at in request.query.ranges} == {(name,): one for name, one in asked.items()}


@given(st.lists(st.tuples(WORDS, st.text("xyz1", max_size=5)), max_size=4).map(tuple))
def test_arguments_of_a_call_come_back_as_they_were(arguments: tuple[tuple[str, str], ...]) -> None:
    query = parse_query(query_string(Query(arguments=arguments)), is_call=True)
    assert query.arguments == arguments


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "X"]),
    st.text(max_size=20),
    st.text(max_size=60),
    st.lists(
        st.tuples(
            st.sampled_from(["prefer", "range", "accept", "content-type", "accept-profile"]), st.text(max_size=20)
        ),
        max_size=4,
    ),
    st.binary(max_size=30),
)
def test_any_request_is_understood_or_refused(
    method: str, path: str, query: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    understood = _understood(lambda: parse(method, f"/{path}", query, header_fields=fields, body=body))
    if isinstance(understood, RequestError):
        assert 400 <= understood.status <= 501
        assert understood.code.startswith("PGRST")
    else:
        assert columns_used(understood).action is understood.action


@given(
    st.sampled_from(["select", "order", "or", "and", "a", "columns", "on_conflict", "b.c"]),
    st.text('a,.()"\\:-> !1*{}n'),
)
def test_text_of_reserved_characters_is_understood_or_refused(key: str, value: str) -> None:
    understood = _understood(lambda: parse_query(f"{key}={value}"))
    if isinstance(understood, RequestError):
        assert understood.code == "PGRST100"
    else:
        assert parse_query(query_string(understood)) == understood
