"""Scope: which tables a run is about, which were left out by decision, and which nobody named."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from harness.core.configuration import ScopeSection
from harness.core.declared_tables import view_identities
from harness.core.document import ScopeTable
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.names import qualified, split
from harness.errors import ConfigurationError, TableMissing

if TYPE_CHECKING:  # loaded where a policy is chosen
    from harness.core.policy import ManagedPolicy


def scope_of(
    source: Catalog, target: Catalog, section: ScopeSection, mapping: Mapping, policy: ManagedPolicy | None = None
) -> tuple[ScopeTable, ...]:
    """Decide about every table of either side.

    Without a list of tables every table of the source is compared that no `policy` leaves to a platform. With one, a
    table of the source that is neither listed nor excluded is `unnamed`: with rows in it, the run is incomplete.
    TableMissing: a name is on neither side.
    """
    known = set(source.table_by_identity) | set(target.table_by_identity)
    # A view can be asked for: its rows are compared, and nothing else is done with it.
    known |= view_identities(source) | view_identities(target)
    listed = tuple(identity_of(name) for name in section.tables)
    excluded = {identity_of(name): reason for name, reason in section.exclude.items()}
    for name in (*listed, *excluded):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise TableMissing(
                f"table {name} exists on neither side",
                hint=f"Did you mean {near[0]}?" if near else "Check [scope], --table, and the schemas in scope.",
            )
    both = sorted(set(listed) & set(excluded))
    if both:
        raise ConfigurationError(
            f"table {both[0]} is listed and excluded", hint="Keep it in one of scope.tables and scope.exclude."
        )
    tables: list[ScopeTable] = []
    for identity, table in source.table_by_identity.items():
        managed = policy.decision(table) if policy and identity not in listed else None
        if identity in excluded or managed is not None:
            tables.append(ScopeTable(table=identity, scope="excluded", reason=excluded.get(identity, managed)))
        elif not listed or identity in listed:
            tables.append(ScopeTable(table=identity, scope="compared"))
        else:
            tables.append(ScopeTable(table=identity, scope="unnamed", reason="neither listed nor excluded"))
    mapped = {mapping.target_of(identity) for identity in source.table_by_identity}
    for identity in target.table_by_identity:
        if identity in source.table_by_identity or identity in mapped:
            continue
        if identity in listed:
            tables.append(ScopeTable(table=identity, scope="compared", reason="missing on the source"))
        else:
            tables.append(ScopeTable(table=identity, scope="target only", reason=excluded.get(identity)))
    return tuple(sorted(tables, key=lambda each: each.table))


def compared(tables: tuple[ScopeTable, ...]) -> tuple[str, ...]:
    """Identities of the tables that are compared."""
    return tuple(each.table for each in tables if each.scope == "compared")


def identity_of(name: str) -> str:
    """A table's identity from what a user wrote: the schema may be left out."""
    try:
        parts = split(name)
    except ValueError:
        raise ConfigurationError(f"not a table name: {name}", hint="Write schema.table.") from None
    if len(parts) > 2:
        raise ConfigurationError(f"not a table name: {name}", hint="Write schema.table.")
    return qualified("public", *parts) if len(parts) == 1 else qualified(*parts)
