"""What two backends did not do alike in a dual write: the record of it, and the table that it is kept in."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import resources
from typing import Any, Final, Literal

import psycopg
from psycopg.types.json import Jsonb

from harness.datalayer.observation.masking import masked
from harness.datalayer.switching.recording import Record
from harness.errors import DataLayerFailed

DivergenceKind = Literal["secondary_failed", "different_answer", "dropped", "not_written", "order_unknown"]
"""secondary_failed: the secondary was asked and failed, or did not answer in time (it may have written).
different_answer: both wrote, and what they answered differs at `paths`.
dropped: the secondary was not asked, because the queue was full or the arguments could not be kept for it.
not_written: the secondary was not asked, because the program ended, or because nobody knows whether the primary wrote.
order_unknown: two writes of one key overlapped, or one was made while another that the other backend had answered was
still queued; the secondary may have applied them in the other order."""

_MOST_CHARACTERS: Final = 4000
_ROWS: Final = 2
"""The level of what is inside of an argument"""
_CONNECT_SECONDS: Final = 5
_SESSION: Final = "-c statement_timeout=5s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """One record. It names fields and errors; arguments are shapes, keys are hashes, values of rows are nowhere."""

    at: str
    kind: DivergenceKind
    method: str
    module: str
    primary: str
    """Which backend answered the caller: source or target"""
    reason: str | None = None
    paths: tuple[str, ...] = ()
    error_kind: str | None = None
    error_code: str | None = None
    key: str | None = None
    arguments: Mapping[str, Any]

    def record(self) -> Record:
        """The divergence as JSON has it."""
        return {**asdict(self), "paths": list(self.paths)}


def now() -> str:
    """The time of a record: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def shown_arguments(arguments: Mapping[str, object], salt: bytes | None = None) -> Mapping[str, Any]:
    """The shapes of arguments, what is personal by its name as a hash; of very large ones only the outermost shape.

    Numbers, dates and UUIDs that are arguments themselves stay, being keys and bounds; inside of rows and lists they
    are values, and told as their types.
    """
    shown = masked(arguments, types_from=_ROWS) if salt is None else masked(arguments, salt=salt, types_from=_ROWS)
    if isinstance(shown, dict) and len(json.dumps(shown)) <= _MOST_CHARACTERS:
        return shown
    return {name: _size(value) for name, value in arguments.items()}


def _size(value: object) -> str:
    sized = isinstance(value, Sequence | Mapping)
    return f"{type(value).__name__}({len(value)})" if sized else type(value).__name__  # type: ignore[arg-type]


class DivergenceTable:
    """Keeps divergences in pgparity.divergences, through one connection of its own that is made again when it broke.

    A sink of `recording.Recorder`. The table may lie in any database that the application reaches; the role needs
    INSERT on it.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection[Any] | None = None

    def create(self) -> None:
        """Make the schema and the table where they are missing. DataLayerFailed where that cannot be done.

        Nothing calls it but the application: a library makes no tables unasked.
        """
        try:
            with self._connect() as connection:
                connection.execute(_static("divergences"))
        except psycopg.Error as error:
            raise DataLayerFailed(
                f"The table of divergences cannot be made ({error.sqlstate or type(error).__name__}).",
                hint="Check the DSN, and that the role may create a schema; or run divergences.sql as its owner.",
            ) from None

    def write(self, records: Sequence[Record]) -> None:
        """Insert the records in one transaction. psycopg's error where it fails; the recorder counts them then."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        rows = [{**record, "arguments": Jsonb(record["arguments"])} for record in records]
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.executemany(_static("insert_divergence"), rows)
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self._dsn,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=_CONNECT_SECONDS,
            application_name="datalayer-divergences",
            options=_SESSION,
        )


def _static(name: str) -> bytes:
    return resources.files("harness.datalayer.switching").joinpath("sql", f"{name}.sql").read_bytes()
