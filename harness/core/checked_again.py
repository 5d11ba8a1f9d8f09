"""Whether a newer run looked again where an older one had found something: only then is a finding fixed."""

from __future__ import annotations

import re
from functools import cached_property

from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.history import same_database
from harness.core.outcomes import MethodResult
from harness.core.stage_twice import StageTwice
from harness.core.target_names import is_of_several_targets, mark_of_target

_SCHEMA = re.compile(r'"((?:[^"]|"")+)"|([^".(]+)')


class SecondLook:
    """Answers for each finding of the older run whether the newer one looked there again."""

    def __init__(self, newer: RunDocument, older: RunDocument) -> None:
        self._newer, self._older = newer, older
        self._elsewhere = " and another ".join(other_databases(newer, older))
        self._lost_schemas = _schemas_asked(older) - _schemas_asked(newer)
        self._stages: dict[tuple[str, str], StageTwice] = {}

    def why_not(self, finding: Finding) -> str:
        """Why nothing is known now of what the older run found; '' where the newer run checked it and found nothing."""
        if self._elsewhere:
            return f"the newer run is of another {self._elsewhere}"
        stage = self._newer.stage(finding.stage)
        if stage is None:
            return f"the newer run has no stage {finding.stage}"
        if stage.status in ("excluded", "not run"):
            left = "was left out" if stage.status == "excluded" else "did not run"
            return f"stage {stage.name} {left}: {stage.summary}"
        mark = mark_of_target(self._newer, finding.object.identity)
        coverage = self._stages.get((finding.stage, mark))
        if coverage is None:
            coverage = StageTwice(finding.stage, mark, self._newer, self._older)
            self._stages[finding.stage, mark] = coverage
        if not any(each.checked for each in coverage.now):
            return f"stage {stage.name} checked nothing: {stage.summary}"
        return (
            self._out_of_scope(finding)
            or coverage.why_skipped(finding)
            or coverage.left_unnamed
            or coverage.unnamed_now(finding)
            or coverage.not_named(finding)
            or self._rows(finding)
            or self._method(finding)
        )

    def _out_of_scope(self, finding: Finding) -> str:
        schema = _schema_of(finding.table or finding.object.identity)
        if schema in self._lost_schemas:
            return f"schema {schema} is not compared any more"
        if finding.table is None:
            return ""
        then, now = self._scope_then.get(finding.table), self._scope.get(finding.table)
        if now is None:
            return f"{finding.table} is not among the tables of the newer run" if then == "compared" else ""
        scope, reason = now
        if scope in ("compared", then):
            return ""
        return f"{finding.table} is not compared any more ({scope}): {reason or 'no reason is given'}"

    def _rows(self, finding: Finding) -> str:
        if finding.stage != "rows" or finding.table is None:
            return ""
        rows = self._tables.get(finding.table)
        if rows is None:
            return f"the rows of {finding.table} were not compared"
        if rows.status == "incomplete":
            return f"the rows of {finding.table} were not compared wholly: {rows.reason or 'no reason is given'}"
        if rows.sample is not None:
            return f"only {rows.sample.rows:,} rows of {finding.table}, drawn by chance, were compared"
        then = self._tables_then.get(finding.table)
        if rows.tolerated > (then.tolerated if then is not None else 0):
            return f"{rows.tolerated:,} rows of {finding.table} are within the tolerances"
        return ""

    def _method(self, finding: Finding) -> str:
        if finding.stage != "methods" or finding.object.kind != "method":
            return ""
        method = finding.object.identity
        now, then = self._methods.get(method), self._methods_then.get(method)
        if now is None or now.cases == now.void:
            return f"{method} was not called, or no call of it counts"
        return less_evidence(now, then) if then is not None else ""

    @cached_property
    def _scope(self) -> dict[str, tuple[str, str | None]]:
        return {each.table: (each.scope, each.reason) for each in self._newer.scope}

    @cached_property
    def _scope_then(self) -> dict[str, str]:
        return {each.table: each.scope for each in self._older.scope}

    @cached_property
    def _tables(self) -> dict[str, TableRows]:
        return {each.table: each for each in self._newer.rows}

    @cached_property
    def _tables_then(self) -> dict[str, TableRows]:
        return {each.table: each for each in self._older.rows}

    @cached_property
    def _methods(self) -> dict[str, MethodResult]:
        return {each.method: each for each in self._newer.methods}

    @cached_property
    def _methods_then(self) -> dict[str, MethodResult]:
        return {each.method: each for each in self._older.methods}


def less_evidence(now: MethodResult, then: MethodResult) -> str:
    """In what less is known of a method now than then; '' where as many cases of the same kinds were compared."""
    if compared_cases(now) < compared_cases(then):
        return f"{compared_cases(then)} cases of {now.method} were compared then, {compared_cases(now)} now"
    missing = [kind for kind in then.exercised if kind not in now.exercised]
    return f"{now.method} was called with another kind of case then: {', '.join(missing)}" if missing else ""


def compared_cases(result: MethodResult) -> int:
    """Cases whose two answers could be set beside each other."""
    return result.cases - result.void


def other_databases(newer: RunDocument, older: RunDocument) -> tuple[str, ...]:
    """The sides of which the newer run did not look at every database that the older one looked at."""
    sides = (("source", same_database(newer.source, older.source)), ("target", _same_targets(newer, older)))
    return tuple(side for side, same in sides if not same)


def _same_targets(newer: RunDocument, older: RunDocument) -> bool:
    if is_of_several_targets(newer) != is_of_several_targets(older):
        return False
    if not is_of_several_targets(newer):
        return same_database(newer.target, older.target)
    of_both = zip(_joined_facts(older), _joined_facts(newer), strict=True)
    return all(then <= now for then, now in of_both)


def _joined_facts(document: RunDocument) -> tuple[set[str], ...]:
    """What a document of several targets tells of each of them."""
    target = document.target
    return tuple(set(told.split(", ")) for told in (target.label, target.address, target.database))


def _schemas_asked(document: RunDocument) -> set[str]:
    """The schemas that a run was about: those that it recorded, and those of the tables in its scope."""
    return {*document.schemas, *(_schema_of(each.table) for each in document.scope)}


def _schema_of(identity: str) -> str:
    """The first part of a name: the schema, where it has one."""
    match = _SCHEMA.match(identity)
    if match is None:
        return identity
    return match[1].replace('""', '"') if match[1] is not None else match[2]
