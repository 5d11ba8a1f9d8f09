"""The source's sequences when the application comes back to it: past the target's, and past what their columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.core.migration import sequence_after_load
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Sequence as SequenceOfCatalog
from harness.core.model.relations import Table
from harness.core.names import qualified, split
from harness.core.projection import project
from harness.errors import PgparityError
from harness.postgres.connect import Connection, fencing_session, session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.sequences import column_extreme, sequence_state, set_sequence
from harness.stages.learned import Learned, RunRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Advanced:
    """A sequence of the source, its column if it has one, and the target's sequence that went on instead of it."""

    sequence: SequenceOfCatalog
    table: Table | None = None
    column: str = ""
    twin: SequenceOfCatalog | None = None


def advance_sequences(request: RunRequest, learned: Learned, tables: Sequence[str]) -> tuple[str, ...]:
    """Set those that stand too low; the names of those that the role may not read or set.

    `tables`: of the source, whose rows were carried back; sequences of no column that both sides have count as well.
    """
    with (
        session(request.target, purpose="cutover") as target,
        fencing_session(request.source, consent=True) as source,
    ):
        try:
            found = []
            for each in _advanced(request, learned.catalogs, tables):
                following = None
                with blaming(request.target, target):
                    state = sequence_state(target, each.twin) if each.twin is not None else None
                if state is not None and each.twin is not None:
                    following = state.next_value(each.twin.increment)
                with blaming(request.source, source):
                    if not _set(source, each, following):
                        found.append(each.sequence.identity)
                    source.commit()
        except StatementFailed as failure:
            raise PgparityError(
                f"the source's sequences were not all set: on the {failure.side}: {failure.reason}", hint="Run again."
            ) from None
    return tuple(found)


def _set(source: Connection, each: _Advanced, following: int | None) -> bool:
    current = sequence_state(source, each.sequence)
    if current is None:
        return False
    extreme = None
    if each.table is not None:
        extreme = column_extreme(source, each.table, each.column, largest=each.sequence.increment > 0)
    wanted = sequence_after_load(each.sequence, current, extreme, following)
    return wanted is None or set_sequence(source, each.sequence, wanted)


def _advanced(request: RunRequest, catalogs: tuple[Catalog, Catalog], tables: Sequence[str]) -> Iterator[_Advanced]:
    source, target = catalogs
    owned = {each.owned_by: each for each in target.sequences if each.owned_by is not None}
    alone = {each.identity: each for each in target.sequences if each.owned_by is None}
    for each in source.sequences:
        table = each.table_identity
        if each.owned_by is None:
            if each.identity in alone:
                yield _Advanced(sequence=each, twin=alone[each.identity])
        elif table is not None and table in tables:
            column = split(each.owned_by)[-1]
            projection = project(table, request.configuration.mapping, source, target)
            there = projection.by_source.get(column)
            name = qualified(projection.target.schema, projection.target.name, there.name) if there else ""
            twin = owned.get(name)
            same = twin is not None and (twin.increment > 0) == (each.increment > 0)
            yield _Advanced(sequence=each, table=projection.source, column=column, twin=twin if same else None)
