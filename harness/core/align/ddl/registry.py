"""Registry: which module writes the DDL of which kind of object."""

from __future__ import annotations

import importlib
import pkgutil

import harness.core.align.ddl as package
from harness.core.align.ddl.kind import Ddl

KINDS: dict[str, Ddl] = {}
for module in pkgutil.iter_modules(package.__path__):
    if module.name != "registry":
        KINDS |= getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "DDL", {})
