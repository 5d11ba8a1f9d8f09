"""The target's sequences at a cutover: past what the source's have given out, and past what their columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.migration import SequenceState, sequence_after_load
from harness.core.model.relations import Sequence, Table
from harness.core.names import split
from harness.core.projection import project
from harness.core.record import Side
from harness.postgres.connect import Connection, session
from harness.postgres.sequences import column_extreme, sequence_state, set_sequence
from harness.stages.after_load import twin_of
from harness.stages.cutover.request import Outcome, Situation, failed, ok


@dataclass(frozen=True, slots=True)
class _Counted:
    """A sequence of the target, where its values go, and the source's sequence that it follows."""

    sequence: Sequence
    table: Table | None
    column: str
    twin: Sequence | None


def sequences(situation: Situation) -> Outcome:
    """Set what stands too low, then ask all of them again."""
    request = situation.request
    counted = tuple(_counted(situation))
    set_now, behind = 0, []
    with (
        session(request.source, purpose="cutover") as source,
        session(request.target, purpose="cutover", writable=True) as target,
    ):
        for each in counted:
            wanted = _wanted(each, source, target)
            if wanted is not None and set_sequence(target, each.sequence, wanted):
                set_now += 1
        target.commit()
        behind = [each.sequence.identity for each in counted if _wanted(each, source, target) is not None]
    if behind:
        hint = "GRANT UPDATE ON the sequence TO the role."
        return Outcome(checks=(failed("sequences", f"behind (SEQ003): {', '.join(behind[:5])}", hint),))
    told = f"{len(counted)} sequences stand past the source's and past their columns"
    return Outcome(checks=(ok("sequences", told),), summary=f"{len(counted)} looked at, {set_now} set")


def settable(situation: Situation) -> tuple[str, ...]:
    """The sequences that would have to be set and that the role may not set."""
    with session(situation.request.target, purpose="cutover") as target:
        return tuple(each.sequence.identity for each in _counted(situation) if not _may_set(target, each.sequence))


def _may_set(connection: Connection, sequence: Sequence) -> bool:
    row = connection.execute(
        "SELECT pg_catalog.has_sequence_privilege(%s::regclass, 'UPDATE')", (sequence.identity,)
    ).fetchone()
    return bool(row and row[0])


def _counted(situation: Situation) -> Iterator[_Counted]:
    """Those of the columns of tables in scope, and those of no column that the source has too."""
    source, target = situation.catalogs
    mapping = situation.request.configuration.mapping
    by_target = {mapping.target_of(name): name for name in situation.known.tables}
    in_scope = set(situation.tables(Side.TARGET))
    alone = {each.identity: each for each in source.sequences if each.owned_by is None}
    for each in target.sequences:
        table = each.table_identity
        if each.owned_by is None:
            if each.identity in alone:
                yield _Counted(each, None, "", alone[each.identity])
        elif table in in_scope and by_target[table] in source.table_by_identity:
            column = split(each.owned_by)[-1]
            projection = project(by_target[table], mapping, source, target)
            yield _Counted(each, projection.target, column, twin_of(each, column, projection, source))


def _wanted(each: _Counted, source: Connection, target: Connection) -> SequenceState | None:
    """Where it has to go; None: it stands well, or nothing is known of it."""
    current = sequence_state(target, each.sequence)
    if current is None:
        # Nobody may read it: it is told as behind, for nothing says that it is not.
        return SequenceState(0, is_called=False)
    state = sequence_state(source, each.twin) if each.twin is not None else None
    following = state.next_value(each.twin.increment) if state is not None and each.twin is not None else None
    extreme = None
    if each.table is not None:
        extreme = column_extreme(target, each.table, each.column, largest=each.sequence.increment > 0)
    return sequence_after_load(each.sequence, current, extreme, following)
