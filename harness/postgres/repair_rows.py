"""Repair rows: the source's values of rows to write, and what the target says about a table before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.core.model.relations import Table
from harness.core.repair import RepairKind
from harness.core.row_merge import HashedRow
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming
from harness.postgres.queries import query
from harness.postgres.repair_statements import Pointing, Values
from harness.postgres.row_fetch import Address, row_texts
from harness.postgres.row_hash import HashedTable, column

BYTES_AT_ONCE: Final = 8 * 2**20
"""Rows are fetched for so many stored bytes at once; a larger row comes alone"""
_VERBS: Final[dict[RepairKind, str]] = {"insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}


def fetched(table: HashedTable, wanted: Sequence[HashedRow], columns: Sequence[str]) -> Iterator[dict[Address, Values]]:
    """The values of some rows, in parts of BYTES_AT_ONCE, as the types' output functions write them.

    A row that is not found again by its hashes is in no part.
    """
    sizes = _sizes(table, wanted, columns)
    part: list[HashedRow] = []
    total = 0
    for row in wanted:
        size = sizes.get(row[:2])
        if size is None:
            continue
        if part and total + size > BYTES_AT_ONCE:
            yield _values(table, part, columns)
            part, total = [], 0
        part.append(row)
        total += size
    if part:
        yield _values(table, part, columns)


def _sizes(table: HashedTable, wanted: Sequence[HashedRow], columns: Sequence[str]) -> dict[Address, int]:
    """Bytes that rows take where they are stored: asked first, so that a batch of large rows is not fetched whole."""
    stored = " + ".join(f"COALESCE(pg_catalog.pg_column_size({column(name)}), 0)::bigint" for name in columns)
    return {address: int(size or 0) for address, (size,) in row_texts(table, wanted, [stored or "0"]).items()}


def _values(table: HashedTable, wanted: Sequence[HashedRow], columns: Sequence[str]) -> dict[Address, Values]:
    # Not cast to text, which would strip the blanks of char(n): COPY gives values as their output functions write them.
    found = row_texts(table, wanted, [column(name) for name in columns])
    return {row[:2]: dict(zip(columns, found[row[:2]], strict=True)) for row in wanted if row[:2] in found}


def require_kinds(connection: Connection, endpoint: Endpoint, table: Table, kinds: Iterable[RepairKind]) -> None:
    """Refuse a role that may not write a table as it has to be written; PrivilegeMissing says what to grant."""
    with blaming(endpoint, connection):
        row = connection.execute(query("repair_privileges"), (table.schema, table.name)).fetchone()
        connection.commit()
    held = dict(zip(_VERBS, row or (False, False, False), strict=True))
    missing = [_VERBS[kind] for kind in _VERBS if kind in set(kinds) and not held[kind]]
    if missing:
        role, what = connection.info.user, ", ".join(missing)
        raise PrivilegeMissing(
            f"the {endpoint.side} role {role} may not {what.lower().replace(', ', ' or ')} rows of {table.identity}",
            hint=f"GRANT {what} ON {table.identity} to it, or use another role; nothing was written.",
        )


def pointing_at(connection: Connection, endpoint: Endpoint, table: Table) -> tuple[Pointing, ...]:
    """The foreign keys that delete or change rows when one of the table goes, or refuse that at once."""
    with blaming(endpoint, connection):
        rows = connection.execute(query("pointing"), (table.schema, table.name)).fetchall()
    return tuple(
        Pointing(str(schema), str(name), str(action), tuple(columns), tuple(referenced))
        for schema, name, action, columns, referenced in rows
        if action != "a"
    )
