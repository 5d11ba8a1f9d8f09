"""The reader of CSV bodies: its rows, and where it says that a body ends to be CSV."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.postgrest import csv_bodies
from harness.core.postgrest.csv_bodies import NotCsv


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"a\n", []),
        (b"a,b\n\n\n", []),
        (b"a\r1\n2", [{"a": "1"}, {"a": "2"}]),
        (b"a,b\r\n1,2\r\n", [{"a": "1", "b": "2"}]),
        (b'a,b\n"1","2 ""x"" ,\r\n"\n', [{"a": "1", "b": '2 "x" ,\r\n'}]),
        (b'a,b\n"",\n', [{"a": "", "b": ""}]),
        (b"a,b\n1\n", [{"a": "1"}]),
        (b"a\n1,2\n", [{"a": "1"}]),
        (b'a\n"unclosed', [{"a": "unclose"}]),
    ],
)
def test_rows_are_read_by_the_header(body: bytes, rows: list[dict[str, str]]) -> None:
    assert csv_bodies.rows(body) == rows


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", 'parse error (not enough input) at ""'),
        (b'a"b\n', 'parse error (Failed reading: satisfy) at "\\"b\\n"'),
        (b'a\n1"2\n', 'parse error (endOfInput) at "\\"2\\n"'),
        (b'a\n"1"2\n', 'parse error (endOfInput) at "2\\n"'),
        (b'a\n"', 'parse error (Failed reading: trailing double quote) at ""'),
        (b'a\n"1""', 'parse error (Failed reading: insufficient input) at ""'),
        (b"a\n1\r2\n", 'parse error (Failed reading: satisfy) at "2\\n"'),
        (b"a\n1\r", 'parse error (not enough input) at ""'),
        (b'a\n"1"\xd0\\', 'parse error (endOfInput) at "\\208\\\\"'),
        (b'a\n"1"' + b"x" * 101, "parse error (endOfInput) at " + "x" * 100 + " (truncated)"),
        (b"a\n\xff\n", "conversion error: the body is not UTF-8"),
    ],
)
def test_what_is_no_csv_says_where(body: bytes, message: str) -> None:
    with pytest.raises(NotCsv) as caught:
        csv_bodies.rows(body)
    assert str(caught.value) == message


_FIELDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(st.tuples(_FIELDS, _FIELDS), max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_csv_that_python_writes_is_read_back(rows: list[tuple[str, str]], line_end: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])
    read = csv_bodies.rows(written.getvalue().encode())
    assert read == [{"a": a if a != "NULL" else None, "b": b if b != "NULL" else None} for a, b in rows]


@given(st.binary(max_size=40))
def test_any_bytes_are_csv_or_refused(body: bytes) -> None:
    try:
        rows = csv_bodies.rows(body)
    except NotCsv:
        return
    assert all(isinstance(value, str | None) for row in rows for value in row.values())
