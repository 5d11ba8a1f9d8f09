"""Introspection: reads the structure of a database into a Catalog, a query a family of objects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog, ServerInfo, Unmodelled
from harness.core.model.collations import Collation, Conversion
from harness.core.model.database import Database, DatabaseSetting, LargeObject, RoleSetting
from harness.core.model.foreign import ForeignDataWrapper, ForeignServer, ForeignTable, UserMapping
from harness.core.model.languages import Language, Transform
from harness.core.model.objects import CatalogObject
from harness.core.model.operators import AccessMethod, Cast, Operator, OperatorClass, OperatorFamily
from harness.core.model.privileges import DefaultPrivilege, Privilege, SecurityLabel
from harness.core.model.programs import Aggregate, EventTrigger, Extension, Routine
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.model.replication import Publication, Subscription
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.model.statistics import StatisticsObject
from harness.core.model.text_search import (
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
)
from harness.core.model.types import (
    BaseType,
    CompositeAttribute,
    CompositeType,
    Domain,
    DomainConstraint,
    Enum,
    RangeType,
)
from harness.core.model.views import Rule, ViewColumn
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

_FAMILIES: tuple[tuple[str, type[CatalogObject], str], ...] = (
    ("schemas", Schema, "pg_namespace"),
    ("tables", Table, "pg_class"),
    ("columns", Column, "pg_class"),
    ("constraints", Constraint, "pg_constraint"),
    ("indexes", Index, "pg_class"),
    ("sequences", Sequence, "pg_class"),
    ("views", View, "pg_class"),
    ("view_columns", ViewColumn, "pg_class"),
    ("routines", Routine, "pg_proc"),
    ("aggregates", Aggregate, "pg_proc"),
    ("triggers", Trigger, "pg_trigger"),
    ("rules", Rule, "pg_rewrite"),
    ("event_triggers", EventTrigger, "pg_event_trigger"),
    ("enums", Enum, "pg_type"),
    ("domains", Domain, "pg_type"),
    ("domain_constraints", DomainConstraint, "pg_constraint"),
    ("composite_types", CompositeType, "pg_type"),
    ("composite_attributes", CompositeAttribute, "pg_class"),
    ("range_types", RangeType, "pg_type"),
    ("base_types", BaseType, "pg_type"),
    ("collations", Collation, "pg_collation"),
    ("conversions", Conversion, "pg_conversion"),
    ("policies", Policy, "pg_policy"),
    ("statistics", StatisticsObject, "pg_statistic_ext"),
    ("extensions", Extension, "pg_extension"),
    ("casts", Cast, "pg_cast"),
    ("operators", Operator, "pg_operator"),
    ("operator_families", OperatorFamily, "pg_opfamily"),
    ("operator_classes", OperatorClass, "pg_opclass"),
    ("access_methods", AccessMethod, "pg_am"),
    ("languages", Language, "pg_language"),
    ("transforms", Transform, "pg_transform"),
    ("text_search_parsers", TextSearchParser, "pg_ts_parser"),
    ("text_search_templates", TextSearchTemplate, "pg_ts_template"),
    ("text_search_dictionaries", TextSearchDictionary, "pg_ts_dict"),
    ("text_search_configurations", TextSearchConfiguration, "pg_ts_config"),
    ("foreign_data_wrappers", ForeignDataWrapper, "pg_foreign_data_wrapper"),
    ("foreign_servers", ForeignServer, "pg_foreign_server"),
    ("user_mappings", UserMapping, "pg_user_mapping"),
    ("foreign_tables", ForeignTable, "pg_class"),
    ("publications", Publication, "pg_publication"),
    ("subscriptions", Subscription, "pg_subscription"),
    ("databases", Database, "pg_database"),
    ("database_settings", DatabaseSetting, "pg_db_role_setting"),
    ("role_settings", RoleSetting, "pg_db_role_setting"),
    ("large_objects", LargeObject, "pg_largeobject"),
    ("privileges", Privilege, "aclitem"),
    ("default_privileges", DefaultPrivilege, "aclitem"),
    ("security_labels", SecurityLabel, "pg_seclabel"),
)
"""Field of Catalog, which is also the name of the query, the kind, and the system catalog that its oids are of"""

FAMILIES_OF_ROWS = frozenset(
    {"schemas", "tables", "columns", "constraints", "indexes", "views", "view_columns", "foreign_tables"}
)
"""What a comparison of rows alone has to know: what holds rows, their columns and keys"""

FAMILIES_OF_MOVES = FAMILIES_OF_ROWS | {"sequences", "triggers", "enums"}
"""What moving rows has to know besides: what is set after them, what they set off, what else decides how they move"""

KNOWN_CATALOGS = frozenset(
    {
        *(catalog for _, _, catalog in _FAMILIES),
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
    for name, value in _SETTINGS.items():
        connection.execute("SELECT pg_catalog.set_config(%s, %s, true)", (name, value))
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
    for field, family, catalog in _FAMILIES:
        if families is not None and field not in families:
            continue
        prepare = prepared.get(field)
        if prepare is None:
            found[field] = reader.objects(family, field, catalog)
        else:
            found[field] = reader.made(family, prepare(list(reader.rows(field))), field, catalog)
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
