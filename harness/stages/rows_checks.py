"""Custom checks: SELECTs of the configuration, answered by both sides in their snapshots and compared."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from harness.core.check_answers import (
    Answer,
    CheckCell,
    ComparedAnswers,
    DifferingRow,
    compare_answers,
    forms_of,
)
from harness.core.check_answers import unlike_columns as unlike
from harness.core.configuration import Configuration, RowCheck
from harness.core.coverage import Skipped, of_check
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.masking import personal_hash
from harness.core.record import Severity
from harness.core.row_checks import check_row_checks, in_order
from harness.core.tolerance import check_tolerances
from harness.stages.check_sides import ROWS_OF_ANSWER, AnsweringSide, NotCompared, answered, settling
from harness.stages.result import StageResult

ROWS_SHOWN: Final = 5
_FIGURES: Final = frozenset({"number", "timestamp", "time", "interval"})

Artifact = TypeVar("Artifact")


@dataclass(frozen=True, slots=True)
class ComparedChecks:
    """What the checks came to."""

    findings: tuple[Finding, ...] = ()
    items: tuple[str, ...] = ()
    """Checks that were answered by both sides and compared"""
    gaps: tuple[Skipped, ...] = ()


def with_checks(stage: StageResult[Artifact], checks: ComparedChecks) -> StageResult[Artifact]:
    """The stage's result with what the checks came to."""
    if not checks.items and not checks.gaps:
        return stage
    done = len(checks.items) + len(checks.gaps)
    failed = sum(finding.code == "ROW008" for finding in checks.findings)
    summary = f"{done} {'check' if done == 1 else 'checks'}"
    summary += f", {failed} not as expected" if failed else ""
    summary += f", {len(checks.gaps)} not compared" if checks.gaps else ""
    coverage = stage.coverage
    return dataclasses.replace(
        stage,
        coverage=coverage.model_copy(
            update={"items": (*coverage.items, *checks.items), "skipped": (*checks.gaps, *coverage.skipped)}
        ),
        findings=(*stage.findings, *checks.findings),
        summary=f"{stage.summary}; {summary}",
    )


def compare_checks(
    source: AnsweringSide, target: AnsweringSide, checks: Iterable[RowCheck], configuration: Configuration
) -> ComparedChecks:
    """Ask both sides each check's SELECT, in their snapshots, and compare the answers.

    ROW008: the answers differ, or rows come where none may (drift alone is as grave as drift of rows); ROW009: a side
    does not answer, answers more than ROWS_OF_ANSWER rows, or the answers have other columns: that check is a gap.
    ConfigurationError: a check is not one statement that reads, or has a tolerance that its answer does not take.
    """
    checks = tuple(checks)
    check_row_checks(checks)
    findings: list[Finding] = []
    items: list[str] = []
    gaps: list[Skipped] = []
    for check in checks:
        item = of_check(check.name)
        try:
            found = _compared(source, target, check, configuration)
        except NotCompared as refused:
            gaps.append(Skipped(item=item, reason=refused.reason))
            findings.append(_not_run(check, refused))
        else:
            items.append(item)
            findings.extend(found)
    return ComparedChecks(tuple(findings), tuple(items), tuple(gaps))


def _compared(
    source: AnsweringSide, target: AnsweringSide, check: RowCheck, configuration: Configuration
) -> list[Finding]:
    left = answered(source, check, check.sql)
    right = answered(target, check, check.target_sql or check.sql)
    if check.expect == "no rows":
        return _of_no_rows(check, len(left.rows), len(right.rows))
    for side, given in (("source", left), ("target", right)):
        if len(given.rows) > ROWS_OF_ANSWER:
            raise NotCompared(
                f"the {side} answers with more than {ROWS_OF_ANSWER:,} rows",
                "Let the SELECT aggregate: GROUP BY, count, sum. Rows themselves are compared as tables and views.",
            )
    reason = unlike(left, right)
    if reason is not None:
        raise NotCompared(reason, "Give the columns the same names on both sides: AS, or target_sql.")
    check_tolerances(f"rows.checks.{check.name!r}", check.tolerances, forms_of(left, right))
    compared = compare_answers(
        left,
        right,
        ordered=all(in_order(text) for text in _texts(check)),
        tolerances=check.tolerances,
        settle=settling(source, target),
    )
    return _of_answers(check, (left, right), compared, configuration)


def _texts(check: RowCheck) -> tuple[str, str]:
    return check.sql, check.target_sql or check.sql


