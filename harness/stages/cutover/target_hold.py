"""The target is held as the source is: from the end of the last catch-up until it is opened nobody changes its rows."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable

from harness.core.configuration import TableRowsSection
from harness.core.cutover.record import CutoverCheck
from harness.core.record import Side
from harness.postgres.fence import held
from harness.postgres.written import Mark, current_snapshot, written_since
from harness.stages.cutover.request import Outcome, Situation, judged
from harness.stages.migrate_alone import summed


def with_target_held(situation: Situation, holding: contextlib.ExitStack, catch_up: Callable[[], Outcome]) -> Outcome:
    """Catch up, then hold the target. What somebody wrote there before it was held is compared again.

    No privilege binds a superuser: a table that was found alike may have been changed since.
    """
    snapshot = current_snapshot(situation.request.target)
    outcome = catch_up()
    if not outcome.passed:
        return outcome
    check = hold_target(situation, holding)
    situation.written_on_target = _written(situation, snapshot)
    return dataclasses.replace(outcome, checks=(*outcome.checks, check))


def hold_target(situation: Situation, holding: contextlib.ExitStack) -> CutoverCheck:
    """Take SHARE on the tables of the target, until `holding` ends."""
    tables = situation.tables(Side.TARGET)
    lock = holding.enter_context(held(situation.request.target, tables=tables, consent=True))
    situation.target_held = lock.still_held
    return judged("lock of the target", lock.still_held(), f"SHARE on {len(tables)} tables of the target")


def _written(situation: Situation, snapshot: str) -> frozenset[str]:
    """Tables that the catch-up found alike and that are not proven to be as they were then, by identity on the source.

    Those that the catch-up itself wrote to are among them.
    """
    configuration = situation.request.configuration
    there = situation.catalogs[1].table_by_identity
    marks = {}
    for table, each in summed(situation.ledger).items():
        rules = configuration.rows.tables.get(table, TableRowsSection())
        chosen = bool(rules.where or rules.target_where)
        marks[table] = Mark(snapshot=snapshot, rows=None if chosen else each.rows), chosen
    names = {table: configuration.mapping.target_of(table) for table in marks}
    asked = [(there[names[table]], mark) for table, (mark, _) in marks.items() if names[table] in there]
    found = written_since(situation.request.target, asked)
    # How many rows a condition left out is not known: such tables are read again.
    return frozenset(
        table for table, (_, chosen) in marks.items() if chosen or names[table] in found or names[table] not in there
    )
