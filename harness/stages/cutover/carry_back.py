"""Carrying back: what happened on the target since the switch is written to the source, which was frozen then.

At the switch both sides were equal, and nobody writes to the source since: whatever differs now happened on the target.
So the repair of rows makes the source equal to it, with the sides changed. It can be ended and run again at any moment.
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.core.cutover.way_back import LEFT_TO_DEFAULT, WayBack, way_back
from harness.core.deltas import TableRows
from harness.core.plan import Hazard
from harness.core.record import Side
from harness.core.repair import Repair, TableRepair
from harness.errors import PgparityError
from harness.postgres.carried import begin, changed_since, ended, writable
from harness.postgres.connect import Endpoint, new_sessions, snapshot
from harness.postgres.failures import StatementFailed
from harness.stages.cutover.since_opening import behind_conditions, new_tables, opening_of, uncompared_columns
from harness.stages.cutover.source_sequences import advance_sequences
from harness.stages.events import Events, Silent
from harness.stages.journal import Journal
from harness.stages.large_objects_compared import compare_large_objects
from harness.stages.learned import Learned, RunRequest
from harness.stages.move_filters import comparing
from harness.stages.repair import repair_rows
from harness.stages.rows import rows_stage, whole
from harness.stages.structure import learn_structure

_SIDE = re.compile(r"(?<![\w.\"$])(source|target)(?![\w.\"$])")
_OTHER = {"source": "target", "target": "source"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedBack:
    """What was carried back, and what was not."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    tables: tuple[str, ...] = ()
    """Tables of the source that were written, each with its rows, in words"""
    left: tuple[str, ...] = ()
    """What the source has not, or what nobody looked at, a sentence each; empty: the source has all"""
    told: tuple[str, ...] = ()
    """What went with it: triggers that fired, columns that hold the source's default"""
    seconds: float = 0

    @property
    def complete(self) -> bool:
        """Whether the source has all."""
        return not self.left

    @property
    def summary(self) -> str:
        """One line."""
        rows = f"{self.inserted:,} rows inserted, {self.updated:,} updated, {self.deleted:,} deleted on the source"
        rest = f"; {len(self.left)} things are left" if self.left else "; every row of the tables was compared"
        return rows + rest


def carry_back(request: RunRequest, *, cutover: str, consent: bool, events: Events | None = None) -> CarriedBack:
    """Make the source equal to the target, as far as the mapping can be turned round; sequences too.

    The target has to be fenced, so that it stands still, and the source since the switch. PgparityError without
    consent; what repair_rows raises, in words in which source and target are those of `request`.
    """
    if not consent:
        raise PgparityError(
            "rows are carried back to the source with consent only", hint="Give --yes, or a yes at the terminal."
        )
    started = time.perf_counter()
    reading = dataclasses.replace(request, consent=False)
    learned = learn_structure(reading, Journal(request.configuration, Silent()))
    way = way_back(request.configuration, learned.catalogs, learned.tables)
    every = tuple(way.carried)
    way = _without(way, _written_since(request, learned, way, cutover))
    found = _repaired(request, way, events or Silent())
    source = learned.catalogs[0].table_by_identity
    ended(request.source, cutover, [source[name] for name in way.carried], consent=True)
    sequences = advance_sequences(request, learned, every)
    left = [
        *(sentence for each in found.tables for sentence in _left(each)),
        *(f"sequence {name} could not be set past the target's: GRANT UPDATE on it" for name in sequences),
        *_not_turned_round(request, learned, way),
        *_large_objects(request),
    ]
    opening = opening_of(request, cutover)
    if opening is not None:
        left += new_tables(request, learned, opening)
    behind = list(behind_conditions(request, way, learned.catalogs[1], opening))
    left += [sentence for sentence, matters in behind if matters]
    told = [f"trigger {name} of the source fired" for name in map(_turned, found.triggers)]
    told += [f"publication {name} of the source sent the rows on" for name in found.publications]
    told += [
        f"{table}.{column}: {LEFT_TO_DEFAULT}, {why}"
        for table, columns in way.columns.items()
        for column, why in columns.items()
    ]
    told += uncompared_columns(request, learned, way)
    told += [sentence for sentence, matters in behind if not matters]
    return CarriedBack(
        inserted=sum(each.inserted for each in found.tables),
        updated=sum(each.updated for each in found.tables),
        deleted=sum(each.deleted for each in found.tables),
        tables=tuple(_written(each) for each in found.tables if each.inserted + each.updated + each.deleted),
        left=tuple(left),
        told=tuple(told),
        seconds=time.perf_counter() - started,
    )


def _written_since(request: RunRequest, learned: Learned, way: WayBack, cutover: str) -> dict[str, str]:
    """Tables of the source that somebody wrote to after the sentinel: nothing of them is overwritten, at no try."""
    source = request.source
    found = changed_since(source, cutover, [learned.catalogs[0].table_by_identity[name] for name in way.carried])
    # Before the first row: from then on rows of ours are newer than the sentinel as well.
    begin(source, cutover, [table for table in way.carried if table not in found], consent=True)
    return {table: f"{each} on the source after it was fenced: nothing is overwritten" for table, each in found.items()}


