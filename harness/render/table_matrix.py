"""The per-table matrix: for every table what is known of its schema, its statements, its rows and its methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.record import Severity
from harness.render.figures import counted

Tone = Literal["good", "stop", "warn", "calm"]
"""good: equal; stop: a blocker; warn: a risk or a gap; calm: nothing to judge."""

TONES: dict[Severity, Tone] = {Severity.BLOCKER: "stop", Severity.RISK: "warn", Severity.COSMETIC: "calm"}
_NOTHING = "no finding"
_SCHEMA_STAGES = ("introspect", "diff", "align")


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """What one kind of check found for a table, in words. `stages` are those whose findings it counts."""

    text: str
    tone: Tone
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One table."""

    table: str
    scope: str
    reason: str
    source_rows: int | None
    target_rows: int | None
    schema: MatrixCell
    contract: MatrixCell
    rows: MatrixCell
    methods: MatrixCell


def matrix(document: RunDocument) -> tuple[MatrixLine, ...]:
    """A line for each table that the run knows: in the order of the scope, then what only a finding or delta names."""
    scope = {table.table: table for table in document.scope}
    rows = {table.table: table for table in document.rows}
    findings: dict[str, list[Finding]] = {}
    for finding in document.findings:
        if finding.table is not None:
            findings.setdefault(finding.table, []).append(finding)
    changes: dict[str, int] = {}
    for change in document.changes:
        if change.table is not None:
            changes[change.table] = changes.get(change.table, 0) + 1
    names = list(dict.fromkeys([*scope, *rows, *sorted({*findings, *changes})]))
    lines = []
    for name in names:
        entry, delta, found = scope.get(name), rows.get(name), findings.get(name, [])
        compared = entry is None or entry.scope == "compared"
        lines.append(
            MatrixLine(
                table=name,
                scope=entry.scope if entry else "compared",
                reason=(entry.reason if entry else None) or "",
                source_rows=delta.source_rows if delta else entry.source_rows if entry else None,
                target_rows=delta.target_rows if delta else entry.target_rows if entry else None,
                schema=_schema(document, name, found, changes.get(name, 0), compared=compared),
                contract=_by_statements(document, name, found, "contract", compared=compared),
                rows=row_cell(delta) if delta else _rows(document, found, compared=compared),
                methods=_by_statements(document, name, found, "methods", compared=compared),
            )
        )
    return tuple(lines)


def row_cell(rows: TableRows) -> MatrixCell:
    """The comparison of one table's rows, in words."""
    parts = [
        text
        for number, text in (
            (rows.missing_on_target, f"{rows.missing_on_target:,} missing on the target"),
            (rows.missing_on_source, f"{rows.missing_on_source:,} on the target only"),
            (rows.different, f"{rows.different:,} different"),
            (rows.drifting, f"{rows.drifting:,} drifting"),
        )
        if number
    ]
    found = ", ".join(parts)
    match rows.status:
        case "identical":
            return MatrixCell("identical", "good", ("rows",))
        case "incomplete":
            return MatrixCell("incomplete" + (f": {found}" if found else ""), "warn", ("rows",))
        case "drift":
            return MatrixCell(found or "drift", "warn", ("rows",))
        case "differs":
            return MatrixCell(found or "differs", "stop", ("rows",))


def _left_out(document: RunDocument, name: str, stage: str) -> bool:
    """Whether a stage that was done left this table out: of merged runs, the whole stage for the table's target too."""
    target = name[name.rindex(" [") :] if name.endswith("]") and " [" in name else ""
    items = {item.item for each in document.coverage if each.stage == stage for item in each.skipped}
    return name in items or (bool(target) and f"stage {stage}{target}" in items)


def _by_statements(
    document: RunDocument, name: str, findings: list[Finding], stage: str, *, compared: bool
) -> MatrixCell:
    cell = _counted(document, findings, (stage,), compared=compared)
    if cell.text == _NOTHING and _left_out(document, name, stage):
        return MatrixCell("not checked", "calm")
    return cell


def _rows(document: RunDocument, findings: list[Finding], *, compared: bool) -> MatrixCell:
    """Of a table whose rows no comparison tells of: that others were compared says nothing about it."""
    cell = _counted(document, findings, ("rows", "migrate"), compared=compared)
    stage = document.stage("rows")
    if cell.stages or stage is None or stage.status in ("not run", "excluded"):
        return cell
    return MatrixCell("not compared", "calm")


def _schema(document: RunDocument, name: str, findings: list[Finding], changes: int, *, compared: bool) -> MatrixCell:
    cell = _counted(document, findings, _SCHEMA_STAGES, compared=compared)
    stage = document.stage("diff")
    if cell.stages or not compared or stage is None or stage.status not in ("passed", "failed"):
        return cell
    if _left_out(document, name, "diff"):
        return MatrixCell("not compared", "calm")
    if changes:
        return MatrixCell(counted(changes, "change"), "calm")
    return MatrixCell("equal", "good")


def _counted(document: RunDocument, findings: list[Finding], stages: tuple[str, ...], *, compared: bool) -> MatrixCell:
    """The findings of some stages about a table; without one, whether the last of these stages did its work."""
    here = [finding for finding in findings if finding.stage in stages]
    if here:
        return MatrixCell(by_severity(here), TONES[min((f.severity for f in here), key=lambda s: s.rank)], stages)
    if not compared:
        return MatrixCell("not compared", "calm")
    ran = [stage for stage in document.stages if stage.name in stages]
    if not ran or all(stage.status in ("not run", "excluded") for stage in ran):
        return MatrixCell(ran[0].status if ran else "not run", "calm")
    return MatrixCell(_NOTHING, "calm")


def by_severity(findings: Iterable[Finding]) -> str:
    """2 blockers, 1 cosmetic: only what there is."""
    numbers: dict[Severity, int] = {}
    for finding in findings:
        numbers[finding.severity] = numbers.get(finding.severity, 0) + 1
    return ", ".join(
        f"{numbers[severity]:,} cosmetic"
        if severity is Severity.COSMETIC
        else counted(numbers[severity], severity.value)
        for severity in Severity
        if severity in numbers
    )
