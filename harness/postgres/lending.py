"""Lending: an owner that was fenced itself gets a right of its own back, for as long as pgparity needs it.

Where the application and pgparity log in as one role, the fence takes the rights of both. A session of its own commits
what is lent and takes it back. A process that is killed meanwhile leaves it: the fence tells it as a breach, and takes
it again where it is put up once more.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence

from psycopg import sql

from harness.core.cutover.rights import Relation
from harness.postgres.acting import has_rights_of
from harness.postgres.connect import Connection, Endpoint, fencing_session, table_name
from harness.postgres.failures import blaming


@contextlib.contextmanager
def lent(
    endpoint: Endpoint, relations: Sequence[Relation], privileges: Sequence[sql.SQL], *, consent: bool
) -> Iterator[None]:
    """Have these privileges on relations that the session's role owns. StatementFailed."""
    if not relations:
        yield
        return
    what = sql.SQL(", ").join(privileges)
    tables = sql.SQL(", ").join(table_name(relation.schema, relation.name) for relation in relations)
    with fencing_session(endpoint, consent=consent) as connection, blaming(endpoint, connection):
        connection.execute(sql.SQL("GRANT {} ON TABLE {} TO CURRENT_USER").format(what, tables))
        connection.commit()
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(sql.SQL("REVOKE {} ON TABLE {} FROM CURRENT_USER").format(what, tables))
            connection.commit()


def owned(connection: Connection, relations: Sequence[Relation], lacking: Collection[int]) -> tuple[Relation, ...]:
    """Those of the relations that lack something which the session's role can lend to itself."""
    owners = has_rights_of(connection, {relation.owner for relation in relations if relation.oid in lacking})
    return tuple(relation for relation in relations if relation.oid in lacking and relation.owner in owners)
