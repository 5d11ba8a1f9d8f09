"""Where a real project is, and by which key it is asked, as a flag or the configuration names them."""

from __future__ import annotations

import os
from urllib.parse import SplitResult, urlsplit

from harness.errors import ConfigurationError


def project_url(url: str, setting: str) -> tuple[SplitResult, int]:
    """The parts of a project's URL, and its port. ConfigurationError: what `setting` gives is none."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        raise ConfigurationError(f"{setting} is no http:// or https:// URL", hint="Write https://PROJECT.supabase.co.")
    return parts, port


def project_key(named: str | None, setting: str) -> str:
    """The key that `setting` names as env:NAME. ConfigurationError: it is named otherwise, or not set."""
    if named is None or not named.startswith("env:"):
        raise ConfigurationError(
            "the project's key is not named as env:NAME",
            hint=f"Write env:NAME for {setting}: the key itself is never written down.",
        )
    name = named.removeprefix("env:")
    found = os.environ.get(name, "").strip()
    if not found:
        raise ConfigurationError(
            f"the environment variable {name} of the project's key is not set", hint=f"Export {name} and run again."
        )
    return found
