"""What pg_restore --list says is in a dump, beside what the database has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

_ENTRY: Final = re.compile(r"^\d+; \d+ (\d+) (TABLE DATA|BLOBS?|LARGE OBJECTS?)\b")
"""Number in the archive, catalog and OID of the object, kind; what follows are names, which may hold anything"""


def lacking(listing: Iterable[str], tables: Mapping[int, str], *, large_objects: bool) -> tuple[str, ...]:
    """What the dump has no data of. `tables`: those with rows of their own, by OID; names alone would be ambiguous."""
    found: set[int] = set()
    objects = False
    for line in listing:
        entry = _ENTRY.match(line)
        if entry is None:
            continue
        if entry[2] == "TABLE DATA":
            found.add(int(entry[1]))
        else:
            objects = True
    missing = [name for oid, name in tables.items() if oid not in found]
    return (*missing, *(["large objects"] if large_objects and not objects else []))
