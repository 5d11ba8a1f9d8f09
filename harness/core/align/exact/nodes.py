"""Nodes: the actions of an exact plan, which rank before which, and the names and tables that objects take up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from harness.core.model.objects import Address, CatalogObject
from harness.core.model.rules import Constraint
from harness.core.names import qualified

Action = Literal[
    "drop", "blank", "aside", "detach", "release", "loosen", "alter", "create", "sketch", "retype", "attach", "restore",
    "fill", "forget",
]  # fmt: skip
"""release and fill: the default of a column goes and comes back; aside and forget: a type that is swapped is called
otherwise for a while, and dropped; loosen: a column holds text meanwhile; retype: it takes the new type; restore: the
rows of a table that was made again come back; sketch and blank: a view is made, or becomes one, that reads nothing"""
Node = tuple[Action, Address]

_ORDER: tuple[Action, ...] = (
    "drop", "blank", "aside", "detach", "release", "loosen", "alter", "create", "sketch", "retype", "attach", "restore",
    "fill", "forget",
)  # fmt: skip
OF_TABLE = frozenset({"index", "constraint", "trigger", "policy", "rule", "statistics object"})
"""Kinds that stand on a table without pg_depend's normal dependencies saying so"""
CALLED = frozenset({"routine", "aggregate"})
"""Kinds that take and return rows of a relation which may call them"""
LAST = ("subscription", "privilege", "default privilege", "security label", "event trigger")
"""Kinds that come behind everything, in this order"""
_RANKS = (
    "schema", "extension", "language", "access method", "collation", "enum", "composite type", "domain", "range type",
    "base type", "sequence", "routine", "aggregate", "cast", "table", "foreign table", "column", "index", "constraint",
    "view", "rule", "trigger", "policy",
)  # fmt: skip


def rank(node: Node, each: CatalogObject | None) -> tuple[int, int, int, str]:
    """Of actions that are free to come next, the least comes first."""
    action, address = node
    kind = each.kind if each is not None else ""
    phase = LAST.index(kind) + 1 if kind in LAST else 0
    if kind == "event trigger" and action == "drop":
        phase = -1
    if kind == "enum" and action == "alter":
        # ADD VALUE ends a transaction: nothing that must not be left half done may have begun before it.
        phase = -2
    place = _RANKS.index(kind) if kind in _RANKS else len(_RANKS)
    if action == "drop":
        place = -place
    if isinstance(each, Constraint):
        place += {"primary key": 0, "unique": 0, "foreign key": 2}.get(each.type, 1)
    position = getattr(each, "position", 0)
    generated = getattr(each, "generated", None) is not None
    return (
        phase,
        _ORDER.index(action),
        place * 2 + generated if action != "drop" else place * 2 - generated,
        f"{address[1].rpartition('.')[0]} {position:05}" if kind == "column" else address[1],
    )


def tables(each: CatalogObject) -> Iterable[str]:
    """The tables whose columns an object stands on."""
    if each.table_identity is not None:
        yield each.table_identity
    if isinstance(each, Constraint) and each.references is not None:
        yield each.references


def names(each: CatalogObject) -> list[tuple[str, str]]:
    """(namespace, name) that an object takes: its own, and for a constraint with an index that one's."""
    schema = getattr(each, "schema", None)
    found = [each.address]
    if each.kind in ("table", "view", "sequence", "foreign table", "index") and schema is not None:
        found.append(("name", qualified(schema, each.key[-1])))
    if isinstance(each, Constraint) and each.type in ("primary key", "unique", "exclusion"):
        found.append(("name", qualified(each.schema, each.name)))
    if each.kind in ("enum", "domain", "composite type", "range type", "base type", "table", "view", "foreign table"):
        found.append(("type", qualified(str(schema), each.key[-1])))
    return found
