"""`pgparity sessions health` and `cleanup`: levels by expired keys, and deletes only where that was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.cli.conftest import Pgparity
from tests.datalayer.chat_sessions import OTHER, OWN, Chats, chats


@pytest.fixture(scope="module")
def chats_of_module(server: Server) -> Iterator[Chats]:
    with chats(server) as one:
        yield one


@pytest.fixture
def chat(chats_of_module: Chats) -> Chats:
    """A company whose session is healthy: 600 living keys, updated now."""
    chats_of_module.empty()
    furnish(chats_of_module, OWN)
    return chats_of_module


def furnish(chat: Chats, company_id: int, *, expired: int = 0, kind: str = "sender-key") -> None:
    chat.pair(company_id)
    add(chat, company_id, 600, "session", living=True)
    add(chat, company_id, expired, kind, living=False)


def add(chat: Chats, company_id: int, count: int, kind: str, *, living: bool) -> None:
    chat.execute(
        "INSERT INTO whatsapp_keys (session_id, key_type, key_id, value, expires_at)"
        " SELECT %s, %s, gen_random_uuid()::text, '{}', now() + %s::interval FROM generate_series(1, %s)",
        f"company_{company_id}",
        kind,
        "1 day" if living else "-1 day",
        count,
    )


def asked(chat: Chats, here: Pgparity, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = here("sessions", *arguments, "--target", chat.dsn, "--format", "json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("expired", "level", "code"),
    [(0, "healthy", 0), (99, "healthy", 0), (100, "warning", 0), (500, "warning", 0), (501, "critical", 1)],
)
def test_so_many_expired_keys_have_this_level_and_exit_code(
    chat: Chats, here: Pgparity, expired: int, level: str, code: int
) -> None:
    add(chat, OWN, expired, "sender-key", living=False)
    given, report = asked(chat, here, "health", "--company-id", str(OWN))
    (one,) = report["companies"]
    assert (given, one["level"], one["expired_keys"], one["keys"]) == (code, level, expired, 600 + expired)


def test_without_a_company_every_one_with_a_session_is_told_and_the_worst_decides(chat: Chats, here: Pgparity) -> None:
    furnish(chat, OTHER, expired=501)
    code, report = asked(chat, here, "health")
    assert [(each["company_id"], each["status"]) for each in report["companies"]] == [(OWN, "ok"), (OTHER, "critical")]
    assert (code, report["status"]) == (1, "critical")
    told = here("sessions", "health", "--target", chat.dsn)
    assert "many expired keys (critical)" in told.stdout


def test_the_one_connection_that_is_wanted_is_no_pool_that_is_nearly_used_up(
    chat: Chats, here: Pgparity, caplog: pytest.LogCaptureFixture
) -> None:
    assert asked(chat, here, "health", "--company-id", str(OWN))[0] == 0
    assert caplog.messages == []


def test_a_company_without_an_auth_state_is_critical(chat: Chats, here: Pgparity) -> None:
    code, report = asked(chat, here, "health", "--company-id", "5")
    assert (code, report["companies"][0]["level"]) == (1, "critical")


def test_no_session_at_all_is_nothing_checked(chat: Chats, here: Pgparity) -> None:
    chat.empty()
    assert asked(chat, here, "health") == (
        3,
        {"format": "pgparity/sessions", "version": 1, "status": None, "companies": []},
    )


@pytest.mark.long
@pytest.mark.parametrize("expired", [0, 99, 100, 500, 501])
@pytest.mark.parametrize("flags", [(), ("--dry-run",), ("--dry-run", "--yes")])
def test_nothing_is_deleted_without_a_yes_alone(
    chat: Chats, here: Pgparity, expired: int, flags: tuple[str, ...]
) -> None:
    add(chat, OWN, expired, "sender-key", living=False)
    code, told = asked(chat, here, "cleanup", *flags)
    assert (code, told["dry_run"], told["deleted_in_all"]) == (0, True, expired)
    assert chat.execute("SELECT count(*) FROM whatsapp_keys") == [(600 + expired,)]


@pytest.mark.long
@pytest.mark.parametrize("expired", [0, 99, 100, 500, 501])
def test_the_expired_keys_go_with_yes_and_counts_tell_before_and_after(
    chat: Chats, here: Pgparity, expired: int
) -> None:
    add(chat, OWN, expired, "sender-key", living=False)
    furnish(chat, OTHER, expired=3, kind="mapping")
    code, told = asked(chat, here, "cleanup", "--company-id", str(OWN), "--yes")
    deleted = {"sender-key": expired} if expired else {}
    assert (code, told["dry_run"], told["deleted"], told["deleted_in_all"]) == (0, False, deleted, expired)
    assert told["after"] == {"session": {"keys": 600, "expired": 0}}
    assert told["before"] == told["after"] | ({"sender-key": {"keys": expired, "expired": expired}} if expired else {})
    assert told["seconds"] > 0
    assert chat.execute("SELECT count(*) FROM whatsapp_keys") == [(1203,)]


def test_a_clean_up_for_people_says_what_it_did(chat: Chats, here: Pgparity) -> None:
    add(chat, OWN, 7, "sender-key", living=False)
    told = here("sessions", "cleanup", "--target", chat.dsn)
    assert "would delete 7 expired keys of all companies; --yes does it" in told.stdout
    told = here("sessions", "cleanup", "--target", chat.dsn, "--yes")
    assert "deleted 7 expired keys of all companies in " in told.stdout


@pytest.mark.parametrize("command", ["health", "cleanup"])
def test_a_database_without_the_tables_is_one_line(database: str, here: Pgparity, command: str) -> None:
    done = here("sessions", command, "--target", database)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no chat-session store" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--target", "host=127.0.0.1 port=2"), "cannot be reached"),
        ((), "no target database is given"),
    ],
)
def test_a_store_that_cannot_be_asked_is_exit_code_2(here: Pgparity, arguments: tuple[str, ...], told: str) -> None:
    done = here("sessions", "health", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_company_that_is_no_company_is_refused(chat: Chats, here: Pgparity) -> None:
    done = here("sessions", "health", "--target", chat.dsn, "--company-id", "0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "company" in done.stderr
