"""What the sections of an HTML report show: values made from the run document, long lists cut to an allowance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.core.deltas import RowDelta, TableRows
from harness.core.document import RunDocument
from harness.core.outcomes import MethodResult, OutcomePair
from harness.core.plan import Plan, Step
from harness.core.record import Record, Severity
from harness.core.unchecked import Unchecked, decisions, gaps
from harness.render.comparison_lines import changed_section
from harness.render.conclusion import meaning, next_steps, severities
from harness.render.cutover_bar import cutover_bars
from harness.render.cutting import Shown, within
from harness.render.figures import counted, duration
from harness.render.finding_list import addresses
from harness.render.past_runs import past_runs
from harness.render.plots import latency_plots, ratio_plots, shares
from harness.render.row_plots import ClassBar, SliceBar, class_bars, slice_bars
from harness.render.table_matrix import MatrixLine, matrix, row_cell
from harness.render.throughput import throughput

SECTIONS = (
    "verdict", "comparison", "related", "cutover", "unchecked", "tables", "methods", "migration", "plans", "changes",
    "stages", "history", "environment", "codes",
)  # fmt: skip
"""The templates of all sections but the findings, which get the bytes that these leave."""

UNCHECKED, TABLES, ROWS, METHODS, OUTCOMES = 150_000, 400_000, 200_000, 200_000, 400_000
CHUNKS, STEPS, CHANGES = 80_000, 600_000, 500_000
"""Allowances of bytes, all lists of a section together."""
MARKUP = 300
"""Bytes that the markup of one item takes, about."""
CHOICES = 500
"""Tables offered by the filter."""

AnyRecord = TypeVar("AnyRecord", bound=Record)
Fact = TypeVar("Fact", MatrixLine, Unchecked)


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the verdict and the address of the finding that it is about."""

    text: str
    address: str | None


@dataclass(frozen=True, slots=True)
class RowSection:
    """The differing rows of one table."""

    table: TableRows
    found: str
    classes: tuple[ClassBar, ...]
    slices: tuple[SliceBar, ...]
    differences: Shown[RowDelta]


@dataclass(frozen=True, slots=True)
class PlanSection:
    """A plan and the steps that are shown."""

    plan: Plan
    steps: Shown[Step]


def section_values(document: RunDocument) -> dict[str, Any]:
    """The values of every section's template."""
    lines = matrix(document)
    methods = sorted(document.methods, key=_worst_method_first)
    return {
        "document": document,
        "meaning": meaning(document),
        "severities": severities(document),
        "next_steps": next_steps(document),
        "reasons": reasons(document),
        "figures_line": headline_figures(document),
        "gaps": _shown(gaps(document), UNCHECKED),
        "decisions": _shown(decisions(document), UNCHECKED),
        "compared": _shown([line for line in lines if line.scope == "compared"], TABLES),
        "uncompared": _shown([line for line in lines if line.scope != "compared"], TABLES),
        "row_sections": _row_sections(document),
        "methods": _records(methods, METHODS),
        "plots": latency_plots(methods),
        "ratios": ratio_plots(methods),
        "throughput": throughput(document.migration),
        "history": past_runs(document),
        "cutover_bars": cutover_bars(document.cutover),
        "changed": changed_section(document.comparison),
        "outcomes": _records(sorted(document.outcomes, key=_worst_outcome_first), OUTCOMES),
        "chunks": _records(document.migration.chunks if document.migration else (), CHUNKS),
        "plans": tuple(
            PlanSection(plan, _records(plan.steps, STEPS // len(document.plans))) for plan in document.plans
        ),
        "changes": _records(document.changes, CHANGES),
        "stage_shares": shares([stage.seconds for stage in document.stages]),
        "codes": tuple(dict.fromkeys(finding.code for finding in document.findings)),
    }


def reasons(document: RunDocument) -> tuple[Reason, ...]:
    """The verdict's reasons, each with the first finding that it quotes."""
    named = list(zip(addresses(document.findings), document.findings, strict=True))
    return tuple(
        Reason(
            reason,
            next((address for address, finding in named if finding.title and reason.startswith(finding.title)), None),
        )
        for reason in document.verdict.reasons
    )


def headline_figures(document: RunDocument) -> tuple[tuple[str, str], ...]:
    """The size of the run: what was looked at, in figures."""
    figures = []
    if document.changes or document.stage("diff"):
        figures.append(("schema", counted(len(document.changes), "change")))
    if document.rows:
        rows = sum(table.source_rows for table in document.rows)
        figures.append(("rows compared", f"{rows:,} in {counted(len(document.rows), 'table')}"))
    if document.migration is not None:
        figures.append(("rows moved", f"{document.migration.rows:,}"))
    if document.methods:
        cases = sum(result.cases for result in document.methods)
        figures.append(("methods called", f"{len(document.methods):,} in {counted(cases, 'case')}"))
    if document.cutover is not None and document.cutover.downtime_seconds is not None:
        figures.append(("downtime", duration(document.cutover.downtime_seconds)))
    figures.append(("took", duration(document.seconds)))
    return tuple(figures)


def filter_choices(document: RunDocument) -> dict[str, tuple[str, ...]]:
    """What the filter of the findings offers: stages and codes as found, tables by name."""
    tables = sorted({finding.table for finding in document.findings if finding.table})
    return {
        "stages": tuple(dict.fromkeys(finding.stage for finding in document.findings)),
        "codes": tuple(sorted({finding.code for finding in document.findings})),
        "tables": tuple(tables[:CHOICES]),
        "severities": tuple(severity for severity in Severity if severities(document)[severity]),
    }


def _row_sections(document: RunDocument) -> tuple[RowSection, ...]:
    differing = [table for table in document.rows if table.differences or table.reason]
    return tuple(
        RowSection(
            table=table,
            found=row_cell(table).text,
            classes=class_bars(table),
            slices=slice_bars(table),
            differences=_records(table.differences, ROWS // len(differing)),
        )
        for table in differing
    )


def _shown(items: Sequence[Fact], allowance: int) -> Shown[Fact]:
    return within(items, allowance, lambda item: MARKUP + len(repr(item)))


def _records(items: Sequence[AnyRecord], allowance: int) -> Shown[AnyRecord]:
    return within(items, allowance, lambda item: MARKUP + len(item.to_json()))


def _worst_method_first(result: MethodResult) -> tuple[int, int, int, str]:
    return -result.void, -result.different, -result.drift, result.method


def _worst_outcome_first(pair: OutcomePair) -> tuple[int, str, str]:
    return ("void", "different", "drift", "equal").index(pair.verdict), pair.method, pair.case
