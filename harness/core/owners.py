"""Owners: when two owners are the same, when a plan can set one, and what another owner does at a cutover."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.differences import Difference
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.objects import CatalogObject
from harness.core.model.relations import Sequence

ATTRIBUTE = "owner"
OWNER = "owner"
"""The class of owners that cannot be the same: neither role exists on the other side's server, or the target's is the
owner of the whole database, as after a restore with --no-owner."""
PUBLIC_SCHEMA_OWNER = "pg_database_owner"
"""Owner of the schema public since PostgreSQL 15"""


def comparable_owners(found: Iterable[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """The differences without owners that are the same, those that nobody could make equal recognised as such."""
    database_owner = owner_of_database(target)
    kept: list[Difference] = []
    for each in found:
        if each.attribute != ATTRIBUTE:
            kept.append(each)
        elif (follows(each.source) and follows(each.target)) or _same(each, source.server, target.server):
            continue
        elif _out_of_reach(each.source_value, each.target_value, source.server, target.server, database_owner):
            kept.append(each.as_equivalent(OWNER))
        else:
            kept.append(each)
    return kept


def owner_of_database(catalog: Catalog) -> str:
    """The role that owns the database; empty where that is not known."""
    return next((each.owner for each in catalog.databases), "")


def owner_in_plan(owner: str, source: Catalog, target: Catalog) -> str | None:
    """The role that a plan gives an object of the source's `owner`; None: the role that runs the plan keeps it.

    Each side's bootstrap superuser stands for the other's. A role that the target's server lacks cannot be named.
    """
    if not owner:
        return None
    if source.server.superuser and owner == source.server.superuser and target.server.superuser:
        return target.server.superuser
    return owner if exists(owner, target.server) else None


def new_owner(now: CatalogObject | None, wanted: CatalogObject, source: Catalog, target: Catalog) -> str | None:
    """The role that ALTER … OWNER TO has to name; None: nothing to do. An object is created where `now` is None.

    The sequence of a column follows its table, and PostgreSQL refuses to give it away alone. A role that is no
    superuser gives nothing to one that is: what it makes stays its own.
    """
    if follows(now) and follows(wanted):
        return None
    if now is None and isinstance(wanted, Sequence) and wanted.identity_sequence:
        return None
    owner = owner_in_plan(getattr(wanted, ATTRIBUTE, ""), source, target)
    if owner == getattr(now, ATTRIBUTE, None):
        return None
    superusers, reader = target.server.superusers, target.server.reader
    return None if owner in superusers and reader not in superusers else owner


def follows(each: CatalogObject | None) -> bool:
    """Whether it has the owner of another object: the sequence of a column that of the table."""
    return isinstance(each, Sequence) and each.owned_by is not None


def exists(role: str, server: ServerInfo) -> bool:
    """Whether the server has the role; assumed where its roles are not known."""
    return not server.roles or role in server.roles or role == "PUBLIC"


def _same(each: Difference, source: ServerInfo, target: ServerInfo) -> bool:
    ours, theirs = str(each.source_value), str(each.target_value)
    if not ours or not theirs:
        return True
    if source.superuser and (ours, theirs) == (source.superuser, target.superuser):
        return True
    return _first_owner(each.source, source) == ours and _first_owner(each.target, target) == theirs


def _first_owner(each: CatalogObject | None, server: ServerInfo) -> str | None:
    """Who owns the schema public of a new database."""
    if each is None or (each.kind, each.identity) != ("schema", "public"):
        return None
    return PUBLIC_SCHEMA_OWNER if server.version_number >= 150000 else server.superuser


def _out_of_reach(ours: str, theirs: str, source: ServerInfo, target: ServerInfo, database_owner: str) -> bool:
    if exists(ours, target):
        return False
    return not exists(theirs, source) or theirs == database_owner
