"""The exact plan with its options, on a real server with rows: online, in the source's order of columns, and undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from harness.core.align.exact.plan import exact_plan, reversed_plan
from harness.core.align.map_columns import map_columns
from harness.core.column_order import column_order
from harness.core.diff import compare
from harness.core.mapping import ColumnMapping
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.embedded.server import Server
from harness.errors import PlanRefused
from harness.postgres.apply import apply, checked
from tests.corpus.databases import catalog, drop, load

_SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL, phone text UNIQUE, email text CHECK (email <> ''));
CREATE INDEX clients_name ON clients (name);
CREATE TABLE bookings (id int GENERATED ALWAYS AS IDENTITY, client_id int REFERENCES clients, at timestamptz);
"""
_TARGET = """
CREATE TABLE clients (phone text, id int, email text, name text);
CREATE INDEX clients_email ON clients (email);
CREATE TABLE bookings (id int GENERATED ALWAYS AS IDENTITY, at timestamptz, client_id int);
INSERT INTO clients VALUES ('80005550001', 1, 'a', 'Invented One'), ('80005550002', 2, 'b', 'Invented Two');
INSERT INTO bookings (client_id) VALUES (1), (2), (2);
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two databases and what they were when the test began."""

    target_dsn: str
    source: Catalog
    target: Catalog

    def apply(self, plan: Plan) -> Catalog:
        """Run the plan on the target; what it is then."""
        with psycopg.connect(self.target_dsn) as connection:
            apply(connection, plan, target_catalog=None, allow=frozenset(Hazard))
        return catalog(self.target_dsn)

    def write(self, statement: str) -> None:
        """Change rows of the target."""
        with psycopg.connect(self.target_dsn) as connection:
            connection.execute(statement.encode())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the target."""
        with psycopg.connect(self.target_dsn) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture
def pair(newer_server: Server) -> Iterator[Pair]:
    """The two databases of this module."""
    names = ("exact_options_source", "exact_options_target")
    source, target = load(newer_server, names[0], _SOURCE), load(newer_server, names[1], _TARGET)
    yield Pair(target, catalog(source), catalog(target))
    for name in names:
        drop(newer_server, name)


def test_an_online_plan_builds_and_validates_beside_its_writers(pair: Pair) -> None:
    plan = exact_plan(pair.source, pair.target, online=True)
    statements = [step.sql for step in plan.steps]
    assert not any(step.transactional for step in plan.steps)
    assert sum("CREATE UNIQUE INDEX CONCURRENTLY" in each for each in statements) == 2
    assert any(each.startswith("CREATE INDEX CONCURRENTLY clients_name") for each in statements)
    assert any(each.startswith("DROP INDEX CONCURRENTLY") for each in statements)
    assert sum("NOT VALID" in each for each in statements) == sum("VALIDATE CONSTRAINT" in each for each in statements)
    assert not any(Hazard.LOCK in step.hazards for step in plan.steps)
    after = pair.apply(plan)
    assert compare(pair.source, after).changes == ()


def test_columns_come_into_the_sources_order_with_their_rows(pair: Pair) -> None:
    reordered = [each.table for each in column_order(pair.source, pair.target)]
    assert reordered == ["public.bookings", "public.clients"]
    before = pair.rows("SELECT id, name, phone, email FROM clients ORDER BY id")
    after = pair.apply(exact_plan(pair.source, pair.target, reordered=reordered))
    assert column_order(pair.source, after) == ()
    assert compare(pair.source, after).changes == ()
    assert pair.rows("TABLE clients ORDER BY id") == before
    assert pair.rows("SELECT id, client_id FROM bookings ORDER BY id") == [(1, 1), (2, 2), (3, 2)]
    assert pair.rows("SELECT nextval('bookings_id_seq')") == [(4,)]


def test_a_plan_without_the_option_leaves_the_order_of_columns_alone(pair: Pair) -> None:
    after = pair.apply(exact_plan(pair.source, pair.target))
    assert [each.table for each in column_order(pair.source, after)] == ["public.bookings", "public.clients"]


def test_a_step_that_rows_refuse_names_their_places_and_no_value(pair: Pair) -> None:
    pair.write("INSERT INTO clients (id, phone, name) VALUES (2, '80005550001', 'Invented Three'), (3, NULL, NULL)")
    plan = exact_plan(pair.source, pair.target)
    with psycopg.connect(pair.target_dsn) as connection:
        found = {
            check.text: check for step in checked(connection, plan).steps for check in step.prechecks if check.found
        }
    assert {text: (check.found, check.rows) for text, check in found.items()} == {
        "rows of public.clients without a name": (1, ("public.clients (0,4)",)),
        "keys (id) that stand more than once in public.clients": (1, ("public.clients (0,2)",)),
        "keys (phone) that stand more than once in public.clients": (1, ("public.clients (0,1)",)),
    }
    with pytest.raises(
        PlanRefused, match=r"1 rows of public.clients without a name, such as those at public.clients \(0,4\)"
    ):
        pair.apply(plan)
    assert compare(pair.target, catalog(pair.target_dsn)).changes == ()


def test_the_reverse_plan_gives_the_target_its_structure_back(pair: Pair) -> None:
    found = compare(pair.source, pair.target).differences
    plan = exact_plan(pair.source, pair.target, found)
    reverse = reversed_plan(pair.source, pair.target, found)
    pair.apply(plan)
    assert compare(pair.target, pair.apply(plan.model_copy(update={"steps": reverse}))).changes == ()
    assert len(pair.rows("TABLE clients")) == 2


def test_a_map_plan_says_how_rows_become_rows_of_the_target_and_touches_nothing(newer_server: Server) -> None:
    wider = load(newer_server, "exact_options_wider", "CREATE TABLE c (id int, note text, old text)")
    other = load(newer_server, "exact_options_other", "CREATE TABLE c (id bigint, note text, vip boolean NOT NULL)")
    plan = map_columns(catalog(wider), catalog(other))
    for name in ("exact_options_wider", "exact_options_other"):
        drop(newer_server, name)
    assert plan.steps == ()
    assert plan.mapping is not None
    mapped = plan.mapping.tables["public.c"]
    assert mapped.columns == {"id": ColumnMapping(source="id", cast="bigint"), "vip": ColumnMapping(default=True)}
    assert list(mapped.drop) == ["old"]
    assert plan.cost.columns_lost == ("public.c.old",)
    assert plan.not_covered == (
        "column public.c.vip has no default and needs a value: give it a constant or an expression",
    )


def test_a_label_is_added_before_a_table_that_is_made_again_is_touched(newer_server: Server) -> None:
    names = ("exact_options_labels_source", "exact_options_labels_target")
    source = load(
        newer_server,
        names[0],
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE t (x int, m mood) PARTITION BY LIST (m);"
        " CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a');",
    )
    target = load(
        newer_server,
        names[1],
        "CREATE TYPE mood AS ENUM ('a'); CREATE TABLE t (x int, m mood); INSERT INTO t VALUES (1, 'a');",
    )
    plan = exact_plan(catalog(source), catalog(target))
    assert "ADD VALUE" in plan.steps[0].sql
    assert [step.transactional for step in plan.steps] == [False] + [True] * (len(plan.steps) - 1)
    assert plan.steps[1].sql.startswith("CREATE TABLE public.pgparity_rows_of_t")
    with psycopg.connect(target) as connection:
        apply(connection, plan, target_catalog=None, allow=frozenset(Hazard))
    assert compare(catalog(source), catalog(target)).changes == ()
    with psycopg.connect(target) as connection:
        assert connection.execute("SELECT x, m::text FROM t").fetchall() == [(1, "a")]
    for name in names:
        drop(newer_server, name)
