"""The chat-session store: auth states and keys come back, live as long as their type says, and go all or none."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from harness.datalayer.postgres.database import PooledDatabase
from harness.embedded.server import Server
from harness.reference.data_set import target_only_rows
from harness.reference.seed import seed_target_only
from harness.reference.session_store import SessionStore
from harness.reference.session_values import decoded
from tests.datalayer.chat_sessions import NOW, OTHER, OWN, Chats, chats, data, refused


@pytest.fixture(scope="module")
def chats_of_module(server: Server) -> Iterator[Chats]:
    with chats(server) as one:
        yield one


@pytest.fixture
def chat(chats_of_module: Chats) -> Chats:
    chats_of_module.empty()
    return chats_of_module


# Auth state


def test_there_is_no_auth_state_before_one_is_written(chat: Chats) -> None:
    assert data(chat.store.get_auth_state(OWN)) is None


def test_an_auth_state_comes_back_with_its_buffers_as_bytes(chat: Chats) -> None:
    creds = {"noiseKey": {"private": b"\x00\xff", "public": {"type": "Buffer", "data": [1, 2]}}, "registrationId": 7}
    written = data(
        chat.store.set_auth_state(
            OWN, {"creds": creds, "phone": "+7 (000) 555-00-01", "last_connected_at": "2025-10-31T10:00:00+03:00"}
        )
    )
    assert written == data(chat.store.get_auth_state(OWN))
    assert written == {
        "creds": {"noiseKey": {"private": b"\x00\xff", "public": b"\x01\x02"}, "registrationId": 7},
        "phone": "70005550001",
        "status": "active",
        "last_connected_at": "2025-10-31T07:00:00+00:00",
        "updated_at": "2025-10-31T09:00:00+00:00",
    }


def test_what_a_new_auth_state_does_not_give_stays_as_it_was(chat: Chats) -> None:
    data(chat.store.set_auth_state(OWN, {"creds": {"n": 1}, "phone": "70005550001", "status": "paused"}))
    chat.now = NOW + timedelta(hours=1)
    written = data(chat.store.set_auth_state(OWN, {"creds": {"n": 2}}))
    assert (written["creds"], written["phone"], written["status"]) == ({"n": 2}, "70005550001", "paused")
    assert written["updated_at"] == "2025-10-31T10:00:00+00:00"


def test_a_session_that_another_company_has_is_neither_given_out_nor_overwritten(chat: Chats) -> None:
    chat.pair(OTHER, session_id=f"company_{OWN}")
    assert data(chat.store.get_auth_state(OWN)) is None
    assert refused(chat.store.set_auth_state(OWN, {"creds": {"n": 1}})) == ("conflict", "session_of_another_company")
    assert data(chat.store.remove_auth_state(OWN)) == {"auth_states": 0, "keys": 0}
    assert chat.execute("SELECT company_id, creds FROM whatsapp_auth") == [(OTHER, {})]


def test_an_auth_state_goes_with_all_its_keys_and_no_others(chat: Chats) -> None:
    for company in (OWN, OTHER):
        chat.pair(company)
        chat.add_keys(3, session_id=f"company_{company}")
    assert data(chat.store.remove_auth_state(OWN)) == {"auth_states": 1, "keys": 3}
    assert data(chat.store.remove_auth_state(OWN)) == {"auth_states": 0, "keys": 0}
    assert chat.execute("SELECT session_id, count(*) FROM whatsapp_keys GROUP BY 1") == [(f"company_{OTHER}", 3)]


# Keys


def test_the_invented_session_is_read_with_every_buffer_as_bytes(chat: Chats) -> None:
    with psycopg.connect(chat.dsn) as connection:
        seed_target_only(connection)
    rows = target_only_rows()
    [auth], keys = rows["whatsapp_auth"], rows["whatsapp_keys"]
    assert data(chat.store.get_auth_state(OWN))["creds"] == decoded(auth["creds"])
    living: dict[str, dict[str, Any]] = {"pre-key": {}, "session": {}, "sender-key": {}}
    for row in keys:
        if row["key_type"] in living and row["expires_at"] > NOW:  # type: ignore[operator]
            living[str(row["key_type"])][str(row["key_id"])] = decoded(row["value"])
    for key_type, expected in living.items():
        ids = [str(row["key_id"]) for row in keys]
        found = data(chat.store.get_keys(OWN, key_type, ids))
        assert found == expected
        assert found
    assert isinstance(next(iter(living["pre-key"].values()))["public"], bytes)


def test_keys_are_given_by_type_and_id_and_missing_ones_are_left_out(chat: Chats) -> None:
    chat.pair()
    data(chat.store.set_keys(OWN, {"session": {"a": 1, "a ": 2}, "pre-key": {"a": 3}}))
    assert data(chat.store.get_keys(OWN, "session", ["a", "a ", "b", "a"])) == {"a": 1, "a ": 2}
    assert data(chat.store.get_keys(OWN, "session", [])) == {}
    assert data(chat.store.get_keys(OTHER, "session", ["a"])) == {}


def test_a_key_that_is_written_again_has_the_new_value(chat: Chats) -> None:
    chat.pair()
    data(chat.store.set_keys(OWN, {"session": {"a": b"old"}}))
    assert data(chat.store.set_keys(OWN, {"session": {"a": b"new"}})) == 1
    assert data(chat.store.get_keys(OWN, "session", ["a"])) == {"a": b"new"}


@pytest.mark.parametrize(("count", "statements"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_each_hundred_keys_are_one_statement_and_all_are_one_transaction(
    chat: Chats, count: int, statements: int
) -> None:
    chat.pair()
    keys = {f"{n}": {"data": b"\x00" * 32} for n in range(count)}
    assert data(chat.store.set_keys(OWN, {"pre-key": keys})) == count
    assert chat.kinds() == ["upsert"] * statements + ["transaction"]


def test_keys_of_several_types_share_the_batches_of_one_call(chat: Chats) -> None:
    chat.pair()
    data(chat.store.set_keys(OWN, {f"type {n}": {"a": 1, "b": 2} for n in range(50)}))
    assert chat.kinds() == ["upsert", "transaction"]


@pytest.mark.parametrize("refused_at", [0, 99, 100, 199, 249])
def test_no_key_is_written_when_any_batch_fails(chat: Chats, refused_at: int) -> None:
    chat.pair()
    chat.execute("ALTER TABLE whatsapp_keys ADD CONSTRAINT no_poison CHECK (value <> '\"poison\"')")
    try:
        keys: dict[str, Any] = {f"{n:03}": n for n in range(250)}
        keys[f"{refused_at:03}"] = "poison"
        answer = chat.store.set_keys(OWN, {"session": keys})
    finally:
        chat.execute("ALTER TABLE whatsapp_keys DROP CONSTRAINT no_poison")
    assert refused(answer) == ("constraint", "23514")
    assert chat.execute("SELECT count(*) FROM whatsapp_keys") == [(0,)]


def test_keys_without_an_auth_state_are_refused_by_the_foreign_key(chat: Chats) -> None:
    answer = chat.store.set_keys(OWN, {"session": {"a": 1}})
    assert refused(answer) == ("constraint", "23503")
    assert answer["error"] is not None
    assert answer["error"]["constraint"] == "whatsapp_keys_session_id_fkey"


def test_removed_keys_are_gone_and_counted_and_others_stay(chat: Chats) -> None:
    for company in (OWN, OTHER):
        chat.pair(company)
        data(chat.store.set_keys(company, {"session": {"a": 1, "b": 2}, "pre-key": {"a": 3}}))
    assert data(chat.store.remove_keys(OWN, "session", ["a", "none"])) == 1
    assert data(chat.store.remove_keys(OWN, "session", [])) == 0
    assert data(chat.store.get_keys(OWN, "session", ["a", "b"])) == {"b": 2}
    assert data(chat.store.get_keys(OWN, "pre-key", ["a"])) == {"a": 3}
    assert data(chat.store.get_keys(OTHER, "session", ["a", "b"])) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("key_type", "days"),
    [
        ("lid-mapping", 7),
        ("pre-key", 7),
        ("session", 7),
        ("sender-key", 14),
        ("app-state-sync-key", 14),
        ("app-state-sync-version", 14),
        ("sender-key-memory", 14),
    ],
)
def test_a_key_lives_as_long_as_its_type_says(chat: Chats, key_type: str, days: int) -> None:
    chat.pair()
    data(chat.store.set_keys(OWN, {key_type: {"a": 1}}))
    chat.now = NOW + timedelta(days=days) - timedelta(microseconds=1)
    assert data(chat.store.get_keys(OWN, key_type, ["a"])) == {"a": 1}
    chat.now = NOW + timedelta(days=days)
    assert data(chat.store.get_keys(OWN, key_type, ["a"])) == {}


def test_a_key_that_is_written_again_lives_anew(chat: Chats) -> None:
    chat.pair()
    data(chat.store.set_keys(OWN, {"session": {"a": 1}}))
    chat.now = NOW + timedelta(days=8)
    data(chat.store.set_keys(OWN, {"session": {"a": 2}}))
    chat.now = NOW + timedelta(days=14)
    assert data(chat.store.get_keys(OWN, "session", ["a"])) == {"a": 2}


def test_a_key_without_an_end_is_given_for_ever(chat: Chats) -> None:
    chat.pair()
    chat.execute(
        "INSERT INTO whatsapp_keys (session_id, key_type, key_id, value) VALUES ('company_900100', 't', 'a', '1')"
    )
    chat.now = NOW + timedelta(days=10_000)
    assert data(chat.store.get_keys(OWN, "t", ["a"])) == {"a": 1}


def test_two_writers_of_the_same_keys_in_opposite_orders_both_succeed(chat: Chats) -> None:
    chat.pair()
    ids = [f"{n:03}" for n in range(300)]
    answers: list[Any] = []

    def write(order: list[str]) -> None:
        for _ in range(5):
            answers.append(chat.store.set_keys(OWN, {"session": dict.fromkeys(order, b"\x01")}))

    writers = [threading.Thread(target=write, args=(order,)) for order in (ids, ids[::-1])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert [data(answer) for answer in answers] == [300] * 10


# Arguments and failures


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get_auth_state", (0,)),
        ("get_auth_state", ("900100",)),
        ("set_auth_state", (OWN, None)),
        ("set_auth_state", (OWN, {})),
        ("set_auth_state", (OWN, {"creds": [b"secret"]})),
        ("set_auth_state", (OWN, {"creds": {"secret": math.nan}})),
        ("set_auth_state", (OWN, {"creds": {}, "secret": 1})),
        ("set_auth_state", (OWN, {"creds": {}, "phone": "secret"})),
        ("remove_auth_state", (True,)),
        ("get_keys", (OWN, "", ["secret"])),
        ("get_keys", (OWN, "session", "secret")),
        ("get_keys", (OWN, "session", [7])),
        ("get_keys", (OWN, "session", ["secret\x00"])),
        ("get_keys", (OWN, "session", ["secret"] * 1001)),
        ("set_keys", (OWN, [("session", "secret")])),
        ("set_keys", (OWN, {"session": ["secret"]})),
        ("set_keys", (OWN, {"session": {"secret": None}})),
        ("set_keys", (OWN, {"session": {"secret": object()}})),
        ("set_keys", (OWN, {"session": {"secret": 10**5000}})),
        ("set_keys", (OWN, {"session": {"secret" * 50: 1}})),
        ("set_keys", (OWN, {7: {"secret": 1}})),
        ("set_keys", (OWN, {"session": {f"secret {n}": 1 for n in range(5001)}})),
        ("remove_keys", (OWN, "secret" * 50, ["a"])),
        ("remove_keys", (OWN, "session", None)),
        ("health", (-1,)),
        ("clean_up", (2**31,)),
    ],
)
def test_a_bad_argument_is_refused_before_any_query_and_not_repeated(
    chat: Chats, method: str, arguments: tuple[Any, ...]
) -> None:
    answer = getattr(chat.store, method)(*arguments)
    assert refused(answer) == ("invalid_input", "invalid_input")
    assert "secret" not in answer["error"]["message"].replace("secret: is not known", "")
    assert chat.records == []


def test_a_database_that_is_gone_is_an_envelope_for_every_method(server: Server) -> None:
    with chats(server) as lost:
        database = PooledDatabase(lost.dsn, max_size=1)
        store = SessionStore(database)
        database.close()
        answers = [
            store.get_auth_state(OWN),
            store.set_auth_state(OWN, {"creds": {}}),
            store.remove_auth_state(OWN),
            store.get_keys(OWN, "session", ["a"]),
            store.set_keys(OWN, {"session": {"a": 1}}),
            store.remove_keys(OWN, "session", ["a"]),
            store.health(OWN),
            store.clean_up(OWN, dry_run=False),
        ]
    assert {refused(answer) for answer in answers} == {("internal", "closed")}
