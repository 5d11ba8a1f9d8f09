"""Left: differences that an exact plan does not settle, and says so."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.align.ddl.extensions import goes_back
from harness.core.align.exact.decisions import Decisions
from harness.core.model.database import LargeObject
from harness.core.model.foreign import UserMapping, secret
from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Extension
from harness.core.model.rules import Index

_EMPTY = "d41d8cd98f00b204e9800998ecf8427e"
"""The digest of no bytes"""


def left(decisions: Decisions) -> tuple[str, ...]:
    """A line for each, in words that begin with its kind and identity."""
    found = [line for each in decisions.creates.values() for line in _left(each, None)]
    for alteration in decisions.alters.values():
        found += _left(alteration.wanted, alteration.now)
    return tuple(found)


def _left(wanted: CatalogObject, now: CatalogObject | None) -> Iterator[str]:
    if isinstance(wanted, LargeObject):
        there = now.content if isinstance(now, LargeObject) else _EMPTY
        if wanted.content not in (None, there):
            yield f"large object {wanted.identity}: what it holds is data, which a plan for the schema does not carry"
    if isinstance(wanted, Extension) and isinstance(now, Extension) and goes_back(now, wanted):
        yield f"extension {wanted.identity} has version {now.version}, from which no way leads back to {wanted.version}"
    if isinstance(wanted, UserMapping) and any(map(secret, wanted.options or ())):
        yield f"user mapping {wanted.identity}: a password is in no catalog, and has to be set by hand"
    broken = isinstance(wanted, Index) and not (wanted.valid or wanted.partitioned)
    if broken and not (isinstance(now, Index) and not now.valid):
        yield f"index {wanted.identity} is not valid on the source, and is valid here: nothing would be gained"
