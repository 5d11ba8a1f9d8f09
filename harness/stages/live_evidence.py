"""Live evidence: what only rows and running servers can say beside two catalogs; bounded, and read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.core.configuration import Configuration
from harness.core.diff import Settle
from harness.core.findings import Finding, worst_first
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.record import Side
from harness.core.renames import SampledValues
from harness.core.sorting import first_otherwise, order_finding, rules_finding, text_columns, version_finding
from harness.postgres.connect import Connection, Endpoint, session, snapshot
from harness.postgres.sampling import (
    collation_versions,
    how_many_there,
    offered_extensions,
    ordered,
    some_values,
)
from harness.stages.diff import DiffArtifact, diff_stage
from harness.stages.replay import replaying
from harness.stages.result import StageResult
from harness.stages.sides import ReadSide

COLUMNS_SORTED = 30
PAIRS_SAMPLED = 60


class Sampling:
    """Samples of both sides for rename suggestions, each column read once; nothing where a side is not live."""

    def __init__(self, source: ReadSide, target: ReadSide) -> None:
        self._source = source.connection
        self._target = target.connection
        self._values: dict[str, list[str] | None] = {}
        self._left = PAIRS_SAMPLED

    def __call__(self, mine: Column, its: Column) -> SampledValues | None:
        """How many values of the source's column are among those of the target's."""
        if self._source is None or self._target is None or self._left <= 0:
            return None
        if mine.identity not in self._values:
            self._values[mine.identity] = some_values(self._source, mine)
        values = self._values[mine.identity]
        if not values:
            return None
        self._left -= 1
        answer = how_many_there(self._target, its, values)
        if answer is None:
            return None
        equal, all_searched = answer
        # Rows that were not searched may hold the rest: little is no evidence then.
        return SampledValues(len(values), equal) if all_searched or equal * 2 >= len(values) else None


def compared(
    source: ReadSide, target: ReadSide, configuration: Configuration
) -> tuple[StageResult[DiffArtifact], Settle]:
    """The diff stage with what live sides add, and what takes out the differences of texts that mean the same."""
    settle = replaying(source.catalog, target.catalog, configuration.schema_.renames)
    result = diff_stage(
        source.catalog,
        target.catalog,
        configuration,
        offered=offered(target) if configuration.schema_.policy is not None else None,
        samples=Sampling(source, target),
        settle=settle,
    )
    found = worst_first([*result.findings, *sorting_findings(source, target)])
    return replace(result, findings=tuple(found)), settle


def compared_live(
    source: Endpoint, target: Endpoint, catalogs: tuple[Catalog, Catalog], configuration: Configuration
) -> StageResult[DiffArtifact]:
    """The same for two databases whose catalogs were read before."""
    with (
        session(source, purpose="diff") as ours,
        session(target, purpose="diff") as theirs,
        snapshot(ours),
        snapshot(theirs),
    ):
        sides = (
            ReadSide(Side.SOURCE, source.name, catalogs[0], ours),
            ReadSide(Side.TARGET, target.name, catalogs[1], theirs),
        )
        return compared(*sides, configuration)[0]


def offered(target: ReadSide) -> Mapping[str, str] | None:
    """The extensions that a live target's server can install; None where the target is not live."""
    return offered_extensions(target.connection) if target.connection is not None else None


def sorting_findings(source: ReadSide, target: ReadSide) -> tuple[Finding, ...]:
    """ENV004 for a live side whose collation has changed under it, ENV005 and ENV003 for texts ordered otherwise."""
    found: list[Finding] = []
    versions: list[tuple[str | None, str | None]] = []
    for each in (source, target):
        recorded, actual = collation_versions(each.connection) if each.connection is not None else (None, None)
        versions.append((recorded, actual))
        changed = version_finding(each.catalog, each.side, recorded, actual)
        found += [changed] if changed else []
    other = rules_finding(source.catalog, target.catalog, (versions[0][1], versions[1][1]))
    found += [other] if other else []
    if source.connection is None or target.connection is None:
        return tuple(found)
    rules = [
        (each.catalog.server.encoding, each.catalog.server.locale_provider, each.catalog.server.collate, actual)
        for each, (_, actual) in zip((source, target), versions, strict=True)
    ]
    if rules[0] != rules[1]:
        found += _ordered_otherwise(source, target, source.connection, target.connection)
    return tuple(found)


def _ordered_otherwise(source: ReadSide, target: ReadSide, ours: Connection, theirs: Connection) -> list[Finding]:
    """The first column of both sides that shows it is enough: all the others follow the same rules."""
    there = {each.identity: each for each in target.catalog.columns}
    common = [each for each in text_columns(source.catalog) if each.identity in there]
    for column in common[:COLUMNS_SORTED]:
        values = some_values(ours, column)
        if not values or len(values) < 2:
            continue
        first = ordered(ours, values, column.collation)
        second = ordered(theirs, values, there[column.identity].collation)
        pair = first_otherwise(first, second) if first and second else None
        if pair:
            return [order_finding(column, pair)]
    return []
