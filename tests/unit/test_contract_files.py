"""Statements of .sql files: which files, which lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.stages.statement_files import read_statement_files


def test_statements_come_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "b.sql").write_text("SELECT 1;\n-- two\nSELECT\n2;", encoding="utf-8")
    (tmp_path / "queries" / "a.sql").write_text("SELECT ';'", encoding="utf-8")
    found = read_statement_files(tmp_path, ["queries/*.sql", "queries/b.sql"])
    assert [(each.origin, each.sql, each.side) for each in found] == [
        ("queries/a.sql:1", "SELECT ';'", Side.TARGET),
        ("queries/b.sql:1", "SELECT 1", Side.TARGET),
        ("queries/b.sql:3", "SELECT\n2", Side.TARGET),
    ]


def test_a_pattern_without_a_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"'\*\.sql' matches no file"):
        read_statement_files(tmp_path, ["*.sql"])
    with pytest.raises(ConfigurationError, match="matches no file"):
        read_statement_files(tmp_path, ["/etc/*.sql"])


def test_a_file_that_is_no_text_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"x\.sql cannot be read as UTF-8"):
        read_statement_files(tmp_path, ["*.sql"])


def test_a_file_with_a_string_that_does_not_end_is_kept_to_be_reported(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("SELECT 1; SELECT 'a", encoding="utf-8")
    assert [each.origin for each in read_statement_files(tmp_path, ["*.sql"])] == ["x.sql:1"]
