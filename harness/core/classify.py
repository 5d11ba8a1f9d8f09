"""Classify: what a difference does at a cutover; the order of severity is that of Consequence, worst first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from harness.core.differences import NAME, Difference
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Enum
from harness.core.model.relations import Column
from harness.core.model.rules import Constraint, Index, Policy
from harness.core.record import Consequence

DATA_LOSS = Consequence.DATA_LOSS
EXPOSURE = Consequence.EXPOSURE
WRITES_FAIL = Consequence.WRITES_FAIL
WRONG_RESULTS = Consequence.WRONG_RESULTS
PERFORMANCE = Consequence.PERFORMANCE
COSMETIC = Consequence.COSMETIC


def consequence(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    """What the difference does once the application runs on the target instead of the source."""
    if each.equivalence is not None or each.attribute in (NAME, "comment"):
        return COSMETIC
    kind, change = each.object.kind, each.change
    if change == "removed":
        return _removed(each)
    if change == "added":
        return _added(each, source, target)
    judge = _ALTERED.get(kind)
    return WRONG_RESULTS if judge is None else judge(each)


def _removed(each: Difference) -> Consequence:
    """Missing on the target."""
    missing = each.object
    if isinstance(missing, Constraint):
        # ON CONFLICT does not take a deferrable constraint, so no write depends on it.
        arbiter = missing.type in ("primary key", "unique") and not missing.deferrable
        return WRITES_FAIL if arbiter else WRONG_RESULTS
    if isinstance(missing, Index):
        return WRITES_FAIL if missing.unique else PERFORMANCE
    if isinstance(missing, Policy):
        return WRONG_RESULTS if missing.permissive else EXPOSURE
    return {"schema": DATA_LOSS, "table": DATA_LOSS, "column": DATA_LOSS, "trigger": WRONG_RESULTS}.get(
        missing.kind, WRITES_FAIL
    )


def _added(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    """On the target only."""
    extra = each.object
    if isinstance(extra, Column):
        return WRITES_FAIL if required(extra) else COSMETIC
    if isinstance(extra, Constraint):
        return COSMETIC if harmless_rule(extra.columns, extra, source, target) else WRITES_FAIL
    if isinstance(extra, Index):
        if not extra.unique:
            return COSMETIC
        return COSMETIC if harmless_rule(extra.columns, extra, source, target) else WRITES_FAIL
    if isinstance(extra, Policy):
        return EXPOSURE if extra.permissive else WRONG_RESULTS
    return WRONG_RESULTS if extra.kind == "trigger" else COSMETIC


def required(column: Column) -> bool:
    """Whether every insert has to name the column."""
    return column.not_null and column.default is None and column.identity_kind is None and column.generated is None


def harmless_rule(columns: tuple[str, ...], rule: Constraint | Index, source: Catalog, target: Catalog) -> bool:
    """Whether a rule of the target alone refuses nothing that the source accepts.

    Either it speaks of a column that the source has not and that stays NULL, or it is unique over columns of which the
    source has some unique by themselves.
    """
    table = rule.table_identity or ""
    known = {column.name for column in source.columns_by_table.get(table, ())}
    stays_null = {
        column.name
        for column in target.columns_by_table.get(table, ())
        if column.name not in known and not column.not_null and column.default is None and column.generated is None
    }
    distinct_nulls = not (isinstance(rule, Index) and rule.nulls_not_distinct) and "NULLS NOT" not in rule.definition
    if stays_null & set(columns) and distinct_nulls:
        return True
    unique = isinstance(rule, Index) or rule.type == "unique"
    return unique and any(
        index.unique and index.valid and index.predicate is None and set(index.columns) <= set(columns)
        for index in source.indexes_by_table.get(table, ())
    )


def _table(each: Difference) -> Consequence:
    source, target = each.source_value, each.target_value
    match each.attribute:
        case "row_security" | "force_row_security":
            return EXPOSURE if source else WRITES_FAIL
        case "persistence":
            return DATA_LOSS if target != "permanent" else PERFORMANCE
        case "options":
            return PERFORMANCE
        case "replica_identity":
            # With nothing to tell a row by, updates of a published table are refused.
            return WRITES_FAIL if target == "nothing" else COSMETIC
        case "partition_key" | "partition_of" | "inherits":
            return WRITES_FAIL if target else PERFORMANCE
    return WRONG_RESULTS


def _column(each: Difference) -> Consequence:
    source, target, column = each.source_value, each.target_value, each.target
    match each.attribute:
        case "type":
            return type_change(source, target)
        case "not_null":
            return WRITES_FAIL if target else WRONG_RESULTS
        case "default":
            needed = isinstance(column, Column) and required(column)
            return WRITES_FAIL if target is None and needed else WRONG_RESULTS
        case "identity_kind":
            if target == "always" or target is None:
                return WRITES_FAIL
            return COSMETIC if source == "always" else WRONG_RESULTS
        case "generated":
            return WRITES_FAIL if source is None else WRONG_RESULTS
        case "generated_kind":
            return PERFORMANCE if source and target else WRONG_RESULTS
    return WRONG_RESULTS


def _constraint(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Constraint) or not isinstance(its, Constraint):
        return WRONG_RESULTS
    match each.attribute:
        case "definition":
            if mine.type == its.type == "check":
                return WRONG_RESULTS
            same = (mine.columns, mine.references, mine.references_columns) == (
                its.columns,
                its.references,
                its.references_columns,
            )
            return WRONG_RESULTS if same and mine.type == its.type == "foreign key" else WRITES_FAIL
        case "validated":
            return COSMETIC if its.validated else WRONG_RESULTS
        case "enforced":
            return WRITES_FAIL if its.enforced else WRONG_RESULTS
        case "deferrable":
            return WRITES_FAIL
        case "type":
            return WRITES_FAIL
    return WRONG_RESULTS


def _index(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    unique = (isinstance(mine, Index) and mine.unique) or (isinstance(its, Index) and its.unique)
    if each.attribute == "valid" and each.target_value:
        return COSMETIC
    return WRITES_FAIL if unique else PERFORMANCE


def _sequence(each: Difference) -> Consequence:
    return COSMETIC if each.attribute in ("start", "cache", "owned_by") else WRONG_RESULTS


def _view(each: Difference) -> Consequence:
    if each.attribute == "options":
        lost = {"security_invoker=true", "security_invoker=on", "security_barrier=true", "security_barrier=on"}
        return EXPOSURE if lost & (set(each.source_value) - set(each.target_value)) else WRONG_RESULTS
    return WRONG_RESULTS


def _routine(each: Difference) -> Consequence:
    match each.attribute:
        case "security_definer":
            return EXPOSURE if each.target_value else WRONG_RESULTS
        case "cost" | "rows" | "parallel":
            return PERFORMANCE
        case "leakproof":
            return EXPOSURE if each.target_value else PERFORMANCE
    return WRONG_RESULTS


def _enum(each: Difference) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Enum) or not isinstance(its, Enum):
        return WRONG_RESULTS
    if set(mine.labels) - set(its.labels):
        return DATA_LOSS
    return COSMETIC if mine.labels == tuple(label for label in its.labels if label in mine.labels) else WRONG_RESULTS


def _extension(each: Difference) -> Consequence:
    return WRITES_FAIL if each.attribute == "schema" else WRONG_RESULTS


def _policy(_: Difference) -> Consequence:
    """Which of two policies shows more cannot be told from their texts: the worse is assumed."""
    return EXPOSURE


_ALTERED: dict[str, Callable[[Difference], Consequence]] = {
    "table": _table,
    "column": _column,
    "constraint": _constraint,
    "index": _index,
    "sequence": _sequence,
    "view": _view,
    "routine": _routine,
    "enum": _enum,
    "extension": _extension,
    "policy": _policy,
}

_INTEGERS = {"smallint": 2, "integer": 4, "bigint": 8}
_FLOATS = {"real": 4, "double precision": 8}
_NUMERIC = re.compile(r"numeric(?:\((\d+),(-?\d+)\))?\Z")
_TEXT = re.compile(r"(?:text|character varying(?:\((\d+)\))?)\Z")


def type_change(source: str, target: str) -> Consequence:
    """What a column of the type `source` suffers in one of the type `target`, both as format_type spells them.

    Cosmetic where every value fits and keeps its form; wrong results where it fits and may come back in another form;
    data loss where values are refused or cut, and where nothing else is known.
    """
    for verdict in (_integers(source, target), _numbers(source, target), _texts(source, target)):
        if verdict is not None:
            return verdict
    if _TEXT.match(target) and not _limit(target):
        return WRONG_RESULTS
    if {source, target} == {"json", "jsonb"} or (source, target) in (
        ("date", "timestamp with time zone"),
        ("date", "timestamp without time zone"),
        ("timestamp without time zone", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp without time zone"),
    ):
        return WRONG_RESULTS
    return DATA_LOSS


def _integers(source: str, target: str) -> Consequence | None:
    if source in _INTEGERS and target in _INTEGERS:
        return COSMETIC if _INTEGERS[source] <= _INTEGERS[target] else DATA_LOSS
    return None


def _numbers(source: str, target: str) -> Consequence | None:
    ours, theirs = _NUMERIC.match(source), _NUMERIC.match(target)
    if theirs and (source in _INTEGERS or source in _FLOATS):
        return WRONG_RESULTS if theirs[1] is None else DATA_LOSS
    if source in _FLOATS and target in _FLOATS:
        return WRONG_RESULTS if _FLOATS[source] <= _FLOATS[target] else DATA_LOSS
    if not ours or not theirs:
        return None
    if theirs[1] is None:
        # The scale is no longer enforced; values that are there keep theirs.
        return WRONG_RESULTS
    if ours[1] is None:
        return DATA_LOSS
    (precision, scale), (new_precision, new_scale) = _pair(ours), _pair(theirs)
    if new_scale < scale or new_precision - new_scale < precision - scale:
        return DATA_LOSS
    return COSMETIC if new_scale == scale else WRONG_RESULTS


def _pair(match: re.Match[str]) -> tuple[int, int]:
    return int(match[1]), int(match[2])


def _texts(source: str, target: str) -> Consequence | None:
    if not _TEXT.match(source) or not _TEXT.match(target):
        return None
    ours, theirs = _limit(source), _limit(target)
    if theirs is None:
        return COSMETIC
    return COSMETIC if ours is not None and ours <= theirs else DATA_LOSS


def _limit(type_name: str) -> int | None:
    match: Any = _TEXT.match(type_name)
    return int(match[1]) if match and match[1] else None
