"""The rules of a transaction that its sync and its async form share: no nesting, and all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Literal

from psycopg import sql

from harness.datalayer.envelope import CallFailed, InvalidInput
from harness.datalayer.postgres.driver_failures import SERIALIZATION_FAILURES, nested_transaction

Isolation = Literal["read committed", "repeatable read", "serializable"]
"""https://www.postgresql.org/docs/current/transaction-iso.html"""

_BEGIN: Final[dict[Isolation | None, sql.SQL]] = {
    None: sql.SQL("BEGIN"),
    "read committed": sql.SQL("BEGIN ISOLATION LEVEL READ COMMITTED"),
    "repeatable read": sql.SQL("BEGIN ISOLATION LEVEL REPEATABLE READ"),
    "serializable": sql.SQL("BEGIN ISOLATION LEVEL SERIALIZABLE"),
}
SET_STATEMENT_TIMEOUT: Final = sql.SQL("SELECT set_config('statement_timeout', %s, true)")
"""For the transaction that it is sent in; milliseconds as text."""

_MOST_ATTEMPTS: Final = 10


class OpenTransaction:
    """One transaction while it is open: whose it is, and the first failure in it."""

    def __init__(self, pool: object) -> None:
        self.pool = pool
        self.failed: CallFailed | None = None
        self.over = False

    def remember(self, failed: CallFailed) -> CallFailed:
        """Keep the first failure: PostgreSQL commits nothing after it, although it takes a COMMIT."""
        if self.failed is None:
            self.failed = failed
        return failed

    def check(self) -> None:
        """Raise the first failure, if there was one."""
        if self.failed is not None:
            raise self.failed


_OPEN: ContextVar[tuple[OpenTransaction, ...]] = ContextVar("open_transactions", default=())


@contextmanager
def entered(pool: object) -> Iterator[OpenTransaction]:
    """A new transaction in this thread or task; CallFailed (nested_transaction) inside an open one of the same pool."""
    if any(one.pool is pool and not one.over for one in _OPEN.get()):
        raise nested_transaction()
    transaction = OpenTransaction(pool)
    _OPEN.set((*_OPEN.get(), transaction))
    try:
        yield transaction
    finally:
        transaction.over = True
        _OPEN.set(tuple(one for one in _OPEN.get() if not one.over))


def begin(isolation: Isolation | None) -> sql.SQL:
    """The statement that begins a transaction."""
    if isolation not in _BEGIN:
        raise InvalidInput("isolation: has to be read committed, repeatable read or serializable.")
    return _BEGIN[isolation]


def checked_attempts(attempts: int) -> int:
    """How often a transaction may be tried: 1 to 10."""
    if not isinstance(attempts, int) or not 1 <= attempts <= _MOST_ATTEMPTS:
        raise InvalidInput(f"attempts: has to be from 1 to {_MOST_ATTEMPTS}.")
    return attempts


def may_be_repeated(failed: CallFailed) -> bool:
    """Whether PostgreSQL rolled the transaction back only because of others at the same time."""
    return failed.code in SERIALIZATION_FAILURES
