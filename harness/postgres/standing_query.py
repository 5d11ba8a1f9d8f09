"""A statement without parameters that is asked again and again, in a fraction of the time that a cursor takes."""

from __future__ import annotations

import select

import psycopg
from psycopg import sql
from psycopg.pq import DiagnosticField, ExecStatus
from psycopg.pq.abc import PGresult

from harness.postgres.connect import Connection

_NO_SUCH_STATEMENT = b"26000"
"""After DEALLOCATE ALL, which psycopg sends by itself once something was dropped and a statement of its own prepared"""


class StandingQuery:
    """One statement of a connection in autocommit mode: prepared once, asked without a cursor.

    It can be asked before its answer is wanted: the server works meanwhile. Nothing else may be under way on the
    connection then. https://www.postgresql.org/docs/current/libpq-async.html
    """

    def __init__(self, connection: Connection, name: str, text: sql.SQL) -> None:
        """Nothing is sent yet. `name` is that of the prepared statement, unique on the connection."""
        self._connection = connection
        self._name = name.encode()
        self._text = text.as_bytes(connection)
        self._poll: select.poll | None = None
        self._asked = False

    def ask(self) -> None:
        """Send it, if no answer is outstanding. psycopg.Error where it cannot be sent."""
        if self._asked:
            return
        if self._poll is None:
            self._poll = self._prepared()
        libpq = self._connection.pgconn
        libpq.send_query_prepared(self._name, [])
        libpq.flush()
        self._asked = True

    def settle(self) -> None:
        """Leave the connection to other statements: an answer that is outstanding is dropped."""
        if self._asked:
            self.row()

    def row(self) -> tuple[str, ...]:
        """The one row of the answer, as texts, of what was asked or is asked now.

        psycopg.Error where there is no answer, or not one row.
        """
        found = self._answer()
        if found is not None and found.error_field(DiagnosticField.SQLSTATE) == _NO_SUCH_STATEMENT:
            self._poll = None
            found = self._answer()
        if found is None or found.status != ExecStatus.TUPLES_OK or found.ntuples != 1:
            raise psycopg.OperationalError("the server of the clones gives no answer")
        return tuple((found.get_value(0, at) or b"").decode() for at in range(found.nfields))

    def _answer(self) -> PGresult | None:
        self.ask()
        self._asked = False
        libpq = self._connection.pgconn
        # What was asked some time ago has mostly come in.
        libpq.consume_input()
        # As psycopg waits: Ctrl-C is heard, and other threads run meanwhile.
        while libpq.is_busy():
            if self._poll is not None:
                self._poll.poll(1000)
            libpq.consume_input()
        found = libpq.get_result()
        while libpq.get_result() is not None:
            pass
        return found

    def _prepared(self) -> select.poll:
        libpq = self._connection.pgconn
        done = libpq.prepare(self._name, self._text)
        if done.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError("the server of the clones prepares no statement")
        waiting = select.poll()
        waiting.register(libpq.socket, select.POLLIN)
        return waiting
