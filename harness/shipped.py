"""Finds the data that ships with pgparity (schemas, comparisons, report templates), in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

from harness.errors import PgparityError

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """The path of a shipped file or folder: shipped("reports", "templates").

    A wheel holds them below harness/_shipped; a checkout has them at its top level. The folder beside an installed
    package belongs to others (a user may own a schemas/ there), so it is never looked into when _shipped exists.
    Raises PgparityError when the file is not there.
    """
    packed = _PACKAGE / "_shipped"
    root = packed if packed.is_dir() else _PACKAGE.parent
    path = root.joinpath(*parts)
    if not path.exists():
        raise PgparityError(
            f"pgparity's own file {'/'.join(parts)} is missing",
            hint="The installation is damaged: install pgparity again.",
        )
    return path
