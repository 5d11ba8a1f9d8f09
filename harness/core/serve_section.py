"""[serve] of pgparity.toml: where the health endpoints listen, and who may ask."""

from __future__ import annotations

from harness.core.section import Section


class ServeSection(Section):
    """Where the health endpoints listen, and who may ask."""
