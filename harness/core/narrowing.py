"""Narrowing: the part of a catalog that lies in some schemas, so that both sides of a comparison hold the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from harness.core.model.catalog import Catalog, Unmodelled
from harness.core.model.objects import CatalogObject
from harness.core.model.privileges import DefaultPrivilege, Privilege, SecurityLabel
from harness.core.model.relations import Schema
from harness.core.names import split
from harness.core.unmodelled import REASONS

Scope = tuple[str, ...] | None
"""Schemas; None: all"""


def schema_of(each: CatalogObject) -> str | None:
    """The schema that an object lies in, or is; None for what belongs to the database."""
    if isinstance(each, Schema):
        return each.name
    if isinstance(each, DefaultPrivilege):
        return each.in_schema or None
    if isinstance(each, Privilege | SecurityLabel):
        return _schema_of_object(each.object_kind, each.object)
    return str(getattr(each, "schema", "") or "") or None if "schema" in each.key_fields else None


def _schema_of_object(kind: str, identity: str) -> str | None:
    """The schema of what a privilege or label is on."""
    try:
        parts = split(identity.split("(", 1)[0])
    except ValueError:
        return None
    if kind == Schema.kind:
        return parts[0]
    return parts[0] if len(parts) > 1 else None


def schema_of_unmodelled(each: Unmodelled) -> str | None:
    """The schema that an object of a kind without a model lies in."""
    return None if each.kind in REASONS else _schema_of_object(each.kind, each.identity)


def narrowed(catalog: Catalog, scope: Scope) -> Catalog:
    """The catalog as it would have been read with that scope; objects of no schema always stay."""
    if scope is None or catalog.scope == scope:
        return catalog
    wanted = {*scope}

    def inside(schema: str | None) -> bool:
        return schema is None or schema in wanted

    kept = keeping(catalog, lambda each: inside(schema_of(each)), lambda each: inside(schema_of_unmodelled(each)))
    return replace(kept, scope=tuple(scope))


def keeping(
    catalog: Catalog,
    keep: Callable[[CatalogObject], bool],
    keep_unmodelled: Callable[[Unmodelled], bool] = lambda _: True,
) -> Catalog:
    """The catalog without the objects that are not to be kept, and without the dependencies of and on those."""
    taken: set[tuple[str, str]] = set()
    changed: dict[str, Any] = {}
    for item in fields(catalog):
        value = getattr(catalog, item.name)
        if not isinstance(value, tuple) or not value or not isinstance(value[0], CatalogObject):
            continue
        stay = tuple(each for each in value if keep(each))
        if len(stay) != len(value):
            changed[item.name] = stay
            staying = {id(each) for each in stay}
            taken |= {(each.kind, each.identity) for each in value if id(each) not in staying}
    return replace(
        catalog,
        **changed,
        unmodelled=tuple(each for each in catalog.unmodelled if keep_unmodelled(each)),
        dependencies=tuple(
            each
            for each in catalog.dependencies
            if (each.kind, each.identity) not in taken and (each.on_kind, each.on_identity) not in taken
        )
        if taken
        else catalog.dependencies,
    )


def common_scope(scopes: Iterable[Scope], wanted: Scope = None) -> Scope:
    """What was looked at on every side, within what is wanted: a side that was not asked says nothing of a schema."""
    found = wanted
    for scope in scopes:
        if scope is not None:
            found = scope if found is None else tuple(name for name in found if name in scope)
    return found
