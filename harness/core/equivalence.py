"""Equivalence: differences that are none in effect, recognised and named, so that they are listed and do not alarm."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from harness.core.differences import Difference
from harness.core.managed import PLATFORM_ROLES
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Extension
from harness.core.model.relations import Column, Sequence, Table
from harness.core.model.rules import Constraint, Index, Policy
from harness.core.names import split

ARBITER = "arbiter"
"""A unique constraint against a bare unique index: ON CONFLICT finds both."""
SERIAL_IDENTITY = "serial-identity"
"""A default that takes from the column's own sequence, against an identity column."""
OWN_SEQUENCE = "own-sequence"
"""Both defaults take from the column's own sequence, whose names differ."""
PLATFORM = "platform"
"""Row-level security for the roles of a managed platform, on a target that has nobody in those roles."""
DEFAULT_VERSION = "default-version"
"""Both servers installed the version of an extension that they install by default."""

_NEXTVAL = re.compile(r"nextval\('((?:[^']|'')+)'::regclass\)\Z")


def recognised(found: Iterable[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """The differences with their equivalence classes; two halves of one fact become one difference."""
    differing = _arbiters(list(found), source, target)
    differing = _sequences(differing)
    return [_versions(_platform(each, source, target)) for each in differing]


def arbiter_definition(constraint: Constraint, catalog: Catalog) -> str | None:
    """The definition of the index behind a constraint that ON CONFLICT can use; None where it cannot."""
    if constraint.type not in ("unique", "primary key") or constraint.deferrable:
        return None
    indexes = catalog.indexes_by_table.get(constraint.table_identity or "", ())
    return next((index.definition for index in indexes if index.constraint == constraint.name), None)


def _arbiters(found: list[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """A unique constraint missing on one side and a bare unique index with its index's definition on the other."""
    indexes: dict[tuple[str, str | None, str], Difference] = {}
    for each in found:
        if each.attribute is None and isinstance(each.object, Index) and each.object.unique and each.object.valid:
            indexes[each.change, each.object.table_identity, each.object.definition] = each
    merged: dict[int, Difference | None] = {}
    for each in found:
        constraint = each.object
        if each.attribute is not None or not isinstance(constraint, Constraint) or constraint.type != "unique":
            continue
        here, there = (source, "added") if each.change == "removed" else (target, "removed")
        definition = arbiter_definition(constraint, here)
        twin = indexes.pop((there, constraint.table_identity, definition or ""), None)
        if twin is None:
            continue
        rule, bare = f"CONSTRAINT {constraint.name} {constraint.definition}", definition
        one = replace(
            each,
            source=each.source or twin.source,
            target=each.target or twin.target,
            attribute=ARBITER,
            source_value=rule if each.source else bare,
            target_value=bare if each.source else rule,
            equivalence=ARBITER,
        )
        merged[id(each)], merged[id(twin)] = (one, None)
    return [kept for each in found if (kept := merged.get(id(each), each)) is not None]


def own_sequence(column: Column) -> bool:
    """Whether the default takes from the sequence that the column owns: what serial makes."""
    match = _NEXTVAL.match(column.default or "")
    if match is None or column.sequence is None:
        return False
    try:
        return split(match[1].replace("''", "'")) == split(column.sequence)
    except ValueError:
        return False


def _sequences(found: list[Difference]) -> list[Difference]:
    """Serial against identity is one difference of its column; so is the name of a sequence inside a default."""
    exchanged: set[str] = set()
    kept: list[Difference] = []
    for each in found:
        mine, its = each.source, each.target
        if isinstance(mine, Column) and isinstance(its, Column) and each.attribute in ("default", "identity_kind"):
            kinds = {mine.identity_kind, its.identity_kind}
            if _serial_against_identity(mine, its):
                # GENERATED ALWAYS refuses explicit values, so that one is not the same.
                exchanged.add(mine.identity)
                if each.attribute == "identity_kind":
                    kept.append(
                        replace(
                            each,
                            source_value=mine.identity_kind or mine.default,
                            target_value=its.identity_kind or its.default,
                            equivalence=None if "always" in kinds else SERIAL_IDENTITY,
                        )
                    )
                continue
            if each.attribute == "default" and own_sequence(mine) and own_sequence(its):
                kept.append(each.as_equivalent(OWN_SEQUENCE))
                continue
        kept.append(each)
    return [each for each in kept if not _of_exchanged(each, exchanged)]


def _of_exchanged(each: Difference, exchanged: set[str]) -> bool:
    return (
        each.attribute == "identity_sequence"
        and isinstance(each.source, Sequence)
        and each.source.owned_by in exchanged
    )


def _serial_against_identity(mine: Column, its: Column) -> bool:
    identity, serial = (its, mine) if mine.identity_kind is None else (mine, its)
    return identity.identity_kind is not None and serial.identity_kind is None and own_sequence(serial)


def _platform(each: Difference, source: Catalog, target: Catalog) -> Difference:
    lost_protection = (
        isinstance(each.source, Table)
        and each.attribute == "row_security"
        and each.source_value
        and not each.source.force_row_security
    )
    policy_left_behind = isinstance(each.source, Policy) and each.change == "removed"
    table = each.object.table_identity
    if (lost_protection or policy_left_behind) and table and bound_to_platform(table, source, target):
        return each.as_equivalent(PLATFORM)
    return each


def bound_to_platform(table: str, source: Catalog, target: Catalog) -> bool:
    """Whether a table's row-level security binds nobody but roles of the platform that cannot reach it on the target.

    A policy for PUBLIC binds everybody, so it is not the platform's. A table with row-level security and no policy is
    closed to the platform's roles and open to the owner: that too is the platform's, where the platform is there.
    """
    if not source.server.platform_roles:
        return False
    there = target.table_by_identity.get(table)
    if there is not None and there.exposed_to:
        return False
    policies = [policy for policy in source.policies if policy.table_identity == table]
    return all(set(policy.roles) <= set(PLATFORM_ROLES) for policy in policies)


def _versions(each: Difference) -> Difference:
    mine, its = each.source, each.target
    if (
        isinstance(mine, Extension)
        and isinstance(its, Extension)
        and each.attribute == "version"
        and (mine.version, its.version) == (mine.default_version, its.default_version)
    ):
        return each.as_equivalent(DEFAULT_VERSION)
    return each
