"""Clones: copies that are like their origin, put back in milliseconds, with nothing written to the origin."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import CloneFailed
from harness.postgres.clones import CloneSlot, Template
from harness.postgres.connect import Endpoint
from harness.postgres.copying import Copy, copy_database
from harness.postgres.even_templates import align_sequences, shuffle_rows
from harness.postgres.scratch import OWN_ROLE, SETTINGS, ScratchServer, create_own_role
from tests.data_pair import pair_of

SCHEMA = """
CREATE SCHEMA app;
CREATE SCHEMA extensions;
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE TABLE app.t (id serial PRIMARY KEY, name text UNIQUE, mood app.mood);
CREATE TABLE public.secured (id int PRIMARY KEY, owner text);
ALTER TABLE public.secured ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON public.secured TO clone_reader USING (owner = current_user);
GRANT USAGE ON SCHEMA app, public TO clone_reader;
GRANT SELECT ON public.secured, app.t TO clone_reader;
INSERT INTO app.t (name, mood) SELECT 'n' || n, 'happy' FROM generate_series(1, 50) n;
INSERT INTO public.secured VALUES (1, 'clone_reader'), (2, 'other');
"""


@pytest.fixture(scope="module")
def scratch() -> Iterator[ScratchServer]:
    with Server.start(major=16, settings=SETTINGS) as server:
        yield ScratchServer(
            side=Side.SOURCE,
            host=server.host,
            port=server.port,
            user=OWN_ROLE,
            password=create_own_role(server.dsn("postgres")),
            programs=server.installation.bin,
            version="16",
            system_identifier=str(server.system_identifier),
        )


@pytest.fixture
def origin(server: Server, database: str) -> Iterator[Endpoint]:
    """A database with an owner, a reader bound by row-level security, and settings of its own."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("CREATE ROLE clone_owner LOGIN PASSWORD 'pa ss''word' BYPASSRLS")
        admin.execute("CREATE ROLE clone_reader")
        admin.execute("CREATE ROLE clone_group")
        admin.execute("GRANT clone_group TO clone_owner")
        admin.execute("GRANT ALL ON SCHEMA public TO clone_owner")
        name = admin.info.dbname
        admin.execute(f"ALTER DATABASE {name} OWNER TO clone_owner")
        admin.execute(f"ALTER DATABASE {name} SET TimeZone TO 'Asia/Tokyo'")
        admin.execute("ALTER ROLE clone_owner SET search_path TO app, public")
        admin.execute("ALTER ROLE clone_reader SET statement_timeout TO '3s'")
        dsn = server.dsn(name, user="clone_owner", password="pa ss'word")
        with psycopg.connect(dsn) as owner:
            owner.execute(SCHEMA)
        yield Endpoint(Side.SOURCE, dsn)
        admin.execute(f"ALTER DATABASE {name} OWNER TO postgres")
        admin.execute("DROP OWNED BY clone_owner, clone_reader CASCADE")
        admin.execute("DROP ROLE clone_owner, clone_reader, clone_group")


def copied(origin: Endpoint, scratch: ScratchServer, *schemas: str, schema_only: bool = False) -> Copy:
    return copy_database(
        origin, scratch, "template_of_test", schemas=schemas or ("app", "public"), schema_only=schema_only
    )


@contextlib.contextmanager
def slot_of(scratch: ScratchServer, template: Template, *, spare: bool = True) -> Iterator[CloneSlot]:
    slot = CloneSlot(scratch, template, "clone_of_test", spare=spare)
    try:
        slot.reset()
        yield slot
    finally:
        slot.drop()


def login(slot: CloneSlot) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=slot.server.host,
        port=slot.server.port,
        user=slot.template.user,
        password=slot.template.password,
        dbname=slot.name,
    )


