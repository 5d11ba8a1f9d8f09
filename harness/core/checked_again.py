"""Whether a newer run looked again where an older one had found something: only then is a finding fixed."""

from __future__ import annotations

import re

from harness.core.coverage import Coverage
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.outcomes import MethodResult

_UNNAMED = re.compile(r"(\d+) changes?$")


def why_unchecked(finding: Finding, newer: RunDocument, older: RunDocument) -> str:
    """Why nothing is known now of what the older run found; '' where the newer run checked it and found nothing."""
    stage = newer.stage(finding.stage)
    if stage is None:
        return f"the newer run has no stage {finding.stage}"
    if stage.status in ("excluded", "not run"):
        return f"stage {stage.name} {'was left out' if stage.status == 'excluded' else 'did not run'}: {stage.summary}"
    now = [each for each in newer.coverage if each.stage == finding.stage]
    then = [each for each in older.coverage if each.stage == finding.stage]
    if not any(each.checked for each in now):
        return f"stage {stage.name} checked nothing: {stage.summary}"
    return (
        _out_of_scope(finding, newer, older)
        or _skipped(finding, now, then)
        or _left_unnamed(now, then)
        or _unnamed_now(finding, now, then)
        or _rows(finding, newer)
        or _method(finding, newer, older)
    )


def _out_of_scope(finding: Finding, newer: RunDocument, older: RunDocument) -> str:
    if finding.table is None:
        return ""
    then = {each.table: each.scope for each in older.scope}.get(finding.table)
    entry = next((each for each in newer.scope if each.table == finding.table), None)
    if entry is None or entry.scope in ("compared", then):
        return ""
    return f"{entry.table} is not compared any more ({entry.scope}): {entry.reason or 'no reason is given'}"


def _skipped(finding: Finding, now: list[Coverage], then: list[Coverage]) -> str:
    known = {item.item for each in then for item in each.skipped}
    for coverage in now:
        for item in coverage.skipped:
            if item.item == f"stage {finding.stage}" or _holds(item.item, finding, inner=item.item not in known):
                return f"{item.item}: {item.reason}"
    return ""


def _holds(item: str, finding: Finding, *, inner: bool) -> bool:
    """Whether what was skipped is what was found, holds it, or (`inner`) is a part of it."""
    identity, table = finding.object.identity, finding.table
    if any(name == item or name.startswith((f"{item}.", f"{item}(")) for name in (identity, table) if name):
        return True
    mention = re.search(rf"(?<![\w.]){re.escape(identity)}(?!\w)", item)
    if mention is None:
        return False
    return inner or not item[mention.end() :].startswith(".")


def _left_unnamed(now: list[Coverage], then: list[Coverage]) -> str:
    """Changes that a rule leaves out are counted, and not named: where they are more, it may be one of them."""
    before = _by_reason(then)
    for reason, number in _by_reason(now).items():
        if number > before.get(reason, 0):
            return f"{number - before.get(reason, 0)} more changes are left out by a rule now: {reason}"
    return ""


def _by_reason(coverages: list[Coverage]) -> dict[str, int]:
    return {
        item.reason: int(match[1])
        for coverage in coverages
        for item in coverage.skipped
        if (match := _UNNAMED.match(item.item))
    }


def _unnamed_now(finding: Finding, now: list[Coverage], then: list[Coverage]) -> str:
    """What was named as checked then and is not now: a table, a method, the place of a statement."""
    names = {finding.object.identity, finding.table, *finding.breaks}
    lost = (names & {item for each in then for item in each.items}) - {item for each in now for item in each.items}
    return f"{min(str(name) for name in lost)} was checked then, and not now" if lost else ""


def _rows(finding: Finding, newer: RunDocument) -> str:
    if finding.stage != "rows" or finding.table is None:
        return ""
    rows = next((each for each in newer.rows if each.table == finding.table), None)
    if rows is None:
        return f"the rows of {finding.table} were not compared"
    if rows.status == "incomplete":
        return f"the rows of {finding.table} were not compared wholly: {rows.reason or 'no reason is given'}"
    if rows.sample is not None:
        return f"only {rows.sample.rows:,} rows of {finding.table}, drawn by chance, were compared"
    return ""


def _method(finding: Finding, newer: RunDocument, older: RunDocument) -> str:
    if finding.stage != "methods" or finding.object.kind != "method":
        return ""
    method = finding.object.identity
    now = next((each for each in newer.methods if each.method == method), None)
    if now is None or now.cases == now.void:
        return f"{method} was not called, or no call of it counts"
    then = next((each for each in older.methods if each.method == method), None)
    if then is None:
        return ""
    if _compared(now) < _compared(then):
        return f"{_compared(then)} cases of {method} were compared then, {_compared(now)} now"
    missing = [kind for kind in then.exercised if kind not in now.exercised]
    return f"{method} was called with another kind of case then: {', '.join(missing)}" if missing else ""


def _compared(result: MethodResult) -> int:
    return result.cases - result.void
