"""A connection string loses its passwords, and nothing else of it."""

from __future__ import annotations

import pytest

from harness.core.conninfo import without_passwords


@pytest.mark.parametrize(
    ("conninfo", "bare"),
    [
        ("host=h user=u password=x dbname=d", "host=h user=u dbname=d"),
        ("host = h password = 'a b\\'c' sslpassword=y port=1", "host=h port=1"),
        ("host=h options='-c x=y'", "host=h options='-c x=y'"),
        ("host='no end password=x", "host="),
        ("postgresql://u:x@h:5432/d?sslmode=require&sslpassword=y", "postgresql://u@h:5432/d?sslmode=require"),
        ("postgres://u:123/a@b@h/d", "postgres://u@h/d"),
        ("postgres://u:a?b@h/d", "postgres://u@h/d"),
        ("postgres://u@h:5432/d?application_name=a@b", "postgres://u@h:5432/d?application_name=a@b"),
        ("postgres://h1:5432,h2:5432/d", "postgres://h1:5432,h2:5432/d"),
    ],
)
def test_a_connection_string_is_told_without_its_passwords(conninfo: str, bare: str) -> None:
    assert without_passwords(conninfo) == bare
