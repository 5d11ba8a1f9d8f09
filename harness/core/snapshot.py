"""Snapshots: catalogs that were written as JSON, read back only where they say all that this version compares."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from harness.core.model.catalog import Catalog
from harness.core.model.families import FAMILIES
from harness.core.model.objects import CatalogObject
from harness.errors import DocumentError

AGAIN = "Take it again with this version: pgparity schema snapshot."


def read_snapshot(text: str | bytes, name: str) -> Catalog:
    """The catalog of a snapshot file called `name`.

    DocumentError: it is no snapshot, of another format version, or lacks what this version compares; absent fields
    would be read as objects that are not there.
    """
    try:
        data = json.loads(text)
    except (ValueError, UnicodeDecodeError):
        raise DocumentError(f"{name} is not JSON", hint="Give a file that `pgparity schema snapshot` wrote.") from None
    if not isinstance(data, dict) or data.get("format") != _default("format"):
        raise DocumentError(
            f"{name} is not a snapshot of pgparity", hint="Give a file that `pgparity schema snapshot` wrote."
        )
    if data.get("version") != _default("version"):
        raise DocumentError(
            f"{name} has format version {data.get('version')}, and this pgparity reads version {_default('version')}",
            hint=AGAIN,
        )
    older, newer = _unlike(data)
    if older or newer:
        told = f"does not hold {older[0]}" if older else f"holds {newer[0]}, which this pgparity does not know"
        raise DocumentError(
            f"{name} is a snapshot of {'an older' if older else 'a newer'} pgparity: it {told}", hint=AGAIN
        )
    return Catalog.from_json(text)


def _default(name: str) -> Any:
    return next(item.default for item in fields(Catalog) if item.name == name)


def families() -> dict[str, type[CatalogObject]]:
    """Fields of a catalog that hold objects, and the class of each."""
    return {name: family.kind for name, family in FAMILIES.items()}


def _unlike(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What the document lacks, and what it has beside: families of objects, and attributes of theirs."""
    known = {item.name for item in fields(Catalog)}
    lacks = sorted(known - set(data))
    beside = sorted(set(data) - known)
    for name, family in families().items():
        rows = data.get(name)
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
            continue
        attributes = {item.name for item in fields(family)}
        lacks += (f"{each} of {name}" for each in sorted(attributes - set(rows[0])))
        beside += (f"{each} of {name}" for each in sorted(set(rows[0]) - attributes))
    return lacks, beside
