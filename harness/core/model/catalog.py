"""Catalog: everything that was learned about the structure of one database, in one snapshot."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import TypeAdapter, ValidationError

from harness.core.model.families import FAMILIES
from harness.core.model.objects import CatalogObject
from harness.errors import DocumentError

if TYPE_CHECKING:  # the classes of families are loaded one by one: harness.core.model.families
    from harness.core.model.collations import Collation, Conversion
    from harness.core.model.database import Database, DatabaseSetting, LargeObject, RoleSetting
    from harness.core.model.foreign import ForeignDataWrapper, ForeignServer, ForeignTable, UserMapping
    from harness.core.model.languages import Language, Transform
    from harness.core.model.objects import Address
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """What the database says of itself; it is reported, and compared where answers depend on it."""

    version: str
    version_number: int
    """server_version_num: 160014"""
    database: str
    encoding: str
    collate: str
    ctype: str
    locale_provider: str
    """libc, icu or builtin"""
    timezone: str
    system_identifier: str | None = None
    platform_roles: tuple[str, ...] = ()
    """Which roles of a managed platform exist on the server"""
    roles: tuple[str, ...] = ()
    """Every role of the server; empty: not known"""
    superuser: str = ""
    """The role that the server was made with, which owns what nobody else was named for"""
    reader: str = ""
    """The role that read the catalog"""
    superusers: tuple[str, ...] = ()
    """Roles that no permission is asked of; empty: not known"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmodelled:
    """An object of a kind that is not modelled: reported with its identity, never dropped."""

    kind: str
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An object that needs another one to exist (pg_depend, normal dependencies; bodies in text have none)."""

    kind: str
    identity: str
    on_kind: str
    on_identity: str


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The structure of one database. Every field from `schemas` to `extensions` is a tuple of one kind of object."""

    format: Literal["pgparity/catalog"] = "pgparity/catalog"
    version: Literal[1] = 1
    server: ServerInfo
    scope: tuple[str, ...] | None = None
    """The schemas that were asked for; None: all but PostgreSQL's own"""
    schemas: tuple[Schema, ...] = ()
    tables: tuple[Table, ...] = ()
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    views: tuple[View, ...] = ()
    view_columns: tuple[ViewColumn, ...] = ()
    routines: tuple[Routine, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[Rule, ...] = ()
    event_triggers: tuple[EventTrigger, ...] = ()
    enums: tuple[Enum, ...] = ()
    domains: tuple[Domain, ...] = ()
    domain_constraints: tuple[DomainConstraint, ...] = ()
    composite_types: tuple[CompositeType, ...] = ()
    composite_attributes: tuple[CompositeAttribute, ...] = ()
    range_types: tuple[RangeType, ...] = ()
    base_types: tuple[BaseType, ...] = ()
    collations: tuple[Collation, ...] = ()
    conversions: tuple[Conversion, ...] = ()
    policies: tuple[Policy, ...] = ()
    statistics: tuple[StatisticsObject, ...] = ()
    extensions: tuple[Extension, ...] = ()
    casts: tuple[Cast, ...] = ()
    operators: tuple[Operator, ...] = ()
    operator_families: tuple[OperatorFamily, ...] = ()
    operator_classes: tuple[OperatorClass, ...] = ()
    access_methods: tuple[AccessMethod, ...] = ()
    languages: tuple[Language, ...] = ()
    transforms: tuple[Transform, ...] = ()
    text_search_parsers: tuple[TextSearchParser, ...] = ()
    text_search_templates: tuple[TextSearchTemplate, ...] = ()
    text_search_dictionaries: tuple[TextSearchDictionary, ...] = ()
    text_search_configurations: tuple[TextSearchConfiguration, ...] = ()
    foreign_data_wrappers: tuple[ForeignDataWrapper, ...] = ()
    foreign_servers: tuple[ForeignServer, ...] = ()
    user_mappings: tuple[UserMapping, ...] = ()
    foreign_tables: tuple[ForeignTable, ...] = ()
    publications: tuple[Publication, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    databases: tuple[Database, ...] = ()
    """The database itself"""
    database_settings: tuple[DatabaseSetting, ...] = ()
    role_settings: tuple[RoleSetting, ...] = ()
    large_objects: tuple[LargeObject, ...] = ()
    privileges: tuple[Privilege, ...] = ()
    default_privileges: tuple[DefaultPrivilege, ...] = ()
    security_labels: tuple[SecurityLabel, ...] = ()
    unmodelled: tuple[Unmodelled, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    def objects(self) -> Iterator[CatalogObject]:
        """Every modelled object, family by family."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, CatalogObject))

    @cached_property
    def table_by_identity(self) -> dict[str, Table]:
        """Tables by schema.name."""
        return {table.identity: table for table in self.tables}

    @cached_property
    def columns_by_table(self) -> dict[str, tuple[Column, ...]]:
        """Columns of each table (by identity) in their order."""
        return self._by_table(sorted(self.columns, key=lambda column: column.position))

    @cached_property
    def constraints_by_table(self) -> dict[str, tuple[Constraint, ...]]:
        """Constraints of each table."""
        return self._by_table(self.constraints)

    @cached_property
    def indexes_by_table(self) -> dict[str, tuple[Index, ...]]:
        """Indexes of each table, those of constraints too."""
        return self._by_table(self.indexes)

    @cached_property
    def owners(self) -> dict[Address, str]:
        """The role that owns each object that has an owner, by address."""
        return {each.address: owner for each in self.objects() if (owner := getattr(each, "owner", ""))}

    @cached_property
    def privileges_by_object(self) -> dict[Address, tuple[Privilege, ...]]:
        """Privileges on each object and its columns, by address of the object."""
        found: dict[Address, list[Privilege]] = {}
        for each in self.privileges:
            found.setdefault(each.part_of[0], []).append(each)
        return {address: tuple(privileges) for address, privileges in found.items()}

    @cached_property
    def privileges_held(self) -> frozenset[tuple[str, ...]]:
        """Keys of all privileges that somebody has beyond the built-in defaults."""
        return frozenset(each.key for each in self.privileges if not each.revoked)

    @cached_property
    def addresses(self) -> frozenset[Address]:
        """Addresses of every modelled object."""
        return frozenset(each.address for each in self.objects())

    @cached_property
    def needs(self) -> dict[Address, frozenset[Address]]:
        """What each object needs to exist, by address."""
        found: dict[Address, set[Address]] = {}
        for each in self.dependencies:
            needed = address_of(each.on_kind, each.on_identity)
            found.setdefault(address_of(each.kind, each.identity), set()).add(needed)
        return {address: frozenset(needed) for address, needed in found.items()}

    @staticmethod
    def _by_table(objects: Any) -> dict[str, tuple[Any, ...]]:
        grouped: dict[str, list[Any]] = {}
        for each in objects:
            grouped.setdefault(each.table_identity, []).append(each)
        return {identity: tuple(parts) for identity, parts in grouped.items()}

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all that is compared: while a database stays as it is, so does its fingerprint.

        Measurements do not count, nor what large objects hold. It tells a database from what it was before, and not two
        databases of servers that are otherwise: those of other versions write and allow other things of equal schemas.
        """
        digest = hashlib.sha256()
        for each in sorted(self.objects(), key=lambda item: (item.kind, item.key)):
            attributes = sorted(item for item in each.attributes().items() if item[0] not in _DATA)
            digest.update(repr((each.kind, each.key, attributes)).encode())
        return digest.hexdigest()[:32]

    def to_json(self, *, indent: int | None = None) -> str:
        """The catalog as JSON text (schemas/contracts/catalog.v1.json)."""
        return _adapter().dump_json(self, indent=indent).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Catalog:
        """Read a catalog back; DocumentError names the first thing that is wrong with it."""
        try:
            return _adapter().validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the document"
            raise DocumentError(
                f"not a pgparity catalog: {where}: {first['msg']}", hint="Give a file that pgparity wrote."
            ) from None


def address_of(kind: str, identity: str) -> Address:
    """The address of an object that is known by kind and identity."""
    return (_namespaces().get(kind, kind), identity)


@functools.cache
def _namespaces() -> dict[str, str]:
    """Kinds that share a namespace, and which."""
    kinds = [family.kind for family in FAMILIES.values()]
    return {each.kind: each.namespace for each in kinds if each.namespace}


_DATA = frozenset({"content"})
"""Attributes that change when an application works"""


@functools.cache
def _adapter() -> TypeAdapter[Catalog]:
    """Built when it is first needed: it takes a quarter of a second."""
    # The types of the fields are names, which are looked for in this module.
    globals().update((family.name, family.kind) for family in FAMILIES.values())
    return TypeAdapter(Catalog)


def catalog_json_schema() -> dict[str, Any]:
    """The JSON Schema of the serialised catalog."""
    return _adapter().json_schema(mode="serialization")
