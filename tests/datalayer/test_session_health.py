"""The health of a chat session at each of its boundaries, counted by a real server, at a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from harness.embedded.server import Server
from harness.reference.seed import seed_target_only
from harness.reference.session_health import SessionFacts, health_of, status_code
from tests.datalayer.chat_sessions import OTHER, OWN, Chats, chats, data

SECOND = timedelta(seconds=1)
EXPIRED = timedelta(0)
HEALTHY = SessionFacts(auth_states=1, keys=2000, expired_keys=0, session_keys=10, seconds_since_update=0.0)


@pytest.fixture(scope="module")
def chats_of_module(server: Server) -> Iterator[Chats]:
    with chats(server) as one:
        yield one


@pytest.fixture
def chat(chats_of_module: Chats) -> Chats:
    chats_of_module.empty()
    return chats_of_module


def healthy(chat: Chats, *, updated_ago: timedelta = timedelta(0)) -> None:
    """A session of 2,000 keys with the fewest session keys that are enough."""
    chat.pair()
    chat.add_keys(1990, updated_ago=updated_ago)
    chat.add_keys(10, key_type="session", updated_ago=updated_ago)


def judged(chat: Chats, company_id: int = OWN) -> tuple[str, str, list[tuple[str, str]], int]:
    """Level, status, reasons and status code."""
    answer = chat.store.health(company_id)
    found = data(answer)
    reasons = [(one["level"], one["reason"]) for one in found["reasons"]]
    return found["level"], found["status"], reasons, status_code(answer)


@pytest.mark.parametrize(
    ("expired", "expected"),
    [
        (0, ("healthy", "ok", [], 200)),
        (99, ("healthy", "ok", [], 200)),
        (100, ("warning", "warning", [("warning", "expired_keys")], 200)),
        (500, ("warning", "warning", [("warning", "expired_keys")], 200)),
        (501, ("critical", "critical", [("critical", "expired_keys")], 503)),
    ],
)
def test_so_many_expired_keys_are_so_bad(chat: Chats, expired: int, expected: Any) -> None:
    healthy(chat)
    chat.add_keys(expired, expires_in=EXPIRED)
    assert judged(chat) == expected
    assert data(chat.store.health(OWN))["expired_keys"] == expired


def test_a_key_counts_as_expired_from_its_last_moment_on_and_one_without_an_end_never(chat: Chats) -> None:
    healthy(chat)
    chat.add_keys(50, expires_in=None)
    chat.add_keys(40, expires_in=timedelta(microseconds=1))
    chat.add_keys(30, expires_in=timedelta(0))
    chat.add_keys(20, expires_in=timedelta(microseconds=-1))
    found = data(chat.store.health(OWN))
    assert (found["keys"], found["expired_keys"]) == (2140, 50)


def test_no_auth_state_is_critical(chat: Chats) -> None:
    assert judged(chat)[0] == "critical"
    assert ("critical", "no_auth_state") in judged(chat)[2]
    assert judged(chat)[3] == 503


def test_the_auth_state_and_the_keys_of_another_company_do_not_count(chat: Chats) -> None:
    healthy(chat)
    chat.add_keys(501, expires_in=EXPIRED)
    assert ("critical", "no_auth_state") in judged(chat, OTHER)[2]
    chat.pair(OTHER)
    found = data(chat.store.health(OTHER))
    assert (found["auth_states"], found["keys"], found["expired_keys"], found["session_keys"]) == (1, 0, 0, 0)


def test_a_session_counts_for_its_company_whatever_it_is_called(chat: Chats) -> None:
    chat.pair(OTHER, session_id="reception")
    chat.add_keys(501, session_id="reception", expires_in=EXPIRED)
    assert ("critical", "expired_keys") in judged(chat, OTHER)[2]


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(hours=24) - SECOND, ("healthy", "ok", [], 200)),
        (timedelta(hours=24), ("degraded", "warning", [("degraded", "not_updated")], 200)),
        (timedelta(hours=48) - SECOND, ("degraded", "warning", [("degraded", "not_updated")], 200)),
        (timedelta(hours=48), ("bad", "critical", [("bad", "not_updated")], 503)),
    ],
    ids=["just under 24 h", "24 h", "just under 48 h", "48 h"],
)
def test_so_long_without_an_update_is_so_bad(chat: Chats, ago: timedelta, expected: Any) -> None:
    healthy(chat, updated_ago=ago)
    assert judged(chat) == expected


def test_one_key_that_was_updated_is_enough(chat: Chats) -> None:
    healthy(chat, updated_ago=timedelta(hours=72))
    chat.add_keys(1, updated_ago=timedelta(hours=24) - SECOND)
    assert judged(chat)[0] == "healthy"


def test_a_session_whose_keys_were_never_written_is_bad(chat: Chats) -> None:
    chat.pair()
    assert judged(chat) == ("bad", "critical", [("bad", "not_updated"), ("bad", "few_session_keys")], 503)
    assert data(chat.store.health(OWN))["seconds_since_update"] is None


@pytest.mark.parametrize(
    ("expired", "expected"),
    [(10, ("healthy", "ok", [], 200)), (11, ("bad", "critical", [("bad", "half_expired")], 503))],
    ids=["half", "more than half"],
)
def test_more_than_half_expired_is_bad_and_half_is_not(chat: Chats, expired: int, expected: Any) -> None:
    chat.pair()
    chat.add_keys(10, key_type="session")
    chat.add_keys(expired, expires_in=EXPIRED)
    assert judged(chat) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [(10, ("healthy", "ok", [], 200)), (9, ("bad", "critical", [("bad", "few_session_keys")], 503))],
)
def test_ten_session_keys_are_enough_and_nine_are_not(chat: Chats, count: int, expected: Any) -> None:
    chat.pair()
    chat.add_keys(100)
    chat.add_keys(count, key_type="session")
    assert judged(chat) == expected


def test_an_expired_session_key_is_no_session_key(chat: Chats) -> None:
    chat.pair()
    chat.add_keys(9, key_type="session")
    chat.add_keys(1, key_type="session", expires_in=EXPIRED)
    assert judged(chat)[2] == [("bad", "few_session_keys")]


@pytest.mark.parametrize(
    ("facts", "level", "status"),
    [
        ((1, 2000, 100, 10, 24 * 3600.0), "degraded", "warning"),
        ((1, 2000, 100, 10, 48 * 3600.0), "bad", "critical"),
        ((1, 2000, 501, 9, 48 * 3600.0), "critical", "critical"),
        ((0, 2000, 0, 10, 0.0), "critical", "critical"),
        ((1, 2000, 99, 10, -5.0), "healthy", "ok"),
    ],
)
def test_the_worst_level_wins(facts: tuple[int, int, int, int, float], level: str, status: str) -> None:
    found = health_of(SessionFacts(*facts))
    assert (found.level, found.status) == (level, status)


def test_a_healthy_session_has_no_reasons() -> None:
    assert health_of(HEALTHY).reasons == ()


def test_the_invented_session_is_bad_at_the_moment_that_it_was_made_for(chat: Chats) -> None:
    with psycopg.connect(chat.dsn) as connection:
        seed_target_only(connection)
    found = data(chat.store.health(OWN))
    [(expired,)] = chat.execute("SELECT count(*) FROM whatsapp_keys WHERE expires_at <= %s", chat.now)
    assert (found["auth_states"], found["keys"], found["expired_keys"]) == (1, 728, expired)
    assert {"level": "bad", "reason": "half_expired"} in found["reasons"]


def test_a_database_that_cannot_be_asked_is_a_500(server: Server) -> None:
    with chats(server) as lost:
        lost.execute("DROP TABLE whatsapp_keys")
        answer = lost.store.health(OWN)
    assert not answer["success"]
    assert status_code(answer) == 500