def _without(way: WayBack, kept: Mapping[str, str]) -> WayBack:
    """The way back without tables that are not to be touched: what is so there is told where the sides differ."""
    carried = {table: other for table, other in way.carried.items() if table not in kept}
    scope = way.configuration.scope.model_copy(update={"tables": tuple(carried.values())})
    return dataclasses.replace(
        way,
        carried=carried,
        tables={**way.tables, **kept},
        configuration=way.configuration.model_copy(update={"scope": scope}),
    )


def _repaired(request: RunRequest, way: WayBack, events: Events) -> Repair:
    """The repair of rows with the sides changed. It sees the source as its target, which may be written."""
    if not way.carried:
        return Repair(applied=False)
    turned = RunRequest(
        configuration=way.configuration,
        base=request.base,
        source=_as(request.target, Side.SOURCE),
        target=_as(request.source, Side.TARGET),
        consent=True,
        allow=frozenset({Hazard.DATA_LOSS}),
    )
    try:
        with writable(request.source, tuple(way.carried), consent=True):
            return _turned_errors(turned, events)
    except StatementFailed as failure:
        raise PgparityError(f"no row was carried back: on the source: {failure.reason}", hint="Run again.") from None


def _turned_errors(turned: RunRequest, events: Events) -> Repair:
    try:
        return repair_rows(turned, lambda _: True, events)
    except PgparityError as error:
        raise type(error)(_turned(error.message), hint=_turned(error.hint)) from None


def _as(endpoint: Endpoint, side: Side) -> Endpoint:
    return dataclasses.replace(endpoint, side=side, label=endpoint.label or str(endpoint.side))


def _turned(text: str) -> str:
    """Words about the sides of the turned run, about the sides as they are. Names of objects are left alone."""
    return _SIDE.sub(lambda found: _OTHER[found[1]], text)


def _left(table: TableRepair) -> Iterator[str]:
    name = table.target_table
    if table.reason is not None:
        yield f"{name}: {_turned(table.reason)}"
    for reason, rows in table.left.items():
        keys = [str(dict(each.key)) for each in table.left_rows if each.reason == reason][:3]
        shown = f" (as {', '.join(keys)})" if keys else ""
        yield f"{name}: {rows:,} rows{shown}: {_turned(reason)}"
    if table.after not in ("identical", "drift", None) and not table.left and table.reason is None:
        yield f"{name}: the rows differ after it: {table.after}"


def _written(table: TableRepair) -> str:
    return f"{table.target_table}: {table.inserted:,} inserted, {table.updated:,} updated, {table.deleted:,} deleted"


def _not_turned_round(request: RunRequest, learned: Learned, way: WayBack) -> Iterator[str]:
    """What no mapping could carry matters only where something happened: these tables are compared once more."""
    partly = {table for table in (*way.columns, *way.lost) if table in way.carried}
    asked = tuple(table for table in learned.tables if table in way.tables or table in partly)
    if not asked:
        return
    configuration = comparing(whole(request.configuration))
    stage = rows_stage(request.source, request.target, *learned.catalogs, asked, configuration)
    compared = {each.table: each for each in stage.artifact}
    for table in asked:
        yield from _still_differs(way, table, compared.get(table))


def _large_objects(request: RunRequest) -> Iterator[str]:
    """Large objects are not carried: those of the target that the source has not, or not as they are."""
    source, target = _as(request.target, Side.SOURCE), _as(request.source, Side.TARGET)
    migrate = request.configuration.migrate.model_copy(update={"large_objects": "all"})
    configuration = request.configuration.model_copy(update={"migrate": migrate})
    with (
        new_sessions(source, target, purpose="cutover") as (left, right),
        snapshot(left),
        snapshot(right),
    ):
        compared = compare_large_objects((left, source), (right, target), (), configuration, since=time.monotonic())
    for finding in compared.findings:
        yield f"large objects are not carried back: {_turned(finding.title)}"
    for gap in compared.gaps:
        if not gap.decided:
            yield f"{gap.item} were not compared: {_turned(gap.reason)}"


def _still_differs(way: WayBack, table: str, rows: TableRows | None) -> Iterator[str]:
    reason = way.tables.get(table)
    if rows is None or rows.status == "incomplete":
        yield f"{table}: {reason or 'some columns are not carried'}; whether anything happened there is not known"
    elif rows.status == "differs":
        differing = rows.missing_on_source + rows.missing_on_target + rows.different
        columns = ", ".join(way.columns.get(table, ())) or ", ".join(way.lost.get(table, ()))
        yield f"{table}: {differing:,} rows differ: {reason or f'not carried: {columns}'}"
    elif table in way.lost and rows.target_rows:
        names = ", ".join(way.lost[table])
        yield f"{table}: columns of the target that the source has no place for, looked at by nobody: {names}"
