"""A side of a comparison that may be a file: read, opened beside a live one, and compared table by table."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.core.digest import (
    DigestDocument,
    DigestedRow,
    DigestedTable,
    DigestRequest,
    checked_head,
    read_digest,
    rows_of,
)
from harness.core.document import ServerFacts
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.core.snapshot import read_snapshot
from harness.errors import DocumentError
from harness.postgres.connect import Connection, Endpoint
from harness.stages.rows_scan import SideReading


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSide:
    """A side that was recorded, and the file with the rows that were asked for of it."""

    name: str
    document: DigestDocument
    catalog: Catalog
    rows_file: Path | None = None

    def table(self, identity: str) -> DigestedTable | None:
        """What was recorded of a table."""
        return next((each for each in self.document.tables if each.table == identity), None)

    @contextlib.contextmanager
    def rows(self, table: str) -> Iterator[Iterator[DigestedRow] | None]:
        """The recorded rows of a table, one at a time; None where there is no file of them."""
        if self.rows_file is None:
            yield None
            return
        with _opened(self.rows_file) as lines:
            checked_head(next(lines, ""), self.rows_file.name, self.document)
            yield rows_of(lines, table, self.rows_file.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSide:
    """A side with a session in its snapshot."""

    connection: Connection
    endpoint: Endpoint
    reading: SideReading
    """By which sessions it is scanned"""
    catalog: Catalog
    facts: ServerFacts


def recorded_side(value: str, side: Side, *, base: Path | None = None, rows: Path | None = None) -> RecordedSide | None:
    """The side that a flag names where that is a file (its name ends in .json), None for a DSN.

    DocumentError in one line: no such file, no recorded side, one of a later format, or one of the other side.
    """
    if not value.endswith(".json") or "://" in value or "=" in value:
        return None
    path = (base or Path.cwd()) / value
    document = read_digest(_text(path), path.name)
    if document.side is not side:
        raise DocumentError(
            f"{path.name} was recorded as the {document.side}, and stands for the {side} here",
            hint=f"Give it as --{document.side}, or record it with --{side}.",
        )
    catalog = read_snapshot(json.dumps(document.catalog), path.name)
    return RecordedSide(name=path.name, document=document, catalog=catalog, rows_file=rows)


def request_of(side: RecordedSide, tables: list[DigestedTable]) -> DigestRequest:
    """The request for the rows of some segments of a recorded side."""
    return DigestRequest(
        digest_id=side.document.id, side=side.document.side, hashing=side.document.hashing, tables=tuple(tables)
    )


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"{path.name} cannot be read: {error.strerror}", hint="Give a file that `pgparity data digest` wrote."
        ) from None


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    try:
        file = path.open(encoding="utf-8")
    except OSError as error:
        raise DocumentError(
            f"{path.name} cannot be read: {error.strerror}", hint="Give a file that `data digest --for` wrote."
        ) from None
    with file:
        yield iter(file)
