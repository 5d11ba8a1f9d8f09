"""compare_rows: the comparison of one table as a library: its differences as they are found, and the result."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from queue import Full, Queue
from types import TracebackType
from typing import Any, Final, Self

from pydantic import ValidationError

from harness.core.configuration import Configuration, Tolerance
from harness.core.deltas import RowDelta, TableRows
from harness.core.document import RunDocument
from harness.core.names import qualified, split
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint
from harness.stages.learned import RunRequest
from harness.stages.rows_alone import compare_rows_alone

_WAITING: Final = 1000
"""Differences found and not yet taken, at most: the comparison waits for its reader"""
_LOOK_SECONDS: Final = 0.2


class _Ended(Exception):
    """The reader of the differences went away."""


class RowComparison(Iterator[RowDelta]):
    """The differences of one table, in the order in which they are found; each is given once.

    Iterating raises the PgparityError that ended the comparison. `close`, or the end of a `with` block, stops it.
    """

    def __init__(self, request: RunRequest) -> None:
        """Begin to compare, in a thread of its own."""
        self._waiting: Queue[RowDelta | None] = Queue(_WAITING)
        self._document: RunDocument | None = None
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._done = False
        self._thread = threading.Thread(target=self._work, args=(request,), name="pgparity rows", daemon=True)
        self._thread.start()

    def __next__(self) -> RowDelta:
        """The next difference."""
        if not self._done:
            delta = self._waiting.get()
            if delta is not None:
                return delta
            self._done = True
            self._thread.join()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def result(self) -> TableRows:
        """The table's status, counts and classes. It waits for the end, and drops differences not yet taken."""
        return self.document.rows[0]

    @property
    def document(self) -> RunDocument:
        """The same with findings, coverage and verdict."""
        for _ in self:
            pass
        if self._document is None:
            raise ConfigurationError("the comparison was closed before its end", hint="Ask for the result first.")
        return self._document

    def close(self) -> None:
        """Stop comparing; both sessions end."""
        self._closed.set()
        self._done = True
        self._thread.join()

    def _work(self, request: RunRequest) -> None:
        try:
            self._document = compare_rows_alone(request, asked=True, heard=self._hear)
        except _Ended:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised where the differences are read
            self._error = error
        finally:
            self._put(None)

    def _hear(self, delta: RowDelta) -> None:
        if not self._put(delta):
            raise _Ended

    def _put(self, delta: RowDelta | None) -> bool:
        while not self._closed.is_set():
            try:
                self._waiting.put(delta, timeout=_LOOK_SECONDS)
            except Full:
                continue
            return True
        return False


def compare_rows(
    source: str | Endpoint,
    target: str | Endpoint,
    table: str,
    *,
    key: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    ignore: Mapping[str, str] | None = None,
    tolerances: Mapping[str, Tolerance | Mapping[str, float]] | None = None,
    configuration: Configuration | None = None,
) -> RowComparison:
    """Compare the rows of one table or view of two databases; neither is written.

    `source`, `target`: DSNs or Endpoints. `table`: schema.table on the source. `key`: columns that rows are matched by,
    else the table's own. `columns`: these alone, besides the key. `where`: SQL condition on the rows of both sides.
    `ignore`: column to the reason that it is not compared. `tolerances`: column to {"absolute": …}, {"relative": …} or
    {"seconds": …}. Everything else (a mapping, limits, a sample) is in `configuration`.

        with harness.compare_rows(old, new, "public.clients") as differences:
            for each in differences:
                print(each.key, each.status, [cell.cls for cell in each.cells])
            print(differences.result.status)

    A row that was read again and had settled is not among the differences. ConfigurationError: an argument is wrong;
    every other PgparityError comes from the iterator.
    """
    base = configuration or Configuration()
    identity, schema = _identity(table)
    rules: dict[str, Any] = {
        name: value
        for name, value in (("key", key), ("columns", columns), ("where", where), ("tolerances", tolerances))
        if value is not None
    }
    data = base.model_dump(by_alias=True)
    data["scope"]["tables"] = (identity,)
    data["scope"]["schemas"] = tuple(dict.fromkeys((*base.scope.schemas, schema)))
    if rules:
        data["rows"]["tables"][identity] = data["rows"]["tables"].get(identity, {}) | rules
    for column, reason in (ignore or {}).items():
        data["rows"]["ignore_columns"][qualified(*split(identity), column)] = reason
    try:
        whole = Configuration.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{place}: {first['msg']}", hint="See docs/configuration.md.") from None
    return RowComparison(
        RunRequest(
            configuration=whole,
            base=Path.cwd(),
            source=_endpoint(Side.SOURCE, source, whole),
            target=_endpoint(Side.TARGET, target, whole),
            title="Rows",
        )
    )


def _identity(table: str) -> tuple[str, str]:
    try:
        parts = split(table)
    except ValueError:
        parts = ()
    if len(parts) not in (1, 2):
        raise ConfigurationError(f"{table} is not a table's name", hint="Write schema.table.")
    names = parts if len(parts) == 2 else ("public", *parts)
    return qualified(*names), names[0]


def _endpoint(side: Side, given: str | Endpoint, configuration: Configuration) -> Endpoint:
    if isinstance(given, Endpoint):
        return Endpoint(side, given.dsn, given.label, given.statement_timeout)
    if not given.strip():
        raise ConfigurationError(f"the {side} DSN is an empty string", hint="An unset variable?")
    return Endpoint(side, given, statement_timeout=configuration.run.statement_timeout)
