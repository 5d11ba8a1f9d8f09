"""Known forms: messages and codes that hold no value are known by their form, and none that could hold one is."""

from __future__ import annotations

from random import Random

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.datalayer.observation.message_forms import known_code, known_message, known_name
from tests.datalayer.planted import Planted

SEEDS = st.integers(0, 2**32).map(lambda seed: Planted(Random(seed)))


def test_messages_of_a_real_server_that_hold_no_value_have_a_known_form(database: str) -> None:
    statements = {
        "SELECT fired FROM clients": True,
        "SELECT c.fired FROM clients c": True,
        "SELECT * FROM nobody": True,
        "SELECT nothing(1)": True,
        "SELECT phone + 1 FROM clients": True,
        "INSERT INTO clients VALUES (1, '80005550101', 5)": True,
        "INSERT INTO clients VALUES (2, NULL, 5)": True,
        "INSERT INTO clients VALUES (2, '80005550102', 50)": True,
        "INSERT INTO bookings VALUES (7)": True,
        "DELETE FROM clients": True,
        "INSERT INTO clients VALUES (1, '1', 5) ON CONFLICT (rating) DO NOTHING": True,
        "SELECT id, name FROM clients, pg_class": True,
        "SELECT 'Анна'::integer": False,
        "SELECT 80005550101::integer": True,
        "SELECT '80005550101'::varchar(5)::integer, 1 / 0": True,
        "SELECT '80005550101'::date": False,
        "DO $$ BEGIN RAISE 'client Анна is blocked'; END $$": False,
        "SELECT Анна FROM clients": False,
        'SELECT * FROM "80005550101"': False,
    }
    seen = {}
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE clients (id integer PRIMARY KEY, phone text NOT NULL UNIQUE, rating int CHECK (rating < 9));"
            "CREATE TABLE bookings (client_id integer REFERENCES clients);"
            "INSERT INTO clients VALUES (1, '80005550101', 5); INSERT INTO bookings VALUES (1)"
        )
        for statement in statements:
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(statement.encode())
            message = refused.value.diag.message_primary or ""
            assert known_message(message) in (message, None)
            seen[statement] = known_message(message) is not None
    assert {statement: shown for statement, shown in seen.items() if shown != statements[statement]} == {}


@settings(deadline=None)
@given(SEEDS)
def test_no_message_and_no_code_with_a_planted_text_has_a_known_form(planted: Planted) -> None:
    for form in (
        'column "{}" does not exist',
        "More than one row of {} matches.",
        "permission denied for table {}",
        "{}",
    ):
        text = planted.any()
        assert known_message(form.format(text)) is None
        assert known_code(text) == "other"
        assert known_name(text) == "other"


@pytest.mark.parametrize("code", ["42P10", "P0003", "PGRST116", "PGRSTX00", "503", "timeout", "nested_transaction"])
def test_a_code_of_a_backend_or_of_this_library_is_known(code: str) -> None:
    assert known_code(code) == code


@pytest.mark.parametrize("name", ["KeyError", "OSError", "StopIteration", "PoolTimeout", "UnicodeEncodeError"])
def test_the_name_of_an_exceptions_class_is_a_known_code(name: str) -> None:
    assert known_code(name) == name
