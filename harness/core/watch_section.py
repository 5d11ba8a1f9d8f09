"""[watch] of pgparity.toml: what is looked at on a schedule, how often, and who is told."""

from __future__ import annotations

from harness.core.section import Section


class WatchSection(Section):
    """What is looked at on a schedule, how often, and who is told."""
