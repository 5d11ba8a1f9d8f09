"""Digest: one side of a row comparison as it was recorded, what is asked of it later, and the rows that answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple, TypeVar

from pydantic import Field

from harness.core.document import ServerFacts
from harness.core.record import JsonValue, Record, Side
from harness.core.recorded_answers import RecordedAnswer
from harness.core.row_forms import DescribedType
from harness.errors import DocumentError

DIGEST_FORMAT: Final = "pgparity/digest"
REQUEST_FORMAT: Final = "pgparity/digest-request"
ROWS_FORMAT: Final = "pgparity/digest-rows"
VERSION: Final = 1

Sums = dict[int, tuple[int, int]]
"""Bucket of the key's hash to the number of its rows and the sum of their hashes"""


class DigestedColumn(Record):
    """A column as it was hashed. `exact` and `key` are SQL in which {} stands for the column."""

    name: str
    oid: int
    schema_: str = Field(alias="schema", serialization_alias="schema")
    type: str = Field(description="pg_type.typname, of a domain its base type's")
    sql: str = Field(description="As format_type gives it, without a modifier")
    element: str | None = None
    definition: str | None = Field(default=None, description="What a type of users is made of: labels, fields, bounds")
    exact: str
    key: str

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}

    @property
    def described(self) -> DescribedType:
        """The type that the recorded server described."""
        return DescribedType(
            oid=self.oid,
            schema=self.schema_,
            name=self.type,
            sql=self.sql,
            element=self.element,
            recorded=self.definition or "",
        )


class DigestedTable(Record):
    """One table of the recorded side."""

    table: str
    rows: int = Field(ge=0)
    key: tuple[str, ...] = Field(description="Columns that rows are matched by; none: the whole row")
    columns: tuple[DigestedColumn, ...] = Field(description="Hashed columns, sorted by name")
    left_out: dict[str, str] = Field(default_factory=dict, description="Columns that were not hashed, with the reason")
    where: str | None = Field(default=None, description="The condition on the rows, as it was configured")
    personal: tuple[str, ...] = Field(default=(), description="Key columns whose values are given as a short hash")
    buckets: int = Field(ge=1, description="Segments: a row is in the one of its key's hash modulo this power of two")
    sums: tuple[tuple[int, int, int], ...] = Field(
        default=(), description="Segment, rows in it, sum of their hashes; segments without rows are left out"
    )

    def sums_of(self, buckets: int) -> Sums:
        """The sums in so many segments, at most those that were recorded: smaller segments add up to larger ones."""
        found: Sums = {}
        for bucket, count, total in self.sums:
            known = found.get(bucket & (buckets - 1), (0, 0))
            found[bucket & (buckets - 1)] = (known[0] + count, known[1] + total)
        return found


class Hashing(Record):
    """What makes hashes of two servers comparable: the digest, and what one server computed of fixed values."""

    digest: str = Field(description="SQL in which {} stands for the columns")
    as_text: bool = Field(default=False, description="Every column was hashed by its text")
    answers: dict[str, int] = Field(default_factory=dict, description="Type to the hash of a fixed value of it")


class DigestDocument(Record):
    """One side, recorded. No value of a row is in it, but for what checks answered where that was asked for.

    The JSON Schema is schemas/contracts/digest.v1.json.
    """

    format: Literal["pgparity/digest"] = "pgparity/digest"
    version: Literal[1] = 1
    id: str
    pgparity: str = Field(description="The version that wrote it")
    side: Side
    recorded_at: str
    server: ServerFacts
    snapshot: str = Field(description="pg_current_snapshot() of the transaction that read everything")
    hashing: Hashing
    tables: tuple[DigestedTable, ...]
    asked: tuple[str, ...] = Field(default=(), description="The tables that were named for recording; none: all")
    decided: dict[str, str] = Field(default_factory=dict, description="Tables left out by name, with the reason")
    answers: tuple[RecordedAnswer, ...] = Field(default=(), description="What the side answered to [[rows.checks]]")
    catalog: dict[str, JsonValue] = Field(description="Of these tables: schemas/contracts/catalog.v1.json")
    seal: str = Field(default="", description="A hash of all the rest: a file that was changed is not believed")


class DigestRequest(Record):
    """Segments of a recorded side whose rows are wanted. The sums say what was recorded of them."""

    format: Literal["pgparity/digest-request"] = "pgparity/digest-request"
    version: Literal[1] = 1
    digest_id: str
    side: Side
    hashing: Hashing
    tables: tuple[DigestedTable, ...]


class DigestedRow(NamedTuple):
    """A row, or several that are equal to the last bit."""

    key: int
    row: int
    copies: int
    values: tuple[str | None, ...]
    """The key's values as text; personal ones as a short hash"""
    cells: tuple[tuple[int, int], ...]
    """Of each column the hash of what it is, and the hash that equal values share"""
    texts: tuple[str | None, ...] | None
    """The columns as text, where values were asked for"""


