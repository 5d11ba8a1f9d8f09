"""pgparity: proves, before a cutover, that a PostgreSQL target is a true replacement for its source."""

from __future__ import annotations

__version__ = "0.1.0"
