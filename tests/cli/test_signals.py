"""Signals that come before a command has begun end it as they end the command itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.cli import app


@pytest.mark.parametrize(("signal", "code"), [(app.Terminated, 143), (KeyboardInterrupt, 130)])
def test_a_signal_while_modules_are_loaded_is_no_traceback(
    signal: type[BaseException], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def register(_arguments: Sequence[str]) -> None:
        raise signal

    monkeypatch.setattr(app, "register", register)
    assert app.run(["explain", "E200"]) == code
