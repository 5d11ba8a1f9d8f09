"""Rows of privileges and security labels: lists of privileges become facts, parts of names become identities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from harness.core.names import qualified

Row = dict[str, Any]

LARGE_OBJECTS = 1000
"""Up to so many large objects are objects of the catalog; more are told as one thing that is not modelled"""


def _privileges(rows: list[Row]) -> Iterator[Row]:
    """A row a privilege; equal names share one string."""
    identities: dict[tuple[Any, ...], tuple[str, str]] = {}
    shared: dict[str, str] = {}
    for row in rows:
        kind, names, arguments = row["kind"], row["names"], row["arguments"]
        key = (kind, names, arguments)
        if key not in identities:
            identities[key] = _identity(kind, names, arguments)
        identity, relation = identities[key]
        grantee = shared.setdefault(row["grantee"], row["grantee"])
        common = {
            "oid": row["oid"],
            "part": row["part"],
            "object_kind": shared.setdefault(kind, kind),
            "object": identity,
            "holder": "" if row["own"] else grantee,
            "grantee": grantee,
            "with_grant_option": row["with_grant_option"],
            "revoked": row["revoked"],
            "built_in": row["built_in"],
            "relation": relation,
            "extension": row["extension"],
            "grantors": row["grantors"],
        }
        for privilege in row["privileges"]:
            yield common | {"privilege": shared.setdefault(privilege, privilege)}


def _identity(kind: str, names: Iterable[str], arguments: str | None) -> tuple[str, str]:
    """Identity of an object, and of the relation where it is a column."""
    parts = tuple(names)
    if kind in ("database", "large object"):
        return parts[0], ""
    identity = qualified(*parts) if arguments is None else f"{qualified(*parts)}({arguments})"
    return identity, qualified(*parts[:2]) if kind == "column" else ""


def _labels(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        names, arguments = row.pop("labelled"), row.pop("arguments")
        on = names[0] if row["object_kind"] in ("database", "large object") else qualified(*names)
        yield row | {"on": on if arguments is None else f"{on}({arguments})"}


PREPARED: dict[str, Callable[[list[Row]], Iterable[Row]]] = {"privileges": _privileges, "security_labels": _labels}
