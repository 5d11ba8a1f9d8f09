"""Consequences of schemas, tables, columns and sequences."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.consequences.type_change import type_change
from harness.core.differences import Difference
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Schema, Sequence
from harness.core.record import Consequence

_DATA_LOSS = Consequence.DATA_LOSS
_EXPOSURE = Consequence.EXPOSURE
_WRITES_FAIL = Consequence.WRITES_FAIL
_WRONG_RESULTS = Consequence.WRONG_RESULTS
_PERFORMANCE = Consequence.PERFORMANCE
_COSMETIC = Consequence.COSMETIC

_SAME_TIME = frozenset({"now()", "CURRENT_TIMESTAMP", "transaction_timestamp()"})
"""The time at which the transaction began, in three spellings"""
_BYTE_ORDER = frozenset({'pg_catalog."C"', 'pg_catalog."POSIX"'})
_CONSTANT = re.compile(r"('(?:[^']|'')*')::.+\Z", re.DOTALL)


_PLAIN = {
    **dict.fromkeys(("not_null_name", "not_null_inherited_name", "not_null_comment", "local"), _COSMETIC),
    **dict.fromkeys(("compression", "statistics", "options"), _PERFORMANCE),
}
"""Attributes of a column that mean the same whatever they are"""


def required(column: Column) -> bool:
    """Whether every insert has to name the column."""
    return column.not_null and column.default is None and column.identity_kind is None and column.generated is None


def empty_schema(each: Difference, catalog: Catalog) -> bool:
    """Whether a missing schema takes no rows along."""
    missing = each.object
    return isinstance(missing, Schema) and all(table.schema != missing.name for table in catalog.tables)


def table(each: Difference) -> Consequence:
    """A table that differs."""
    source, target = each.source_value, each.target_value
    match each.attribute:
        case "row_security" | "force_row_security":
            return _EXPOSURE if source else _WRITES_FAIL
        case "persistence":
            return _DATA_LOSS if target != "permanent" else _PERFORMANCE
        case "options" | "access_method" | "tablespace":
            return _PERFORMANCE
        case "replica_identity":
            # With nothing to tell a row by, updates of a published table are refused.
            return _WRITES_FAIL if target == "nothing" else _COSMETIC
        case "partition_key":
            return _WRITES_FAIL if target else _PERFORMANCE
        case "partition_of":
            return _WRITES_FAIL
        case "inherits":
            return _COSMETIC if sorted(source) == sorted(target) else _WRONG_RESULTS
        case "of":
            return _COSMETIC
    return _WRONG_RESULTS


def column(each: Difference) -> Consequence:
    """A column that differs."""
    source, target, its = each.source_value, each.target_value, each.target
    match each.attribute:
        case "type":
            if isinstance(each.source, Column) and each.source.base_type == target:
                # What the domain refused is accepted.
                return _WRONG_RESULTS
            return type_change(source, target)
        case "not_null":
            return _WRITES_FAIL if target else _WRONG_RESULTS
        case "default":
            return _default(each)
        case "identity_kind":
            if target == "always" or target is None:
                return _WRITES_FAIL
            return _COSMETIC if source == "always" else _WRONG_RESULTS
        case "generated":
            return _WRITES_FAIL if source is None else _WRONG_RESULTS
        case "generated_kind":
            return _PERFORMANCE if source and target else _WRONG_RESULTS
        case "collation":
            return _COSMETIC if {source, target} <= _BYTE_ORDER else _WRONG_RESULTS
        case "options" if isinstance(its, Column) and its.foreign:
            # It may stand for another column of the foreign server's.
            return _WRONG_RESULTS
        case "storage":
            # A value that has to stay in the row and is not compressed may be too long for a page.
            return _WRITES_FAIL if target == "plain" and _toasts(its) else _PERFORMANCE
    return _PLAIN.get(each.attribute or "", _WRONG_RESULTS)


def _toasts(each: object) -> bool:
    return isinstance(each, Column) and each.usual_storage != "plain"


def _default(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Column) or not isinstance(its, Column):
        return _WRONG_RESULTS
    if its.default is None:
        return _WRITES_FAIL if required(its) else _WRONG_RESULTS
    if mine.default is None:
        return _WRONG_RESULTS
    if {mine.default, its.default} <= _SAME_TIME:
        return _COSMETIC
    constants = [_CONSTANT.match(value) for value in (mine.default, its.default)]
    same = all(constants) and len({match[1] for match in constants if match}) == 1
    return _COSMETIC if same and mine.type != its.type else _WRONG_RESULTS


def sequence(each: Difference) -> Consequence:
    """A sequence that differs."""
    mine, its = each.source, each.target
    if not isinstance(mine, Sequence) or not isinstance(its, Sequence):
        return _WRONG_RESULTS
    match each.attribute:
        case "start" | "cache" | "owned_by":
            return _COSMETIC
        case "maximum":
            return _WRITES_FAIL if its.maximum < mine.maximum else _WRONG_RESULTS
        case "cycle":
            return _WRONG_RESULTS if its.cycle else _WRITES_FAIL
        case "type":
            if (mine.minimum, mine.maximum) == (its.minimum, its.maximum):
                return _COSMETIC
            return _WRITES_FAIL if its.maximum < mine.maximum else _WRONG_RESULTS
        case "persistence":
            # After a crash it begins anew.
            return _WRITES_FAIL if its.persistence == "unlogged" else _PERFORMANCE
    return _WRONG_RESULTS


ALTERED: dict[str, Callable[[Difference], Consequence]] = {
    "table": table,
    "column": column,
    "sequence": sequence,
}
"""Kinds to what an attribute of theirs does that differs"""