def _of_no_rows(check: RowCheck, source: int, target: int) -> list[Finding]:
    if not source and not target:
        return []
    if target and source:
        title = f"check {check.name}: {_counted(target)} on the target where there may be none, on the source too"
    elif target:
        title = f"check {check.name}: {_counted(target)} on the target where there may be none"
    else:
        title = f"check {check.name}: {_counted(source)} on the source where there may be none; the target has none"
    evidence = Evidence(label="rows", source=_bounded(source), target=_bounded(target))
    return [_finding(check, Severity.BLOCKER if target else Severity.RISK, title, (evidence,))]


def _of_answers(
    check: RowCheck, answers: tuple[Answer, Answer], compared: ComparedAnswers, configuration: Configuration
) -> list[Finding]:
    if not compared.different and not compared.drift:
        return []
    # The parser takes longer to load than small tables take to be compared, and few comparisons have a check.
    from harness.core.check_figures import figures

    of_sides = [figures(text, _personal_names(configuration)) for text in _texts(check)]
    shown = frozenset.intersection(*of_sides)
    counts = Evidence(label="rows of the answer", source=str(len(answers[0].rows)), target=str(len(answers[1].rows)))
    if compared.different:
        parts = [f"{_counted(len(compared.differing))} with other values"] if compared.differing else []
        parts += [f"{_counted(compared.source_only)} from the source alone"] if compared.source_only else []
        parts += [f"{_counted(compared.target_only)} from the target alone"] if compared.target_only else []
        title = f"check {check.name}: the answers differ: {', '.join(parts)}"
        severity, rows = Severity.BLOCKER, compared.differing
    else:
        parts = [f"{_counted(len(compared.drifting))} with another representation"] if compared.drifting else []
        parts += [f"columns of another type: {', '.join(compared.type_drift)}"] if compared.type_drift else []
        title = f"check {check.name}: the answers are equal and not alike: {'; '.join(parts)}"
        severity = Severity.COSMETIC if configuration.run.allow_drift else Severity.RISK
        rows = compared.drifting
    cells = [each for row in rows[:ROWS_SHOWN] for each in _cells(row, compared, shown)]
    classes = Counter((cell.column, cell.cls.name) for row in rows for cell in row.cells)
    text = "; ".join(f"{column}: {name} ({count:,})" for (column, name), count in classes.most_common(ROWS_SHOWN))
    by_class = (Evidence(label="values by class", text=text),) if text else ()
    return [_finding(check, severity, title, (counts, *cells, *by_class))]


def _cells(row: DifferingRow, compared: ComparedAnswers, shown: frozenset[str]) -> list[Evidence]:
    """The differing values of a row; the values before them, which are alike, say which row it is."""
    differing = {cell.column for cell in row.cells}
    named: list[str] = []
    for name, value in zip(compared.columns, row.source, strict=True):
        if name in differing:
            break
        named.append(f"{name} {_value(name, value, compared, shown)}")
    where = f" where {', '.join(named)}" if named else ""
    return [
        Evidence(
            label=f"{cell.column}{where}",
            source=_cell(cell, cell.source, compared, shown),
            target=_cell(cell, cell.target, compared, shown),
        )
        for cell in row.cells
    ]


def _cell(cell: CheckCell, value: str | None, compared: ComparedAnswers, shown: frozenset[str]) -> str:
    return _value(cell.column, value, compared, shown)


def _value(name: str, value: str | None, compared: ComparedAnswers, shown: frozenset[str]) -> str:
    """A figure as it is, if it is an aggregate and a number or a time; anything else as a hash."""
    if value is None:
        return "NULL"
    return value if name in shown and compared.forms[name].kind in _FIGURES else personal_hash(value)


def _personal_names(configuration: Configuration) -> frozenset[str]:
    return frozenset(identity.rpartition(".")[2].strip('"') for identity in configuration.personal.columns)


def _finding(check: RowCheck, severity: Severity, title: str, evidence: tuple[Evidence, ...]) -> Finding:
    return Finding(
        code="ROW008",
        severity=severity,
        stage="rows",
        object=FoundObject(kind="check", identity=check.name),
        title=title,
        evidence=evidence,
    )


def _not_run(check: RowCheck, refused: NotCompared) -> Finding:
    return Finding(
        code="ROW009",
        severity=Severity.RISK,
        stage="rows",
        object=FoundObject(kind="check", identity=check.name),
        title=f"check {check.name} could not be compared: {refused.reason}",
        fix=Fix(text=refused.advice),
    )


def _bounded(rows: int) -> str:
    return f"more than {ROWS_OF_ANSWER:,}" if rows > ROWS_OF_ANSWER else str(rows)


def _counted(rows: int) -> str:
    return f"{_bounded(rows)} row" if rows == 1 else f"{_bounded(rows)} rows"
