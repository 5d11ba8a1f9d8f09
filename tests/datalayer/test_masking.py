"""Masking: no planted phone, name, e-mail or password comes through, and what is harmless stays readable."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import uuid
from collections import OrderedDict
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.datalayer.observation.masking import PERSONAL_WORDS, is_personal, masked, masked_text, short_hash
from tests.datalayer.planted import Planted, surviving

SEEDS = st.integers(0, 2**32).map(lambda seed: Planted(Random(seed)))
KEYS = st.sampled_from(
    ["phone", "client_phone", "name", "email", "password", "apiKey", "note", "comment", "data", "list", "Анна", "k 1"]
)


@st.composite
def nested(draw: st.DrawFn, planted: Planted, depth: int = 4) -> Any:
    """Values with planted texts, numbers and bytes anywhere: below any key, in keys, lists, tuples and sets."""
    shape = draw(st.sampled_from(["text", "number", "bytes", "free", "plain", "list", "tuple", "set", "object"]))
    if shape in ("list", "tuple", "object") and depth:
        children = [draw(nested(planted, depth - 1)) for _ in range(draw(st.integers(0, 4)))]
        if shape == "object":
            keys = [draw(KEYS | st.builds(planted.any)) for _ in children]
            return OrderedDict(zip(keys, children, strict=True))
        return children if shape == "list" else tuple(children)
    match shape:
        case "number":
            digits = re.sub(r"\D", "", planted.phone())
            return draw(st.sampled_from([int, float, Decimal]))(digits)
        case "bytes":
            return planted.any().encode()
        case "free":
            return f"{planted.name()} called from {planted.phone()}"
        case "set":
            return {planted.any()}
        case "plain":
            return draw(st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.dates())
    return planted.any()


@settings(deadline=None)
@given(st.data(), SEEDS)
def test_nothing_planted_survives_masking_in_any_nesting_and_what_is_left_is_json(
    data: st.DataObject, planted: Planted
) -> None:
    value = data.draw(nested(planted))
    shown = json.dumps(masked(value), ensure_ascii=False, allow_nan=False)
    assert [text for text in planted.texts if text in shown] == []
    assert not re.search("000555[0-9]{4}", shown)


def test_shapes_numbers_dates_and_identifiers_stay_readable() -> None:
    identity = uuid.UUID(int=5)
    value = {
        "company_id": 900100,
        "limit": None,
        "active": True,
        "comment": "Анна",
        "ids": [1, 2.5, Decimal("1.10")],
        "day": dt.date(2024, 2, 29),
        "id": identity,
        "blob": b"abc",
        "many": list(range(51)),
        "nan": float("nan"),
    }
    assert masked(value) == {
        "company_id": 900100,
        "limit": None,
        "active": True,
        "comment": "text(4)",
        "ids": [1, 2.5, "1.10"],
        "day": "2024-02-29",
        "id": str(identity),
        "blob": "bytes(3)",
        "many": "list(51)",
        "nan": "nan",
    }


def test_what_stands_under_a_personal_name_is_a_hash_as_a_whole() -> None:
    shown = masked({"client_phone": 80005550101, "other": {"clientName": ["Анна", {"x": 1}], "email": None}})
    assert isinstance(shown, dict)
    assert re.fullmatch("#[0-9a-f]{10}", str(shown["client_phone"]))
    assert isinstance(shown["other"], dict)
    assert re.fullmatch("#[0-9a-f]{10}", str(shown["other"]["clientName"]))
    assert shown["other"]["email"] is None


def test_a_value_that_has_no_text_or_no_end_is_masked_all_the_same() -> None:
    class Silent:
        def __str__(self) -> str:
            raise RuntimeError

    endless: list[object] = []
    endless.append(endless)
    assert masked({"phone": Silent(), "x": Silent(), "n": 10**5000}) == {
        "phone": short_hash("Silent"),
        "x": "Silent",
        "n": short_hash(10**5000),
    }
    assert json.dumps(masked(endless)).count("[") == 8


@pytest.mark.parametrize("word", sorted(PERSONAL_WORDS))
def test_a_personal_word_makes_any_name_that_holds_it_personal(word: str) -> None:
    assert is_personal(word)
    assert is_personal(f"client_{word}")
    assert is_personal(f"client{word.title()}Hash")


@pytest.mark.parametrize("name", ["company_id", "title", "created_at", "price", "is_active", "staff_id", "raw_data"])
def test_an_ordinary_name_is_not_personal(name: str) -> None:
    assert not is_personal(name)


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.binary(min_size=1), st.binary(min_size=1))
def test_hashes_are_equal_exactly_for_equal_values_under_one_salt(
    one: str, other: str, salt: bytes, another: bytes
) -> None:
    assert (short_hash(one, salt=salt) == short_hash(other, salt=salt)) == (one == other)
    # HMAC pads a key with NUL bytes: salts that differ in nothing else are one.
    if salt.rstrip(b"\0") != another.rstrip(b"\0") and max(len(salt), len(another)) <= 64:
        assert short_hash(one, salt=salt) != short_hash(one, salt=another)


def test_a_number_and_its_text_have_one_hash() -> None:
    assert short_hash(80005550101) == short_hash("80005550101")


def test_hashes_of_another_process_tell_nothing_unless_it_is_given_the_same_salt() -> None:
    def in_another_process(salt: str) -> str:
        program = "from harness.datalayer.observation.masking import short_hash; "
        program += f"print(short_hash('80005550101'{salt}))"
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout.strip()

    assert in_another_process("") != short_hash("80005550101")
    assert in_another_process(", salt=b'salt'") == short_hash("80005550101", salt=b"salt")


TEMPLATES = (
    ("call {} back", ("phone", "email", "dsn")),
    ("({}), [{}]; <{}>", ("phone", "email")),
    ("cannot connect to {}: refused", ("dsn",)),
    ("FATAL: password={} user=app", ("plain_password",)),
    ('{{"password": "{}", "token":"{}"}}', ("plain_password", "phone")),
    ('invalid input syntax for type integer: "{}"', ("phone", "name", "email", "password")),
    ('value "{}" is out of range for type integer', ("phone", "name", "password")),
    ('syntax error at or near "{}"', ("phone", "name", "email", "password")),
    ('column "{}" does not exist', ("phone", "name_without_quotes", "email")),
    ("DETAIL:  Key (phone, company_id)=({}, 900100) already exists.", ("phone", "name", "email", "password")),
    ('DETAIL:  Key (a)=({}) is not present in table "b".\nCONTEXT: x', ("phone", "name", "email", "password")),
    ("DETAIL:  Failing row contains (1, {}, {}, null).", ("phone", "name", "email", "password")),
    ('CONTEXT:  COPY clients, line 7, column phone: "{}"', ("phone", "name", "password")),
    ("WHERE name = '{}'", ("phone", "name_without_quotes", "email")),
)


@settings(deadline=None)
@given(SEEDS, st.sampled_from(TEMPLATES), st.data())
def test_nothing_planted_survives_in_the_texts_that_postgresql_and_drivers_write(
    planted: Planted, template: tuple[str, tuple[str, ...]], data: st.DataObject
) -> None:
    text, kinds = template

    def make() -> str:
        match data.draw(st.sampled_from(kinds)):
            case "plain_password":
                return re.sub(r"[^A-Za-z0-9]", "", planted.password())
            case "name_without_quotes":
                return re.sub("['\"]", "", planted.name())
            case kind:
                return str(getattr(planted, kind)())

    parts = [make() for _ in range(text.count("{}"))]
    whole = text.format(*parts)
    shown = masked_text(whole)
    assert [part for part in parts if part in shown] == [], whole
    assert surviving(planted.texts, shown) == [], whole


@pytest.mark.parametrize(
    "text",
    [
        'column "fired" of relation "clients" does not exist',
        "canceling statement due to statement timeout",
        'duplicate key value violates unique constraint "clients_phone_key"',
        "ended at 2025-10-31 18:30:00 after 1,304 rows",
        "PostgreSQL 16.14, 7 services x 20 = 140 connections",
        "it doesn't answer",
    ],
)
def test_a_text_with_nothing_personal_stays_as_it_is(text: str) -> None:
    assert masked_text(text) == text


def test_the_words_around_a_value_stay() -> None:
    text = (
        'duplicate key value violates unique constraint "clients_phone_key"\nDETAIL:  Key (phone)=(80005550101) exists.'
    )
    assert masked_text(text) == text.replace("(80005550101)", "(…)")
    assert masked_text("connect to postgresql://app:p@ss/w@db:5432/app failed") == (
        "connect to postgresql://[credentials]@db:5432/app failed"
    )


@settings(deadline=None)
@given(st.text(alphabet="a1@\"'(:/= ,phoneKy.\n", max_size=300))
def test_any_text_is_masked_and_masked_again_has_no_more_phones(text: str) -> None:
    assert not re.search(r"\d{10}", masked_text(text))


def test_a_long_text_is_shown_by_its_beginning_and_takes_no_time() -> None:
    for piece in ("a", "@", "1-", '"', "'", "key", "name=' ", "Key (", ': "', "a://", "phone "):
        shown = masked_text(piece * 200_000)
        assert shown.endswith(f"… ({len(piece) * 200_000} characters)")
