"""The scope stage: every table of either side is compared, excluded by name, or said to be neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.document import ScopeTable
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.record import Severity
from harness.core.scope import scope_of
from harness.postgres.connect import Connection, table_name
from harness.postgres.counting import count_up_to
from harness.stages.result import StageResult

if TYPE_CHECKING:
    from harness.core.policy import ManagedPolicy

COUNTED_ROWS = 100_000


def scope_stage(
    source: Connection,
    target: Connection,
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
    *,
    asked: bool = False,
) -> StageResult[tuple[ScopeTable, ...]]:
    """Decide the scope, and count the rows of what is left out: a table with rows that nobody named is a gap.

    `asked`: the tables were asked for by name for this one run, so that the others are left out by decision.
    """
    result = _scope_stage(source, target, catalogs, configuration, counted=not asked)
    return _as_decided(result) if asked else result


def _as_decided(result: StageResult[tuple[ScopeTable, ...]]) -> StageResult[tuple[ScopeTable, ...]]:
    others = [each for each in result.artifact if each.scope in ("unnamed", "target only")]
    kept = tuple(each for each in result.coverage.skipped if each.decided)
    if others:
        kept += (Skipped(item=f"{len(others)} other tables", reason="not among the tables asked for", decided=True),)
    return StageResult(
        artifact=tuple(each for each in result.artifact if each not in others),
        coverage=result.coverage.model_copy(update={"skipped": kept}),
        findings=(),
        summary=f"{result.coverage.checked} tables asked for, {len(others)} others not",
    )


def _scope_stage(
    source: Connection,
    target: Connection,
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
    *,
    counted: bool,
) -> StageResult[tuple[ScopeTable, ...]]:
    decided = scope_of(*catalogs, configuration.scope, configuration.mapping, _policy(configuration))
    # Tables that nobody asks about need not be readable.
    tables = tuple(_counted(each, source, target, catalogs) if counted else each for each in decided)
    unnamed = [each for each in tables if each.scope == "unnamed" and each.source_rows]
    skipped = [Skipped(item=each.table, reason="has rows, and is neither listed nor excluded") for each in unnamed]
    skipped += [
        Skipped(item=each.table, reason=each.reason or "", decided=True) for each in tables if each.scope == "excluded"
    ]
    compared = [each for each in tables if each.scope == "compared"]
    return StageResult(
        artifact=tables,
        coverage=Coverage(
            stage="scope",
            unit="table",
            checked=len(compared),
            items=tuple(each.table for each in compared),
            skipped=tuple(skipped),
        ),
        findings=tuple(_finding(each) for each in unnamed),
        summary=_summary(len(compared), len(tables), len(unnamed)),
    )


def _policy(configuration: Configuration) -> ManagedPolicy | None:
    if configuration.schema_.policy is None:
        return None
    # What reads policies is loaded where one is chosen.
    from harness.stages.policy import policy_of

    return policy_of(configuration.schema_.policy)


def _summary(compared: int, tables: int, unnamed: int) -> str:
    if not compared:
        return "the source has no table to compare"
    text = f"{compared} tables compared, {tables - compared} not"
    return f"{text}, {unnamed} of them with rows and named by nobody" if unnamed else text


def _counted(each: ScopeTable, source: Connection, target: Connection, catalogs: tuple[Catalog, Catalog]) -> ScopeTable:
    if each.scope == "compared":
        return each
    counts: dict[str, int] = {}
    for side, connection, catalog in (("source_rows", source, catalogs[0]), ("target_rows", target, catalogs[1])):
        if each.table in catalog.table_by_identity:
            schema, name = split(each.table)
            counts[side] = count_up_to(connection, table_name(schema, name), COUNTED_ROWS)
    return each.model_copy(update=counts)


def _finding(table: ScopeTable) -> Finding:
    return Finding(
        code="COV001",
        severity=Severity.RISK,
        stage="scope",
        object=FoundObject(kind="table", identity=table.table),
        table=table.table,
        title=f"table {table.table} has rows and nobody decided about it",
        evidence=(Evidence(label="rows", source=str(table.source_rows)),),
    )
