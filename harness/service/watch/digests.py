"""All rows of both sides, by their hashes: the row comparison as a whole run has it, as figures of each table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.core.codes import ABOUT_COVERAGE
from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.deltas import TableRows
from harness.core.document import RunDocument
from harness.core.watch.alerts import Condition
from harness.core.watch.history import TableDigest
from harness.postgres.connect import Endpoint
from harness.service.watch.counts import limit_of
from harness.stages.learned import RunRequest
from harness.stages.move_filters import comparing
from harness.stages.rows_alone import compare_rows_alone

_LISTED = 1
"""Differing rows that are listed: a watch tells how many there are, `pgparity data diff` which"""


@dataclass(frozen=True, slots=True)
class DigestsFound:
    """What the comparison of all rows gave."""

    digests: tuple[TableDigest, ...]
    skipped: tuple[Skipped, ...]
    beside: tuple[Condition, ...]
    """What differs and is no table: large objects, checks of the configuration"""


def compare_digests(source: Endpoint, target: Endpoint, configuration: Configuration, base: Path) -> DigestsFound:
    """Compare all rows of the tables in scope. PgparityError: the comparison cannot begin, or a side went away."""
    # As asked for by name: what lives on the target alone has nothing to be compared with.
    document = compare_rows_alone(
        RunRequest(configuration=_quiet(configuration), base=base, source=source, target=target), asked=True
    )
    tables = tuple(_digest(each, configuration) for each in document.rows)
    gaps = {(each.item, each.reason): each for coverage in document.coverage for each in coverage.skipped}
    return DigestsFound(tables, tuple(gaps.values()), _beside(document, configuration))


def _quiet(configuration: Configuration) -> Configuration:
    """Neither values nor keys are kept, and no state: the next look begins anew."""
    rows = comparing(configuration).rows.model_copy(update={"limit": _LISTED, "state": None, "show_values": False})
    return configuration.model_copy(update={"rows": rows})


def _digest(rows: TableRows, configuration: Configuration) -> TableDigest:
    return TableDigest(
        table=rows.table,
        status=rows.status,
        source=rows.source_rows,
        target=rows.target_rows,
        missing_on_source=rows.missing_on_source,
        missing_on_target=rows.missing_on_target,
        different=rows.different,
        drifting=rows.drifting,
        limit=limit_of(configuration, rows.table),
        reason=rows.reason,
    )


def _beside(document: RunDocument, configuration: Configuration) -> tuple[Condition, ...]:
    tables = {each.table for each in document.rows}
    return tuple(
        Condition(f"digests {each.object.kind} {each.object.identity}", each.title)
        for each in document.findings
        if each.stage == "rows"
        and each.table not in tables
        and each.code not in ABOUT_COVERAGE
        and each.severity.at_least(configuration.run.fail_on)
    )
