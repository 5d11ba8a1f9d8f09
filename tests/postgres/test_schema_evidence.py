"""What rows and running servers say beside two catalogs: samples, order of texts, collation versions, extensions."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import conninfo, sql

from harness.core.configuration import Configuration
from harness.core.findings import Finding
from harness.core.record import Severity, Side
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint
from harness.stages.schema import SchemaPair, read_schemas
from tests.server_versions import with_extension


def _load(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _pair(source: str, target: str, policy: str | None = None) -> SchemaPair:
    configuration = Configuration.model_validate({"schema": {"policy": policy}} if policy else {})
    return read_schemas(Endpoint(Side.SOURCE, source), Endpoint(Side.TARGET, target), configuration, scope=None)


def _only(pair: SchemaPair, code: str) -> Finding:
    (found,) = [each for each in pair.findings if each.code == code]
    return found


@pytest.fixture
def other(newer_server: Server) -> Iterator[str]:
    """A database that sorts by the builtin rules."""
    with psycopg.connect(newer_server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE other_rules TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'")
        yield conninfo.make_conninfo(newer_server.dsn(), dbname="other_rules")
        admin.execute("DROP DATABASE other_rules WITH (FORCE)")


def test_equal_values_speak_for_a_rename_and_other_values_do_not(database: str, newer_database: str) -> None:
    rows = "SELECT n, '+7000555' || lpad(n::text, 4, '0'), 'c' || n FROM generate_series(1, 300) n"
    _load(database, "CREATE TABLE clients (id int PRIMARY KEY, phone text, code text)", f"INSERT INTO clients {rows}")
    _load(
        newer_database,
        "CREATE TABLE clients (id int PRIMARY KEY, contact_number text, remark text)",
        f"INSERT INTO clients SELECT n, phone, 'other ' || n FROM ({rows}) AS s (n, phone, code)",
    )
    suggested = {each.source: each for each in _pair(database, newer_database).diff.renames}
    found = suggested["public.clients.phone"]
    assert found.target == "public.clients.contact_number"
    assert any("200 of 200" in text for text in found.evidence), found.evidence
    assert not any("200 of 200" in text for each in suggested.values() for text in each.evidence if each != found)


def test_a_column_that_may_not_be_read_costs_the_sample_and_not_the_comparison(
    server: Server, database: str, newer_database: str
) -> None:
    _load(database, "CREATE TABLE t (id int PRIMARY KEY, phone text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    _load(newer_database, "CREATE TABLE t (id int PRIMARY KEY, phones text)", "INSERT INTO t VALUES (1, 'a')")
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("CREATE ROLE looks_only LOGIN PASSWORD 'looks'")
    try:
        reader = conninfo.make_conninfo(database, user="looks_only", password="looks")
        pair = _pair(reader, newer_database)
        assert [each.source for each in pair.diff.renames] == ["public.t.phone"]
        assert not any(" of " in text and "value" in text for text in pair.diff.renames[0].evidence)
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute("DROP ROLE looks_only")


def test_texts_that_the_target_orders_otherwise_are_told_by_their_shape(server: Server, newer_database: str) -> None:
    """By their bytes the letters of KOI8-R stand in another order than those of UTF-8."""
    names = "CREATE TABLE names (id int PRIMARY KEY, name text); CREATE INDEX names_name ON names (name);"
    name = "koi8"
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'KOI8R' LOCALE 'C'").format(sql.Identifier(name))
        )
    try:
        dsn = conninfo.make_conninfo(server.dsn(), dbname=name, client_encoding="utf8")
        rows = "INSERT INTO names VALUES (1, 'Даша 12'), (2, 'Цветана'), (3, 'Anna')"
        for each in (dsn, newer_database):
            _load(each, names, rows)
        pair = _pair(dsn, newer_database)
        found = _only(pair, "ENV003")
        assert (found.severity, found.object.identity) == (Severity.RISK, "public.names.name")
        assert found.evidence[0].source == "Äääääää < Ääää 99"
        assert found.evidence[0].target == "Ääää 99 < Äääääää"
        risky = _only(pair, "ENV005")
        assert risky.evidence[0].source == "bytes in KOI8R"
        assert risky.evidence[1].text == "public.names_name"
    finally:
        with psycopg.connect(server.dsn(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_two_names_of_one_order_are_no_finding(database: str, other: str) -> None:
    made = "CREATE TABLE names (id int PRIMARY KEY, name text UNIQUE)"
    for dsn in (database, other):
        _load(dsn, made, "INSERT INTO names VALUES (1, 'b'), (2, 'B'), (3, 'ä')")
    codes = {each.code for each in _pair(database, other).findings}
    assert not codes & {"ENV003", "ENV004", "ENV005"}


def test_a_collation_that_has_changed_under_its_indexes_is_told_with_what_to_build_anew(
    database: str, other: str
) -> None:
    _load(other, "CREATE TABLE names (id int PRIMARY KEY, name text UNIQUE, born date)", "CREATE INDEX ON names (born)")
    _load(other, "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()")
    found = _only(_pair(database, other), "ENV004")
    assert found.severity is Severity.RISK
    assert "version 0 of its collation" in found.title
    assert found.fix is not None
    assert (found.fix.sql or "").splitlines() == [
        "REINDEX INDEX CONCURRENTLY public.names_name_key;",
        "ALTER DATABASE other_rules REFRESH COLLATION VERSION;",
    ]


def test_an_extension_that_the_target_has_not_says_whether_its_server_offers_it(newer_database: str) -> None:
    with Server.start(installation=with_extension("citext")) as server:
        dsns = {name: conninfo.make_conninfo(server.dsn(), dbname=name) for name in ("ours", "theirs")}
        _load(server.dsn(), *(f"CREATE DATABASE {name}" for name in dsns))
        _load(dsns["ours"], "CREATE EXTENSION citext", "CREATE TABLE people (id int PRIMARY KEY, mail citext)")
        told = {}
        for target in (dsns["theirs"], newer_database):
            pair = _pair(dsns["ours"], target, policy="supabase")
            (told[target],) = [each for each in pair.diff.dependencies if each.code == "PLT006"]
            assert _only(pair, "PLT006").severity is Severity.BLOCKER
    offered, absent = told.values()
    assert (offered.kind, offered.identity) == ("column", "public.people.mail")
    assert "the target's server offers version" in offered.breaks
    assert offered.ways_out[0].startswith("CREATE EXTENSION citext SCHEMA public")
    assert "the target's server does not offer it" in absent.breaks
    assert absent.ways_out[0].startswith("install citext on the target's machine")


def test_what_the_target_does_not_vouch_for_is_told_though_both_sides_are_alike(
    database: str, newer_database: str
) -> None:
    for dsn in (database, newer_database):
        _load(
            dsn,
            "CREATE TABLE t (id int, price int)",
            "INSERT INTO t VALUES (1, -1), (1, 2)",
            "ALTER TABLE t ADD CONSTRAINT paid CHECK (price > 0) NOT VALID",
            "CREATE PUBLICATION feed FOR TABLE t",
        )
        with pytest.raises(psycopg.errors.UniqueViolation):
            _load(dsn, "CREATE UNIQUE INDEX CONCURRENTLY once ON t (id)")
    pair = _pair(database, newer_database)
    assert pair.diff.changes == ()
    told = {each.code: each for each in pair.findings}
    assert told.keys() == {"CON009", "IDX007", "PUB001"}
    assert {each.severity for each in pair.findings} == {Severity.RISK}
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        _load(newer_database, "UPDATE t SET price = 5")
    mended = [each.fix.sql for each in pair.findings if each.fix is not None and each.fix.sql is not None]
    _load(newer_database, "ALTER TABLE t REPLICA IDENTITY FULL", "DELETE FROM t WHERE price < 0", *mended)
    assert _pair(database, newer_database).findings != ()
    assert {each.code for each in _pair(database, newer_database).findings} <= {"CON006", "IDX007", "TAB003"}


@pytest.mark.parametrize(
    ("published", "made", "refused"),
    [
        ("FOR TABLE t (id)", "PRIMARY KEY (id)", False),
        ("FOR TABLE t (name)", "PRIMARY KEY (id)", True),
        ("FOR ALL TABLES", "UNIQUE (id)", True),
        ("FOR TABLES IN SCHEMA public", "PRIMARY KEY (id) DEFERRABLE", True),
        ("FOR TABLE t WITH (publish = 'insert')", "UNIQUE (id)", False),
    ],
)
def test_an_update_is_called_refused_where_postgresql_refuses_it(
    database: str, newer_database: str, published: str, made: str, refused: bool
) -> None:
    _load(database, f"CREATE TABLE t (id int NOT NULL, name text, {made})")
    _load(newer_database, f"CREATE TABLE t (id int NOT NULL, name text, {made})", "INSERT INTO t VALUES (1, 'a')")
    _load(newer_database, f"CREATE PUBLICATION feed {published}")
    found = [each for each in _pair(database, newer_database).findings if each.code == "PUB001"]
    assert [each.severity for each in found] == [Severity.BLOCKER] * refused
    if refused:
        with pytest.raises(psycopg.Error) as error:
            _load(newer_database, "UPDATE t SET name = 'b'")
        assert f"fails with {error.value.sqlstate}" in found[0].breaks[0]
    else:
        _load(newer_database, "UPDATE t SET name = 'b'")
