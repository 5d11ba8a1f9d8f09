"""Asked names: schemas and tables that were asked for by name and that neither side has, told with near ones."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import Final

from harness.core.configuration import Configuration
from harness.core.declared_tables import view_identities
from harness.core.model.catalog import Catalog
from harness.core.names import qualified, split
from harness.errors import ConfigurationError, TableMissing
from harness.postgres.connect import Connection
from harness.postgres.queries import query

_NEAR: Final = 3
_LISTED: Final = 8


def ensure_names_exist(
    source: Connection, target: Connection, catalogs: tuple[Catalog, Catalog], configuration: Configuration
) -> None:
    """TableMissing, or ConfigurationError for a schema, where neither side has what [scope] names.

    Both servers are asked for what they have only then: of all schemas, for a table may be in another one.
    """
    scope = configuration.scope
    if scope.tables:
        known = {name for catalog in catalogs for name in (*catalog.table_by_identity, *view_identities(catalog))}
        for name in (*scope.tables, *scope.exclude):
            identity = _identity(name)
            if identity is not None and identity not in known:
                there = _relations(source) | _relations(target)
                if identity not in there:
                    hint = _hint(identity, there, "tables and views")
                    raise TableMissing(f"table {identity} exists on neither side", hint=hint)
        return
    schemas = _schemas(source) | _schemas(target)
    for schema in scope.schemas:
        if schema not in schemas:
            own = {each for each in schemas if not each.startswith("pg_") and each != "information_schema"}
            raise ConfigurationError(f"schema {schema} exists on neither side", hint=_hint(schema, own, "schemas"))


def _identity(name: str) -> str | None:
    """None where the name cannot be read, which the scope says."""
    try:
        parts = split(name)
    except ValueError:
        return None
    return qualified("public", *parts) if len(parts) == 1 else qualified(*parts)


def _relations(connection: Connection) -> set[str]:
    return {qualified(schema, name) for schema, name in connection.execute(query("relations_of_users"))}


def _schemas(connection: Connection) -> set[str]:
    rows = connection.execute("SELECT nspname::text FROM pg_catalog.pg_namespace")
    return {str(name) for (name,) in rows}


def _hint(name: str, there: Collection[str], what: str) -> str:
    """The names that are like it, by their last part too: a table of another schema; else the first ones."""
    # By their last parts: a schema that both have in common makes any two names alike.
    near = difflib.get_close_matches(_last(name), sorted({_last(each) for each in there}), n=_NEAR)
    chosen = [each for last in near for each in sorted(there) if _last(each) == last][:_NEAR]
    if chosen:
        return f"Did you mean {_or(chosen)}?"
    if not there:
        return f"There are no {what} on either side."
    more = f" and {len(there) - _LISTED} more" if len(there) > _LISTED else ""
    return f"There are: {', '.join(sorted(there)[:_LISTED])}{more}."


def _last(name: str) -> str:
    try:
        return split(name)[-1]
    except ValueError:  # the name of a schema, as it is
        return name


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
