"""The rows stage's result: what was covered, what was left out by decision, one line for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.deltas import TableRows
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.render.figures import counted
from harness.stages.result import StageResult
from harness.stages.rows_findings import STAGE, findings_of, nothing_compared
from harness.stages.rows_table import ComparedTable, TableComparison

NOTHING_COMPARED = Skipped(item="the source", reason="every compared table is empty on the source")


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


def left_out(projection: TableProjection, configuration: Configuration, key: Sequence[str]) -> dict[str, str]:
    """The reason for the columns that are not among those that the configuration wants compared; the key's always are.

    By their name on the target, and on the source where they have no place on the target.
    """
    rules = configuration.rows.tables.get(projection.source.identity)
    if rules is None or not rules.columns:
        return {}
    wanted = {*rules.columns, *key}
    reason = f"rows.tables.{projection.source.identity!r}.columns does not name it"
    names = (*(column.name for column in projection.columns), *projection.missing)
    return {name: reason for name in names if name not in wanted}


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
    findings = [finding for each in tables for finding in findings_of(each, configuration)]
    findings += [nothing_compared(checked)] if nothing else []
    gaps = [Skipped(item=each.table, reason=each.reason) for each in tables if each.reason is not None]
    keys = {each.table: each.key for each in tables}
    if nothing:
        gaps.append(NOTHING_COMPARED)
    return StageResult(
        artifact=tables,
        coverage=Coverage(
            stage=STAGE,
            unit="row",
            checked=rows,
            items=(*(each.table for each in checked), *partitions),
            skipped=(*gaps, *(skipped for each in projections for skipped in _decided(each, configuration, keys))),
        ),
        findings=tuple(findings),
        summary=summary_of(tables, rows),
    )


def _decided(
    projection: TableProjection, configuration: Configuration, keys: Mapping[str, tuple[str, ...]]
) -> Iterator[Skipped]:
    """Columns and rows that the configuration leaves out, each with its reason."""
    target, source = projection.target, projection.source
    for side, where in (("source", projection.source_where), ("target", projection.target_where)):
        if where is not None:
            yield Skipped(
                item=f"rows of {source.identity} on the {side}",
                reason=f"only those are compared where {where.replace(chr(10), '')}",
                decided=True,
            )
    ignored = ignored_columns(projection, configuration)
    for name, reason in (ignored | left_out(projection, configuration, keys.get(source.identity, ()))).items():
        yield Skipped(item=qualified(target.schema, target.name, name), reason=reason, decided=True)
    for name, reason in projection.dropped.items():
        yield Skipped(item=qualified(source.schema, source.name, name), reason=reason, decided=True)
    for name in projection.defaulted:
        yield Skipped(
            item=qualified(target.schema, target.name, name),
            reason="the mapping leaves it to the target's default",
            decided=True,
        )


def summary_of(tables: Sequence[TableRows], rows: int) -> str:
    """One line of figures; `rows` were compared."""
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
        (sum(each.tolerated for each in tables), "within the tolerances"),
        (sum(each.settled for each in tables), "alike when read again"),
        (sum(each.moving for each in tables), "that keep moving"),
    ):
        text += f"; {counted(count, 'row')} {what}" if count else ""
    return text
