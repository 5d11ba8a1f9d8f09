"""Standard output holds data alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from harness.cli.console import nothing_else_on_stdout, report_error
from harness.errors import ConnectionFailed


def test_what_a_layer_or_its_child_writes_past_python_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with nothing_else_on_stdout():
        os.write(1, b"from the layer\n")
        subprocess.run([sys.executable, "-c", "print('from its child')"], check=True)
    print("data")
    seen = capfd.readouterr()
    assert seen.out == "data\n"
    assert "from the layer\nfrom its child\n" in seen.err


def test_an_error_tells_no_password_that_a_driver_put_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    report_error(ConnectionFailed("postgres://app:Zq7w9@h/d refused", hint="Look at password='Zq7w9'."))
    said = capsys.readouterr().err
    assert "postgres://app:***@h/d refused" in said
    assert "Zq7w9" not in said