Document = TypeVar("Document", DigestDocument, DigestRequest)


def sealed(document: DigestDocument) -> DigestDocument:
    """The document with its seal: it is written once, and read by who was not there."""
    return document.model_copy(update={"seal": _seal_of(json.loads(document.to_json()))})


def _seal_of(data: dict[str, Any]) -> str:
    rest = {name: value for name, value in data.items() if name != "seal"}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def read_digest(text: str | bytes, name: str) -> DigestDocument:
    """A recorded side. DocumentError in one line: no such document, one of another version, or one that was changed."""
    document = _read(DigestDocument, DIGEST_FORMAT, text, name, "pgparity data digest --output")
    if document.seal != _seal_of(json.loads(text)):
        raise DocumentError(
            f"{name} is not as it was recorded: its content does not fit its seal",
            hint="Copy the file again without changing it, or record the side again.",
        )
    return document


def read_request(text: str | bytes, name: str) -> DigestRequest:
    """A request for rows of a recorded side. DocumentError as of read_digest."""
    return _read(DigestRequest, REQUEST_FORMAT, text, name, "pgparity data diff --ask")


def _read(kind: type[Document], form: str, text: str | bytes, name: str, writer: str) -> Document:
    _check(_json(text, name), form, name, writer)
    try:
        return kind.from_json(text)
    except DocumentError as error:
        raise DocumentError(f"{name} is {error.message}", hint="Record or ask again; the file is damaged.") from None


def _json(text: str | bytes, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, UnicodeDecodeError):
        raise DocumentError(f"{name} is not JSON", hint="Is it cut short? Record it again.") from None


def _check(data: Any, form: str, name: str, writer: str) -> None:
    if not isinstance(data, dict) or data.get("format") != form:
        raise DocumentError(f"{name} is not a {form} document", hint=f"Give a file that `{writer}` wrote.")
    if data.get("version") != VERSION:
        raise DocumentError(
            f"{name} has format version {data.get('version')}, and this pgparity reads version {VERSION}",
            hint="Use one version of pgparity at both places, or record again with this one.",
        )


def rows_head(request: DigestRequest, *, with_values: bool) -> str:
    """The first line of a file of rows."""
    return json.dumps(
        {"format": ROWS_FORMAT, "version": VERSION, "digest_id": request.digest_id, "with_values": with_values}
    )


def rows_lines(table: str, rows: Iterable[DigestedRow]) -> Iterator[str]:
    """The lines of one table: its name, its rows, how many there were, and a hash of them all."""
    yield json.dumps({"table": table})
    count, seal = 0, hashlib.blake2b(digest_size=16)
    for row in rows:
        count += 1
        line = json.dumps(row, ensure_ascii=False)
        seal.update(line.encode())
        yield line
    yield json.dumps({"end": table, "rows": count, "seal": seal.hexdigest()})


def checked_head(line: str, name: str, digest: DigestDocument) -> bool:
    """Whether a file of rows holds values. DocumentError where it does not belong to the digest."""
    data = _json(line, name)
    _check(data, ROWS_FORMAT, name, "pgparity data digest --for")
    if data.get("digest_id") != digest.id:
        raise DocumentError(
            f"{name} answers a request about another recorded side than {digest.id}",
            hint="Give the rows that were asked for with this digest: data diff --ask, then data digest --for.",
        )
    return bool(data.get("with_values"))


def rows_of(lines: Iterable[str], table: str, name: str) -> Iterator[DigestedRow] | None:
    """The rows of one table from the lines of a file, one at a time; None where the file has none of the table.

    DocumentError while they are read: the file was cut short, or a line is not a row.
    """
    wanted = json.dumps({"table": table})
    waiting = iter(lines)
    if all(line.rstrip("\n") != wanted for line in waiting):
        return None
    return _rows(waiting, table, name)


def _rows(lines: Iterator[str], table: str, name: str) -> Iterator[DigestedRow]:
    seal = hashlib.blake2b(digest_size=16)
    for count, line in enumerate(lines):
        data = _json(line, name)
        if isinstance(data, dict):
            if data != {"end": table, "rows": count, "seal": seal.hexdigest()}:
                break
            return
        seal.update(line.rstrip("\n").encode())
        try:
            key, row, copies, values, cells, texts = data
            found = DigestedRow(
                int(key),
                int(row),
                int(copies),
                tuple(values),
                tuple((int(exact), int(same)) for exact, same in cells),
                None if texts is None else tuple(texts),
            )
        except (TypeError, ValueError):
            break
        yield found
    raise DocumentError(
        f"{name}: the rows of {table} are cut short or damaged", hint="Copy the file again, or make it again."
    )
