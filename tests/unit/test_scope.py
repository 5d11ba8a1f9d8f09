"""Every table is compared, excluded by name, on the target alone, or named by nobody."""

from __future__ import annotations

import pytest

from harness.core.configuration import ScopeSection
from harness.core.mapping import Mapping, TableMapping
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.relations import Table
from harness.core.scope import compared, scope_of
from harness.errors import ConfigurationError, TableMissing


def catalog(*names: str) -> Catalog:
    server = ServerInfo(
        version="16.14",
        version_number=160014,
        database="d",
        encoding="UTF8",
        collate="C.UTF-8",
        ctype="C.UTF-8",
        locale_provider="libc",
        timezone="UTC",
    )
    return Catalog(server=server, tables=tuple(Table(schema="public", name=name) for name in names))


def decided(section: ScopeSection, mapping: Mapping | None = None) -> dict[str, str]:
    tables = scope_of(catalog("a", "b", "c"), catalog("a", "b", "own"), section, mapping or Mapping())
    return {each.table: each.scope for each in tables}


def test_without_a_list_every_table_of_the_source_is_compared() -> None:
    assert decided(ScopeSection()) == {
        "public.a": "compared",
        "public.b": "compared",
        "public.c": "compared",
        "public.own": "target only",
    }


def test_with_a_list_what_is_neither_listed_nor_excluded_is_unnamed() -> None:
    section = ScopeSection(tables=("public.a", "b"), exclude={"public.c": "old"})
    assert decided(section)["public.c"] == "excluded"
    assert decided(ScopeSection(tables=("public.a",)))["public.c"] == "unnamed"


def test_a_table_on_the_target_alone_can_be_asked_for() -> None:
    tables = scope_of(catalog("a"), catalog("a", "own"), ScopeSection(tables=("a", "own")), Mapping())
    assert compared(tables) == ("public.a", "public.own")


def test_a_table_that_a_mapping_leads_to_is_not_on_the_target_alone() -> None:
    mapping = Mapping(tables={"public.c": TableMapping(target="public.own")})
    assert "public.own" not in decided(ScopeSection(), mapping)


@pytest.mark.parametrize("section", [ScopeSection(tables=("public.aa",)), ScopeSection(exclude={"aa": "why"})])
def test_a_name_on_neither_side_is_refused_with_the_nearest(section: ScopeSection) -> None:
    with pytest.raises(TableMissing) as caught:
        decided(section)
    assert "neither side" in caught.value.message
    assert "public.a" in caught.value.hint


def test_listed_and_excluded_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="listed and excluded"):
        decided(ScopeSection(tables=("a",), exclude={"public.a": "why"}))


def test_more_than_schema_and_name_is_no_table() -> None:
    with pytest.raises(ConfigurationError, match="not a table name"):
        decided(ScopeSection(tables=("x.public.a",)))
