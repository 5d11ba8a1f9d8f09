"""The contract stage: every statement that a data layer sends, or that a file holds, against both catalogs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from harness.core.configuration import Configuration
from harness.core.contract import judge, tables_of
from harness.core.contract_findings import findings
from harness.core.contract_gaps import STAGE, not_understood, silent_layer, user
from harness.core.coverage import Coverage, Skipped
from harness.core.faults import Judgement, UsedStatement
from harness.core.findings import Finding, worst_first
from harness.core.lossy_writes import lossy_writes
from harness.core.lost_indexes import lost_indexes
from harness.core.model.catalog import Catalog
from harness.core.prepared import PreparedPair
from harness.core.record import Side
from harness.core.request_usage import usage_of_request
from harness.core.resolution import resolution_findings
from harness.core.sql.statement import usage_of_sql
from harness.core.statement_columns import StatementColumns
from harness.core.statements import CapturedStatement, RestRequest
from harness.core.usage import NotUnderstood, Usage
from harness.render.figures import counted
from harness.stages.preparation import UNPREPARED, Preparation
from harness.stages.result import StageResult

_ABOUT_TYPES = frozenset({"CTR009", "CTR010"})
_ABOUT_INDEXES = "CTR011"
_FROM_FILE = re.compile(r":\d+\Z")


def contract_stage(
    source_catalog: Catalog,
    target_catalog: Catalog,
    statements: Sequence[CapturedStatement],
    configuration: Configuration,
    *,
    rehearsed: Mapping[Side, Sequence[str]] | None = None,
    prepared: Preparation = UNPREPARED,
) -> StageResult[tuple[Usage, ...]]:
    """Judge the statements of both data layers, with no rows at all.

    :param rehearsed: the methods that were called on each side; one of them that sent nothing is named as not checked.
    :param prepared: what PostgreSQL made of the statements on empty clones of both schemas: without it operators, casts
        and indexes are not judged.
    """
    used, refused = _usages(statements, configuration)
    judgement = judge(used, source_catalog, target_catalog, configuration)
    silent = _silent_layers(statements, used, configuration)
    found = [
        *findings(judgement, source_catalog, target_catalog),
        *not_understood(refused),
        *silent,
        *_types_and_indexes(judgement, source_catalog, target_catalog, configuration, prepared.pairs),
    ]
    doubtful = {each for users in judgement.unproved.values() for each in users}
    judged = [each for each in judgement.judged if each not in doubtful]
    gaps = [
        *judgement.gaps,
        *(Skipped(item=user(statement), reason=reason) for statement, reason in refused),
        *_doubts(judgement),
        *(Skipped(item=finding.object.identity, reason=finding.title) for finding in silent),
        *_quiet_methods(statements, rehearsed or {}, silent=bool(silent)),
        *([Skipped(item="operators, casts and indexes", reason=prepared.missing)] if prepared.missing else []),
    ]
    origins = sorted({each.statement.origin for each in judged})
    tables = sorted(tables_of(judged))
    return StageResult(
        artifact=tuple(each.usage for each in used),
        coverage=Coverage(
            stage=STAGE,
            unit="statement",
            checked=len(judged),
            items=(*origins, *tables),
            skipped=tuple(dict.fromkeys(gaps)),
        ),
        findings=tuple(worst_first(found)),
        summary=_summary(len(judged), len(origins), len(tables), found),
    )


def _usages(
    statements: Sequence[CapturedStatement], configuration: Configuration
) -> tuple[list[UsedStatement], list[tuple[CapturedStatement, str]]]:
    """What each statement uses, and those of which that is not known, with the reason."""
    schemas = configuration.scope.schemas
    schema = "public" if "public" in schemas or not schemas else schemas[0]

    @cache  # a layer sends the same statement again and again
    def usage(sql: str | None, request: RestRequest | None) -> Usage | NotUnderstood:
        if request is not None:
            return usage_of_request(request, schema=schema)
        return usage_of_sql(sql or "", schema=schema)

    used: list[UsedStatement] = []
    refused: list[tuple[CapturedStatement, str]] = []
    for statement in statements:
        names = usage(statement.sql, statement.request)
        if isinstance(names, NotUnderstood):
            refused.append((statement, names.reason))
        else:
            used.append(UsedStatement(statement=statement, usage=names))
    return used, refused


def _types_and_indexes(
    judgement: Judgement,
    source: Catalog,
    target: Catalog,
    configuration: Configuration,
    prepared: Mapping[CapturedStatement, PreparedPair],
) -> list[Finding]:
    """What names alone do not say: operators and casts, values that are cut, filters without an index."""
    columns = StatementColumns.of(source, target, configuration)
    faulty = frozenset(each.statement for users in judgement.faults.values() for each in users)
    return [
        *resolution_findings(judgement.judged, prepared, columns, faulty),
        *lossy_writes(judgement.judged, columns, configuration),
        *lost_indexes(judgement.judged, prepared, columns),
    ]


def _doubts(judgement: Judgement) -> list[Skipped]:
    return [
        Skipped(item=user(each.statement), reason=fault.detail)
        for fault, users in judgement.unproved.items()
        for each in users
    ]


def _silent_layers(
    statements: Sequence[CapturedStatement], used: Sequence[UsedStatement], configuration: Configuration
) -> list[Finding]:
    """Layers that were to be rehearsed and of which no statement about a table came."""
    methods = configuration.methods
    if not configuration.contract.rehearse or methods.cases is None:
        return []
    quiet = {each.statement for each in used if not each.usage.relations and not each.usage.functions}
    spoke = {each.side for each in statements if each not in quiet and not _FROM_FILE.search(each.origin)}
    layers = {Side.SOURCE: methods.source_layer, Side.TARGET: methods.target_layer}
    return [silent_layer(side, layer) for side, layer in layers.items() if layer is not None and side not in spoke]


def _quiet_methods(
    statements: Sequence[CapturedStatement], rehearsed: Mapping[Side, Sequence[str]], *, silent: bool
) -> list[Skipped]:
    if silent:
        return []
    spoke = {(each.side, each.origin) for each in statements}
    return [
        Skipped(item=f"{method} ({side} layer)", reason="it sent no statement in the rehearsal")
        for side, methods in rehearsed.items()
        for method in methods
        if (side, method) not in spoke
    ]


def _summary(judged: int, origins: int, tables: int, found: Sequence[Finding]) -> str:
    if not judged:
        return "no statement was checked"
    places = f"{counted(origins, 'place')} of the code"
    what = f"{counted(judged, 'statement')} in {places} on {counted(tables, 'table')}"
    proved = [finding.code for finding in found if finding.code not in ("CTR007", "CTR008")]
    names = sum(code not in _ABOUT_TYPES and code != _ABOUT_INDEXES for code in proved)
    parts = [
        *([f"{counted(names, 'name')} that will not hold on the target"] if names else []),
        *(
            [f"{counted(types, 'type')} that will not"]
            if (types := sum(code in _ABOUT_TYPES for code in proved))
            else []
        ),
        *(
            [f"{counted(lost, 'filter or order')} without an index there"]
            if (lost := proved.count(_ABOUT_INDEXES))
            else []
        ),
    ]
    return f"{what}: {', '.join(parts) or 'every name holds on the target'}"
