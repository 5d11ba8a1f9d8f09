"""The faults that generated cases do not show, each with written cases that do; the list may only shrink."""

from __future__ import annotations

from typing import Any

MISSED: dict[tuple[str, str], tuple[dict[str, Any], ...]] = {}
