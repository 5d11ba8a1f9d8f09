"""Where a run runs: versions of pgparity, Python and the packages that results depend on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from harness.core.document import Environment
from harness.version import __version__

PACKAGES = ("psycopg", "supabase", "postgrest", "sqlglot", "pydantic")


def environment() -> Environment:
    """The environment as the run document states it; no path, no host name, no user."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return Environment(
        pgparity=__version__,
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        packages=found,
    )
