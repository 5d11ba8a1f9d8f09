"""Whether a newer run looked again where an older one had found something: only then is a finding fixed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.outcomes import MethodResult

_UNNAMED = re.compile(r"(\d+) changes?$")
_JOINT = re.compile(r"[.(]")


class SecondLook:
    """Answers for each finding of the older run whether the newer one looked there again."""

    def __init__(self, newer: RunDocument, older: RunDocument) -> None:
        self._newer, self._older = newer, older
        self._stages: dict[str, _StageTwice] = {}

    def why_not(self, finding: Finding) -> str:
        """Why nothing is known now of what the older run found; '' where the newer run checked it and found nothing."""
        stage = self._newer.stage(finding.stage)
        if stage is None:
            return f"the newer run has no stage {finding.stage}"
        if stage.status in ("excluded", "not run"):
            left = "was left out" if stage.status == "excluded" else "did not run"
            return f"stage {stage.name} {left}: {stage.summary}"
        coverage = self._stages.get(finding.stage)
        if coverage is None:
            coverage = self._stages[finding.stage] = _StageTwice(finding.stage, self._newer, self._older)
        if not any(each.checked for each in coverage.now):
            return f"stage {stage.name} checked nothing: {stage.summary}"
        return (
            self._out_of_scope(finding)
            or coverage.why_skipped(finding)
            or coverage.left_unnamed
            or coverage.unnamed_now(finding)
            or self._rows(finding)
            or self._method(finding)
        )

    def _out_of_scope(self, finding: Finding) -> str:
        if finding.table is None:
            return ""
        scope, reason = self._scope.get(finding.table, ("compared", None))
        if scope in ("compared", self._scope_then.get(finding.table)):
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
        return ""

    def _method(self, finding: Finding) -> str:
        if finding.stage != "methods" or finding.object.kind != "method":
            return ""
        method = finding.object.identity
        now, then = self._methods.get(method), self._methods_then.get(method)
        if now is None or now.cases == now.void:
            return f"{method} was not called, or no call of it counts"
        if then is None:
            return ""
        if _compared(now) < _compared(then):
            return f"{_compared(then)} cases of {method} were compared then, {_compared(now)} now"
        missing = [kind for kind in then.exercised if kind not in now.exercised]
        return f"{method} was called with another kind of case then: {', '.join(missing)}" if missing else ""

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
    def _methods(self) -> dict[str, MethodResult]:
        return {each.method: each for each in self._newer.methods}

    @cached_property
    def _methods_then(self) -> dict[str, MethodResult]:
        return {each.method: each for each in self._older.methods}


@dataclass
class _StageTwice:
    """What one stage checked and skipped in both runs."""

    name: str
    newer: RunDocument
    older: RunDocument
    now: list[Coverage] = field(init=False)
    then: list[Coverage] = field(init=False)

    def __post_init__(self) -> None:
        self.now = [each for each in self.newer.coverage if each.stage == self.name]
        self.then = [each for each in self.older.coverage if each.stage == self.name]

    def why_skipped(self, finding: Finding) -> str:
        """That what was found, what holds it or a part of it was skipped; a part that always was says nothing."""
        if (whole := self._skipped.get(f"stage {self.name}")) is not None:
            return _told(whole)
        identity = finding.object.identity
        for name in filter(None, (identity, finding.table)):
            for holder in _holders(name):
                if (item := self._skipped.get(holder)) is not None:
                    return _told(item)
        for item, whole_name in self._mentioned.get(identity, ()):
            if whole_name or item.item not in self._skipped_then:
                return _told(item)
        return ""

    def unnamed_now(self, finding: Finding) -> str:
        """What was named as checked then and is not now: a table, a method, the place of a statement."""
        lost = self._lost & {finding.object.identity, finding.table or "", *finding.breaks}
        return f"{min(lost)} was checked then, and not now" if lost else ""

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
        return {item.item: item for each in self.now for item in each.skipped}

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


def _compared(result: MethodResult) -> int:
    return result.cases - result.void
