"""The doctor on real servers: what it says of each thing that stands in the way of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.embedded.server import Server, free_port
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint
from harness.stages.doctor import Check, doctor
from tests.postgres.tls_front import tls_front

PASSWORD = "s3cret/pass word"


def look(source: str | None, target: str | None = None, **sections: object) -> dict[tuple[str, str], Check]:
    """The checks by side (or both) and name; none of them may hold a password."""
    checks = doctor(
        Endpoint(Side.SOURCE, source) if source is not None else None,
        Endpoint(Side.TARGET, target) if target is not None else None,
        Configuration.model_validate(sections),
    )
    for each in checks:
        for secret in (PASSWORD, quote(PASSWORD, safe="")):
            assert secret not in each.to_json()
    found = {(each.side.value if each.side else "both", each.name): each for each in checks}
    assert len(found) == len(checks)
    return found


@pytest.fixture
def plain_role(server: Server, database: str) -> Iterator[str]:
    """The DSN of a role without any right but to connect."""
    name = f"plain_{database.rpartition('/')[2]}"
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(PASSWORD)))
    yield server.dsn(database.rpartition("/")[2], user=name, password=PASSWORD)
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)))
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def run(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


def test_a_sound_pair_is_ok_in_everything(database: str, newer_database: str) -> None:
    run(database, "CREATE TABLE clients (id int)")
    found = look(database, newer_database)
    assert {each.status for each in found.values()} == {"ok"}
    assert found["both", "versions"].text == "source 16, target 18"
    assert found["source", "read rights"].text == "1 table in scope, all can be read"
    assert found["source", "reachable"].text.endswith(" ms")


def test_one_side_alone_is_looked_at(database: str) -> None:
    assert {side for side, _ in look(None, database)} == {"target"}


def test_the_same_database_is_a_problem(database: str) -> None:
    assert look(database, database)["both", "distinct"].status == "problem"


def test_a_wrong_password_is_said_and_not_repeated(server: Server, plain_role: str) -> None:
    with_wrong = plain_role.replace(quote(PASSWORD, safe=""), quote(PASSWORD + "!", safe=""))
    found = look(with_wrong)
    assert set(found) == {("source", "reachable")}
    assert found["source", "reachable"].status == "problem"
    assert "refused the password" in found["source", "reachable"].text


def test_a_port_where_nothing_listens_is_said_and_the_other_side_is_still_looked_at(database: str) -> None:
    found = look(f"postgresql://someone:x@127.0.0.1:{free_port()}/salon", database)
    assert found["source", "reachable"].status == "problem"
    assert found["target", "reachable"].status == "ok"
    assert ("both", "distinct") not in found


def test_the_port_of_the_transaction_pooler_is_named_whether_it_answers_or_not() -> None:
    found = look(f"postgresql://someone:{quote(PASSWORD, safe='')}@127.0.0.1:6543/postgres")
    assert found["source", "port"].status == "problem"
    assert "session mode" in found["source", "port"].hint


def test_a_dsn_that_is_none_is_an_error_that_does_not_repeat_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        look(f"postgresql://u:{PASSWORD}@h:x:y/z")
    assert PASSWORD not in str(caught.value)


def test_a_role_without_rights_is_told_what_it_lacks(database: str, plain_role: str) -> None:
    run(database, "CREATE TABLE clients (id int)", "CREATE TABLE staff (id int)")
    found = look(database, plain_role)
    assert found["target", "read rights"].status == "problem"
    assert "public.clients, public.staff" in found["target", "read rights"].text
    assert found["target", "write rights"].status == "problem"
    run(database, "REVOKE USAGE ON SCHEMA public FROM PUBLIC")
    assert "may not use schema public" in look(database, plain_role)["target", "read rights"].text


def test_a_role_that_may_load_and_not_change_the_schema_is_warned(database: str, plain_role: str) -> None:
    role, name = plain_role.split("//")[1].split(":")[0], database.rpartition("/")[2]
    run(
        database,
        "CREATE TABLE clients (id int)",
        f"GRANT CREATE ON DATABASE {name} TO {role}",
        f"GRANT SELECT, INSERT ON clients TO {role}",
    )
    assert look(database, plain_role)["target", "write rights"].status == "warning"


def test_tables_that_were_excluded_or_live_on_the_target_alone_are_nobodys_concern(
    database: str, newer_database: str, plain_role: str
) -> None:
    run(newer_database, "CREATE TABLE clients (id int)")
    run(database, "CREATE TABLE clients (id int)", "CREATE TABLE keys (id int)")
    role = plain_role.split("//")[1].split(":")[0]
    run(database, f"GRANT SELECT ON clients TO {role}")
    assert look(newer_database, plain_role)["target", "read rights"].status == "ok"
    assert look(plain_role)["source", "read rights"].status == "problem"
    excluded = look(plain_role, scope={"exclude": {"public.keys": "moved elsewhere"}})
    assert excluded["source", "read rights"].status == "ok"
    listed = look(plain_role, scope={"tables": ["clients"]})
    assert listed["source", "read rights"].status == "ok"


def test_a_table_with_row_level_security_is_named_to_a_plain_role_and_not_to_its_owner(
    database: str, plain_role: str
) -> None:
    role = plain_role.split("//")[1].split(":")[0]
    run(
        database,
        "CREATE TABLE clients (id int)",
        "CREATE TABLE staff (id int)",
        "ALTER TABLE clients ENABLE ROW LEVEL SECURITY",
        f"GRANT SELECT ON clients, staff TO {role}",
    )
    found = look(plain_role)["source", "row-level security"]
    assert found.status == "problem"
    assert found.text == f"rows of 1 table would be hidden from role {role}: public.clients"
    assert look(database)["source", "row-level security"].status == "ok"
    run(database, f"ALTER ROLE {role} BYPASSRLS")
    assert look(plain_role)["source", "row-level security"].status == "ok"


def test_another_time_zone_of_the_database_is_a_warning(database: str, newer_database: str) -> None:
    run(database, f"ALTER DATABASE {database.rpartition('/')[2]} SET timezone TO 'Europe/Moscow'")
    found = look(database, newer_database)
    assert found["source", "time zone"].status == "warning"
    assert found["both", "time zones"].text == "Europe/Moscow on the source, UTC on the target"


def test_a_statement_timeout_of_the_role_is_a_warning(database: str, plain_role: str) -> None:
    role = plain_role.split("//")[1].split(":")[0]
    run(database, f"ALTER ROLE {role} SET statement_timeout TO '8s'")
    found = look(plain_role)["source", "statement timeout"]
    assert (found.status, found.text.split(";")[0]) == ("warning", "sessions of the role begin with 8 s")


def test_the_limit_of_the_role_counts_where_it_is_the_narrowest(database: str, plain_role: str) -> None:
    role = plain_role.split("//")[1].split(":")[0]
    run(database, f"ALTER ROLE {role} CONNECTION LIMIT 3")
    found = look(plain_role)["source", "connections"]
    assert (found.status, found.text) == (
        "warning",
        "3 of the 3 connections of the role are left; a run takes at most 4",
    )
    with psycopg.connect(plain_role):
        assert look(plain_role)["source", "connections"].text.startswith("2 of the 3 connections")


def test_connections_that_others_hold_are_counted() -> None:
    settings = {"max_connections": "10", "superuser_reserved_connections": "3"}
    with Server.start(major=16, settings=settings) as small:
        run(small.dsn(), "CREATE ROLE app LOGIN PASSWORD 'x'")
        dsn = small.dsn(user="app", password="x")
        assert look(dsn)["source", "connections"].text == (
            "7 of the 7 connections of the server are left; a run takes at most 4"
        )
        held = [psycopg.connect(dsn) for _ in range(5)]
        assert look(dsn)["source", "connections"].status == "warning"
        held += [psycopg.connect(dsn) for _ in range(2)]
        assert look(dsn)["source", "reachable"].hint == (
            "The server has no connection left: wait, or lower --max-connections."
        )
        for each in held:
            each.close()


def test_encoding_and_collation_of_another_database_are_a_warning(server: Server, database: str) -> None:
    name = f"{database.rpartition('/')[2]}_c"
    run(server.dsn(), f"CREATE DATABASE {name} LOCALE 'C' ENCODING 'LATIN1' TEMPLATE template0")
    try:
        found = look(database, server.dsn(name))["both", "collation"]
        assert found.status == "warning"
        assert "encoding UTF8 on the source and LATIN1 on the target" in found.text
    finally:
        run(server.dsn(), f"DROP DATABASE {name}")


def test_looking_changes_nothing(database: str, newer_database: str) -> None:
    def contents(dsn: str) -> list[tuple[object, ...]]:
        with psycopg.connect(dsn) as connection:
            return connection.execute("SELECT relname FROM pg_class ORDER BY oid").fetchall()

    before = contents(database), contents(newer_database)
    look(database, newer_database)
    assert (contents(database), contents(newer_database)) == before


def test_tls_is_seen_with_the_end_of_the_certificate(server: Server, database: str, tmp_path: Path) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=10, hours=1)
    with tls_front(server.port, tmp_path, soon) as (port, chain):
        dsn = database.replace(f":{server.port}/", f":{port}/")
        unverified = look(f"{dsn}?sslmode=require")
        assert unverified["source", "TLS"].text.startswith("used, unverified")
        assert unverified["source", "certificate"].status == "warning"
        assert unverified["source", "certificate"].text == f"expires on {soon:%Y-%m-%d}, in 10 days"
        verified = look(f"{dsn}?sslmode=verify-full&sslrootcert={chain}")
        assert verified["source", "TLS"].text == "used, and the certificate was verified"


def test_an_expired_certificate_is_a_problem_verified_or_not(server: Server, database: str, tmp_path: Path) -> None:
    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=3)
    with tls_front(server.port, tmp_path, past) as (port, chain):
        dsn = database.replace(f":{server.port}/", f":{port}/")
        unverified = look(f"{dsn}?sslmode=require")
        assert unverified["source", "reachable"].status == "ok"
        assert unverified["source", "certificate"].text == f"expired on {past:%Y-%m-%d}"
        verified = look(f"{dsn}?sslmode=verify-full&sslrootcert={chain}")
        assert verified["source", "reachable"].status == "problem"
        assert "the certificate expired, or is not" in verified["source", "reachable"].text
        assert verified["source", "certificate"].text == f"expired on {past:%Y-%m-%d}"


def test_a_certificate_of_an_authority_that_nobody_trusts_is_said(
    server: Server, database: str, tmp_path: Path
) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=300)
    with (
        tls_front(server.port, tmp_path / "one", later) as (port, _),
        tls_front(server.port, tmp_path / "other", later) as (_, chain),
    ):
        dsn = database.replace(f":{server.port}/", f":{port}/")
        found = look(f"{dsn}?sslmode=verify-ca&sslrootcert={chain}")
        assert "not from an authority that is trusted here" in found["source", "reachable"].text
        assert found["source", "certificate"].status == "ok"


def test_a_server_without_tls_is_said_where_tls_is_demanded(database: str) -> None:
    found = look(f"{database}?sslmode=require")
    assert "the server offers none" in found["source", "reachable"].text
