"""Rows of every table in scope, counted on both sides at nearly one moment; those that differ, a second time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.declared_tables import with_asked_views
from harness.core.document import ScopeTable
from harness.core.model.relations import Table
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.scope import compared, scope_of
from harness.core.watch.history import TableCount
from harness.errors import PgparityError
from harness.postgres.connect import Connection, Endpoint, new_sessions, snapshot
from harness.postgres.counting import count_rows, relation_names
from harness.postgres.failures import StatementFailed
from harness.postgres.introspect import FAMILIES_OF_ROWS
from harness.stages.introspect import introspect_stage
from harness.stages.move_filters import comparing
from harness.stages.policy import policy_of
from harness.stages.rows_prepared import tables_to_compare
from harness.stages.scope import scope_stage

Names = tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]
"""Of what holds rows, on the source and on the target"""


_ALONE: Final = "on the target alone: there is nothing to count it against"
_GONE: Final = "the source has no table {} any more; it was compared before"


@dataclass(frozen=True, slots=True)
class CountPlan:
    """What is counted, as long as no table comes or goes."""

    projections: Mapping[str, TableProjection]
    missing: Mapping[str, str]
    """Tables that one side alone has, and which"""
    alone: frozenset[str]
    """Tables that the target alone has, by their names there, and nobody has left out"""
    skipped: tuple[Skipped, ...]
    names: Names

    def gone(self, before: Iterable[str], configuration: Configuration) -> dict[str, str]:
        """Of the tables that were counted before those that the source has no more and the target still has; why."""
        if configuration.scope.tables:  # what is listed is told as missing, and what is not is nobody's affair
            return {}
        known = [each for each in before if each not in self.projections and each not in self.missing]
        return {each: _GONE.format(each) for each in known if configuration.mapping.target_of(each) in self.alone}


@dataclass(slots=True)
class Counter:
    """Counts, and keeps the plan between looks: reading it anew receives far more than the counts do."""

    source: Endpoint
    target: Endpoint
    configuration: Configuration
    plan: CountPlan | None = field(default=None)

    def __call__(
        self, sleep: Callable[[float], None], before: Collection[str] = ()
    ) -> tuple[tuple[TableCount, ...], tuple[Skipped, ...]]:
        """The rows of each table, and what was not counted by decision or for want of it.

        `before`: the tables that were counted before. One that the source has no more is told as not counted.
        Counts that differ by as much as is an alert are taken again after [watch] settle_seconds: rows that were on
        their way from one side to the other. PgparityError: a side cannot be asked.
        """
        counts, plan = self._counted(None)
        watch = self.configuration.watch
        differing = {each.table for each in counts if each.difference and abs(each.difference) >= each.limit}
        if differing and watch.settle_seconds > 0:
            sleep(watch.settle_seconds)
            again, plan = self._counted(differing)
            later = {each.table: each for each in again}
            counts = tuple(
                later[each.table].model_copy(update={"again": True}) if each.table in later else each for each in counts
            )
        gone = plan.gone(before, self.configuration)
        counts = tuple(
            sorted(
                (*counts, *(TableCount(table=name, limit=self._limit(name), reason=why) for name, why in gone.items())),
                key=lambda each: each.table,
            )
        )
        uncounted = tuple(Skipped(item=each.table, reason=each.reason) for each in counts if each.reason)
        theirs = {self.configuration.mapping.target_of(each) for each in gone}
        decided = (each for each in plan.skipped if each.item not in theirs)
        return counts, (*decided, *uncounted, *_nothing(counts))

    def _counted(self, only: Collection[str] | None) -> tuple[tuple[TableCount, ...], CountPlan]:
        with (
            new_sessions(self.source, self.target, purpose="watch") as (left, right),
            snapshot(left),
            snapshot(right),
            ThreadPoolExecutor(max_workers=2) as executor,
        ):
            plan = self._current_plan(left, right)
            wanted = {name: each for name, each in plan.projections.items() if only is None or name in only}
            ours = executor.submit(_of_side, left, self.source, wanted)
            theirs = executor.submit(_of_side, right, self.target, wanted)
            try:
                found = ours.result(), theirs.result()
            except BaseException:
                # The other side may count for minutes yet, for nothing.
                for connection in (left, right):
                    connection.cancel_safe(timeout=5)
                raise
        counts = [self._count(name, found[0][name], found[1][name]) for name in wanted]
        counts += [
            TableCount(table=name, limit=self._limit(name), reason=reason)
            for name, reason in plan.missing.items()
            if only is None or name in only
        ]
        return tuple(sorted(counts, key=lambda each: each.table)), plan

    def _current_plan(self, left: Connection, right: Connection) -> CountPlan:
        schemas = self.configuration.scope.schemas
        names = relation_names(left, schemas), relation_names(right, schemas)
        if self.plan is None or self.plan.names != names:
            self.plan = _planned(left, right, self.configuration, names)
        return self.plan

    def _count(self, table: str, ours: int | str, theirs: int | str) -> TableCount:
        reasons = [
            f"{side}: {answer}"
            for side, answer in ((Side.SOURCE, ours), (Side.TARGET, theirs))
            if isinstance(answer, str)
        ]
        return TableCount(
            table=table,
            source=ours if isinstance(ours, int) else None,
            target=theirs if isinstance(theirs, int) else None,
            limit=self._limit(table),
            reason="; ".join(reasons),
        )

    def _limit(self, table: str) -> int:
        return limit_of(self.configuration, table)


def limit_of(configuration: Configuration, table: str) -> int:
    """Differing rows of a table from which on it is an alert."""
    own = configuration.watch.tables.get(table)
    return own.limit if own is not None else configuration.watch.limit


def _planned(left: Connection, right: Connection, configuration: Configuration, names: Names) -> CountPlan:
    catalogs = introspect_stage(left, right, configuration, families=FAMILIES_OF_ROWS).artifact
    known = with_asked_views(catalogs, configuration)
    if configuration.scope.tables:
        # A table with rows that is neither listed nor excluded is a gap: those are counted, too.
        stage = scope_stage(left, right, known, configuration)
        tables, skipped = stage.artifact, stage.coverage.skipped
    else:
        # What is not compared need not be readable.
        policy = policy_of(configuration.schema_.policy)
        tables = scope_of(*known, configuration.scope, configuration.mapping, policy)
        skipped = tuple(_decided(each, "") for each in tables if each.scope == "excluded")
    asked = tables_to_compare(compared(tables), catalogs, comparing(configuration))
    return CountPlan(
        projections=dict(asked.projections),
        missing={each.table: each.reason for each in asked.missing},
        alone=frozenset(each.table for each in tables if each.scope == "target only" and not each.reason),
        skipped=(*skipped, *(_decided(each, _ALONE) for each in tables if each.scope == "target only")),
        names=names,
    )


def _decided(table: ScopeTable, otherwise: str) -> Skipped:
    return Skipped(item=table.table, reason=table.reason or otherwise, decided=True)


def _of_side(
    connection: Connection, endpoint: Endpoint, projections: Mapping[str, TableProjection]
) -> dict[str, int | str]:
    """The rows of each table, or why they could not be counted."""
    return {
        name: _rows(connection, endpoint, *_table(projection, endpoint.side))
        for name, projection in projections.items()
    }


def _table(projection: TableProjection, side: Side) -> tuple[Table, str | None]:
    if side is Side.SOURCE:
        return projection.source, projection.source_where
    return projection.target, projection.target_where


def _rows(connection: Connection, endpoint: Endpoint, table: Table, where: str | None) -> int | str:
    try:
        return count_rows(connection, endpoint, table, where)
    except StatementFailed as failure:
        return failure.reason
    except PgparityError as error:
        if connection.closed:
            raise
        return error.message


def _nothing(counts: tuple[TableCount, ...]) -> tuple[Skipped, ...]:
    """Equal counts of nothing are no evidence."""
    if not counts:
        return (Skipped(item="counts", reason="the source has no table in scope"),)
    if not any(each.source for each in counts) and not any(each.reason for each in counts):
        return (Skipped(item="counts", reason="every table is empty on the source"),)
    return ()
