"""Left: what an exact plan does not settle is said, and costs no statement; event triggers do not judge a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.core.align.ddl.extensions import goes_back
from harness.core.align.exact.plan import exact_plan
from harness.core.model.catalog import Catalog
from harness.core.model.database import LargeObject
from harness.core.model.foreign import MASK, ForeignServer, UserMapping
from harness.core.model.programs import EventTrigger, Extension
from harness.core.model.relations import Schema
from tests.unit.catalogs import SERVER

NEWER = Extension(name="citext", version="1.6", default_version="1.6", schema="public")
TRIGGER = EventTrigger(name="no_tables", event="ddl_command_start", function="public.refuse", owner="owner")


def of(**fields: Any) -> Catalog:
    """A catalog that the role `owner` has read."""
    return replace(Catalog(server=replace(SERVER, reader="owner")), **fields)


@pytest.mark.parametrize(
    ("now", "wanted", "back"),
    [("1.6", "1.4", True), ("1.4", "1.6", False), ("1.10", "1.9", True), ("1.6", "unpackaged", False)],
)
def test_an_extension_goes_back_to_an_older_version_only(now: str, wanted: str, back: bool) -> None:
    assert goes_back(replace(NEWER, version=now), replace(NEWER, version=wanted)) is back


def test_an_older_extension_is_left_and_said() -> None:
    plan = exact_plan(of(extensions=(replace(NEWER, version="1.4"),)), of(extensions=(NEWER,)))
    assert not plan.steps
    assert plan.not_covered == ("extension citext has version 1.6, from which no way leads back to 1.4",)


def test_the_bytes_of_a_large_object_are_left_and_said() -> None:
    plan = exact_plan(of(large_objects=(LargeObject(name="7", content="0" * 32),)), of())
    assert [step.sql for step in plan.steps] == ["SELECT pg_catalog.lo_create(7);"]
    assert plan.not_covered[0].startswith("large object 7: ")


def test_a_password_is_left_and_said() -> None:
    server = ForeignServer(name="partner", foreign_data_wrapper="wrapper")
    mapping = UserMapping(user="reader", server="partner", options=(f"password={MASK}abc", "user=reader"))
    plan = exact_plan(of(foreign_servers=(server,), user_mappings=(mapping,)), of(foreign_servers=(server,)))
    assert [step.sql for step in plan.steps] == [
        "CREATE USER MAPPING FOR reader SERVER partner OPTIONS (\"user\" 'reader');"
    ]
    assert plan.not_covered[0].startswith("user mapping reader on partner: ")


def test_an_event_trigger_of_the_role_rests_while_the_plan_runs() -> None:
    plan = exact_plan(of(schemas=(Schema(name="s"),), event_triggers=(TRIGGER,)), of(event_triggers=(TRIGGER,)))
    assert [step.sql for step in plan.steps] == [
        "ALTER EVENT TRIGGER no_tables DISABLE;", "CREATE SCHEMA s;", "ALTER EVENT TRIGGER no_tables ENABLE;",
    ]  # fmt: skip


def test_an_event_trigger_of_another_role_is_not_touched() -> None:
    other = replace(TRIGGER, owner="other")
    plan = exact_plan(of(schemas=(Schema(name="s"),), event_triggers=(other,)), of(event_triggers=(other,)))
    assert [step.sql for step in plan.steps] == ["CREATE SCHEMA s;"]


def test_nothing_rests_where_nothing_runs() -> None:
    catalog = of(event_triggers=(TRIGGER,))
    assert not exact_plan(catalog, catalog).steps
