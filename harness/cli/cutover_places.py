"""Where a cutover is asked to write its report and its record: what cannot be written there is said before anything."""

from __future__ import annotations

import os
from pathlib import Path

from harness.errors import ConfigurationError


def ensure_writable(report_dir: Path | None, output: Path | None) -> None:
    """ConfigurationError where one of them could not be written now. Nothing is made."""
    for option, place, file in (("--report-dir", report_dir, False), ("--output", output, True)):
        if place is None:
            continue
        if file and place.is_dir():
            raise ConfigurationError(f"{option} {place.name} is a folder", hint="Give the name of a file.")
        if file and place.exists():
            writable = os.access(place, os.W_OK)
        else:
            folder = next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())
            writable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
        if not writable:
            raise ConfigurationError(f"{option} {place} cannot be written", hint="Give another place.")
