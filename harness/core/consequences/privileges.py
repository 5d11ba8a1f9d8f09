"""Consequences of privileges, owners, settings of the database and large objects."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.differences import Difference
from harness.core.model.catalog import Catalog
from harness.core.model.privileges import COLUMN, PUBLIC, TYPES, Privilege
from harness.core.model.programs import Routine
from harness.core.model.relations import Table, View
from harness.core.record import Consequence

_DATA_LOSS = Consequence.DATA_LOSS
_EXPOSURE = Consequence.EXPOSURE
_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

Judge = Callable[[Difference, Catalog, Catalog], Consequence]


def owner(each: Difference) -> Consequence:
    """What another owner does: it has all rights, and definer functions and views act with its rights.

    Row-level security does not bind the owner of a table. The old owner may no longer read, write, refresh or create.
    """
    mine = each.source
    if isinstance(mine, Table):
        return _EXPOSURE if mine.row_security and not mine.force_row_security else _WRITES_FAIL
    if isinstance(mine, View):
        invoker = {"security_invoker=true", "security_invoker=on", "security_invoker=1"} & set(mine.options)
        return _WRITES_FAIL if mine.materialized or invoker else _EXPOSURE
    if isinstance(mine, Routine):
        return _EXPOSURE if mine.security_definer else _COSMETIC
    refused = ("sequence", "schema", "database", "foreign server", "foreign table", "large object")
    return _WRITES_FAIL if each.object.kind in refused else _COSMETIC


def _privilege(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    """Wider is exposure, narrower refuses statements; nothing happens where the role has it in another way."""
    if each.attribute is not None:
        return _EXPOSURE if each.target_value else _WRITES_FAIL
    told = each.object
    if isinstance(told, Privilege) and _otherwise(told, target if each.change == "removed" else source):
        return _COSMETIC
    return _EXPOSURE if each.change == "added" else _WRITES_FAIL


_EVERYBODYS = frozenset(
    {
        ("routine", "EXECUTE"), ("aggregate", "EXECUTE"), ("language", "USAGE"), *((kind, "USAGE") for kind in TYPES),
        ("database", "CONNECT"), ("database", "TEMPORARY"),
    }
)  # fmt: skip
"""What PUBLIC has by itself: kind of object and privilege"""


def _otherwise(told: Privilege, there: Catalog) -> bool:
    """Whether the role has the privilege as the owner, through PUBLIC, or on the whole relation of a column."""
    if there.owners.get(told.part_of[0]) == told.holder:
        return True
    held = there.privileges_held
    everybody = (told.object_kind, told.object, PUBLIC, told.privilege)
    if (told.object_kind, told.privilege) in _EVERYBODYS and told.holder != PUBLIC:
        return not any(each.revoked and each.key == everybody for each in there.privileges)
    places = [(told.object_kind, told.object)]
    if told.object_kind == COLUMN:
        places += [(kind, told.relation) for kind in ("table", "view", "foreign table")]
    holders = {told.holder, PUBLIC}
    return any(
        (kind, identity, holder, told.privilege) in held
        for kind, identity in places
        for holder in holders
        if (kind, identity, holder) != (told.object_kind, told.object, told.holder)
    )


def _default_privilege(each: Difference, _source: Catalog, _target: Catalog) -> Consequence:
    if each.attribute is not None:
        return _EXPOSURE if each.target_value else _WRITES_FAIL
    return _EXPOSURE if each.change == "added" else _WRITES_FAIL


def _database(each: Difference, _source: Catalog, _target: Catalog) -> Consequence:
    """A lower limit refuses connections, a higher one lets them crowd the server."""
    if each.attribute == "connection_limit":
        lower = each.target_value != -1 and (each.source_value == -1 or each.target_value < each.source_value)
        return _WRITES_FAIL if lower else _PERFORMANCE
    return _COSMETIC


_MEANING = (
    "timezone", "datestyle", "intervalstyle", "search_path", "extra_float_digits", "bytea_output", "lc_", "xml",
    "default_text_search_config", "standard_conforming_strings", "array_nulls", "transform_null_equals",
    "backslash_quote", "client_encoding", "default_transaction_isolation", "plpgsql.variable_conflict",
)  # fmt: skip
"""How the names of parameters begin that change what statements answer"""
_REFUSING = (
    "default_transaction_read_only", "row_security", "role", "session_preload_libraries", "local_preload_libraries",
    "default_table_access_method", "default_tablespace", "check_function_bodies", "allow_system_table_mods",
    "restrict_nonsystem_relation_kind",
)  # fmt: skip
_TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_", "transaction_timeout", "temp_file_limit")


def _setting(each: Difference, _source: Catalog, _target: Catalog) -> Consequence:
    """What sessions do otherwise on the target, by the parameter's name."""
    name = str(getattr(each.object, "name", "")).lower()
    if name == "default_transaction_read_only":
        return _WRITES_FAIL if _on(each.target) else _EXPOSURE if _on(each.source) else _COSMETIC
    if name in _REFUSING:
        return _WRITES_FAIL
    if name.startswith(_MEANING):
        return _WRONG_RESULTS
    if name.startswith(_TIMEOUTS):
        return _PERFORMANCE if each.change == "removed" else _WRITES_FAIL
    if "." in name:
        return {"removed": _WRITES_FAIL, "added": _COSMETIC}.get(each.change, _WRONG_RESULTS)
    return _COSMETIC if each.change == "added" else _PERFORMANCE


def _on(each: object) -> bool:
    return str(getattr(each, "value", "off")).lower() in ("on", "true", "yes", "1")


def _large_object(each: Difference, _source: Catalog, _target: Catalog) -> Consequence:
    return _COSMETIC if each.change == "added" else _DATA_LOSS


def _security_label(each: Difference, _source: Catalog, _target: Catalog) -> Consequence:
    """A provider masks or locks by labels: without one more may be seen, and one more may refuse."""
    return _WRITES_FAIL if each.change == "added" else _EXPOSURE


JUDGES: dict[str, Judge] = {
    "privilege": _privilege,
    "default privilege": _default_privilege,
    "database": _database,
    "database setting": _setting,
    "role setting": _setting,
    "large object": _large_object,
    "security label": _security_label,
}
"""By kind; those who judge need both catalogs"""
