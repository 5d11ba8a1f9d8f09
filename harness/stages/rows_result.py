"""The rows stage's result: a finding a table and kind, what was covered, one line for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import DeltaStatus, RowDelta, TableRows
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.names import literal, qualified, quote
from harness.core.projection import TableProjection
from harness.core.record import JsonValue, Severity
from harness.stages.result import StageResult
from harness.stages.rows_table import ROW_KEY, ComparedTable, TableComparison

STAGE = "rows"
KEYS_SHOWN = 5
CLASSES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class MissingTable:
    """A table that only one side has."""

    table: str
    target: str
    on_source: bool

    @property
    def reason(self) -> str:
        """Where it is missing."""
        return f"the target has no table {self.target}" if self.on_source else "the source has no such table"


def ignored_columns(projection: TableProjection, configuration: Configuration) -> dict[str, str]:
    """The reasons for columns that are left out of the comparison, by their name on the target and on the source."""
    ignored: dict[str, str] = {}
    for identity, reason in configuration.rows.ignore_columns.items():
        for column in projection.columns:
            names = {qualified(projection.target.schema, projection.target.name, column.name)}
            if column.source is not None:
                names.add(qualified(projection.source.schema, projection.source.name, column.source))
            if identity in names:
                ignored[column.name] = reason
        for name in projection.missing:
            if identity == qualified(projection.source.schema, projection.source.name, name):
                ignored[name] = reason
    return ignored


def failed(comparison: TableComparison, reason: str) -> ComparedTable:
    """A table whose comparison did not come to an end."""
    rows = TableRows(
        table=comparison.projection.source.identity,
        target_table=comparison.projection.target.identity,
        status="incomplete",
        source_rows=0,
        target_rows=0,
        key=comparison.key.columns if comparison.key else (),
        columns=tuple(comparison.forms),
        reason=reason,
    )
    return ComparedTable(rows, Counter())


def done(
    compared: Sequence[ComparedTable],
    missing: Sequence[MissingTable],
    projections: Sequence[TableProjection],
    configuration: Configuration,
    *,
    partitions: tuple[str, ...] = (),
) -> StageResult[tuple[TableRows, ...]]:
    """The result of the stage. `partitions` were compared with the tables that they are part of."""
    absent = tuple(
        TableRows(
            table=each.table,
            target_table=each.target,
            status="incomplete",
            source_rows=0,
            target_rows=0,
            reason=each.reason,
        )
        for each in missing
    )
    tables = (*(each.rows for each in compared), *absent)
    checked = [each for each in tables if each.status != "incomplete"]
    rows = sum(max(each.source_rows, each.target_rows) for each in tables)
    nothing = bool(checked) and not any(each.source_rows for each in tables)
    findings = [finding for each in compared for finding in _findings(each, configuration)]
    findings += [_not_compared(each) for each in tables if each.reason is not None]
    findings += [_nothing_compared(checked)] if nothing else []
    gaps = [Skipped(item=each.table, reason=each.reason) for each in tables if each.reason is not None]
    gaps += [
        Skipped(item=each.table, reason=f"the first {len(each.differences):,} differences are listed; all are counted")
        for each in tables
        if each.truncated
    ]
    if nothing:
        gaps.append(Skipped(item="the source", reason="every compared table is empty on the source"))
    return StageResult(
        artifact=tables,
        coverage=Coverage(
            stage=STAGE,
            unit="row",
            checked=rows,
            items=(*(each.table for each in checked), *partitions),
            skipped=(*gaps, *(skipped for each in projections for skipped in _decided(each, configuration))),
        ),
        findings=tuple(findings),
        summary=_summary(tables, rows),
    )


def _decided(projection: TableProjection, configuration: Configuration) -> Iterator[Skipped]:
    """Columns that the configuration leaves out, each with its reason."""
    target, source = projection.target, projection.source
    for name, reason in ignored_columns(projection, configuration).items():
        yield Skipped(item=qualified(target.schema, target.name, name), reason=reason, decided=True)
    for name, reason in projection.dropped.items():
        yield Skipped(item=qualified(source.schema, source.name, name), reason=reason, decided=True)
    for name in projection.defaulted:
        yield Skipped(
            item=qualified(target.schema, target.name, name),
            reason="the mapping leaves it to the target's default",
            decided=True,
        )


def _findings(compared: ComparedTable, configuration: Configuration) -> Iterator[Finding]:
    rows, name = compared.rows, compared.rows.table
    allowed = configuration.run.allow_drift
    if rows.missing_on_target:
        title = f"{_counted(rows.missing_on_target)} of {name} missing on the target"
        yield _finding("ROW001", Severity.BLOCKER, rows, title, _keys(rows, "missing_on_target"), rows.table)
    if rows.missing_on_source:
        title = f"{_counted(rows.missing_on_source)} of {rows.target_table} on the target only"
        yield _finding("ROW002", Severity.RISK, rows, title, _keys(rows, "missing_on_source"), rows.target_table)
    if rows.different:
        title = f"{_counted(rows.different)} of {name} with other values on the target"
        evidence = _classes(compared, drift=False)
        yield _finding("ROW003", Severity.BLOCKER, rows, title, _keys(rows, "different"), rows.target_table, evidence)
    if rows.drifting or rows.type_drift:
        parts = [f"{_counted(rows.drifting)} with another representation"] if rows.drifting else []
        parts += [f"columns of another type: {', '.join(rows.type_drift)}"] if rows.type_drift else []
        severity = Severity.COSMETIC if allowed else Severity.RISK
        title = f"values of {name} are equal and not alike: {'; '.join(parts)}"
        evidence = _classes(compared, drift=True)
        yield _finding("ROW004", severity, rows, title, _keys(rows, "drift"), rows.target_table, evidence)


def _finding(
    code: str,
    severity: Severity,
    rows: TableRows,
    title: str,
    keys: list[RowDelta],
    shown_table: str,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    examples = [", ".join(f"{name} = {_shown(value)}" for name, value in delta.key.items()) for delta in keys]
    counts = Evidence(label="rows", source=str(rows.source_rows), target=str(rows.target_rows))
    first = (Evidence(label="first keys", text="; ".join(examples)),) if examples else ()
    return Finding(
        code=code,
        severity=severity,
        stage=STAGE,
        object=FoundObject(kind="table", identity=rows.table),
        table=rows.table,
        title=title,
        evidence=(counts, *first, *evidence),
        query=_query(shown_table, [delta.key for delta in keys]),
    )


def _keys(rows: TableRows, kind: DeltaStatus | str) -> list[RowDelta]:
    wanted = [
        delta
        for delta in rows.differences
        if (kind == "drift" and delta.status == "different" and _drifts(delta))
        or (delta.status == kind and not _drifts(delta))
    ]
    return wanted[:KEYS_SHOWN]


def _drifts(delta: RowDelta) -> bool:
    return bool(delta.cells) and all(cell.drift for cell in delta.cells)


def _classes(compared: ComparedTable, *, drift: bool) -> tuple[Evidence, ...]:
    """The commonest classes of differing cells, by column."""
    drifting = {(cell.column, cell.cls) for delta in compared.rows.differences for cell in delta.cells if cell.drift}
    counted = [
        (column, name, count)
        for (column, name), count in compared.classes.most_common()
        if ((column, name) in drifting) == drift
    ]
    text = "; ".join(f"{column}: {name} ({count:,})" for column, name, count in counted[:CLASSES_SHOWN])
    return (Evidence(label="cells by class", text=text),) if text else ()


def _not_compared(rows: TableRows) -> Finding:
    return Finding(
        code="ROW005",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="table", identity=rows.table),
        table=rows.table,
        title=f"{rows.table} was not wholly compared: {rows.reason}",
        fix=Fix(
            text="Align the schema, map or drop the columns, or leave the table out by name under [scope.exclude]."
        ),
    )


def _nothing_compared(tables: Sequence[TableRows]) -> Finding:
    return Finding(
        code="COV002",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="database", identity="source"),
        title=f"the source has no row in any of the {len(tables)} tables that were compared",
    )


def _query(table: str, keys: Sequence[Mapping[str, JsonValue]]) -> str | None:
    """A SELECT of the first rows in question; none where a key may not be shown."""
    if not keys or any(name == ROW_KEY or str(value).startswith("#") for key in keys for name, value in key.items()):
        return None
    rows = " OR ".join(
        "("
        + " AND ".join(
            f"{quote(name)} IS NULL" if value is None else f"{quote(name)} = {_constant(value)}"
            for name, value in key.items()
        )
        + ")"
        for key in keys
    )
    return f"SELECT * FROM {table} WHERE {rows};"  # noqa: S608  # shown, never run


def _constant(value: JsonValue) -> str:
    return str(value) if isinstance(value, int) else literal(str(value))


def _shown(value: JsonValue) -> str:
    return "NULL" if value is None else str(value)


def _counted(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"


def _summary(tables: Sequence[TableRows], rows: int) -> str:
    by_status = Counter(each.status for each in tables)
    parts = [
        f"{by_status[status]} {status}"
        for status in ("identical", "drift", "differs", "incomplete")
        if by_status[status]
    ]
    text = f"{rows:,} rows of {len(tables)} tables compared: {', '.join(parts) or 'nothing'}"
    for count, what in (
        (sum(each.missing_on_target for each in tables), "missing on the target"),
        (sum(each.missing_on_source for each in tables), "on the target only"),
        (sum(each.different for each in tables), "with other values"),
        (sum(each.drifting for each in tables), "with another representation"),
    ):
        text += f"; {_counted(count)} {what}" if count else ""
    return text
