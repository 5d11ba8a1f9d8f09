"""Which steps of a plan are builds of indexes, and what they become."""

from __future__ import annotations

import pytest

from harness.core.index_builds import IndexBuild, index_builds
from harness.core.plan import Step


def step(kind: str, sql: str, *, identity: str = "public.t.k", transactional: bool = True) -> Step:
    return Step(sql=sql, why="test", kind=kind, identity=identity, transactional=transactional)


def built(given: Step, *tables: str) -> IndexBuild | None:
    """What one step becomes; None: it is left."""
    builds, left = index_builds([given], tables or ("public.t", 'public."T t"'))
    assert len(builds) + len(left) == 1
    return builds[0] if builds else None


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON public.t USING btree (a)",
        "CREATE UNIQUE INDEX i ON public.t USING btree (a) WHERE (b > 0)",
        'CREATE INDEX "I i" ON public."T t" USING gin (a)',
    ],
)
def test_an_index_of_a_plain_table_is_built_by_its_own_statement(sql: str) -> None:
    given = step("index", sql)
    assert built(given) == IndexBuild(given, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX i ON public.view USING btree (a)",
        "CREATE INDEX i ON ONLY public.t USING btree (a)",
        "ALTER INDEX public.i ATTACH PARTITION public.j",
        "COMMENT ON INDEX public.i IS 'CREATE INDEX i ON public.t USING btree (a)'",
    ],
)
def test_what_needs_more_than_its_table_is_left_in_its_place(sql: str) -> None:
    assert built(step("index", sql)) is None


def test_a_statement_that_cannot_run_in_a_transaction_is_left() -> None:
    sql = "CREATE INDEX i ON public.t USING btree (a)"
    assert built(step("index", sql, transactional=False)) is None


def test_a_key_is_an_index_first_and_a_constraint_then() -> None:
    key = 'ALTER TABLE public."T t" ADD CONSTRAINT "k ""q""" PRIMARY KEY (a, "B b");'
    found = built(step("constraint", key, identity='public."T t"."k ""q"""'))
    assert found is not None
    assert found.create == 'CREATE UNIQUE INDEX "k ""q""" ON public."T t" (a, "B b")'
    assert found.take == 'ALTER TABLE public."T t" ADD CONSTRAINT "k ""q""" PRIMARY KEY USING INDEX "k ""q"""'
    assert found.left is not None
    assert found.left.definition == 'CREATE UNIQUE INDEX "k ""q""" ON public."T t" USING btree (a, "B b")'
    assert found.left.name == 'public."k ""q"""'
    assert found.left.take == found.take


def test_the_index_that_an_interrupted_run_left_has_the_name_that_the_key_was_to_have() -> None:
    found = built(step("constraint", "ALTER TABLE public.t ADD CONSTRAINT k_1 UNIQUE (a);"))
    assert found is not None
    assert found.left is not None
    assert found.create == "CREATE UNIQUE INDEX k_1 ON public.t (a)"
    assert found.left.name == "public.k"
    assert found.left.take == "ALTER TABLE public.t ADD CONSTRAINT k UNIQUE USING INDEX k"


@pytest.mark.parametrize(
    "rule",
    [
        "UNIQUE (a) DEFERRABLE",
        "UNIQUE NULLS NOT DISTINCT (a)",
        "PRIMARY KEY (a) INCLUDE (b)",
        "UNIQUE (a) WITH (fillfactor='70')",
        "PRIMARY KEY (id, at WITHOUT OVERLAPS)",
        "FOREIGN KEY (a) REFERENCES public.t(id)",
        "CHECK ((a > 0))",
        "EXCLUDE USING gist (a WITH =)",
    ],
)
def test_a_rule_that_an_index_alone_does_not_say_is_left(rule: str) -> None:
    assert built(step("constraint", f"ALTER TABLE public.t ADD CONSTRAINT k {rule};")) is None


def test_the_others_keep_their_order() -> None:
    steps = [step("view", "CREATE VIEW v"), step("index", "CREATE INDEX i ON public.t USING btree (a)")]
    steps.append(step("trigger", "CREATE TRIGGER r"))
    builds, left = index_builds(steps, {"public.t"})
    assert ([each.step for each in builds], left) == ([steps[1]], (steps[0], steps[2]))
