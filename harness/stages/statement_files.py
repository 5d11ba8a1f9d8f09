"""Statements of files: those of .sql files, and those that stand as texts in Python and JavaScript programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.core.record import Side
from harness.core.sql.embedded import PYTHON, SCRIPT, ProgramError, statements_of
from harness.core.sql.placeholders import numbered
from harness.core.sql.python_literals import python_literals
from harness.core.sql.script_literals import script_literals
from harness.core.sql.text import TextError
from harness.core.sql.text import statements as split_statements
from harness.core.statements import CapturedStatement
from harness.errors import ConfigurationError


def read_statement_files(
    base: Path, patterns: Sequence[str], *, side: Side = Side.TARGET
) -> tuple[CapturedStatement, ...]:
    """The statements of files, each with its file (relative to `base`) and line as origin.

    Of a program (.py, .ts, .js and their like) the texts that are statements; of every other file all of it. Parameters
    are numbered, whichever placeholders the driver takes.

    :param patterns: glob patterns relative to `base`. ConfigurationError where one matches no file.
    """
    files: dict[Path, None] = {}
    for pattern in patterns:
        try:
            matches = sorted(path for path in base.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError):
            matches = []
        if not matches:
            raise ConfigurationError(
                f"contract.statements: {pattern!r} matches no file",
                hint=f"Give a glob pattern that is relative to {base}, such as queries/**/*.sql.",
            )
        files.update(dict.fromkeys(matches))
    return tuple(each for path in files for each in _statements_of(path, base, side))


def _statements_of(path: Path, base: Path, side: Side) -> list[CapturedStatement]:
    name = path.relative_to(base).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"contract.statements: {name} cannot be read as UTF-8 text",
            hint="Leave it out of the patterns, or mend it.",
        ) from None
    try:
        found = list(_found(text, path.suffix[1:].lower()))
    except TextError:
        # What does not end belongs to a statement that the check will report as not understood.
        return [CapturedStatement(side=side, origin=f"{name}:1", sql=text)]
    except ProgramError as error:
        raise ConfigurationError(
            f"contract.statements: {name} cannot be read: {error}",
            hint="Leave it out of the patterns, or mend it.",
        ) from None
    return [CapturedStatement(side=side, origin=f"{name}:{line}", sql=sql) for line, sql in found]


def _found(text: str, suffix: str) -> Iterable[tuple[int, str]]:
    """Line and text of each statement."""
    if suffix in PYTHON:
        return statements_of(python_literals(text), percent=True)
    if suffix in SCRIPT:
        return statements_of(script_literals(text), percent=False)
    return ((line, numbered(sql)) for line, sql in split_statements(text))
