"""Shipped data is found in a checkout and in a wheel, and a user's own folders are never taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import shipped as module
from harness.errors import PgparityError
from harness.shipped import shipped


def test_a_checkout_has_its_data_at_the_top_level() -> None:
    assert shipped("reports", "templates", "report.html").is_file()
    assert shipped("schemas", "reference").is_dir()


def test_a_wheel_has_its_data_below_shipped_and_looks_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "harness" / "_shipped" / "reports"
    packed.mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "harness")
    assert shipped("reports") == packed
    with pytest.raises(PgparityError, match="own file schemas is missing"):
        shipped("schemas")


def test_a_missing_file_is_an_error_with_a_hint() -> None:
    with pytest.raises(PgparityError) as caught:
        shipped("reports", "no-such-file")
    assert "install pgparity again" in caught.value.hint
