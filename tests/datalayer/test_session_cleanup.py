"""The clean-up of chat sessions deletes what is expired and nothing else, in small batches, and says what it did."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.embedded.server import Server
from harness.reference.seed import seed_target_only
from tests.datalayer.chat_sessions import NOW, OTHER, OWN, Chats, chats, data, refused

EXPIRED = timedelta(microseconds=-1)


@pytest.fixture(scope="module")
def chats_of_module(server: Server) -> Iterator[Chats]:
    with chats(server) as one:
        yield one


@pytest.fixture
def chat(chats_of_module: Chats) -> Chats:
    chats_of_module.empty()
    return chats_of_module


def keys(chat: Chats) -> set[Any]:
    return {row[0] for row in chat.execute("SELECT id FROM whatsapp_keys")}


def two_sessions(chat: Chats) -> None:
    """In both companies: 3 of 5 pre-keys expired, 2 of 2 sender keys, 0 of 4 session keys."""
    for company in (OWN, OTHER):
        session = f"company_{company}"
        chat.pair(company)
        chat.add_keys(3, key_type="pre-key", session_id=session, expires_in=EXPIRED)
        chat.add_keys(2, key_type="pre-key", session_id=session)
        chat.add_keys(2, session_id=session, expires_in=timedelta(0))
        chat.add_keys(4, key_type="session", session_id=session, expires_in=None)


BEFORE = {
    "pre-key": {"keys": 5, "expired": 3},
    "sender-key": {"keys": 2, "expired": 2},
    "session": {"keys": 4, "expired": 0},
}
AFTER = {"pre-key": {"keys": 2, "expired": 0}, "session": {"keys": 4, "expired": 0}}
COUNTS = {"before": BEFORE, "after": AFTER, "deleted": {"pre-key": 3, "sender-key": 2}, "deleted_in_all": 5}


def test_a_dry_run_reports_what_a_clean_up_then_does_and_deletes_nothing(chat: Chats) -> None:
    two_sessions(chat)
    there = keys(chat)
    assert data(chat.store.clean_up(OWN)) == {"dry_run": True, **COUNTS}
    assert keys(chat) == there
    assert chat.kinds() == ["count"]
    assert data(chat.store.clean_up(OWN, dry_run=False)) == {"dry_run": False, **COUNTS}
    assert len(there - keys(chat)) == 5


def test_a_second_run_deletes_nothing(chat: Chats) -> None:
    two_sessions(chat)
    data(chat.store.clean_up(OWN, dry_run=False))
    there = keys(chat)
    second = data(chat.store.clean_up(OWN, dry_run=False))
    assert second == {"dry_run": False, "before": AFTER, "after": AFTER, "deleted": {}, "deleted_in_all": 0}
    assert keys(chat) == there


def test_another_companys_keys_are_neither_counted_nor_deleted(chat: Chats) -> None:
    two_sessions(chat)
    chat.pair(OTHER, session_id="reception")
    chat.add_keys(7, session_id="reception", expires_in=EXPIRED)
    assert data(chat.store.clean_up(OWN, dry_run=False))["deleted_in_all"] == 5
    assert chat.execute(
        "SELECT session_id, count(*) FROM whatsapp_keys WHERE session_id <> 'company_900100' GROUP BY 1 ORDER BY 1"
    ) == [(f"company_{OTHER}", 11), ("reception", 7)]
    assert data(chat.store.clean_up(OTHER, dry_run=False))["deleted_in_all"] == 12


def test_without_a_company_the_expired_keys_of_all_are_deleted(chat: Chats) -> None:
    two_sessions(chat)
    found = data(chat.store.clean_up(dry_run=False))
    assert found["deleted"] == {"pre-key": 6, "sender-key": 4}
    assert found["after"] == {"pre-key": {"keys": 4, "expired": 0}, "session": {"keys": 8, "expired": 0}}


@pytest.mark.parametrize(("expired", "statements"), [(0, 1), (499, 1), (500, 2), (501, 2), (1200, 3)])
def test_each_five_hundred_keys_are_deleted_in_a_statement_of_their_own(
    chat: Chats, expired: int, statements: int
) -> None:
    chat.pair()
    chat.add_keys(30)
    chat.add_keys(expired, expires_in=EXPIRED)
    assert data(chat.store.clean_up(OWN, dry_run=False))["deleted_in_all"] == expired
    assert chat.kinds() == ["count", *["delete"] * statements, "count"]
    assert chat.execute("SELECT count(*) FROM whatsapp_keys") == [(30,)]


def test_what_was_deleted_before_a_failure_stays_deleted(chat: Chats) -> None:
    chat.pair()
    chat.add_keys(500, expires_in=timedelta(days=-2))
    chat.add_keys(500, key_type="kept", expires_in=timedelta(days=-1))
    chat.execute(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''kept''; END';"
        "CREATE TRIGGER keep BEFORE DELETE ON whatsapp_keys FOR EACH ROW WHEN (OLD.key_type = 'kept')"
        " EXECUTE FUNCTION keep()"
    )
    try:
        answer = chat.store.clean_up(OWN, dry_run=False)
    finally:
        chat.execute("DROP FUNCTION keep CASCADE")
    assert refused(answer) == ("internal", "P0001")
    assert chat.execute("SELECT key_type, count(*) FROM whatsapp_keys GROUP BY 1") == [("kept", 500)]
    assert data(chat.store.clean_up(OWN, dry_run=False))["deleted"] == {"kept": 500}


def test_a_key_that_is_being_written_is_neither_waited_for_nor_deleted(chat: Chats) -> None:
    chat.pair()
    chat.add_keys(5, expires_in=EXPIRED)
    with psycopg.connect(chat.dsn) as writer:
        [key_id] = writer.execute(
            "UPDATE whatsapp_keys SET expires_at = %s WHERE id = (SELECT min(id) FROM whatsapp_keys) RETURNING key_id",
            (NOW + timedelta(days=7),),
        ).fetchone() or [None]
        found = data(chat.store.clean_up(OWN, dry_run=False))
        writer.commit()
    assert found["deleted_in_all"] == 4
    assert found["after"] == {"sender-key": {"keys": 1, "expired": 1}}
    assert chat.execute("SELECT key_id FROM whatsapp_keys") == [(key_id,)]
    assert data(chat.store.clean_up(OWN, dry_run=False))["deleted_in_all"] == 0


def test_the_invented_session_loses_its_expired_keys_and_is_not_critical_for_them(chat: Chats) -> None:
    with psycopg.connect(chat.dsn) as connection:
        seed_target_only(connection)
    before = data(chat.store.health(OWN))
    planned = data(chat.store.clean_up(OWN))
    done = data(chat.store.clean_up(OWN, dry_run=False))
    after = data(chat.store.health(OWN))
    assert done == {**planned, "dry_run": False}
    assert done["deleted_in_all"] == before["expired_keys"] > 0
    assert (after["keys"], after["expired_keys"]) == (728 - before["expired_keys"], 0)
    assert after["level"] == "healthy"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([OWN, OTHER]), st.sampled_from(["session", "pre-key"]), st.none() | st.integers(-2, 2)
        ),
        max_size=12,
    ),
    st.sampled_from([None, OWN, OTHER]),
)
def test_exactly_the_expired_keys_of_the_company_go(
    chat: Chats, given_keys: list[tuple[int, str, int | None]], company: int | None
) -> None:
    chat.empty()
    chat.pair(OWN)
    chat.pair(OTHER)
    expected = set()
    with psycopg.connect(chat.dsn, autocommit=True) as connection:
        for owner, key_type, microseconds in given_keys:
            key_id = uuid.uuid4().hex
            expires_at = None if microseconds is None else NOW + timedelta(microseconds=microseconds)
            connection.execute(
                "INSERT INTO whatsapp_keys (session_id, key_type, key_id, value, expires_at)"
                " VALUES (%s, %s, %s, '1', %s)",
                (f"company_{owner}", key_type, key_id, expires_at),
            )
            if expires_at is None or expires_at > NOW or company not in (None, owner):
                expected.add(key_id)
    found = data(chat.store.clean_up(company, dry_run=False))
    assert {row[0] for row in chat.execute("SELECT key_id FROM whatsapp_keys")} == expected
    assert found["deleted_in_all"] == len(given_keys) - len(expected)


@pytest.mark.parametrize("dry_run", [None, 0, "no"])
def test_a_dry_run_that_is_no_flag_deletes_nothing(chat: Chats, dry_run: Any) -> None:
    two_sessions(chat)
    assert refused(chat.store.clean_up(OWN, dry_run=dry_run)) == ("invalid_input", "invalid_input")
    assert len(keys(chat)) == 22
