"""The way back through a mapping: what can be turned round is, and the rest is told with its reason."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.cutover.way_back import WayBack, way_back
from harness.core.mapping import ColumnMapping
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint
from harness.stages.cutover.carry_back import _turned

SERVER = ServerInfo(
    version="16.1",
    version_number=160001,
    database="d",
    encoding="UTF8",
    collate="C",
    ctype="C",
    locale_provider="libc",
    timezone="UTC",
)


def catalog(name: str, **columns: dict[str, Any]) -> Catalog:
    """One table; its first column is the primary key."""
    made = tuple(
        Column(schema="public", table=name, name=each, position=place, **{"type": "text", **rules})
        for place, (each, rules) in enumerate(columns.items(), start=1)
    )
    key = Constraint(
        schema="public",
        table=name,
        name=f"{name}_pkey",
        type="primary key",
        definition=f"PRIMARY KEY ({made[0].name})",
        columns=(made[0].name,),
    )
    return Catalog(server=SERVER, tables=(Table(schema="public", name=name),), columns=made, constraints=(key,))


def turned(source: Catalog, target: Catalog, **settings: Any) -> WayBack:
    configuration = Configuration.model_validate(settings)
    return way_back(configuration, (source, target), tuple(source.table_by_identity))


def test_a_table_that_is_alike_on_both_sides_is_carried_as_it_stands() -> None:
    both = catalog("t", id={}, v={})
    found = turned(both, both)
    assert (found.carried, found.tables, found.columns, found.lost) == ({"public.t": "public.t"}, {}, {}, {})
    assert found.configuration.scope.tables == ("public.t",)


def test_renames_of_table_and_columns_are_turned_round() -> None:
    columns = {"number": {"source": "id"}, "v": {"source": "w"}}
    mapping = {"tables": {"public.s": {"target": "public.t", "columns": columns}}}
    rows = {"tables": {"public.s": {"key": ["number"], "tolerances": {"v": {"absolute": 1}}}}}
    found = turned(catalog("s", id={}, w={}), catalog("t", number={}, v={}), mapping=mapping, rows=rows)
    rules = found.configuration.mapping.tables["public.t"]
    assert rules.target == "public.s"
    assert rules.columns == {"id": ColumnMapping(source="number"), "w": ColumnMapping(source="v")}
    section = found.configuration.rows.tables["public.t"]
    assert section.key == ("id",)
    # What the application wrote is carried exactly.
    assert section.tolerances == {}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"source": "v", "cast": "int"}, "it was cast on the way"),
        ({"expression": "upper(v)"}, "went into an expression"),
    ],
)
def test_what_the_mapping_made_of_a_value_is_no_value_to_carry(rule: dict[str, str], why: str) -> None:
    both = catalog("t", id={}, v={})
    found = turned(both, both, mapping={"tables": {"public.t": {"columns": {"v": rule}}}})
    assert why in found.columns["public.t"]["v"]
    assert found.lost == {"public.t": ("v",)}
    rules = found.configuration.mapping.tables["public.t"]
    assert rules.columns["v"].default
    assert set(rules.drop) == {"v"}


def test_a_column_that_needs_a_value_and_gets_none_keeps_its_table_from_being_carried() -> None:
    source = catalog("t", id={}, v={"not_null": True})
    found = turned(source, catalog("t", id={}), mapping={"tables": {"public.t": {"drop": {"v": "unused"}}}})
    assert found.carried == {}
    assert found.tables["public.t"].startswith("column v takes no NULL")


def test_a_key_that_gets_no_value_keeps_its_table_from_being_carried() -> None:
    both = catalog("t", id={"default": "'x'"}, v={})
    mapping = {"tables": {"public.t": {"columns": {"id": {"expression": "id || v"}}}}}
    assert "of its primary key" in turned(both, both, mapping=mapping).tables["public.t"]


@pytest.mark.parametrize(
    "settings",
    [
        {"migrate": {"tables": {"public.t": {"where": "true"}}}},
        {"rows": {"tables": {"public.t": {"where": "true"}}}},
        {"rows": {"tables": {"public.t": {"source_where": "true"}}}},
        {"rows": {"tables": {"public.t": {"target_where": "true"}}}},
    ],
)
def test_a_table_of_which_a_condition_chose_rows_is_not_carried(settings: dict[str, Any]) -> None:
    both = catalog("t", id={})
    assert "condition" in turned(both, both, **settings).tables["public.t"]


@pytest.mark.parametrize(
    "rows",
    [
        {"ignore_columns": {"public.t.v": "a stamp"}},
        {"tables": {"public.t": {"columns": ["w"], "key": ["id"]}}},
    ],
)
def test_columns_that_nobody_compares_are_told(rows: dict[str, Any]) -> None:
    both = catalog("t", id={}, v={}, w={})
    assert turned(both, both, rows=rows).uncompared == {"public.t": ("v",)}


def test_columns_of_the_target_that_the_source_has_not_are_lost_by_name() -> None:
    found = turned(catalog("t", id={}), catalog("t", id={}, extra={}))
    assert found.lost == {"public.t": ("extra",)}


def test_a_personal_column_stays_personal_under_every_name() -> None:
    mapping = {"tables": {"public.s": {"target": "public.t", "columns": {"phone": {"source": "id"}}}}}
    personal = {"columns": ["public.s.phone"]}
    found = turned(catalog("s", id={}), catalog("t", phone={}), mapping=mapping, personal=personal)
    assert "public.s.id" in found.configuration.personal.columns


def test_sides_change_places_in_words_and_not_in_names() -> None:
    told = 'on the target: column target.source of "target" is newer than on the source'
    assert _turned(told) == 'on the source: column target.source of "target" is newer than on the target'
