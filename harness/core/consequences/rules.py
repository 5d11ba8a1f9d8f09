"""What a difference of a constraint, an index, a trigger, a policy or a statistics object does at a cutover."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.differences import NAME, Difference
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.record import Consequence

EXPOSURE = Consequence.EXPOSURE
WRITES_FAIL = Consequence.WRITES_FAIL
WRONG_RESULTS = Consequence.WRONG_RESULTS
PERFORMANCE = Consequence.PERFORMANCE
COSMETIC = Consequence.COSMETIC


def judge(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    """What the difference does once the application runs on the target instead of the source."""
    if each.attribute == "comment":
        return COSMETIC
    if each.attribute == NAME:
        # Triggers fire in the order of their names; where that order changes, the name is no class of its own.
        return WRONG_RESULTS if each.object.kind == "trigger" and each.equivalence is None else COSMETIC
    match each.change:
        case "removed":
            return _removed(each, target)
        case "added":
            return _added(each, source, target)
    return _ALTERED[each.object.kind](each, target)


def _removed(each: Difference, target: Catalog) -> Consequence:
    missing = each.object
    if isinstance(missing, Constraint):
        # ON CONFLICT does not take a deferrable constraint, so no write depends on it.
        arbiter = missing.type in ("primary key", "unique") and not missing.deferrable
        return WRITES_FAIL if arbiter else WRONG_RESULTS
    if isinstance(missing, Index):
        there = target.indexes_by_table.get(missing.table_identity or "", ())
        if any(index.definition == missing.definition and index.valid for index in there):
            return COSMETIC
        return WRITES_FAIL if missing.unique else PERFORMANCE
    if isinstance(missing, Policy):
        return WRONG_RESULTS if missing.permissive else EXPOSURE
    if isinstance(missing, Trigger):
        # Without its trigger a view takes no writes.
        return WRITES_FAIL if missing.definition.startswith("INSTEAD OF") else WRONG_RESULTS
    return PERFORMANCE


def _added(each: Difference, source: Catalog, target: Catalog) -> Consequence:
    extra = each.object
    if isinstance(extra, Constraint):
        return COSMETIC if harmless_rule(extra.columns, extra, source, target) else WRITES_FAIL
    if isinstance(extra, Index):
        harmless = not extra.unique or harmless_rule(extra.columns, extra, source, target)
        return COSMETIC if harmless else WRITES_FAIL
    if isinstance(extra, Policy):
        return EXPOSURE if extra.permissive else WRONG_RESULTS
    return WRONG_RESULTS if isinstance(extra, Trigger) else COSMETIC


def harmless_rule(columns: tuple[str, ...], rule: Constraint | Index, source: Catalog, target: Catalog) -> bool:
    """Whether a rule of the target alone refuses nothing that the source accepts.

    Either it speaks of a column that the source has not and that stays NULL, or it is unique over columns of which the
    source has some unique by themselves, at every moment.
    """
    table = rule.table_identity or ""
    known = {column.name for column in source.columns_by_table.get(table, ())}
    new = (column for column in target.columns_by_table.get(table, ()) if column.name not in known)
    stays_null = {column.name for column in new if _stays_null(column)}
    distinct_nulls = not (isinstance(rule, Index) and rule.nulls_not_distinct) and "NULLS NOT" not in rule.definition
    if stays_null & set(columns) and distinct_nulls:
        return True
    unique = isinstance(rule, Index) or rule.type == "unique"
    return unique and any(
        index.valid and index.immediate and index.predicate is None and set(index.columns) <= set(columns)
        for index in source.indexes_by_table.get(table, ())
        if index.unique
    )


def _stays_null(column: Column) -> bool:
    return not column.not_null and column.default is None and column.generated is None


def _constraint(each: Difference, _: Catalog) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Constraint) or not isinstance(its, Constraint):
        return WRONG_RESULTS
    referring = mine.type == its.type == "foreign key"
    match each.attribute:
        case "definition":
            return _definition(mine, its)
        case "validated":
            # What the source never checked does not load where it is checked.
            return Consequence.DATA_LOSS if its.validated else WRONG_RESULTS
        case "enforced":
            return WRITES_FAIL if its.enforced else WRONG_RESULTS
        case "deferrable":
            return COSMETIC if referring and its.deferrable else WRITES_FAIL
        case "deferred":
            return WRONG_RESULTS if its.deferred else WRITES_FAIL
        case "inherited" | "index_comment":
            return COSMETIC
        case "type":
            return WRITES_FAIL
    return PERFORMANCE


def _definition(mine: Constraint, its: Constraint) -> Consequence:
    if mine.type != its.type:
        return WRITES_FAIL
    match mine.type:
        case "check":
            # The parser of SQL is loaded where a check differs.
            from harness.core.consequences.conditions import looser

            return WRONG_RESULTS if looser(mine.definition, its.definition) else WRITES_FAIL
        case "foreign key":
            return _reference(mine, its)
        case "exclusion":
            return _exclusion(mine.definition, its.definition)
    if set(mine.columns) != set(its.columns):
        return WRITES_FAIL
    for words, lost in (("WITHOUT OVERLAPS", WRONG_RESULTS), ("NULLS NOT DISTINCT", WRONG_RESULTS)):
        here, there = words in mine.definition, words in its.definition
        if here != there:
            return lost if here else WRITES_FAIL
    return PERFORMANCE


_ON = re.compile(r" ON (DELETE|UPDATE) (NO ACTION|RESTRICT|CASCADE|SET NULL|SET DEFAULT)")
_STRICT = {"NO ACTION": 1, "RESTRICT": 2}


def _reference(mine: Constraint, its: Constraint) -> Consequence:
    def facts(each: Constraint) -> tuple[object, ...]:
        return (each.columns, each.references, each.references_columns, "PERIOD" in each.definition)

    if facts(mine) != facts(its):
        return WRITES_FAIL
    if "MATCH FULL" in its.definition and "MATCH FULL" not in mine.definition:
        return WRITES_FAIL
    ours, theirs = dict(_ON.findall(mine.definition)), dict(_ON.findall(its.definition))
    stricter = (
        _STRICT.get(theirs.get(event, "NO ACTION"), 0) > _STRICT.get(ours.get(event, "NO ACTION"), 0)
        for event in ("DELETE", "UPDATE")
    )
    return WRITES_FAIL if any(stricter) else WRONG_RESULTS


_EXCLUDE = re.compile(r"EXCLUDE USING (\S+) (.*?)( WHERE .*)?\Z", re.DOTALL)


def _exclusion(mine: str, its: str) -> Consequence:
    ours, theirs = _EXCLUDE.match(mine), _EXCLUDE.match(its)
    if ours is None or theirs is None:
        return WRITES_FAIL
    if ours[2] != theirs[2]:
        # What is equal overlaps too: the target refuses less.
        return WRONG_RESULTS if ours[2].replace("WITH &&", "WITH =") == theirs[2] else WRITES_FAIL
    if ours[3] != theirs[3]:
        return WRONG_RESULTS if ours[3] is None else WRITES_FAIL
    return PERFORMANCE


def _index(each: Difference, target: Catalog) -> Consequence:
    mine, its = each.source, each.target
    if not isinstance(mine, Index) or not isinstance(its, Index):
        return PERFORMANCE
    unique = mine.unique or its.unique
    match each.attribute:
        case "valid":
            if its.valid:
                return COSMETIC
            return WRITES_FAIL if unique else PERFORMANCE
        case "attached":
            siblings = target.indexes_by_table.get(its.table_identity or "", ())
            taken = its.attached is not None or any(index.attached == mine.attached for index in siblings)
            return COSMETIC if taken else PERFORMANCE
        case "definition" if unique:
            return _unique(mine, its)
    return PERFORMANCE


def _unique(mine: Index, its: Index) -> Consequence:
    if mine.unique != its.unique or mine.predicate != its.predicate or set(mine.columns) != set(its.columns):
        return WRITES_FAIL
    if mine.nulls_not_distinct != its.nulls_not_distinct:
        return WRONG_RESULTS if mine.nulls_not_distinct else WRITES_FAIL
    ours, theirs = _keys(mine.definition), _keys(its.definition)
    return PERFORMANCE if ours == theirs else WRITES_FAIL


def _keys(definition: str) -> list[str]:
    """What decides on equality, collations and operator classes too; without order and without what rides along."""
    text = re.sub(r" (?:INCLUDE|WITH) \(.*?\)| (?:ASC|DESC|NULLS FIRST|NULLS LAST)\b", "", definition)
    return sorted(re.split(r"[(,)]\s*", text))


def _trigger(_: Difference, __: Catalog) -> Consequence:
    return WRONG_RESULTS


_WRITES = frozenset({"INSERT", "UPDATE", "DELETE"})


def _policy(each: Difference, _: Catalog) -> Consequence:
    """Which of two conditions shows more cannot be told from their texts: the worse is assumed."""
    mine, its = each.source, each.target
    if not isinstance(mine, Policy) or not isinstance(its, Policy):
        return EXPOSURE
    match each.attribute:
        case "permissive":
            return EXPOSURE if its.permissive else WRONG_RESULTS
        case "roles":
            wider, narrower = (its, mine) if its.permissive else (mine, its)
            shown = "public" not in narrower.roles and (
                "public" in wider.roles or bool(set(wider.roles) - set(narrower.roles))
            )
            return EXPOSURE if shown else WRONG_RESULTS
        case "command":
            ours, theirs = _commands(mine), _commands(its)
            gained, lost = theirs - ours, ours - theirs
            if not its.permissive:
                gained, lost = lost, gained
            if gained:
                return EXPOSURE
            return WRITES_FAIL if lost & _WRITES else WRONG_RESULTS
        case "check" if its.command in ("ALL", "UPDATE"):
            # Where no check is given, the condition that rows are shown by is the check.
            if (mine.check or mine.using) == (its.check or its.using) and mine.using == its.using:
                return COSMETIC
    return EXPOSURE


def _commands(policy: Policy) -> set[str]:
    return {"SELECT", *_WRITES} if policy.command == "ALL" else {policy.command}


def _statistics(each: Difference, _: Catalog) -> Consequence:
    return COSMETIC if each.attribute == "owner" else PERFORMANCE


_ALTERED: dict[str, Callable[[Difference, Catalog], Consequence]] = {
    "constraint": _constraint,
    "index": _index,
    "trigger": _trigger,
    "policy": _policy,
    "statistics object": _statistics,
}
KINDS = frozenset(_ALTERED)
"""Kinds that are judged here"""