def test_a_clone_has_the_rows_types_sequences_owner_and_settings_of_its_origin(
    origin: Endpoint, scratch: ScratchServer
) -> None:
    copy = copied(origin, scratch)
    assert copy.lacking == ()
    assert copy.notes == ()
    with slot_of(scratch, copy.template) as slot, login(slot) as connection:
        assert connection.execute("SELECT count(*), max(mood) FROM t").fetchone() == (50, "happy")
        assert connection.execute("INSERT INTO t (name) VALUES ('x') RETURNING id").fetchone() == (51,)
        shown = "SELECT current_user::text, current_setting('TimeZone'), current_setting('search_path')"
        assert connection.execute(shown).fetchone() == ("clone_owner", "Asia/Tokyo", "app, public")
        roles = (
            "SELECT rolbypassrls, rolsuper, pg_has_role(oid, 'clone_group', 'MEMBER') FROM pg_roles WHERE rolname = %s"
        )
        assert connection.execute(roles, ("clone_owner",)).fetchone() == (True, False, True)


def test_rights_and_policies_bind_the_roles_of_a_clone_as_they_bind_the_origins(
    origin: Endpoint, scratch: ScratchServer
) -> None:
    copy = copied(origin, scratch)
    with slot_of(scratch, copy.template) as slot, scratch.connect(slot.name, purpose="test") as admin:
        admin.execute("SET ROLE clone_reader")
        assert admin.execute("SET row_security = on; SELECT 1") is not None
        assert admin.execute("SELECT id FROM public.secured").fetchall() == [(1,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute("INSERT INTO public.secured VALUES (3, 'clone_reader')")


def test_the_roles_of_a_supabase_project_are_there_even_where_the_origin_has_none(
    origin: Endpoint, scratch: ScratchServer
) -> None:
    copied(origin, scratch)
    with scratch.connect(purpose="test") as admin:
        rows = admin.execute(
            "SELECT rolname::text, rolbypassrls FROM pg_roles"
            " WHERE rolname IN ('anon', 'authenticated', 'service_role') ORDER BY 1"
        ).fetchall()
    assert rows == [("anon", False), ("authenticated", False), ("service_role", True)]


def test_a_copy_of_the_schema_alone_has_no_rows(origin: Endpoint, scratch: ScratchServer) -> None:
    copy = copied(origin, scratch, schema_only=True)
    with slot_of(scratch, copy.template, spare=False) as slot, login(slot) as connection:
        assert connection.execute("SELECT count(*) FROM app.t").fetchone() == (0,)


@pytest.mark.parametrize("spare", [True, False])
def test_a_reset_undoes_everything_that_was_written_and_ends_sessions(
    origin: Endpoint, scratch: ScratchServer, spare: bool
) -> None:
    copy = copied(origin, scratch)
    with slot_of(scratch, copy.template, spare=spare) as slot:
        for _ in range(3):
            connection = login(slot)
            connection.execute("DELETE FROM app.t")
            connection.execute("CREATE TABLE app.more (id int)")
            connection.commit()
            slot.reset()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
            connection.close()
            with login(slot) as again:
                assert again.execute("SELECT count(*), to_regclass('app.more') FROM app.t").fetchone() == (50, None)


def test_the_position_stays_while_nothing_is_written_and_moves_when_something_is(
    origin: Endpoint, scratch: ScratchServer
) -> None:
    copy = copied(origin, scratch)
    with slot_of(scratch, copy.template, spare=False) as slot, login(slot) as connection:
        start = slot.position()
        for _ in range(3):
            connection.execute("SELECT * FROM app.t ORDER BY name")
            connection.commit()
        assert slot.position() == start
        connection.execute("UPDATE app.t SET name = name WHERE id = 1")
        assert slot.position()[1] == 1
        connection.rollback()
        assert slot.position() != start
        middle = slot.position()
        connection.execute("SELECT nextval('app.t_id_seq')")
        connection.commit()
        assert slot.position() != middle


def test_dropping_a_slot_leaves_no_database_and_no_session(origin: Endpoint, scratch: ScratchServer) -> None:
    copy = copied(origin, scratch)
    with slot_of(scratch, copy.template) as slot:
        slot.reset()
    with scratch.connect(purpose="test") as admin:
        left = admin.execute("SELECT datname::text FROM pg_database WHERE datname LIKE 'clone_of_test%'").fetchall()
        sessions = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%clones'")
        assert left == []
        assert sessions.fetchone() == (0,)


def test_what_cannot_be_made_is_named_once_with_its_reason_and_the_rest_is_there(
    origin: Endpoint, scratch: ScratchServer
) -> None:
    with psycopg.connect(origin.dsn) as owner:
        owner.execute("CREATE SCHEMA elsewhere")
        owner.execute("CREATE FUNCTION elsewhere.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        owner.execute(
            "CREATE TABLE app.needy (id int DEFAULT elsewhere.f(), t text); INSERT INTO app.needy VALUES (1, 'v')"
        )
    copy = copied(origin, scratch)
    assert copy.lacking == ('CREATE TABLE app.needy: schema "elsewhere" does not exist',)
    with slot_of(scratch, copy.template) as slot, login(slot) as connection:
        assert connection.execute("SELECT count(*) FROM app.t").fetchone() == (50,)


def test_a_role_that_may_not_read_is_told_so_without_a_password_in_the_message(
    server: Server, origin: Endpoint, scratch: ScratchServer
) -> None:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE weak_reader LOGIN PASSWORD 'hunter2'")
    name = origin.parameters()["dbname"]
    weak = Endpoint(Side.SOURCE, server.dsn(name, user="weak_reader", password="hunter2"))
    try:
        with pytest.raises(CloneFailed, match="permission denied for schema app") as failed:
            copied(weak, scratch)
        assert "hunter2" not in str(failed.value) + failed.value.hint
    finally:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            admin.execute("DROP ROLE weak_reader")


def test_a_copy_on_a_later_version_says_so(origin: Endpoint, newer_server: Server) -> None:
    later = ScratchServer(
        side=Side.SOURCE,
        host=newer_server.host,
        port=newer_server.port,
        user=newer_server.user,
        password=newer_server.password,
        programs=newer_server.installation.bin,
        version="18",
        system_identifier=str(newer_server.system_identifier),
    )
    copy = copied(origin, later)
    assert copy.notes == ("the clone runs on PostgreSQL 18, the original on 16",)
    assert copy.lacking == ()
    with slot_of(later, copy.template) as slot, login(slot) as connection:
        assert connection.execute("SELECT count(*) FROM app.t").fetchone() == (50,)
    with psycopg.connect(newer_server.dsn("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE template_of_test")
        admin.execute("DROP ROLE clone_owner, clone_reader, clone_group")


def test_a_schema_that_does_not_exist_is_an_error(origin: Endpoint, scratch: ScratchServer) -> None:
    with pytest.raises(CloneFailed, match="none of the schemas nowhere"):
        copied(origin, scratch, "nowhere")


def test_copying_leaves_no_password_in_the_arguments_of_the_programs_that_copy(
    origin: Endpoint, scratch: ScratchServer, tmp_path: Path
) -> None:
    log = tmp_path / "arguments"
    programs = tmp_path / "bin"
    programs.mkdir()
    for program in ("pg_dump", "pg_restore"):
        wrapper = programs / program
        wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {log}\nexec {scratch.programs / program} "$@"\n')
        wrapper.chmod(0o755)
    watched = ScratchServer(**{name: getattr(scratch, name) for name in scratch.__slots__} | {"programs": programs})
    copied(origin, watched)
    arguments = log.read_text()
    assert len(arguments.splitlines()) == 2
    assert "pa ss" not in arguments
    assert scratch.password not in arguments


ROWS = """
CREATE TABLE public.plain (note text);
CREATE TABLE public.made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int,
                          twice int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE public.child (made int REFERENCES public.made ON DELETE CASCADE, n int);
CREATE TABLE public.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE public.low PARTITION OF public.parts FOR VALUES FROM (0) TO (500);
CREATE TABLE public.high PARTITION OF public.parts FOR VALUES FROM (500) TO (1000);
CREATE TABLE public.always (id int);
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger fired'; END $$;
INSERT INTO public.plain SELECT 'n' || n FROM generate_series(1, 200) n;
INSERT INTO public.made (a) SELECT n FROM generate_series(1, 200) n;
INSERT INTO public.child SELECT n, n FROM generate_series(1, 200) n;
INSERT INTO public.parts SELECT n FROM generate_series(1, 900) n;
INSERT INTO public.always SELECT n FROM generate_series(1, 200) n;
CREATE TRIGGER refuse BEFORE INSERT OR DELETE ON public.plain FOR EACH ROW EXECUTE FUNCTION public.refuse();
CREATE TRIGGER refuse BEFORE INSERT OR DELETE ON public.always FOR EACH ROW EXECUTE FUNCTION public.refuse();
ALTER TABLE public.always ENABLE ALWAYS TRIGGER refuse;
CREATE RULE nothing AS ON DELETE TO public.child DO INSTEAD NOTHING;
"""
TABLES = ("plain", "made", "child", "parts", "always")


def test_a_shuffled_table_holds_the_same_rows_in_another_order(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(ROWS)
        before = {table: connection.execute(f"SELECT * FROM public.{table}").fetchall() for table in TABLES}
        orders = []
        for seed in (0.25, 0.75):
            assert shuffle_rows(connection, ["public"], seed) == 5
            orders.append({table: connection.execute(f"SELECT * FROM public.{table}").fetchall() for table in TABLES})
        rights = connection.execute("SHOW session_replication_role").fetchone()
    for order in orders:
        assert {table: sorted(rows) for table, rows in order.items()} == {t: sorted(rows) for t, rows in before.items()}
        assert {table for table in TABLES if order[table] != before[table]} == set(TABLES) - {"always"}
    assert orders[0]["plain"] != orders[1]["plain"]
    assert rights == ("origin",)


def test_sequences_of_two_databases_go_on_with_the_same_numbers(server: Server, newer_server: Server) -> None:
    made = "CREATE TABLE public.t (id serial, other int GENERATED BY DEFAULT AS IDENTITY, loose int)"
    with pair_of(server, newer_server) as pair:
        pair.on_both(made, "CREATE SEQUENCE public.free", "INSERT INTO public.t (id, other) VALUES (7, 7)")
        pair.on_source("SELECT setval('t_id_seq', 40)", "SELECT setval('t_other_seq', 40)", "SELECT nextval('free')")
        pair.on_target("SELECT setval('t_id_seq', 90)")
        with psycopg.connect(pair.source_dsn) as source, psycopg.connect(pair.target_dsn) as target:
            assert align_sequences(source, target, ["public"]) == ("public.free", "public.t_id_seq")
            for connection, other in ((source, 41), (target, 1)):
                shown = "SELECT nextval('t_id_seq'), nextval('t_other_seq'), nextval('free')"
                assert connection.execute(shown).fetchone() == (91, other, 2)


def test_a_sequence_that_was_only_set_goes_on_from_there(server: Server, newer_server: Server) -> None:
    with pair_of(server, newer_server) as pair:
        pair.on_both(
            "CREATE SEQUENCE public.only_set", "SELECT setval('only_set', 50, false)", "CREATE SEQUENCE public.new"
        )
        with psycopg.connect(pair.source_dsn) as source, psycopg.connect(pair.target_dsn) as target:
            assert align_sequences(source, target, ["public"]) == ()
            for connection in (source, target):
                assert connection.execute("SELECT nextval('only_set'), nextval('new')").fetchone() == (50, 1)
