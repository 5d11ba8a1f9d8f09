"""Targets that do not write what they are told: rules, triggers, generated columns, policies. They are named before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from harness.core import repair as reasons
from harness.core.configuration import Configuration
from harness.core.plan import Hazard
from harness.core.repair import Repair, TableRepair
from harness.errors import PrivilegeMissing
from harness.stages.pipeline import RunRequest
from harness.stages.repair import repair_rows
from tests.data_pair import Pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    """Three clients on the source; on the target one is missing, one differs, one is too many."""
    databases.emptied().on_both("CREATE TABLE clients (id int PRIMARY KEY, name text, seen int)")
    databases.on_source("INSERT INTO clients VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)")
    databases.on_target("INSERT INTO clients VALUES (1, 'a', 1), (2, 'x', 1), (9, 'z', 1)")
    return databases


def repaired(pair: Pair, decide: Callable[[Repair], bool] = lambda _: True) -> tuple[Repair, TableRepair]:
    found = repair_rows(
        RunRequest(
            configuration=Configuration(),
            base=Path(),
            source=pair.source,
            target=pair.target,
            allow=frozenset({Hazard.DATA_LOSS}),
        ),
        decide,
    )
    return found, next(each for each in found.tables if each.table == "public.clients")


CHANGES_IT = (
    "CREATE FUNCTION stamped() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.seen := 7; RETURN NEW; END'",
    "CREATE TRIGGER stamped BEFORE INSERT OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION stamped()",
)


def test_rows_that_a_trigger_changes_as_they_are_written_are_told_and_not_called_equal(pair: Pair) -> None:
    pair.on_target(*CHANGES_IT)
    shown, _ = repaired(pair, lambda _: False)
    assert shown.triggers == ("public.clients.stamped",)
    found, rows = repaired(pair)
    assert (rows.inserted, rows.updated, rows.deleted, rows.after, found.exit_code) == (1, 1, 1, "differs", 1)
    assert rows.left == {reasons.NOT_AS_WRITTEN: 2}
    assert [(each.key, each.kind) for each in rows.left_rows] == [({"id": 2}, "update"), ({"id": 3}, "update")]


def test_rows_that_stand_as_written_are_not_told(pair: Pair) -> None:
    found, rows = repaired(pair)
    assert (rows.left, rows.left_rows, rows.after, found.exit_code) == ({}, (), "identical", 0)
    assert (found.triggers, found.publications) == ((), ())


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("insert", "DO INSTEAD NOTHING"),
        ("update", "DO ALSO NOTIFY clients"),
        ("delete", "DO INSTEAD NOTHING"),
    ],
)
def test_what_a_rule_rewrites_is_left_and_the_rest_is_written(pair: Pair, kind: str, rule: str) -> None:
    pair.on_target(f"CREATE RULE diverted AS ON {kind.upper()} TO clients {rule}")
    found, rows = repaired(pair)
    done = {"insert": rows.inserted, "update": rows.updated, "delete": rows.deleted}
    assert done == {each: int(each != kind) for each in done}
    assert rows.left == {reasons.REWRITTEN.format("diverted"): 1}
    assert (rows.after, found.exit_code) == ("differs", 1)


def test_a_publication_is_named_and_a_table_without_replica_identity_is_not_tried(pair: Pair) -> None:
    pair.on_target("CREATE PUBLICATION repaired_rows FOR TABLE clients")
    try:
        shown, rows = repaired(pair, lambda _: False)
        assert (shown.publications, rows.left) == (("repaired_rows",), {})
        pair.on_target("ALTER TABLE clients REPLICA IDENTITY NOTHING")
        found, rows = repaired(pair)
        assert (rows.inserted, rows.updated, rows.deleted) == (1, 0, 0)
        assert rows.left == {reasons.UNIDENTIFIED: 2}
        assert found.exit_code == 1
    finally:
        pair.on_target("DROP PUBLICATION repaired_rows")


def test_columns_that_the_target_makes_itself_are_left_and_told(pair: Pair) -> None:
    pair.on_target(
        "DELETE FROM clients WHERE id = 9",
        "ALTER TABLE clients DROP seen",
        "ALTER TABLE clients ADD seen int GENERATED ALWAYS AS (id) STORED",
    )
    found, rows = repaired(pair)
    assert (rows.inserted, rows.updated, rows.after, found.exit_code) == (1, 1, "differs", 1)
    assert rows.left == {reasons.NOT_AS_WRITTEN: 2}
    again, rows = repaired(pair)
    assert (again.written, rows.left) == (0, {reasons.GENERATED: 2})


def test_a_view_that_a_trigger_writes_through_is_refused(pair: Pair) -> None:
    pair.on_target(
        "ALTER TABLE clients RENAME TO people",
        "CREATE VIEW clients AS SELECT id, name, seen FROM people",
        "CREATE FUNCTION through() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER through INSTEAD OF UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION through()",
    )
    request = RunRequest(
        configuration=Configuration.model_validate({"rows": {"tables": {"public.clients": {"key": ["id"]}}}}),
        base=Path(),
        source=pair.source,
        target=pair.target,
    )
    found = repair_rows(request, lambda _: True)
    assert found.written == 0
    assert (found.tables[0].reason, found.exit_code) == ("public.clients is no table: nothing can be written to it", 3)


def test_a_role_that_does_not_see_every_row_of_the_target_is_refused(pair: Pair) -> None:
    pair.on_target(
        "DO $$ BEGIN CREATE ROLE repair_half LOGIN PASSWORD 'half'; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "GRANT USAGE ON SCHEMA public TO repair_half",
        "GRANT ALL ON clients TO repair_half",
        "ALTER TABLE clients ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY half ON clients USING (id < 2)",
    )
    role = psycopg.conninfo.make_conninfo(pair.target_dsn, user="repair_half", password="half")
    with pytest.raises(PrivilegeMissing):
        repaired(Pair(pair.source_dsn, role))
    assert pair.rows_of_target("SELECT id FROM clients ORDER BY id") == [(1,), (2,), (9,)]
