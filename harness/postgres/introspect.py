"""Introspection: reads the structure of a database into a Catalog, a query a family of objects."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog, Dependency, ServerInfo, Unmodelled
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
from harness.postgres.replication_rows import publications, subscriptions
from harness.postgres.type_rows import PREPARED as PREPARED_TYPES

Row = dict[str, Any]
Found = TypeVar("Found", bound=CatalogObject)

_NAMES = (
    "collation", "sequence", "of", "references", "owned_by", "function", "support", "sfunc", "finalfunc", "combinefunc",
    "serialfunc", "deserialfunc", "msfunc", "minvfunc", "mfinalfunc", "attached", "on_table",
)  # fmt: skip
"""Columns of the queries that hold the parts of one name; an identity is made of them here, since what quote_ident
quotes depends on the server's version."""
_NAME_LISTS = ("inherits", "inherited_from", "depends_on", "parents")
_UNORDERED = ("options", "roles", "exposed_to", "platform_roles", "settings")


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
    scope = schemas
    if schemas is None:
        schemas = tuple(str(name) for (name,) in connection.execute(query("schemas_of_users")))
    reader = _Reader(
        connection, {"schemas": list(schemas), "roles": list(PLATFORM_ROLES), "large_objects": LARGE_OBJECTS}
    )
    server = dict(next(iter(reader.rows("server"))))
    prepared: dict[str, Callable[[list[Row]], Iterable[Row]]] = {
        "tables": lambda rows: map(_table, rows, itertools.repeat(small_table_counts(connection, rows))),
        "sequences": lambda rows: (_without(row, "readable", "askable") for row in with_values(connection, rows)),
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
        rows: Iterable[Row] = reader.rows(field)
        if field in prepared:
            rows = prepared[field](list(rows))
        found[field] = reader.made(family, rows, catalog)
    return Catalog(
        server=ServerInfo(**server, system_identifier=system_identifier(connection)),
        scope=scope,
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
    if kind == "operator":
        left, right = (name if name != "-" else "none" for name in names[2:])
        return f"{qualified(names[0])}.{names[1]} ({left}, {right})"
    if kind in ("operator class", "operator family"):
        return f"{qualified(*names[:2])} using {names[2]}"
    if kind == "cast":
        return f"{names[0]} as {names[1]}"
    return qualified(*names)
