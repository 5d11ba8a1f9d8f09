"""[backup] of pgparity.toml: where dumps are kept, and for how long."""

from __future__ import annotations

from harness.core.section import Section


class BackupSection(Section):
    """Where dumps are kept, and for how long."""
