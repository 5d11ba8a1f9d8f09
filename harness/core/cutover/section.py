"""[cutover] of pgparity.toml: who is fenced, how the application is switched, what has to hold before."""

from __future__ import annotations

from harness.core.section import Section


class CutoverSection(Section):
    """Who is fenced, how the application is switched, what has to hold before."""
