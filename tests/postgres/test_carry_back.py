"""Carrying back: what happened on the target since the switch is on the source afterwards, or is told by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.cutover.fence_facts import Opening
from harness.errors import MigrationFailed, PgparityError
from harness.postgres.fence import breaches, fence, unfence, write_sentinel
from harness.postgres.sentinel import note_opening_begins
from harness.postgres.written import current_snapshot, tables_there
from harness.stages import repair_run
from harness.stages.cutover.carry_back import CarriedBack, carry_back
from harness.stages.pipeline import RunRequest
from tests.data_pair import Pair, copied_text
from tests.postgres.fenced_database import database_with_roles

CLIENTS = (
    "CREATE TABLE clients (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, phone text UNIQUE, name text,"
    " shown text GENERATED ALWAYS AS (upper(name)) STORED)"
)
BOOKINGS = (
    "CREATE TABLE bookings (id bigserial PRIMARY KEY, client int REFERENCES clients ON DELETE CASCADE,"
    " before bigint REFERENCES bookings, note text)"
)
NOTES = "CREATE TABLE notes (text text, at int)"


def switched(pair: Pair, *statements: str) -> None:
    """Both sides equal, then the sentinel: from here on the target alone is written."""
    pair.on_both(*statements)
    write_sentinel(pair.source, "c1", consent=True)


def opened(pair: Pair, **rows: int) -> None:
    """What the source keeps right before the target is opened."""
    opening = Opening(
        mapping="",
        source_rows={f"public.{name}": number for name, number in rows.items()},
        target_rows={},
        target_snapshot=current_snapshot(pair.target),
        target_tables=tables_there(pair.target),
    )
    assert note_opening_begins(pair.source, "c1", opening, consent=True)


def request(pair: Pair, **settings: Any) -> RunRequest:
    configuration = Configuration.model_validate(settings)
    return RunRequest(configuration=configuration, base=Path(), source=pair.source, target=pair.target)


def carry(pair: Pair, **settings: Any) -> CarriedBack:
    return carry_back(request(pair, **settings), cutover="c1", consent=True)


def salon(pair: Pair) -> None:
    switched(
        pair,
        CLIENTS,
        BOOKINGS,
        NOTES,
        "INSERT INTO clients (phone, name) SELECT '8000555000' || g, 'n' || g FROM generate_series(1, 9) g",
        "INSERT INTO bookings (client, note) SELECT g, 'b' || g FROM generate_series(1, 9) g",
        "INSERT INTO notes VALUES ('a', 1), ('a', 1), ('b', 2)",
    )
    pair.on_target(
        "INSERT INTO clients (phone, name) VALUES ('80005550100', 'new')",
        "UPDATE clients SET name = 'other' WHERE id = 3",
        "UPDATE clients SET phone = '80005550104' WHERE id = 4",
        "UPDATE clients SET phone = '80005550004' WHERE id = 5",
        "DELETE FROM bookings WHERE client = 6",
        "DELETE FROM clients WHERE id = 6",
        "INSERT INTO bookings (id, client, before) VALUES (200, 10, 201), (201, 10, 200)",
        "INSERT INTO notes VALUES ('a', 1), ('c', 3)",
        "DELETE FROM notes WHERE text = 'b'",
        "SELECT setval('bookings_id_seq', 300)",
    )


def equal(pair: Pair, table: str, columns: str = "*") -> bool:
    chosen = f"(SELECT {columns} FROM {table}) AS t"
    return copied_text(pair.source_dsn, chosen, "1") == copied_text(pair.target_dsn, chosen, "1")


def test_inserts_updates_deletes_cycles_and_rows_without_a_key_come_back_and_sequences_go_on(pair: Pair) -> None:
    salon(pair)
    found = carry(pair)
    assert found.left == ()
    assert (found.inserted, found.updated, found.deleted) == (5, 3, 3)
    assert all(equal(pair, table) for table in ("clients", "bookings", "notes"))
    assert pair.rows_of_source(
        "SELECT nextval('bookings_id_seq'), nextval(pg_get_serial_sequence('clients', 'id'))"
    ) == [(301, 11)]
    again = carry(pair)
    assert (again.inserted, again.updated, again.deleted, again.left) == (0, 0, 0, ())
    unfence(pair.source, "c1", consent=True)
    assert pair.rows_of_source("SELECT to_regnamespace('pgparity')") == [(None,)]


@pytest.mark.long
@pytest.mark.parametrize("batches", [1, 4, 7])
def test_it_can_end_after_any_transaction_and_goes_on_without_doubling(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    salon(pair)
    pair.on_target("INSERT INTO clients (phone, name) SELECT 'p' || g, 'many' FROM generate_series(1, 6) g")
    monkeypatch.setattr(repair_run, "BATCH_ROWS", 1)
    written: list[str] = []
    original = repair_run._write

    def dying(*args: Any) -> None:
        if len(written) == batches:
            raise MigrationFailed("killed", hint="")
        written.append(args[2])
        original(*args)

    with monkeypatch.context() as patched:
        patched.setattr(repair_run, "_write", dying)
        with pytest.raises(PgparityError):
            carry(pair)
    assert not all(equal(pair, table) for table in ("clients", "bookings", "notes"))
    found = carry(pair)
    assert found.left == ()
    assert all(equal(pair, table) for table in ("clients", "bookings", "notes"))


def test_nothing_is_written_without_consent_or_without_a_sentinel(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_target("INSERT INTO t VALUES (1)")
    with pytest.raises(PgparityError, match="consent"):
        carry_back(request(pair), cutover="c1", consent=False)
    with pytest.raises(PgparityError, match="source has no sentinel of the cutover c1"):
        carry(pair)
    assert pair.rows_of_source("SELECT * FROM t") == []


def test_rows_that_somebody_wrote_to_the_source_are_not_overwritten(pair: Pair) -> None:
    switched(
        pair, "CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE TABLE u (id int)", "INSERT INTO t VALUES (1, 'a')"
    )
    pair.on_source("UPDATE t SET v = 'late' WHERE id = 1", "INSERT INTO t VALUES (2, 'late')")
    pair.on_target("INSERT INTO t VALUES (3, 'new')", "INSERT INTO u VALUES (1)")
    found = carry(pair)
    kept = "public.t: 3 rows differ: 2 rows were written on the source after it was fenced: nothing is overwritten"
    assert found.left == (kept,)
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1, "late"), (2, "late")]
    assert equal(pair, "u")
    # Neither is it at the next try; what was carried at the first one is ours, and not taken for somebody's.
    pair.on_target("INSERT INTO u VALUES (2)")
    assert carry(pair).left == (kept,)
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1, "late"), (2, "late")]
    assert equal(pair, "u")
    # What somebody writes between two tries is not overwritten either; rows that are alike stand in nobody's way.
    pair.on_source("INSERT INTO u VALUES (7)", "DELETE FROM t", "INSERT INTO t VALUES (1, 'a'), (3, 'new')")
    pair.on_target("INSERT INTO u VALUES (3)")
    (told,) = carry(pair).left
    assert told.startswith("public.u: 2 rows differ: 1 rows were written on the source")
    assert pair.rows_of_source("SELECT * FROM u ORDER BY 1") == [(1,), (2,), (7,)]


@pytest.mark.long
def test_a_role_that_was_fenced_itself_carries_back_and_is_fenced_again(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)")
    with database_with_roles(pair.source_dsn, "owner") as made:
        made.run("ALTER TABLE t OWNER TO {owner}")
        owner = dataclasses.replace(pair, source_dsn=made.dsn("owner"))
        before = made.rights()
        fence(owner.source, cutover="c1", roles=[made.role("owner")], tables=["public.t"], consent=True)
        write_sentinel(owner.source, "c1", consent=True)
        pair.on_target("INSERT INTO t VALUES (1)")
        found = carry(owner)
        assert (found.inserted, found.left) == (1, ())
        assert breaches(owner.source) == ()
        assert unfence(owner.source, "c1", consent=True).whole
        assert made.rights() == before
    pair.on_source("CREATE SCHEMA public")


@pytest.mark.long
def test_rows_of_partitions_and_of_children_come_back_where_they_belong(pair: Pair) -> None:
    switched(
        pair,
        "CREATE TYPE mood AS ENUM ('fine', 'bad')",
        "CREATE TABLE log (at int, m mood[], PRIMARY KEY (at)) PARTITION BY RANGE (at)",
        "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM (10) TO (20)",
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (more text, PRIMARY KEY (id)) INHERITS (parent)",
        "INSERT INTO log VALUES (1, '{fine}'), (2, NULL), (12, '{bad,fine}')",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO child VALUES (2, 'a')",
    )
    pair.on_target(
        "UPDATE log SET at = 13 WHERE at = 1",
        "UPDATE log SET m = '{bad}' WHERE at = 12",
        "INSERT INTO child VALUES (3, 'b')",
        "DELETE FROM ONLY parent",
    )
    assert carry(pair).left == ()
    assert all(equal(pair, table) for table in ("log", "log_1", "log_2", "parent", "child"))


@pytest.mark.long
def test_a_column_that_nobody_compares_is_carried_for_new_rows_alone_and_told(pair: Pair) -> None:
    switched(
        pair, "CREATE TABLE t (id int PRIMARY KEY, v text, stamp int)", "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 1)"
    )
    pair.on_target("UPDATE t SET stamp = 2", "UPDATE t SET v = 'c' WHERE id = 2", "INSERT INTO t VALUES (3, 'd', 3)")
    found = carry(pair, rows={"ignore_columns": {"public.t.stamp": "differs by design"}})
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1, "a", 1), (2, "c", 1), (3, "d", 3)]
    assert found.left == ()
    (told,) = found.told
    assert told.startswith("public.t: stamp: not compared by decision, and carried for new rows alone; 2 rows hold")


@pytest.mark.long
def test_renames_go_back_and_what_the_mapping_made_of_a_value_does_not(pair: Pair) -> None:
    pair.on_source("CREATE TABLE people (id int PRIMARY KEY, called text, born text, gone int, first text, last text)")
    pair.on_target(
        "CREATE TABLE clients (number int PRIMARY KEY, name text, birthday date, whole text, source text DEFAULT 'x')"
    )
    pair.on_source("INSERT INTO people VALUES (1, 'a', '2000-01-01', 7, 'f', 'l')")
    pair.on_target("INSERT INTO clients VALUES (1, 'a', '2000-01-01', 'f l', 'x')")
    write_sentinel(pair.source, "c1", consent=True)
    mapping = {
        "tables": {
            "public.people": {
                "target": "public.clients",
                "columns": {
                    "number": {"source": "id"},
                    "name": {"source": "called"},
                    "birthday": {"source": "born", "cast": "date"},
                    "whole": {"expression": "first || ' ' || last"},
                    "source": {"default": True},
                },
                "drop": {"gone": "not needed"},
            }
        }
    }
    pair.on_target("UPDATE clients SET name = 'b'", "INSERT INTO clients VALUES (2, 'c', '2001-01-01', 'g m', 'y')")
    found = carry(pair, mapping=mapping)
    assert pair.rows_of_source("SELECT id, called, born, gone, first FROM people ORDER BY 1") == [
        (1, "b", "2000-01-01", 7, "f"),
        (2, "c", None, None, None),
    ]
    assert found.left == ("public.people: 1 rows differ: not carried: born, gone, first, last",)
    assert "public.people.gone: new rows get the source's default there, it was dropped (not needed)" in found.told
    assert any("people.born" in each and "cast" in each for each in found.told)


@pytest.mark.long
def test_a_table_that_cannot_go_back_is_told_only_where_something_happened(pair: Pair) -> None:
    made = ("CREATE TABLE a (id text PRIMARY KEY)", "CREATE TABLE b (id text PRIMARY KEY)")
    switched(pair, *made, "INSERT INTO a VALUES ('1')", "INSERT INTO b VALUES ('1')")
    rules = {"columns": {"id": {"expression": "id || ''"}}}
    mapping = {"tables": {"public.a": rules, "public.b": rules}}
    pair.on_target("INSERT INTO b VALUES ('2')")
    (told,) = carry(pair, mapping=mapping).left
    assert told.startswith("public.b: 1 rows differ: column id takes no NULL")


@pytest.mark.long
def test_rows_that_a_condition_left_behind_are_not_removed(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY)")
    pair.on_source("INSERT INTO t VALUES (1), (2)")
    pair.on_target("INSERT INTO t VALUES (2), (3)")
    write_sentinel(pair.source, "c1", consent=True)
    found = carry(pair, migrate={"tables": {"public.t": {"where": "id > 1"}}})
    assert pair.rows_of_source("SELECT * FROM t ORDER BY 1") == [(1,), (2,)]
    assert len(found.left) == 1
    assert "which of the others are new cannot be told" in found.left[0]


@pytest.mark.long
def test_what_the_source_refuses_is_told_by_key_in_words_of_its_own_side(pair: Pair) -> None:
    switched(
        pair, "CREATE TABLE t (id int PRIMARY KEY, phone text, v text)", "INSERT INTO t VALUES (1, '80005550001', 'a')"
    )
    pair.on_source("ALTER TABLE t ADD CONSTRAINT few CHECK (id < 5)")
    pair.on_target("INSERT INTO t VALUES (7, '80005550007', 'b')", "INSERT INTO t VALUES (2, '80005550002', 'c')")
    found = carry(pair, personal={"columns": ["public.t.id"]})
    (told,) = found.left
    assert "few" in told
    assert "'id': 7" not in told
    assert found.inserted == 1
    assert "target" not in told


@pytest.mark.long
def test_unique_values_that_rows_with_others_behind_them_exchanged_are_told_by_key(pair: Pair) -> None:
    salon(pair)
    pair.on_target(
        "UPDATE clients SET phone = 'x' WHERE id = 1",
        "UPDATE clients SET phone = '80005550001' WHERE id = 2",
        "UPDATE clients SET phone = '80005550002' WHERE id = 1",
    )
    (told,) = carry(pair).left
    assert told.startswith("public.clients: 2 rows (as ")
    assert all(each in told for each in ("{'id': 1}", "{'id': 2}", "23505"))
    assert equal(pair, "bookings")
    assert equal(pair, "clients", "id, name, shown")


@pytest.mark.long
def test_a_trigger_that_changes_what_is_written_back_is_told(pair: Pair) -> None:
    switched(pair, "CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a')")
    pair.on_source(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.v := upper(NEW.v); RETURN NEW; END $$",
        "CREATE TRIGGER shouts BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout()",
    )
    pair.on_target("INSERT INTO t VALUES (2, 'b')")
    found = carry(pair)
    assert any("shouts of the source fired" in each for each in found.told)
    (told,) = found.left
    assert told.startswith("public.t: 1 rows")
    assert "changed it on the source" in told


@pytest.mark.long
def test_large_objects_of_the_target_that_the_source_lacks_are_told(pair: Pair) -> None:
    switched(pair, "CREATE TABLE t (id int PRIMARY KEY)", "SELECT lo_from_bytea(4711, 'a')")
    assert carry(pair).left == ()
    pair.on_target("SELECT lo_from_bytea(4712, 'b')")
    (told,) = carry(pair).left
    assert told.startswith("large objects are not carried back: ")
    pair.on_both("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
