"""Mapping and catalogs become source expressions and target columns."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.keys import chunk_key, match_key, unique_keys, upsert_key
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.model.rules import Index
from harness.core.projection import TableProjection, check_mapping, project, without_partitions
from harness.errors import ConfigurationError
from tests.unit.catalogs import SERVER, catalog, columns, primary_key, unique


def projected(source: dict[str, str], target: dict[str, str], rules: dict[str, Any] | None = None) -> TableProjection:
    mapping = Mapping.model_validate({"tables": {"public.t": rules or {}}})
    return project("public.t", mapping, catalog({"t": columns("t", **source)}), catalog({"t": columns("t", **target)}))


def test_columns_of_one_name_map_to_each_other_in_the_targets_order() -> None:
    found = projected({"a": "integer", "Б": "text"}, {"Б": "text", "a": "integer"})
    assert [(column.name, column.expression) for column in found.columns] == [("Б", '"Б"'), ("a", "a")]
    assert found.movable


def test_a_column_without_a_place_on_the_target_is_missing() -> None:
    found = projected({"a": "integer", "b": "text"}, {"a": "integer"})
    assert (found.missing, found.movable) == (("b",), False)


@pytest.mark.parametrize(
    "rules",
    [
        {"drop": {"b": "never read"}},
        {"columns": {"c": {"source": "b"}}},
        {"columns": {"c": {"expression": "lower(b)"}}},
        {"columns": {"c": {"expression": "coalesce(t.b, 'x')"}}},
    ],
)
def test_a_column_that_is_dropped_renamed_or_read_by_an_expression_is_not_missing(rules: dict[str, Any]) -> None:
    assert projected({"a": "integer", "b": "text"}, {"a": "integer", "c": "text"}, rules).missing == ()


def test_an_expression_that_holds_a_columns_name_in_a_text_does_not_read_it() -> None:
    rules = {"columns": {"c": {"expression": "'b'"}}}
    assert projected({"a": "integer", "b": "text"}, {"a": "integer", "c": "text"}, rules).missing == ("b",)


def test_an_unquoted_name_in_an_expression_is_in_lower_case() -> None:
    rules = {"columns": {"c": {"expression": 'B || "Big"'}}}
    found = projected({"b": "text", "Big": "text", "B": "text"}, {"c": "text"}, rules)
    assert found.missing == ("B",)


@pytest.mark.parametrize(("kind", "required"), [("text!", ("c",)), ("text!=", ()), ("text", ()), ("text!?", ())])
def test_a_column_of_the_target_alone_is_required_when_nothing_fills_it(kind: str, required: tuple[str, ...]) -> None:
    found = projected({"a": "integer"}, {"a": "integer", "c": kind})
    assert (found.required, found.target_only) == (required, ("c",))


def test_a_generated_column_of_the_target_is_compared_and_not_written() -> None:
    found = projected({"a": "integer", "g": "integer?"}, {"a": "integer", "g": "integer?"})
    assert [column.name for column in found.columns] == ["a", "g"]
    assert [column.name for column in found.loaded] == ["a"]


def test_origins_of_a_mapping_become_expressions() -> None:
    rules = {
        "columns": {
            "name": {"source": "Title"},
            "born": {"source": "birth", "cast": "date"},
            "total": {"expression": "price * 2", "cast": "numeric(10, 2)"},
            "origin": {"constant": "it's"},
            "mood": {"constant": "ok"},
            "made": {"default": True},
        },
        "drop": {"price": "folded into total"},
    }
    found = projected(
        {"Title": "text", "birth": "text", "price": "integer"},
        {"name": "text", "born": "date", "total": "numeric(10,2)", "origin": "text", "mood": "public.mood",
         "made": "integer="},
        rules,
    )  # fmt: skip
    assert {column.name: column.expression for column in found.columns} == {
        "name": '"Title"',
        "born": "(birth)::date",
        "total": "((price * 2))::numeric(10, 2)",
        "origin": "'it''s'::text",
        "mood": "'ok'::text",
    }
    assert (found.defaulted, found.missing, found.target_only) == (("made",), (), ())


def test_a_padded_text_loses_its_padding_on_the_way_into_an_unpadded_type() -> None:
    found = projected({"a": "character(5)", "b": "character(5)"}, {"a": "text", "b": "character(9)"})
    assert [(column.expression, column.converted) for column in found.columns] == [("(a)::text", True), ("b", False)]


@pytest.mark.parametrize(
    ("rules", "message", "hint"),
    [
        ({"columns": {"nmae": {"source": "title"}}}, "no target column nmae", "name"),
        ({"columns": {"name": {"source": "titel"}}}, "no source column titel", "title"),
        ({"drop": {"titles": "x"}}, "no source column titles", "title"),
        ({"target": "public.u"}, r"no target table public\.u", r"public\.t"),
        ({"columns": {"name": {"source": "title"}}, "drop": {"title": "x"}}, "dropped and moved", "one of"),
        ({"columns": {"made": {"constant": "1"}}}, "generates", "out of the mapping"),
        ({"columns": {"name": {"default": True}}}, "no default", "constant"),
    ],
)
def test_a_wrong_mapping_is_an_error_with_a_hint(rules: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        projected({"title": "text"}, {"name": "text!", "made": "integer?"}, rules)
    assert hint.replace("\\", "") in caught.value.hint


def test_a_mapping_of_a_table_that_is_not_there_is_an_error_with_the_nearest_name() -> None:
    both = catalog({"clients": columns("clients", a="integer")})
    with pytest.raises(ConfigurationError, match=r"public\.client\b") as caught:
        check_mapping(Mapping.model_validate({"tables": {"public.client": {}}}), both, both)
    assert "public.clients" in caught.value.hint


def test_a_mapping_of_a_table_that_the_target_has_not_yet_is_no_error() -> None:
    source = catalog({"clients": columns("clients", a="integer")})
    check_mapping(Mapping.model_validate({"tables": {"public.clients": {"drop": {"a": "x"}}}}), source, catalog({}))


def test_partitions_are_part_of_their_table_where_it_is_asked_for() -> None:
    tables = (
        Table(schema="public", name="t", partition_key="RANGE (id)"),
        Table(schema="public", name="t1", partition_of="public.t FOR VALUES FROM (1) TO (2)"),
        Table(schema="public", name="tt"),
    )
    source = Catalog(server=SERVER, tables=tables)
    assert without_partitions(("public.t", "public.t1", "public.tt"), source) == ("public.t", "public.tt")
    assert without_partitions(("public.t1",), source) == ("public.t1",)


def index(*names: str, **attributes: Any) -> Index:
    return Index(schema="public", table="t", name="i", definition="", unique=True, columns=names, **attributes)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (index("a", predicate="(b > 0)"), "partial"),
        (index("(lower(b))"), "expression"),
        (index("a", valid=False), "invalid"),
        (Index(schema="public", table="t", name="i", definition="", columns=("a",)), "not unique"),
    ],
)
def test_an_index_that_promises_nothing_about_the_rows_is_no_key(found: Index, why: str) -> None:
    assert unique_keys(catalog({"t": columns("t", a="integer!", b="text!")}, [], [found]), "public.t") == (), why


def test_the_primary_key_comes_first_then_keys_without_null() -> None:
    found = unique_keys(
        catalog(
            {"t": columns("t", a="integer!", b="integer", c="integer!", d="integer!")},
            [unique("t", "b"), unique("t", "c", "d"), primary_key("t", "a")],
        ),
        "public.t",
    )
    assert [(key.columns, key.not_null) for key in found] == [(("a",), True), (("c", "d"), True), (("b",), False)]


def both(source_keys: list[Any], target_keys: list[Any], rules: dict[str, Any] | None = None) -> tuple[Any, ...]:
    kinds = {"a": "integer!", "b": "integer!", "c": "integer"}
    source, target = (catalog({"t": columns("t", **kinds)}, keys) for keys in (source_keys, target_keys))
    mapping = Mapping.model_validate({"tables": {"public.t": rules or {}}})
    return project("public.t", mapping, source, target), source, target


@pytest.mark.parametrize(
    ("source", "target", "upsert", "match"),
    [
        ([primary_key("t", "a")], [primary_key("t", "a")], ("a",), (("a",), True)),
        ([primary_key("t", "a", "b")], [unique("t", "b", "a")], ("b", "a"), (("a", "b"), True)),
        ([primary_key("t", "a"), unique("t", "b")], [unique("t", "b")], ("b",), (("b",), True)),
        ([primary_key("t", "a")], [], None, (("a",), False)),
        ([], [primary_key("t", "b")], None, (("b",), False)),
        ([unique("t", "c")], [unique("t", "c")], None, (("c",), False)),
        ([primary_key("t", "a")], [primary_key("t", "a", deferrable=True)], None, (("a",), True)),
        ([], [], None, None),
    ],
)
def test_rows_are_upserted_and_matched_by_keys_that_allow_it(
    source: list[Any], target: list[Any], upsert: tuple[str, ...] | None, match: tuple[tuple[str, ...], bool] | None
) -> None:
    sides = both(source, target)
    assert upsert_key(*sides) == upsert
    found = match_key(*sides)
    assert (found and (found.columns, found.unique)) == match
    assert chunk_key(sides[1], "public.t") == next((key.columns for key in source if key.columns != ("c",)), None)


def test_a_renamed_key_is_known_by_its_name_on_the_target() -> None:
    source = catalog({"t": columns("t", a="integer!")}, [primary_key("t", "a")])
    target = catalog({"t": columns("t", id="integer!")}, [primary_key("t", "id")])
    mapping = Mapping.model_validate({"tables": {"public.t": {"columns": {"id": {"source": "a"}}}}})
    sides = (project("public.t", mapping, source, target), source, target)
    assert upsert_key(*sides) == ("id",)
    assert match_key(*sides) is not None
