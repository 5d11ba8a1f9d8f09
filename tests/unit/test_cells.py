"""Classes of differing cells."""

from __future__ import annotations

import pytest

from harness.core.cells import CellKind, classify, same_json, stale

CASES: list[tuple[str | None, str | None, CellKind, str]] = [
    (None, "", "text", "NULL against empty"),
    ("", None, "text", "NULL against empty"),
    (None, "{}", "array", "NULL against empty"),
    (None, "[]", "json", "NULL against empty"),
    (None, "[]", "text", "NULL against a value"),
    (None, "x", "text", "NULL against a value"),
    ("a b", "a  b", "text", "white space"),
    ("a\u00a0b", "a b", "text", "white space"),
    ("a\u200bb", "ab", "text", "white space"),
    ("", " ", "text", "white space"),
    ("\u0439", "\u0438\u0306", "text", "unicode normalisation"),
    ("ﬁn", "fin", "text", "unicode normalisation"),
    ("Straße", "STRASSE", "text", "case"),
    ("А5", "A5", "text", "look-alike letters"),
    ("сор", "cop", "text", "look-alike letters"),
    ("абвгд", "абв", "text", "truncation at 3 characters"),
    ("абв", "абвгд", "text", "truncation at 3 characters"),
    ("", "абв", "text", "other"),
    ("Ёлка", "Ёлка".encode().decode("latin-1"), "text", "encoding damage"),
    ("Ёлка", "Ёлка".encode().decode("cp1251", "replace"), "text", "encoding damage"),
    ("Мария", "?????", "text", "encoding damage"),
    ("Мария", "\ufffd" * 5, "text", "encoding damage"),
    ("what", "????", "text", "other"),
    ("3.14159", "3.14", "number", "rounding or scale"),
    ("2.5", "3", "number", "rounding or scale"),
    ("0.1", "0.10000000149011612", "number", "rounding or scale"),
    ("1234567.1234567", "1234567.1234568", "number", "rounding or scale"),
    ("10.01", "10.02", "number", "other"),
    ("5", "6", "number", "other"),
    ("NaN", "1", "number", "other"),
    ("1", "Infinity", "number", "other"),
    ("2024-01-01 10:00:00+00", "2024-01-01 13:00:00+00", "timestamp", "zone shift"),
    ("2024-01-01 00:00:00", "2023-12-31 18:15:00", "timestamp", "zone shift"),
    ("2024-01-01 10:00:00", "2024-01-01 10:45:00", "timestamp", "other"),
    ("2024-01-01 10:00:00", "2024-01-03 10:00:00", "timestamp", "other"),
    ("2024-01-01 10:00:00.123456", "2024-01-01 10:00:00.123", "timestamp", "rounding or scale"),
    ("2024-01-01 10:00:00.9", "2024-01-01 10:00:01", "timestamp", "rounding or scale"),
    ("2024-01-01 10:00:00.5", "2024-01-01 10:00:00.7", "timestamp", "other"),
    ("infinity", "2024-01-01 10:00:00", "timestamp", "other"),
    ("0044-03-15 00:00:00 BC", "0044-03-15 03:00:00 BC", "timestamp", "other"),
    ("23:00:00", "02:00:00", "time", "zone shift"),
    ("10:00:00.5", "10:00:00", "time", "rounding or scale"),
    ('{"a": 1}', '{"a": 2}', "json", "other"),
    ("{1,2}", "{{1,2}}", "array", "other"),
    ("{1,2}", "{1, 2}", "array", "white space"),
]


@pytest.mark.parametrize(("source", "target", "kind", "name"), CASES)
def test_a_difference_gets_its_class_in_either_direction(
    source: str | None, target: str | None, kind: CellKind, name: str
) -> None:
    assert classify(source, target, kind).name == name
    assert classify(target, source, kind).name == name
    assert not classify(source, target, kind).drift


@pytest.mark.parametrize(
    ("source", "target", "name"),
    [("1.0", "1.00", "representation drift"), ("-0", "0", "sign of zero"), ("0", "0.0", "representation drift"),
     ("{1.0}", "{1.00}", "representation drift"), ("1 mon", "30 days", "representation drift")],
)  # fmt: skip
def test_values_that_the_server_holds_to_be_equal_are_drift(source: str, target: str, name: str) -> None:
    found = classify(source, target, "number", equal=True)
    assert (found.name, found.drift) == (name, True)


@pytest.mark.parametrize(
    ("source", "target"),
    [('{"a":1,"b":2}', '{ "b": 2, "a": 1 }'), ("[1.0, 1e2]", "[1, 100]"), ('"\\u0041"', '"A"'), ("-0", "0"),
     ('{"a":1,"a":2}', '{ "a":1, "a":2}'), ("12345678901234567890.10", "12345678901234567890.1")],
)  # fmt: skip
def test_json_of_one_value_is_drift(source: str, target: str) -> None:
    assert same_json(source, target)
    assert classify(source, target, "json").drift


@pytest.mark.parametrize(
    ("source", "target"),
    [("[true]", "[1]"), ("[1,2]", "[2,1]"), ('{"a":1,"a":2}', '{"a":2}'), ('{"a":1,"a":2}', '{"a":2,"a":1}'),
     ("null", "0"), ('""', "null"), ("{}", "[]"), ("12345678901234567890", "12345678901234567891"),
     ('{"a":1}', '[["a",1]]'), ("[" * 100_000, "1"), ("not json", "[]")],
)  # fmt: skip
def test_json_of_another_value_is_no_drift(source: str, target: str) -> None:
    assert not same_json(source, target)


def test_a_row_is_stale_when_its_times_of_update_say_so() -> None:
    assert stale("2024-05-02 10:00:00+00", "2024-04-01 09:30:10+00")
    assert not stale("2024-05-02 10:00:00+00", "2024-05-02 13:00:00+00"), "that is a zone shift"
    assert not stale("2024-05-02 10:00:00.1234+00", "2024-05-02 10:00:00+00"), "that is rounding"
    assert not stale(None, "2024-05-02 10:00:00+00")
    assert not stale("infinity", "2024-05-02 10:00:00+00")
