"""Imports the modules of commands: each registers its own with the application."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from importlib import import_module
from typing import Final

MODULES: Final = (
    "backup",
    "cutover",
    "data",
    "data_digest",
    "data_repair",
    "demo",
    "doctor",
    "explain",
    "gateway",
    "init",
    "methods",
    "migrate",
    "report",
    "restore",
    "run",
    "schema",
    "serve",
    "sessions",
    "stack",
    "watch",
)
QUICK: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("data", "diff"): ("data",),
    ("migrate",): ("migrate",),
    ("backup",): ("backup",),
    ("cutover",): ("cutover",),
    ("restore",): ("restore",),
    ("sessions",): ("sessions",),
    ("serve",): ("serve",),
}
"""Commands whose own modules are enough: what all commands need takes longer to load than some comparisons take,
and twice the memory of what then stays"""


def register(arguments: Sequence[str]) -> None:
    """Import what the command on this line needs, and all modules where that is not known."""
    # A plugin that happens to be installed would be looked for in every distribution, and see every value.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # What is imported stays: looking through it for garbage, again and again, takes a sixth of the time.
    gc.disable()
    try:
        own = QUICK.get(tuple(arguments[:2])) or QUICK.get(tuple(arguments[:1]))
        for name in own or MODULES:
            import_module(f"harness.cli.{name}")
    finally:
        gc.freeze()
        gc.enable()
