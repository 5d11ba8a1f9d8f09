"""Introspection: reads the structure of a database into a Catalog, a query a family of objects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from psycopg import sql

from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog, ServerInfo, Unmodelled
from harness.core.model.families import FAMILIES
from harness.core.names import qualified
from harness.postgres.connect import Connection, system_identifier
from harness.postgres.foreign_rows import PREPARED as PREPARED_FOREIGN
from harness.postgres.measures import small_table_counts, with_values
from harness.postgres.operator_rows import PREPARED as PREPARED_OPERATORS
from harness.postgres.privilege_rows import LARGE_OBJECTS
from harness.postgres.privilege_rows import PREPARED as PREPARED_PRIVILEGES
from harness.postgres.queries import query
from harness.postgres.reading import Alike, Reader, Row
from harness.postgres.replication_rows import publications, subscriptions
from harness.postgres.type_rows import PREPARED as PREPARED_TYPES

FAMILIES_OF_ROWS = frozenset(
    {"schemas", "tables", "columns", "constraints", "indexes", "views", "view_columns", "foreign_tables"}
)
"""What a comparison of rows alone has to know: what holds rows, their columns and keys"""

FAMILIES_OF_MOVES = FAMILIES_OF_ROWS | {"sequences", "triggers", "enums"}
"""What moving rows has to know besides: what is set after them, what they set off, what else decides how they move"""

KNOWN_CATALOGS = frozenset(
    {
        *(family.catalog for family in FAMILIES.values()),
        "pg_attrdef", "pg_enum", "pg_amop", "pg_amproc", "pg_default_acl", "pg_publication_rel",
        "pg_publication_namespace", "pg_largeobject_metadata",
    }
)  # fmt: skip
"""System catalogs whose rows are objects that a Catalog holds, or parts of them; all others' are told as unmodelled"""

_SETTINGS = {
    # pg_get_expr and its like qualify what the search_path does not find, and quote all names under this setting.
    "search_path": "",
    "quote_all_identifiers": "off",
    # Large catalogs: compiling the queries takes longer than running them, and sorting them needs no file.
    "jit": "off",
    "work_mem": "32MB",
}
"""Of the transaction that reads"""


def introspect(
    connection: Connection,
    *,
    schemas: tuple[str, ...] | None = ("public",),
    alike: Alike | None = None,
    families: Collection[str] | None = None,
) -> Catalog:
    """The structure of the connected database, as far as it lies in `schemas`; None: in all but PostgreSQL's own.

    It reads in the caller's transaction, so give it one snapshot (connect.snapshot) where the structure may change
    meanwhile. The role needs no rights beyond connecting; row counts and sequence values that it may not read stay
    unknown. Objects that belong to an extension are the extension's affair and left out; kinds that a catalog does not
    hold are listed in `unmodelled`. `alike`: what it shares with the other database that is read meanwhile. `families`:
    only these fields are read (FAMILIES_OF_ROWS); of the others, `unmodelled` and `dependencies` nothing is known.
    """
    # One statement for all: a comparison of a small table waits for little else than round trips.
    each = sql.SQL("pg_catalog.set_config({}, {}, true)")
    settings = [each.format(sql.Literal(name), sql.Literal(value)) for name, value in _SETTINGS.items()]
    connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(settings)))
    scope = schemas
    if schemas is None:
        schemas = tuple(str(name) for (name,) in connection.execute(query("schemas_of_users")))
    parameters = {
        "schemas": list(schemas),
        "roles": list(PLATFORM_ROLES),
        "large_objects": LARGE_OBJECTS,
        "known_catalogs": sorted(KNOWN_CATALOGS),
    }
    reader = Reader(connection, parameters, alike or Alike(1))
    server = dict(next(iter(reader.rows("server"))))
    prepared: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
        "tables": lambda rows: map(_table, rows, itertools.repeat(small_table_counts(connection, rows))),
        "sequences": lambda rows: (
            _without(row, "readable", "askable", "vacant") for row in with_values(connection, rows)
        ),
        **PREPARED_OPERATORS,
        **PREPARED_FOREIGN,
        "publications": publications,
        "subscriptions": lambda rows: subscriptions(connection, rows),
        **PREPARED_PRIVILEGES,
        **PREPARED_TYPES,
        "statistics": lambda rows: ({**_without(row, "on_table"), "table": row["on_table"]} for row in rows),
    }
    found: dict[str, Any] = {}
    for field, family in FAMILIES.items():
        if families is not None and field not in families:
            continue
        prepare = prepared.get(field)
        if prepare is None:
            found[field] = reader.objects(family.kind, field, family.catalog)
        else:
            found[field] = reader.made(family.kind, prepare(list(reader.rows(field))), field, family.catalog)
    return Catalog(
        server=ServerInfo(**server, system_identifier=system_identifier(connection)),
        scope=scope,
        **found,
        unmodelled=tuple(_unmodelled(reader.rows("unmodelled"))) if families is None else (),
        dependencies=reader.dependencies() if families is None else (),
    )


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
    found = (Unmodelled(kind=row["kind"], identity=row["spelled"] or qualified(*row["names"])) for row in rows)
    return sorted(found, key=lambda each: (each.kind, each.identity))
