"""Where a real project is, and by which key it is asked, as the configuration names them."""

from __future__ import annotations

import os
from urllib.parse import SplitResult, urlsplit

from harness.errors import ConfigurationError


def parted(url: str) -> tuple[SplitResult, int]:
    """The parts of a project's URL, and its port. ConfigurationError: it is none."""
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not port:
        raise ConfigurationError(
            "methods.source_rest_url is no http:// or https:// URL", hint="Write https://PROJECT.supabase.co."
        )
    return parts, port


def key_of(named: str | None) -> str:
    """The key that the configuration names as env:NAME. ConfigurationError: it is named otherwise, or not set."""
    if named is None or not named.startswith("env:"):
        raise ConfigurationError(
            "the project's key is not named as env:NAME",
            hint="Use --source-api-key env:NAME, or methods.source_api_key: the key itself is never written down.",
        )
    name = named.removeprefix("env:")
    found = os.environ.get(name, "").strip()
    if not found:
        raise ConfigurationError(
            f"the environment variable {name} of the project's key is not set", hint=f"Export {name} and run again."
        )
    return found
