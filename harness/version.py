"""The version of pgparity, where every part of it can read it."""

from __future__ import annotations

__version__ = "0.1.0"
