"""Carried: rows that somebody wrote to the source after its sentinel, and a note that carrying back has begun."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from psycopg import sql

from harness.errors import PgparityError
from harness.postgres import fence_store
from harness.postgres.connect import Connection, Endpoint, fencing_session, table_name
from harness.postgres.failures import StatementFailed, blaming
from harness.postgres.fence_scope import asking, read_relations
from harness.postgres.lending import lent, owned
from harness.postgres.queries import query


def begun(endpoint: Endpoint, cutover: str) -> bool:
    """Whether rows of this cutover were being carried back already: some of the source's are of that then."""
    with asking(endpoint) as connection:
        if not fence_store.exists(connection, "carried"):
            return False
        row = connection.execute("SELECT FROM pgparity.carried WHERE cutover = %s", (cutover,)).fetchone()
    return row is not None


def begin(endpoint: Endpoint, cutover: str, *, consent: bool) -> None:
    """Note that rows are carried back from now on."""
    with fencing_session(endpoint, consent=consent) as connection:
        try:
            with blaming(endpoint, connection):
                connection.execute(query("carried_create"))
                connection.execute(
                    "INSERT INTO pgparity.carried (cutover) VALUES (%s) ON CONFLICT (cutover) DO NOTHING", (cutover,)
                )
                connection.commit()
        except StatementFailed as failure:
            raise PgparityError(
                f"no row was carried back: on the {endpoint.side}: {failure.reason}", hint="Run again."
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


def changed_since(endpoint: Endpoint, cutover: str, tables: Sequence[tuple[str, str]]) -> list[int]:
    """How many rows of each table were written by a transaction that is later than the cutover's sentinel.

    PgparityError: there is no sentinel, so that nothing is known of it. Rows that were deleted are not seen.
    """
    with asking(endpoint) as connection:
        sentinel = _transaction_of_sentinel(connection, endpoint, cutover)
        return [_rows_after(connection, schema, name, sentinel) for schema, name in tables]


def _transaction_of_sentinel(connection: Connection, endpoint: Endpoint, cutover: str) -> str:
    row = None
    if fence_store.exists(connection, "sentinel"):
        row = connection.execute(
            "SELECT s.xmin::text FROM pgparity.sentinel AS s WHERE s.cutover = %s", (cutover,)
        ).fetchone()
    if row is None:
        raise PgparityError(
            f"the {endpoint.side} has no sentinel of the cutover {cutover}: what was written there since is not known",
            hint="Compare both sides, and carry back by hand: pgparity data diff, pgparity data repair.",
        )
    return str(row[0])


def _rows_after(connection: Connection, schema: str, name: str, sentinel: str) -> int:
    """age() counts from the transactions of now, and its number does not wrap round as those of transactions do."""
    row = connection.execute(
        sql.SQL(
            "SELECT pg_catalog.count(*) FROM {} AS t WHERE pg_catalog.age(t.xmin) < pg_catalog.age({}::xid)"
        ).format(table_name(schema, name), sql.Literal(sentinel))
    ).fetchone()
    return int(row[0]) if row else 0
