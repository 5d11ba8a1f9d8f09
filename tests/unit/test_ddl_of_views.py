"""DDL of views: when CREATE OR REPLACE VIEW is enough, and what changes in place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.align.ddl.kind import Made, Sides
from harness.core.align.ddl.views import DDL, create_view, keeps_columns
from harness.core.model.catalog import Catalog
from harness.core.model.relations import View
from tests.unit.catalogs import SERVER

PLAIN = View(
    schema="public", name="open_bookings", definition=" SELECT id, note\n   FROM public.bookings;",
    columns=("id integer", "note text"), collations=("", "pg_catalog.default"),
)  # fmt: skip
STORED = replace(PLAIN, materialized=True)
SIDES = Sides(source=Catalog(server=SERVER), target=Catalog(server=SERVER))


def altered(now: View, wanted: View, *attributes: str, sides: Sides = SIDES) -> Made | None:
    return DDL[View.kind].alter(now, wanted, frozenset(attributes), sides)


def texts(made: Made | None) -> list[str]:
    assert made is not None
    return [each.sql for each in made]


def test_a_view_with_the_same_columns_is_replaced() -> None:
    assert keeps_columns(PLAIN, replace(PLAIN, definition="SELECT 1, ''"))


def test_a_new_column_behind_the_others_is_taken() -> None:
    assert keeps_columns(
        PLAIN, replace(PLAIN, columns=(*PLAIN.columns, "city text"), collations=(*PLAIN.collations, "C"))
    )


@pytest.mark.parametrize(
    "columns",
    [
        ("id integer",),
        ("note text", "id integer"),
        ("id bigint", "note text"),
        ("id integer", "remark text"),
        ("city text", "id integer", "note text"),
    ],
)
def test_a_column_that_goes_moves_or_changes_its_name_or_type_is_not_taken(columns: tuple[str, ...]) -> None:
    assert not keeps_columns(PLAIN, replace(PLAIN, columns=columns))


def test_a_column_with_another_collation_is_not_taken() -> None:
    assert not keeps_columns(PLAIN, replace(PLAIN, collations=("", 'pg_catalog."C"')))


def test_a_query_with_the_same_columns_is_replaced_under_what_stands_on_the_view() -> None:
    wanted = replace(PLAIN, definition="SELECT 1 AS id, ''::text AS note;", options=("security_barrier=true",))
    (sql,) = texts(altered(PLAIN, wanted, "definition"))
    assert sql == (
        "CREATE OR REPLACE VIEW public.open_bookings WITH (security_barrier='true') AS\n"
        "SELECT 1 AS id, ''::text AS note;"
    )


@pytest.mark.parametrize(
    ("now", "wanted", "attribute"),
    [
        (PLAIN, replace(PLAIN, columns=("id integer",)), "columns"),
        (STORED, replace(STORED, definition="SELECT 2, ''"), "definition"),
        (PLAIN, STORED, "materialized"),
        (STORED, PLAIN, "materialized"),
    ],
)
def test_what_no_statement_alters_is_made_again(now: View, wanted: View, attribute: str) -> None:
    assert altered(now, wanted, attribute) is None


def test_options_are_compared_as_they_were_written() -> None:
    now = replace(PLAIN, options=("check_option=local",), written_options=("check_option=local",))
    wanted = replace(
        PLAIN,
        options=("check_option=local", "security_barrier=true"),
        written_options=("security_barrier=on", "check_option=local"),
    )
    assert texts(altered(now, wanted, "options")) == [
        "ALTER VIEW public.open_bookings SET (security_barrier='on', check_option='local');"
    ]


def test_the_access_method_of_a_stored_view_changes_in_place_from_postgresql_15_on() -> None:
    old = Sides(source=SIDES.source, target=Catalog(server=replace(SERVER, version_number=140000)))
    wanted = replace(STORED, access_method="columnar")
    assert altered(STORED, wanted, "access_method", sides=old) is None
    assert texts(altered(STORED, wanted, "access_method")) == [
        "ALTER MATERIALIZED VIEW public.open_bookings SET ACCESS METHOD columnar;"
    ]


def test_a_stored_view_is_filled_from_one_below_that_is_filled_for_the_moment() -> None:
    below = replace(STORED, name="below", populated=False)
    above = replace(STORED, depends_on=("public.below",))
    sides = Sides(source=replace(SIDES.source, views=(above, below)), target=SIDES.target)
    assert texts(altered(replace(above, populated=False), above, "populated", sides=sides)) == [
        "REFRESH MATERIALIZED VIEW public.below;",
        "REFRESH MATERIALIZED VIEW public.open_bookings;",
        "REFRESH MATERIALIZED VIEW public.below WITH NO DATA;",
    ]


def test_a_stored_view_says_what_it_is_stored_in() -> None:
    view = replace(STORED, access_method="columnar", tablespace="Fast", options=("fillfactor=70",), populated=False)
    assert create_view(view).splitlines()[0] == (
        "CREATE MATERIALIZED VIEW public.open_bookings USING columnar WITH (fillfactor='70') TABLESPACE \"Fast\" AS"
    )
    assert create_view(view).endswith("WITH NO DATA;")
