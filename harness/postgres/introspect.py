"""Introspection: reads the structure of a database into a Catalog, a query a family of objects."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog, Dependency, ServerInfo, Unmodelled
from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Enum, Extension, Routine
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import qualified
from harness.postgres.connect import Connection, system_identifier
from harness.postgres.measures import small_table_counts, with_values
from harness.postgres.queries import query

Row = dict[str, Any]
Found = TypeVar("Found", bound=CatalogObject)

_NAMES = ("collation", "sequence", "references", "owned_by", "function")
"""Columns of the queries that hold the parts of one name; an identity is made of them here, since what quote_ident
quotes depends on the server's version."""
_NAME_LISTS = ("inherits", "depends_on")
_UNORDERED = ("options", "roles", "exposed_to", "platform_roles", "settings")


_FAMILIES: tuple[tuple[str, type[CatalogObject], str], ...] = (
    ("schemas", Schema, "pg_namespace"),
    ("tables", Table, "pg_class"),
    ("columns", Column, "pg_class"),
    ("constraints", Constraint, "pg_constraint"),
    ("indexes", Index, "pg_class"),
    ("sequences", Sequence, "pg_class"),
    ("views", View, "pg_class"),
    ("routines", Routine, "pg_proc"),
    ("triggers", Trigger, "pg_trigger"),
    ("enums", Enum, "pg_type"),
    ("policies", Policy, "pg_policy"),
    ("extensions", Extension, "pg_extension"),
)
"""Field of Catalog, which is also the name of the query, the kind, and the system catalog that its oids are of"""


def introspect(connection: Connection, *, schemas: tuple[str, ...] | None = ("public",)) -> Catalog:
    """The structure of the connected database, as far as it lies in `schemas`; None: in all but PostgreSQL's own.

    It reads in the caller's transaction, so give it one snapshot (connect.snapshot) where the structure may change
    meanwhile. The role needs no rights beyond connecting; row counts and sequence values that it may not read stay
    unknown. Objects that belong to an extension are the extension's affair and left out; kinds that a catalog does not
    hold are listed in `unmodelled`.
    """
    # pg_get_expr and its like qualify what the search_path does not find, and quote all names under this setting.
    for name, value in (("search_path", ""), ("quote_all_identifiers", "off")):
        connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
    if schemas is None:
        schemas = tuple(str(name) for (name,) in connection.execute(query("schemas_of_users")))
    reader = _Reader(connection, {"schemas": list(schemas), "roles": list(PLATFORM_ROLES)})
    server = dict(next(iter(reader.rows("server"))))
    prepared: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
        "tables": lambda rows: map(_table, rows, itertools.repeat(small_table_counts(connection, rows))),
        "sequences": lambda rows: (_without(row, "readable", "askable") for row in with_values(connection, rows)),
    }
    found: dict[str, Any] = {}
    for field, family, catalog in _FAMILIES:
        rows: Iterable[Row] = reader.rows(field)
        if field in prepared:
            rows = prepared[field](list(rows))
        found[field] = reader.made(family, rows, catalog)
    return Catalog(
        server=ServerInfo(**server, system_identifier=system_identifier(connection)),
        **found,
        unmodelled=tuple(_unmodelled(reader.rows("unmodelled"))),
        dependencies=reader.dependencies(),
    )


class _Reader:
    """Runs the queries and remembers which object each oid stands for, which the dependencies speak of."""

    def __init__(self, connection: Connection, parameters: Mapping[str, Any]) -> None:
        self._connection = connection
        self._parameters = parameters
        self._known: dict[tuple[str, int, int], CatalogObject] = {}

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of one query file, with identities made and lists as tuples."""
        cursor = self._connection.execute(query(name), self._parameters)
        labels = [column.name for column in cursor.description or ()]
        named = [label for label in labels if label in _NAMES]
        listed = [label for label in labels if label in _NAME_LISTS]
        unordered = [label for label in labels if label in _UNORDERED]
        for values in cursor:
            row = {
                label: tuple(value) if isinstance(value, list) else value
                for label, value in zip(labels, values, strict=True)
            }
            for label in named:
                row[label] = qualified(*row[label]) if row[label] else None
            for label in listed:
                row[label] = tuple(qualified(*parts) for parts in row[label] or ())
            for label in unordered:
                row[label] = tuple(sorted(row[label] or ()))
            yield row

    def made(self, family: type[Found], rows: Iterable[Row], catalog: str) -> tuple[Found, ...]:
        """A family from rows."""
        optional = {
            item.name
            for item in dataclasses.fields(family)
            if item.default is not dataclasses.MISSING and item.default is not None
        }
        made: list[Found] = []
        for row in rows:
            oid, part = row.pop("oid"), row.pop("part", 0)
            each = family(**{key: value for key, value in row.items() if value is not None or key not in optional})
            self._known[catalog, oid, part] = each
            made.append(each)
        return tuple(made)

    def dependencies(self) -> tuple[Dependency, ...]:
        """Who needs whom, as far as both are in the catalog."""
        names = {
            int(oid): str(name)
            for oid, name in self._connection.execute(
                "SELECT c.oid::bigint, c.relname::text FROM pg_catalog.pg_class c"
                " WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'"
            )
        }
        found: set[tuple[str, str, str, str]] = set()
        for row in self.rows("dependencies"):
            holder = self._object(names[row["class"]], row["object"], row["part"])
            needed = self._object(names[row["on_class"]], row["on_object"], row["on_part"])
            if holder is not None and needed is not None and holder is not needed:
                found.add((holder.kind, holder.identity, needed.kind, needed.identity))
        return tuple(Dependency(kind=a, identity=b, on_kind=c, on_identity=d) for a, b, c, d in sorted(found))

    def _object(self, catalog: str, oid: int, part: int) -> CatalogObject | None:
        """A column where it is one of a table; the columns of views are the view itself."""
        return self._known.get((catalog, oid, part)) or self._known.get((catalog, oid, 0))


def _table(row: Row, counts: Mapping[int, int]) -> Row:
    """The fields of a table from its row."""
    parent, bound = row.pop("partition_parent"), row.pop("partition_bound")
    if parent:
        row["partition_of"] = f"{qualified(*parent[0])} {bound}"
    row["estimated_rows"] = counts.get(row["oid"], row["estimated_rows"])
    return _without(row, "readable", "relkind")


def _without(row: Row, *labels: str) -> Row:
    return {label: value for label, value in row.items() if label not in labels}


def _unmodelled(rows: Iterable[Row]) -> list[Unmodelled]:
    spell: Callable[[Row], str] = lambda row: _spelled(row["kind"], row["names"])  # noqa: E731
    return sorted(
        (Unmodelled(kind=row["kind"], identity=spell(row)) for row in rows), key=lambda each: (each.kind, each.identity)
    )


def _spelled(kind: str, names: tuple[str, ...]) -> str:
    """How a person writes the object's name."""
    if kind == "aggregate":
        return f"{qualified(*names[:2])}({names[2]})"
    if kind == "operator":
        left, right = (name if name != "-" else "none" for name in names[2:])
        return f"{qualified(names[0])}.{names[1]} ({left}, {right})"
    if kind in ("operator class", "operator family"):
        return f"{qualified(*names[:2])} using {names[2]}"
    if kind == "cast":
        return f"{names[0]} as {names[1]}"
    if kind == "database setting":
        return " of role ".join(reversed(names))
    return qualified(*names)
