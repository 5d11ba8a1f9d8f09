"""Texts that PostgreSQL deparses in two ways and that mean the same; and texts that only look so."""

from __future__ import annotations

import pytest

from harness.core.normalise import same_meaning

SAME = {
    "an IN list over character varying, read again": (
        "CHECK (((v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
        "CHECK (((v)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
    ),
    "columns of a single relation, qualified before 16": (
        " SELECT t.a,\n    count(*) AS n\n   FROM public.t\n  WHERE t.b > 0\n  GROUP BY t.a;",
        " SELECT a,\n    count(*) AS n\n   FROM public.t\n  WHERE b > 0\n  GROUP BY a;",
    ),
    "nested AND": ("CHECK ((((a > 1) AND (b > 2)) AND (c > 3)))", "CHECK (((a > 1) AND ((b > 2) AND (c > 3))))"),
    "the predicate of an index": (
        "CREATE INDEX ON public.t USING btree (a) WHERE ((s)::text = ANY ((ARRAY['x'::character varying])::text[]))",
        "CREATE INDEX ON public.t USING btree (a) WHERE ((s)::text = ANY (ARRAY[('x'::character varying)::text]))",
    ),
}
DIFFERENT = {
    "a value": ("CHECK ((a = 'x'::text))", "CHECK ((a = 'X'::text))"),
    "the reach of OR": ("CHECK ((((a > 1) AND (b > 2)) OR (c > 3)))", "CHECK (((a > 1) AND ((b > 2) OR (c > 3))))"),
    "the reach of minus": ("((a - b) - c)", "(a - (b - c))"),
    "the case of a quoted name": ('("A" > 1)', "(a > 1)"),
    "columns of two relations": (
        " SELECT t.a FROM public.t, public.u;",
        " SELECT u.a FROM public.t, public.u;",
    ),
    "an inner query": (
        " SELECT a FROM public.t WHERE (EXISTS ( SELECT 1 FROM public.u WHERE u.a = t.a));",
        " SELECT a FROM public.t WHERE (EXISTS ( SELECT 1 FROM public.u WHERE u.a = a));",
    ),
    "the type of elements": ("(x = ANY ((ARRAY[1, 2])::bigint[]))", "(x = ANY (ARRAY[(1)::integer, (2)::integer]))"),
    "the key of an index": (
        "CREATE INDEX ON public.t USING btree (a) WHERE (b > 0)",
        "CREATE INDEX ON public.t USING btree (c) WHERE (b > 0)",
    ),
    "a predicate on one side": (
        "CREATE INDEX ON public.t USING btree (a)",
        "CREATE INDEX ON public.t USING btree (a) WHERE (b > 0)",
    ),
    "NO INHERIT": ("CHECK ((a > 1)) NO INHERIT", "CHECK ((a > 1))"),
    "what cannot be parsed": ("CHECK ((a >< 1)))", "CHECK (((a >< 1)))"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_texts_that_mean_the_same(one: str, other: str) -> None:
    assert same_meaning(one, other)
    assert same_meaning(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_texts_that_mean_something_else(one: str, other: str) -> None:
    assert not same_meaning(one, other)
    assert not same_meaning(other, one)
