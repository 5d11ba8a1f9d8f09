"""The contract stage: every statement that a data layer sends, or that a file holds, against both catalogs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.contract import judge, tables_of
from harness.core.contract_findings import findings
from harness.core.contract_gaps import STAGE, not_understood, silent_layer, user
from harness.core.coverage import Coverage, Skipped
from harness.core.faults import Judgement, UsedStatement
from harness.core.findings import Finding, worst_first
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.core.request_usage import usage_of_request
from harness.core.sql.statement import usage_of_sql
from harness.core.sql.text import TextError
from harness.core.sql.text import statements as split_statements
from harness.core.statements import CapturedStatement, RestRequest
from harness.core.usage import NotUnderstood, Usage
from harness.errors import ConfigurationError
from harness.stages.result import StageResult

_FROM_FILE = re.compile(r":\d+\Z")


def contract_stage(
    source_catalog: Catalog,
    target_catalog: Catalog,
    statements: Sequence[CapturedStatement],
    configuration: Configuration,
    *,
    rehearsed: Mapping[Side, Sequence[str]] | None = None,
) -> StageResult[tuple[Usage, ...]]:
    """Judge the statements of both data layers, with no rows at all.

    :param rehearsed: the methods that were called on each side; one of them that sent nothing is named as not checked.
    """
    used, refused = _usages(statements, configuration)
    judgement = judge(used, source_catalog, target_catalog, configuration)
    silent = _silent_layers(statements, used, configuration)
    found = [*findings(judgement, source_catalog, target_catalog), *not_understood(refused), *silent]
    doubtful = {each for users in judgement.unproved.values() for each in users}
    judged = [each for each in judgement.judged if each not in doubtful]
    gaps = [
        *judgement.gaps,
        *(Skipped(item=user(statement), reason=reason) for statement, reason in refused),
        *_doubts(judgement),
        *(Skipped(item=finding.object.identity, reason=finding.title) for finding in silent),
        *_quiet_methods(statements, rehearsed or {}, silent=bool(silent)),
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
    places = f"{_counted(origins, 'place')} of the code"
    what = f"{_counted(judged, 'statement')} in {places} on {_counted(tables, 'table')}"
    proved = sum(1 for finding in found if finding.code not in ("CTR007", "CTR008"))
    if proved:
        return f"{what}: {_counted(proved, 'name')} that will not hold on the target"
    return f"{what}: every name holds on the target"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def read_statement_files(
    base: Path, patterns: Sequence[str], *, side: Side = Side.TARGET
) -> tuple[CapturedStatement, ...]:
    """The statements of .sql files, each with its file (relative to `base`) and line as origin.

    :param patterns: glob patterns relative to `base`. ConfigurationError where one matches no file.
    """
    files: dict[Path, None] = {}
    for pattern in patterns:
        try:
            matches = sorted(path for path in base.glob(pattern) if path.is_file())
        except (ValueError, NotImplementedError):
            matches = []
        if not matches:
            raise ConfigurationError(
                f"contract.statements: {pattern!r} matches no file",
                hint=f"Give a glob pattern that is relative to {base}, such as queries/**/*.sql.",
            )
        files.update(dict.fromkeys(matches))
    return tuple(each for path in files for each in _statements_of(path, base, side))


def _statements_of(path: Path, base: Path, side: Side) -> list[CapturedStatement]:
    name = path.relative_to(base).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"contract.statements: {name} cannot be read as UTF-8 text",
            hint="Leave it out of the patterns, or mend it.",
        ) from None
    try:
        found = list(split_statements(text))
    except TextError:
        # What does not end belongs to a statement that the check will report as not understood.
        return [CapturedStatement(side=side, origin=f"{name}:1", sql=text)]
    return [CapturedStatement(side=side, origin=f"{name}:{line}", sql=sql) for line, sql in found]
