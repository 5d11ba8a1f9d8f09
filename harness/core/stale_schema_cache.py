"""A REST interface that does not know what its database has: its cache of the schema is older than the schema.

https://docs.postgrest.org/en/stable/references/schema_cache.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.model.catalog import Catalog
from harness.core.observations import Observation, message_of
from harness.core.request_usage import usage_of_request
from harness.core.statements import CapturedStatement
from harness.core.usage import NotUnderstood, Usage

ADVICE = "reload the schema cache (NOTIFY pgrst, 'reload schema')"
_COLUMN = re.compile(r"'([^']+)' column of '([^']+)'")


def stale_object(source: Observation, catalog: Catalog | None) -> str:
    """What the database has and its interface says it has not; '' where the interface is right, or did not say so."""
    code = source.error.code if source.error is not None else None
    if catalog is None or code not in ("PGRST200", "PGRST202", "PGRST204", "PGRST205"):
        return ""
    for usage in _usages(source.statements):
        found = _unknown(str(code), usage, catalog, message_of(source))
        if found:
            return found
    return ""


def _usages(statements: Iterable[CapturedStatement]) -> list[Usage]:
    """The last request is the one that failed."""
    read = [usage_of_request(each.request) for each in statements if each.request is not None]
    return [usage for usage in reversed(read) if not isinstance(usage, NotUnderstood)]


def _unknown(code: str, usage: Usage, catalog: Catalog, message: str) -> str:
    relations = [use.relation for use in usage.relations]
    if code == "PGRST202":
        names = {(each.schema, each.name) for each in catalog.routines}
        there = [each for each in usage.functions if (each.schema or "public", each.name) in names]
        return f"function {there[0].name}" if there else ""
    if not relations or not _has_relation(relations[0], catalog):
        return ""
    if code == "PGRST205":
        return f"relation {relations[0]}"
    if code == "PGRST204":
        return _column(relations[0], usage, catalog, message)
    related = [each for each in relations[1:] if _related(relations[0], each, catalog)]
    return f"relationship of {relations[0]} and {related[0]}" if related else ""


def _has_relation(identity: str, catalog: Catalog) -> bool:
    relations = (*catalog.tables, *catalog.views, *catalog.foreign_tables)
    return any(each.identity == identity for each in relations)


def _column(relation: str, usage: Usage, catalog: Catalog, message: str) -> str:
    """The column that the message names, which is read for its name alone, else those that the request names."""
    columns = {column.name for column in catalog.columns_by_table.get(relation, ())}
    named = _COLUMN.search(message)
    wanted = [named[1]] if named else [use.name for use in usage.columns if use.role in ("insert", "update")]
    return f"column {relation}.{wanted[0]}" if wanted and set(wanted) <= columns else ""


def _related(one: str, other: str, catalog: Catalog) -> bool:
    pairs = ((one, other), (other, one))
    return any(
        constraint.type == "foreign key" and constraint.references == referenced
        for table, referenced in pairs
        for constraint in catalog.constraints_by_table.get(table, ())
    )
