"""Structure of a database as a cutover relies on it: all of its catalog but what the fence itself changes; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from harness.core.model.catalog import Catalog
from harness.core.model.families import FAMILIES
from harness.core.model.objects import CatalogObject
from harness.core.nouns import NOUNS

_OTHERWISE: Final = frozenset({"privileges", "default_privileges", "security_labels", "large_objects"})
"""The fence takes privileges and gives them back; large objects are data"""
STRUCTURE: Final = tuple(name for name in FAMILIES if name not in _OTHERWISE)
"""The families that have to be as preflight saw them"""


def digest(catalog: Catalog) -> str:
    """Of the structure, in short: while that stays as it is, so does this."""
    found = hashlib.sha256()
    for part in sorted(_parts(catalog).items()):
        found.update(repr(part).encode())
    return found.hexdigest()[:16]


def changed(before: Catalog, now: Catalog) -> Iterator[str]:
    """What came, went or is otherwise, each in a few words."""
    old, new = _parts(before), _parts(now)
    for part in sorted({*old, *new}):
        if old.get(part) != new.get(part):
            kind, identity = part
            how = "is new" if part not in old else "is gone" if part not in new else "has changed"
            yield f"{NOUNS.get(kind, kind).replace('_', ' ')} {identity} {how}"


def _parts(catalog: Catalog) -> dict[tuple[str, str], str]:
    return {(each.kind, each.identity): repr(sorted(each.attributes().items())) for each in _kept(catalog)}


def _kept(catalog: Catalog) -> Iterator[CatalogObject]:
    for name in STRUCTURE:
        yield from getattr(catalog, name)
