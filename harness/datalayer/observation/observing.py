"""What a database tells an observer of each statement that it ran: how long, how many rows, how it failed; no value."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Final, Literal, Protocol

from harness.datalayer.envelope import CallFailed, ErrorKind

_LOG: Final = logging.getLogger(__name__)

CallKind = Literal["select", "insert", "upsert", "delete", "count", "transaction", "other"]
"""What a statement does. A `transaction` record covers the whole of one, its statements included."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One statement, or one whole transaction, that ended.

    `table` is empty where the statement is of none. `seconds` include the wait for a connection. `rows` were returned.
    `error_kind` is None where the call succeeded.
    """

    kind: CallKind
    table: str
    seconds: float
    rows: int
    error_kind: ErrorKind | None


class Observer(Protocol):
    """Is called in the thread or task of the call, after it; has to be quick, and what it raises is only logged."""

    def __call__(self, record: CallRecord, /) -> None:
        """Take a record."""
        ...


class observed:  # noqa: N801 - reads as the verb that it is after `with`
    """Tells the observer of what runs inside `with`; the code there sets `rows`. For awaited code as well."""

    __slots__ = ("_began", "_kind", "_observer", "_table", "rows")

    def __init__(self, observer: Observer, kind: CallKind, table: str) -> None:
        self._observer = observer
        self._kind: CallKind = kind
        self._table = table
        self._began = perf_counter()
        self.rows = 0

    def __enter__(self) -> observed:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        kind: ErrorKind | None = None
        if error is not None:
            kind = error.kind if isinstance(error, CallFailed) else "internal"
        record = CallRecord(self._kind, self._table, perf_counter() - self._began, self.rows, kind)
        try:
            self._observer(record)
        except Exception as failed:  # noqa: BLE001 - who observes a call cannot fail it
            _LOG.warning("An observer of the database failed (%s).", type(failed).__name__)
