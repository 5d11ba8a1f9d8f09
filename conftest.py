"""Makes `pytest` in a checkout load the plugin as an installed pgparity does."""

from __future__ import annotations

pytest_plugins = ["harness.pytest_plugin"]
