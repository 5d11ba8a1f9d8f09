"""Ownership: who owns an object where a schema came from files that do not say it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject


def of_files(catalog: Catalog, loader: str) -> Catalog:
    """The catalog of a database that `loader` made from files: nothing is claimed that only the loading decided.

    What the loader owns has no owner (an empty one is compared with nothing), which roles a server has is not known,
    and default privileges of the loader are those of the server's own superuser.
    """
    changed: dict[str, Any] = {}
    for item in fields(catalog):
        value = getattr(catalog, item.name)
        if isinstance(value, tuple) and value and isinstance(value[0], CatalogObject) and hasattr(value[0], "owner"):
            changed[item.name] = tuple(replace(each, owner="") if each.owner == loader else each for each in value)
    changed["default_privileges"] = tuple(
        replace(each, creator=catalog.server.superuser or each.creator) if each.creator == loader else each
        for each in catalog.default_privileges
    )
    return replace(catalog, server=replace(catalog.server, roles=(), reader=""), **changed)
