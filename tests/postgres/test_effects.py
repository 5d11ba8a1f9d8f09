"""What is read of a clone after a call: rows by key against the untouched copy, sequences, marks of DDL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from harness.core.effects import Effects, WatchedTable
from harness.core.mapping import Mapping
from harness.core.record import Side
from harness.core.watching import watched_tables
from harness.embedded.server import Server
from harness.postgres import effects as effects_read
from harness.postgres.connect import Connection, Endpoint, prepare, session
from harness.postgres.effects import EffectReader
from harness.postgres.introspect import introspect

SCHEMA = """
CREATE TABLE clients (id bigserial PRIMARY KEY, company_id int NOT NULL, number int NOT NULL, name text, at timestamptz,
                      UNIQUE (company_id, number));
CREATE TABLE "Odd Name" (a text, "b ""c" date, t text, PRIMARY KEY (a, "b ""c"));
CREATE TABLE logged (t text);
CREATE TABLE parts (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO public.logged VALUES (TG_OP); RETURN NULL; END $$;
CREATE TRIGGER log AFTER UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION log();
INSERT INTO clients (company_id, number, name) SELECT 900100, n, 'n' || n FROM generate_series(1, 300) n;
INSERT INTO "Odd Name" VALUES ('ё', '2024-02-29', 'x'), ('z', '2024-02-29', 'y'), ('Z', '2024-02-29', 'z');
INSERT INTO parts VALUES (1, 'a'), (2, 'b');
CREATE TABLE heap (t text, n int);
INSERT INTO heap VALUES ('x', 1), ('x', 1), (NULL, 2), ('y', NULL);
"""


@dataclass
class Beside:
    """A database, an untouched copy of it, and a reader of the difference."""

    after: Connection
    reader: EffectReader
    since: str

    def effects(self, *statements: str) -> Effects:
        for statement in statements:
            self.after.execute(statement)
        return self.reader.read(self.after, self.since)


@contextlib.contextmanager
def opened(dsn: str) -> Iterator[Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        prepare(connection, writable=True, statement_timeout=60)
        yield connection


@pytest.fixture
def beside(server: Server, database: str) -> Iterator[Beside]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        name = connection.info.dbname
    copy = f"{name}_before"
    with session(Endpoint(Side.SOURCE, database), purpose="test") as reading:
        catalog = introspect(reading, schemas=("public",))
    tables, _ = watched_tables(catalog, catalog, Mapping())
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        try:
            with opened(server.dsn(copy)) as before, opened(database) as after:
                row = admin.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchone()
                assert row is not None
                yield Beside(after, EffectReader(before, tables), row[0])
        finally:
            admin.execute(f"DROP DATABASE {copy} WITH (FORCE)")


def test_nothing_written_is_nothing_seen(beside: Beside) -> None:
    effects = beside.effects("SELECT * FROM public.clients")
    assert effects.counts() == {}
    assert not effects.touched


def test_rows_are_counted_by_what_became_of_their_key(beside: Beside) -> None:
    effects = beside.effects(
        "INSERT INTO public.clients (company_id, number) VALUES (900200, 1), (900200, 2)",
        "UPDATE public.clients SET name = 'other' WHERE number = 7",
        "DELETE FROM public.clients WHERE number IN (8, 9, 10)",
    )
    assert effects.counts() == {
        "public.clients inserted": 2,
        "public.clients updated": 1,
        "public.clients deleted": 3,
        "public.logged inserted": 1,
    }
    clients = effects.tables["public.clients"]
    assert clients.table.key == ("company_id", "number")
    assert [changed for _, changed in clients.updated] == [{"name"}]
    assert set(clients.deleted) == {("900100", "8"), ("900100", "9"), ("900100", "10")}
    assert effects.sequences == {"public.clients_id_seq": 2}


def test_a_row_that_is_written_as_it_was_is_no_effect_but_a_touch(beside: Beside) -> None:
    effects = beside.effects("UPDATE public.parts SET v = v")
    assert effects.counts() == {}
    assert effects.touched


def test_an_update_of_ignored_columns_alone_is_no_effect(beside: Beside) -> None:
    effects = beside.effects("UPDATE public.clients SET at = now() WHERE number = 1")
    assert effects.counts(["at"]) == {"public.logged inserted": 1}
    assert effects.counts()["public.clients updated"] == 1


def test_a_changed_key_is_one_row_gone_and_one_new(beside: Beside) -> None:
    effects = beside.effects("UPDATE public.parts SET id = 50 WHERE id = 1")
    assert effects.counts() == {"public.parts inserted": 1, "public.parts deleted": 1}
    assert effects.tables["public.parts"].deleted == (("1",),)


def test_odd_names_and_keys_of_text_and_date_are_matched(beside: Beside) -> None:
    effects = beside.effects(
        """UPDATE public."Odd Name" SET t = 'new' WHERE a = 'ё'""", """DELETE FROM public."Odd Name" WHERE a = 'Z'"""
    )
    assert effects.counts() == {'public."Odd Name" updated': 1, 'public."Odd Name" deleted': 1}
    assert effects.tables['public."Odd Name"'].deleted == (("Z", "2024-02-29"),)


def test_tables_without_a_key_are_counted(beside: Beside) -> None:
    effects = beside.effects("INSERT INTO public.logged VALUES ('x'), ('x')", "DELETE FROM public.logged")
    assert effects.counts() == {}
    assert beside.effects("INSERT INTO public.logged VALUES ('x'), ('x')").counts() == {"public.logged inserted": 2}


def test_rows_past_the_five_thousandth_are_read_like_the_first(beside: Beside) -> None:
    insert = "INSERT INTO public.clients (company_id, number) SELECT 900300, n FROM generate_series(1, 6000) n"
    effects = beside.effects(insert)
    assert effects.counts() == {"public.clients inserted": 6000}
    assert effects.tables["public.clients"].inserted[5_999]["number"] == "6000"


def test_more_rows_than_are_read_are_counted(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effects_read, "ROWS_READ", 100)
    effects = beside.effects(
        "UPDATE public.clients SET name = 'other'", "DELETE FROM public.clients WHERE number > 150"
    )
    clients = effects.tables["public.clients"]
    assert (clients.unread, clients.inserted, clients.deleted_rows) == (150, (), 150)
    assert not clients.compared


def test_rows_that_go_are_counted_where_they_are_more_than_are_looked_for(
    beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects_read, "ROWS_READ", 100)
    effects = beside.effects("DELETE FROM public.clients WHERE number > 199")
    assert effects.tables["public.clients"].deleted_rows == 101
    assert not effects.tables["public.clients"].compared


def test_rows_that_go_from_a_table_without_a_key_are_told_whole_and_one_by_one(beside: Beside) -> None:
    effects = beside.effects("DELETE FROM public.heap WHERE ctid = '(0,1)' OR t = 'y'")
    assert effects.tables["public.heap"].deleted == (("x", "1"), ("y", None))


def test_ddl_leaves_a_mark(beside: Beside) -> None:
    assert beside.effects("CREATE TABLE public.more (id int)").touched


def test_a_sequence_that_moved_leaves_a_mark(beside: Beside) -> None:
    effects = beside.effects("SELECT nextval('public.clients_id_seq')")
    assert effects.sequences == {"public.clients_id_seq": 1}
    assert effects.touched


def test_writes_to_tables_out_of_scope_are_a_touch_and_no_effect(beside: Beside) -> None:
    watched = WatchedTable(identity="public.logged", schema="public", name="logged", columns={"t": "text"}, silent=True)
    reader = EffectReader(beside.after, [watched])
    beside.after.execute("INSERT INTO public.logged VALUES ('x')")
    effects = reader.read(beside.after, beside.since)
    assert effects.counts() == {}
    assert effects.touched


def test_a_table_that_the_call_dropped_renamed_or_altered_is_an_effect(beside: Beside) -> None:
    effects = beside.effects(
        'DROP TABLE public."Odd Name"',
        "ALTER TABLE public.clients RENAME COLUMN name TO title",
        "UPDATE public.clients SET number = 0 - number",
    )
    assert effects.touched
    assert effects.counts()['public."Odd Name" written'] == 4
    assert effects.counts()["public.clients written"] == 300
