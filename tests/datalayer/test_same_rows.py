"""Any filters, orders and limits: the psycopg repository and the Supabase repository find the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.datalayer.envelope import CallFailed
from harness.datalayer.filters import (
    Filter,
    OrderBy,
    and_,
    eq,
    gt,
    gte,
    ilike,
    in_,
    is_null,
    like,
    lt,
    lte,
    neq,
    not_,
    not_null,
    or_,
)
from harness.embedded.server import Server
from tests.datalayer.two_backends import BACKENDS, NASTY, VISITS, TwoBackends, two_backends

TEXTS = st.sampled_from(NASTY) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00") | st.sampled_from('ab*%_\\",(){}.: '), max_size=6
)
COMPARISONS = st.sampled_from([eq, neq, gt, gte, lt, lte])
CONDITIONS: st.SearchStrategy[Filter] = st.one_of(
    st.builds(lambda operator, text: operator("name", text), COMPARISONS, TEXTS),
    st.builds(lambda operator, number: operator("number", number), COMPARISONS, st.integers(-5, 50)),
    st.builds(like, st.just("name"), TEXTS.filter(lambda text: not text.endswith("\\"))),
    st.builds(
        ilike,
        st.just("name"),
        TEXTS.filter(lambda text: not text.endswith("\\") and ("*" not in text or text.isascii())),
    ),
    st.builds(in_, st.sampled_from(["name", "code"]), st.lists(TEXTS, max_size=4)),
    st.builds(in_, st.just("number"), st.lists(st.integers(-5, 50), max_size=4)),
    st.builds(eq, st.just("tags"), st.lists(TEXTS, max_size=2)),
    st.builds(is_null, st.sampled_from(["name", "active"])),
    st.builds(not_null, st.sampled_from(["name", "active"])),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda some: or_(*some)),
        st.lists(inner, min_size=1, max_size=3).map(lambda some: and_(*some)),
        inner.map(not_),
    ),
    max_leaves=6,
)
ORDERS = st.lists(
    st.builds(
        OrderBy, st.sampled_from(["name", "active", "amount"]), st.booleans(), st.sampled_from([None, True, False])
    ),
    max_size=2,
    unique_by=lambda one: one.column,
)


@pytest.fixture(scope="module")
def filled(server: Server) -> Iterator[TwoBackends]:
    with two_backends(server) as running:
        running.execute(
            "INSERT INTO visits (number, company_id, name, code, amount, active, tags)"
            " SELECT n, 900100, nullif(name, '.'), name, n %% 5, nullif(n %% 3, 0) = 1, ARRAY[name]"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS given (name, n)",
            list(NASTY),
        )
        yield running


def outcome(call: Any) -> object:
    try:
        return call()
    except CallFailed as failed:
        return failed.kind, failed.code


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    where=st.lists(FILTERS, max_size=3),
    order=ORDERS,
    limit=st.none() | st.integers(1, 60),
    offset=st.integers(0, 30),
)
@pytest.mark.long
def test_any_filter_order_and_limit_gives_the_same_rows_on_every_backend(
    filled: TwoBackends, where: list[Filter], order: list[OrderBy], limit: int | None, offset: int
) -> None:
    total = [*order, OrderBy("id")]
    repositories = [filled.repositories[each](VISITS) for each in BACKENDS[:2]]
    found = [
        outcome(lambda one=one: one.find_many(where, order_by=total, limit=limit, offset=offset))
        for one in repositories
    ]
    assert found[0] == found[1]
    counted = [outcome(lambda one=one: one.count(where)) for one in repositories]
    assert counted[0] == counted[1]
    paged = [outcome(lambda one=one: one.find_page(where, order_by=total, limit=limit or 5)) for one in repositories]
    assert paged[0] == paged[1]
    if not isinstance(paged[0], tuple) and paged[0].after is not None:  # type: ignore[attr-defined]
        after = paged[0].after  # type: ignore[attr-defined]
        later = [
            outcome(lambda one=one: one.find_page(where, order_by=total, limit=7, after=after)) for one in repositories
        ]
        assert later[0] == later[1]


ANY_TEXT = st.sampled_from((*NASTY, "a\x00b")) | TEXTS
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | ANY_TEXT,
        "amount": st.none() | st.decimals() | st.integers() | st.floats() | ANY_TEXT,
        "ratio": st.none() | st.floats() | st.integers(-(2**60), 2**60) | st.decimals(allow_nan=False),
        "short": st.floats(width=32) | st.integers(-1000, 1000),
        "day": st.dates() | st.sampled_from(["infinity", "0044-03-15 BC", "2025-02-29", "вчера"]),
        "moment": st.datetimes(timezones=st.just(UTC))
        | st.datetimes()
        | st.sampled_from(["infinity", "half past nine"]),
        "local": st.datetimes() | st.dates(),
        "active": st.none() | st.booleans() | st.sampled_from(["yes", "t", "maybe"]),
        "mood": st.sampled_from(["good", "so, so", "so"]),
        "tags": st.none() | st.lists(st.none() | ANY_TEXT, max_size=3) | st.just([["a"], ["b"]]),
        "numbers": st.lists(st.none() | st.integers(-(2**31), 2**31), max_size=3),
        "data": JSON,
        "bytes": st.binary(max_size=4) | ANY_TEXT,
        "uid": st.uuids() | ANY_TEXT,
        "took": st.timedeltas(),
        "score": st.integers(-1, 2**31),
        "odd, (na.me)": ANY_TEXT,
    },
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=1, max_size=3))
def test_any_rows_are_written_alike_or_refused_alike_on_every_backend(
    filled: TwoBackends, rows: list[dict[str, Any]]
) -> None:
    marked = [{**row, "number": 9_900_000 + n, "company_id": 900100} for n, row in enumerate(rows)]
    outcomes = []
    for each in BACKENDS[:2]:
        repository = filled.repositories[each](VISITS)
        outcomes.append(
            (
                written(lambda one=repository: one.bulk_upsert(marked)),
                written(lambda one=repository: [one.upsert(marked[0])]),
            )
        )
        filled.execute("DELETE FROM visits WHERE number >= 9900000")
    assert outcomes[0] == outcomes[1]


def written(call: Any) -> object:
    """The rows without what differs from write to write, as a text, or the failure's kind.

    Of several faults PostgreSQL names the first that it meets, and supabase-py gives the columns in random order.
    """
    found = outcome(call)
    if isinstance(found, tuple):
        return found[0]
    return repr([{name: value for name, value in row.items() if name not in ("id", "updated_at")} for row in found])  # type: ignore[attr-defined]
