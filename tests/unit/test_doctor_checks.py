"""The doctor's judgement on facts made by hand: what no server of the tests can be made to say."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from harness.core.checkup import Check, pooler_port, side_checks
from harness.core.checkup_pair import pair_checks
from harness.core.record import Side
from harness.core.server_state import (
    ConnectionLimit,
    Extensions,
    SchemaRights,
    ServerState,
    TableRights,
    Transport,
)
from harness.postgres.peer import is_local

NOW = dt.datetime(2030, 6, 1, tzinfo=dt.UTC)
TABLE = TableRights(table="public.clients", can_read=True, can_insert=True, is_owner=True, filtered=False)
SCHEMA = SchemaRights(schema="public", can_use=True, can_create=True)
STATE = ServerState(
    milliseconds=3,
    database="salon",
    version="16.4",
    major=16,
    encoding="UTF8",
    collate="C.UTF-8",
    ctype="C.UTF-8",
    locale_provider="libc",
    timezone="UTC",
    role="keeper",
    superuser=False,
    bypasses_row_security=False,
    can_create_in_database=True,
    in_recovery=False,
    limits=(ConnectionLimit(of="the server", allowed=97, used=10),),
    statement_timeout_default=0,
    shares_backends=False,
    schemas=(SCHEMA,),
    tables=(TABLE,),
    extensions=Extensions(installed={"pgcrypto": "1.3"}, offered={"pgcrypto": "1.3"}),
    transport=Transport(local=False, encrypted=True, verified=True, expires=dt.datetime(2031, 6, 1, tzinfo=dt.UTC)),
)


def check(name: str, side: Side = Side.TARGET, **changed: object) -> Check:
    state = dataclasses.replace(STATE, **changed)  # type: ignore[arg-type]
    checks = side_checks(side, state, connections=4, statement_timeout=600, now=NOW)
    return next(each for each in checks if each.name == name)


def both(name: str, target: ServerState, source: ServerState = STATE) -> Check:
    return next(each for each in pair_checks(source, target) if each.name == name)


def test_a_sound_pair_has_nothing_but_ok() -> None:
    checks = [
        *side_checks(Side.SOURCE, STATE, connections=4, statement_timeout=600, now=NOW),
        *side_checks(Side.TARGET, STATE, connections=4, statement_timeout=600, now=NOW),
        *pair_checks(STATE, STATE),
    ]
    assert {each.status for each in checks} == {"ok"}
    assert all(each.text and not each.hint for each in checks)


@pytest.mark.parametrize(("major", "status"), [(12, "problem"), (13, "ok"), (18, "ok"), (19, "warning")])
def test_versions_13_to_18_are_supported(major: int, status: str) -> None:
    assert check("version", major=major).status == status


def test_a_pooler_in_transaction_mode_is_a_problem() -> None:
    assert check("pooler", shares_backends=True).status == "problem"


def test_the_port_of_the_transaction_pooler_is_a_problem_before_any_connection() -> None:
    found = pooler_port(Side.SOURCE, "6543")
    assert found is not None
    assert found.status == "problem"
    assert "session mode" in found.hint
    assert pooler_port(Side.SOURCE, "5432") is None


def test_a_replica_is_a_problem_as_target_and_a_warning_as_source() -> None:
    assert check("recovery", in_recovery=True).status == "problem"
    assert check("recovery", Side.SOURCE, in_recovery=True).status == "warning"


@pytest.mark.parametrize(
    ("used", "status"), [(93, "ok"), (94, "warning"), (96, "warning"), (97, "problem"), (99, "problem")]
)
def test_connections_left_are_held_against_what_a_run_takes(used: int, status: str) -> None:
    assert check("connections", limits=(ConnectionLimit(of="the server", allowed=97, used=used),)).status == status


def test_the_narrowest_limit_of_connections_counts() -> None:
    limits = (ConnectionLimit(of="the server", allowed=97, used=1), ConnectionLimit(of="the role", allowed=5, used=3))
    found = check("connections", limits=limits)
    assert found.text == "2 of the 5 connections of the role are left; a run takes at most 4"
    assert found.hint == "Set run.max_connections to 2 or less."


@pytest.mark.parametrize(("milliseconds", "status"), [(0, "ok"), (8000, "warning"), (600_000, "ok")])
def test_a_statement_timeout_that_is_shorter_than_a_run_needs_is_a_warning(milliseconds: int, status: str) -> None:
    assert check("statement timeout", statement_timeout_default=milliseconds).status == status


@pytest.mark.parametrize(
    ("transport", "statuses"),
    [
        (Transport(local=True, encrypted=False, verified=False), {"TLS": "ok"}),
        (Transport(local=False, encrypted=False, verified=False), {"TLS": "warning"}),
        (Transport(local=False, encrypted=True, verified=False), {"TLS": "warning", "certificate": "unknown"}),
        (
            Transport(local=True, encrypted=True, verified=False, expires=NOW + dt.timedelta(days=31)),
            {"TLS": "ok", "certificate": "ok"},
        ),
        (
            Transport(local=False, encrypted=True, verified=True, expires=NOW + dt.timedelta(days=29)),
            {"TLS": "ok", "certificate": "warning"},
        ),
        (
            Transport(local=False, encrypted=True, verified=False, expires=NOW),
            {"TLS": "warning", "certificate": "problem"},
        ),
    ],
)
def test_tls_is_wanted_and_verified_outside_of_the_machine(transport: Transport, statuses: dict[str, str]) -> None:
    checks = side_checks(
        Side.SOURCE, dataclasses.replace(STATE, transport=transport), connections=4, statement_timeout=600, now=NOW
    )
    assert {each.name: each.status for each in checks if each.name in ("TLS", "certificate")} == statuses


@pytest.mark.parametrize(
    ("host", "address", "local"),
    [
        ("", "", True),
        ("/run/postgresql", "", True),
        ("@abstract", "", True),
        ("localhost", "", True),
        ("localhost", "127.0.0.1", True),
        ("::1", "", True),
        ("db.example.org", "127.0.0.1", True),
        ("db.example.org", "192.0.2.7", False),
        ("db.example.org", "", False),
        ("192.0.2.7", "", False),
    ],
)
def test_what_stays_on_the_machine_is_known(host: str, address: str, *, local: bool) -> None:
    assert is_local(host, address) is local


def test_a_table_that_cannot_be_read_is_a_problem_and_named() -> None:
    closed = dataclasses.replace(TABLE, can_read=False)
    found = check("read rights", tables=(TABLE, closed))
    assert found.status == "problem"
    assert found.text == "role keeper may not read 1 of 2 tables: public.clients"


def test_a_schema_that_cannot_be_used_is_a_problem_and_the_grant_is_given() -> None:
    found = check("read rights", schemas=(dataclasses.replace(SCHEMA, can_use=False),))
    assert (found.status, found.hint) == ("problem", "GRANT USAGE ON SCHEMA public TO keeper;")


def test_writing_is_asked_of_the_target_alone() -> None:
    names = [each.name for each in side_checks(Side.SOURCE, STATE, connections=4, statement_timeout=600, now=NOW)]
    assert "write rights" not in names
    assert check("write rights", can_create_in_database=False).status == "problem"
    assert check("write rights", tables=(dataclasses.replace(TABLE, can_insert=False),)).status == "problem"
    assert check("write rights", tables=(dataclasses.replace(TABLE, is_owner=False),)).status == "warning"
    assert check("write rights", schemas=(dataclasses.replace(SCHEMA, can_create=False),)).status == "warning"


def test_encoding_collation_and_provider_have_to_be_alike() -> None:
    other = dataclasses.replace(STATE, collate="ru_RU.utf8", locale_provider="icu")
    found = both("collation", other)
    assert found.status == "warning"
    assert found.text == (
        "collate C.UTF-8 on the source and ru_RU.utf8 on the target;"
        " locale provider libc on the source and icu on the target"
    )


def test_time_zones_have_to_be_alike() -> None:
    assert both("time zones", dataclasses.replace(STATE, timezone="Europe/Moscow")).status == "warning"


def test_an_older_target_is_a_warning_and_a_newer_one_is_not() -> None:
    assert both("versions", dataclasses.replace(STATE, major=15)).status == "warning"
    assert both("versions", dataclasses.replace(STATE, major=18)).status == "ok"


def test_extensions_are_had_offered_lacking_or_of_another_version() -> None:
    source = dataclasses.replace(
        STATE, extensions=Extensions(installed={"a": "1", "b": "1", "c": "1", "d": "2"}, offered={})
    )
    target = dataclasses.replace(
        STATE, extensions=Extensions(installed={"a": "1", "d": "3"}, offered={"a": "1", "b": "1", "d": "3"})
    )
    found = both("extensions", target, source)
    assert found.status == "warning"
    assert found.text == (
        "the target's server does not offer c; offered and not installed on the target: b;"
        " of another version there: d 2, 3"
    )
    assert "CREATE EXTENSION b;" in found.hint


def test_a_check_is_a_record_that_goes_through_json() -> None:
    found = check("version")
    assert Check.from_json(found.to_json()) == found
