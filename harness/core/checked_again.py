"""Whether a newer run looked again where an older one had found something: only then is a finding fixed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.coverage import LARGE_OBJECTS, Coverage, Skipped, of_check
from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.history import same_database
from harness.core.method_coverage import IGNORED_FIELD
from harness.core.outcomes import MethodResult
from harness.core.target_names import is_of_several_targets, mark_of_target

_UNNAMED = re.compile(r"(\d+) changes?$")
_JOINT = re.compile(r"[.(:]")
"""Ends what holds the rest: public.clients.name, public.total(integer); `get: one` is a case of get"""
_SCHEMA = re.compile(r'"((?:[^"]|"")+)"|([^".(]+)')


class SecondLook:
    """Answers for each finding of the older run whether the newer one looked there again."""

    def __init__(self, newer: RunDocument, older: RunDocument) -> None:
        self._newer, self._older = newer, older
        self._elsewhere = " and another ".join(other_databases(newer, older))
        self._lost_schemas = _schemas_asked(older) - _schemas_asked(newer)
        self._stages: dict[tuple[str, str], _StageTwice] = {}

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
            coverage = _StageTwice(finding.stage, mark, self._newer, self._older)
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


@dataclass
class _StageTwice:
    """What one stage checked and skipped in both runs; of several targets, for the one whose mark names end with."""

    name: str
    mark: str
    newer: RunDocument
    older: RunDocument
    now: list[Coverage] = field(init=False)
    then: list[Coverage] = field(init=False)

    def __post_init__(self) -> None:
        self.now = [_of_one_target(each, self.mark) for each in self.newer.coverage if each.stage == self.name]
        self.then = [_of_one_target(each, self.mark) for each in self.older.coverage if each.stage == self.name]

    def why_skipped(self, finding: Finding) -> str:
        """That what was found, what holds it or a part of it was skipped; a part that always was says nothing."""
        if (whole := self._skipped.get(f"stage {self.name}")) is not None:
            return _told(whole)
        if (item := self._skipped.get(_name_in_coverage(finding, self.mark))) is not None:
            return _told(item)
        identity = finding.object.identity.removesuffix(self.mark)
        for name in filter(None, (identity, (finding.table or "").removesuffix(self.mark))):
            for holder in _holders(name):
                if (item := self._skipped.get(holder)) is not None:
                    return _told(item)
        for item, whole_name in self._mentioned.get(identity, ()):
            if whole_name or item.item not in self._skipped_then:
                return _told(item)
        return self._field_left_out(finding)

    def _field_left_out(self, finding: Finding) -> str:
        """That a field is ignored now, where the older run does not say that others alone differed."""
        if self.name != "methods":
            return ""
        methods = (each for each in self.older.methods if each.method == finding.object.identity)
        paths = [field.path for each in methods for field in each.fields]
        for item in self._skipped.values():
            name = item.item.removeprefix(IGNORED_FIELD)
            if name != item.item and (not paths or any(name in path for path in paths)):
                return _told(item)
        return ""

    def unnamed_now(self, finding: Finding) -> str:
        """What was named as checked then and is not now: a table, a method, the place of a statement."""
        names = (finding.object.identity, finding.table or "", *finding.breaks)
        lost = self._lost & {name.removesuffix(self.mark) for name in names}
        return f"{min(lost)} was checked then, and not now" if lost else ""

    def not_named(self, finding: Finding) -> str:
        """What coverage names whenever it was checked, and does not name now."""
        name = _name_in_coverage(finding, self.mark)
        if not name or any(name in each.items for each in self.now):
            return ""
        return f"{name} {'were not compared' if name == LARGE_OBJECTS else 'was not compared'}"

    @cached_property
    def left_unnamed(self) -> str:
        """Changes that a rule leaves out are counted, and not named: where they are more, it may be one of them."""
        before = _by_reason(self.then)
        for reason, number in _by_reason(self.now).items():
            if number > before.get(reason, 0):
                return f"{number - before.get(reason, 0)} more changes are left out by a rule now: {reason}"
        return ""

    @cached_property
    def _lost(self) -> set[str]:
        return {item for each in self.then for item in each.items} - {item for each in self.now for item in each.items}

    @cached_property
    def _skipped(self) -> dict[str, Skipped]:
        """What a person left out of both runs for one reason was no part of what the older run looked at either."""
        always = {item for each in self.then for item in each.skipped if item.decided}
        return {item.item: item for each in self.now for item in each.skipped if item not in always}

    @cached_property
    def _skipped_then(self) -> set[str]:
        return {item.item for each in self.then for item in each.skipped}

    @cached_property
    def _mentioned(self) -> dict[str, list[tuple[Skipped, bool]]]:
        """By each name in an item, and by what holds it: the item, and whether it is the name itself."""
        found: dict[str, list[tuple[Skipped, bool]]] = {}
        for item in self._skipped.values():
            # In words, as in `rows of public.clients on the source`; names with blanks as a whole.
            for word in {item.item, *item.item.split()}:
                for holder in _holders(word):
                    found.setdefault(holder, []).append((item, holder == word))
        return found


def _name_in_coverage(finding: Finding, mark: str) -> str:
    """What coverage calls the object of a finding, where that is not the object's own name; else ''."""
    match finding.stage, finding.object.kind:
        case "rows", "check":
            return of_check(finding.object.identity.removesuffix(mark))
        case "rows" | "migrate", "large object":
            return LARGE_OBJECTS
    return ""


def _of_one_target(coverage: Coverage, mark: str) -> Coverage:
    """Its items and what it skipped of one of several targets, without the target's mark."""
    if not mark:
        return coverage
    return coverage.model_copy(
        update={
            "items": tuple(each.removesuffix(mark) for each in coverage.items if each.endswith(mark)),
            "skipped": tuple(
                each.model_copy(update={"item": each.item.removesuffix(mark)})
                for each in coverage.skipped
                if each.item.endswith(mark)
            ),
        }
    )


def _holders(name: str) -> Iterator[str]:
    """A name, and the names that it begins with: public.clients.name, public.clients, public."""
    yield name
    for joint in _JOINT.finditer(name):
        yield name[: joint.start()]


def _told(item: Skipped) -> str:
    return f"{item.item}: {item.reason}"


def _by_reason(coverages: Iterable[Coverage]) -> dict[str, int]:
    return {
        item.reason: int(match[1])
        for coverage in coverages
        for item in coverage.skipped
        if (match := _UNNAMED.match(item.item))
    }
