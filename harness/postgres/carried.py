"""Carried: what somebody wrote to the source after its sentinel, and a note of the tables that are carried back."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence

from psycopg import sql

from harness.core.model.relations import Table
from harness.errors import PgparityError
from harness.postgres import fence_store
from harness.postgres.connect import Endpoint, fencing_session
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.fence_scope import asking, read_relations
from harness.postgres.lending import lent, owned
from harness.postgres.queries import query
from harness.postgres.sentinel import read_sentinel
from harness.postgres.written import Mark, Written, marks_now, written_since


def begun(endpoint: Endpoint, cutover: str) -> dict[str, Mark | None]:
    """Tables whose rows were being carried back already, each as it was left; None where that was not ended."""
    with asking(endpoint) as connection:
        if not fence_store.exists(connection, "carried"):
            return {}
        rows = connection.execute(
            "SELECT relation, snapshot, rows FROM pgparity.carried WHERE cutover = %s", (cutover,)
        ).fetchall()
    return {
        str(table): Mark(snapshot=str(snapshot), rows=int(count)) if snapshot is not None else None
        for table, snapshot, count in rows
    }


def begin(endpoint: Endpoint, cutover: str, tables: Collection[str], *, consent: bool) -> None:
    """Note that rows of these tables are carried back from now on."""
    _note(endpoint, cutover, dict.fromkeys(tables), consent=consent)


def ended(endpoint: Endpoint, cutover: str, tables: Sequence[Table], *, consent: bool) -> None:
    """Note how these tables were left, so that what somebody writes there before another try is known."""
    _note(endpoint, cutover, marks_now(endpoint, tables), consent=consent)


def _note(endpoint: Endpoint, cutover: str, marks: Mapping[str, Mark | None], *, consent: bool) -> None:
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                connection.execute(query("carried_create"))
                for table, mark in marks.items():
                    connection.execute(
                        "INSERT INTO pgparity.carried AS c (cutover, relation, snapshot, rows) VALUES (%s, %s, %s, %s)"
                        " ON CONFLICT (cutover, relation) DO UPDATE"
                        " SET snapshot = excluded.snapshot, rows = excluded.rows, at = excluded.at",
                        (cutover, table, mark.snapshot if mark else None, mark.rows if mark else None),
                    )
                connection.commit()
        except StatementFailed as failure:
            raise PgparityError(
                f"what is carried back could not be noted: on the {endpoint.side}: {failure.reason}", hint="Run again."
            ) from None


@contextlib.contextmanager
def writable(endpoint: Endpoint, tables: Sequence[str], *, consent: bool) -> Iterator[bool]:
    """The tables may be written by pgparity's own role, also where it owns them and was fenced itself: True then.

    What it lacks otherwise is told by whoever writes.
    """
    with asking(endpoint) as connection:
        wanted = set(tables)
        relations = [each for each in read_relations(connection, endpoint, tables) if each.identity in wanted]
        lacking = connection.execute(query("carried_rights"), {"relations": [each.oid for each in relations]})
        chosen = owned(connection, relations, {int(oid) for (oid,) in lacking})
    with lent(endpoint, chosen, [sql.SQL(name) for name in ("INSERT", "UPDATE", "DELETE")], consent=consent):
        yield bool(chosen)


def changed_since(endpoint: Endpoint, cutover: str, tables: Sequence[Table]) -> dict[str, Written]:
    """Tables of the source that somebody wrote to after the cutover's sentinel, and what; by identity.

    A table whose rows were carried back before is asked for what came after that; where that was not ended, for
    nothing: what is new there may be of it. PgparityError: there is no sentinel, so that nothing is known of it.
    """
    sentinel = read_sentinel(endpoint, cutover)
    if sentinel is None:
        raise PgparityError(
            f"the {endpoint.side} has no sentinel of the cutover {cutover}: what was written there since is not known",
            hint="Compare both sides, and carry back by hand: pgparity data diff, pgparity data repair.",
        )
    counts = sentinel.opening.source_rows if sentinel.opening is not None else {}
    known = begun(endpoint, cutover)
    asked: list[tuple[Table, Mark]] = []
    for table in tables:
        mark = known.get(table.identity, Mark(snapshot=sentinel.snapshot, rows=counts.get(table.identity)))
        if mark is not None:
            asked.append((table, mark))
    return written_since(endpoint, asked)
