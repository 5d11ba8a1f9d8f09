"""Queries that show a change: what a person runs on either database to see the object with their own eyes."""

# ruff: noqa: S608 -- every name and constant goes through core.names

from __future__ import annotations

from collections.abc import Callable

from harness.core.change import Change
from harness.core.names import literal, qualified, split


def showing_query(change: Change) -> str | None:
    """A query over the system catalogs that tells about the object; None for a kind that has none here."""
    render = _QUERIES.get(change.kind)
    if render is None:
        return None
    identity = change.identity.partition("(")[0] if change.kind == "routine" else change.identity
    if change.kind == "table" and change.change == "altered":
        render = _table_attributes
    return render(*split(identity))


def _table(schema: str, name: str) -> str:
    return (
        "SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        f" WHERE table_schema = {literal(schema)} AND table_name = {literal(name)} ORDER BY ordinal_position;"
    )


def _table_attributes(schema: str, name: str) -> str:
    return (
        "SELECT relpersistence, relkind, relrowsecurity, relforcerowsecurity, relreplident, reloptions,"
        " pg_catalog.obj_description(oid, 'pg_class')"
        f" FROM pg_catalog.pg_class WHERE oid = {_relation(schema, name)};"
    )


def _column(schema: str, table: str, name: str) -> str:
    return (
        "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " pg_catalog.pg_get_expr(d.adbin, d.adrelid)"
        " FROM pg_catalog.pg_attribute a"
        " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        f" WHERE a.attrelid = {_relation(schema, table)} AND a.attname = {literal(name)};"
    )


def _constraint(schema: str, table: str, _name: str) -> str:
    return (
        "SELECT conname, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
        f" WHERE conrelid = {_relation(schema, table)} ORDER BY conname;"
    )


def _index(schema: str, table: str, _name: str) -> str:
    return (
        "SELECT indexname, indexdef FROM pg_catalog.pg_indexes"
        f" WHERE schemaname = {literal(schema)} AND tablename = {literal(table)} ORDER BY indexname;"
    )


def _sequence(schema: str, name: str) -> str:
    return (
        "SELECT * FROM pg_catalog.pg_sequences"
        f" WHERE schemaname = {literal(schema)} AND sequencename = {literal(name)};"
    )


def _view(schema: str, name: str) -> str:
    return f"SELECT pg_catalog.pg_get_viewdef({_relation(schema, name)}, true);"


def _routine(schema: str, name: str) -> str:
    return (
        "SELECT pg_catalog.pg_get_functiondef(p.oid) FROM pg_catalog.pg_proc p"
        " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
        f" WHERE n.nspname = {literal(schema)} AND p.proname = {literal(name)};"
    )


def _trigger(schema: str, table: str, _name: str) -> str:
    return (
        "SELECT tgname, tgenabled, pg_catalog.pg_get_triggerdef(oid) FROM pg_catalog.pg_trigger"
        f" WHERE tgrelid = {_relation(schema, table)} AND NOT tgisinternal ORDER BY tgname;"
    )


def _enum(schema: str, name: str) -> str:
    return (
        "SELECT e.enumlabel FROM pg_catalog.pg_enum e"
        f" WHERE e.enumtypid = pg_catalog.to_regtype({literal(qualified(schema, name))}) ORDER BY e.enumsortorder;"
    )


def _policy(schema: str, table: str, _name: str) -> str:
    return (
        "SELECT policyname, permissive, roles, cmd, qual, with_check FROM pg_catalog.pg_policies"
        f" WHERE schemaname = {literal(schema)} AND tablename = {literal(table)} ORDER BY policyname;"
    )


def _extension(name: str) -> str:
    return (
        "SELECT name, default_version, installed_version FROM pg_catalog.pg_available_extensions"
        f" WHERE name = {literal(name)};"
    )


def _relation(schema: str, name: str) -> str:
    """NULL where it does not exist, so that the query answers with no rows instead of an error."""
    return f"pg_catalog.to_regclass({literal(qualified(schema, name))})"


_QUERIES: dict[str, Callable[..., str]] = {
    "table": _table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "sequence": _sequence,
    "view": _view,
    "routine": _routine,
    "trigger": _trigger,
    "enum": _enum,
    "policy": _policy,
    "extension": _extension,
}
