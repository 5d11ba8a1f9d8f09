"""Statements of the catch-up: which rows of ours the source no longer has, what points to them, and their removal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psycopg import sql

from harness.core.catch_up import Pointing
from harness.core.model.relations import Table
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.postgres.connect import Connection, table_name
from harness.postgres.copy import STAGING, written_by
from harness.postgres.projected import piece_rows, relation
from harness.postgres.queries import query

KEYS: Final = sql.Identifier("pg_temp", "pgparity_keys")
"""The source's keys of some segments, until the transaction ends"""


def pointing_to(connection: Connection, table: Table) -> tuple[Pointing, ...]:
    """The foreign keys of the database that point to a table."""
    return tuple(
        Pointing(schema=schema, name=name, columns=tuple(columns), references=tuple(references))
        for schema, name, _action, columns, references in connection.execute(
            query("pointing"), (table.schema, table.name)
        )
    )


def not_of_this_server(connection: Connection, migration: str) -> bool:
    """Whether the ledger names a transaction that the server has not come to: it was restored from elsewhere, and the
    numbers in it say nothing about who wrote a row here.
    """
    row = connection.execute(query("catch_up_future"), (migration,)).fetchone()
    return bool(row and row[0])


def rows_with_system(projection: TableProjection) -> sql.Composed:
    """SELECT of the target's rows as target_rows writes it, each with where it is stored and what wrote it."""
    return piece_rows(
        projection,
        Side.TARGET,
        relation(projection.target),
        sql.SQL("true"),
        system=("xmin", "tableoid", "ctid"),
    )


def read_statement(rows: sql.Composable, columns: Sequence[str], *, binary: bool) -> sql.Composed:
    """COPY of some columns of a SELECT."""
    return sql.SQL("COPY (SELECT {} FROM ({}) AS p) TO STDOUT{}").format(_names(columns), rows, _format(binary))


def write_statement(table: sql.Composable, columns: Sequence[str], *, binary: bool) -> sql.Composed:
    """COPY into a table."""
    return sql.SQL("COPY {} ({}) FROM STDIN{}").format(table, _names(columns), _format(binary))


def stale_table(number: int) -> sql.Identifier:
    """The temporary table that lists the stale rows of one table by key; it lives as long as the session."""
    return sql.Identifier("pg_temp", f"pgparity_stale_{number}")


def create_stale(connection: Connection, number: int, projection: TableProjection, key: Sequence[str]) -> None:
    """Make a list of stale rows, empty."""
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT {}, false AS pgparity_kept FROM {} WITH NO DATA").format(
            stale_table(number),
            _names(key),
            relation(projection.target),
        )
    )


def create_keys(connection: Connection, projection: TableProjection, key: Sequence[str]) -> None:
    """Make the temporary table of the source's keys."""
    connection.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            KEYS, _names(key), relation(projection.target)
        )
    )


def note_stale(
    connection: Connection, number: int, rows: sql.Composable, key: Sequence[str], transactions: Sequence[str]
) -> int:
    """List the rows (of a SELECT as rows_with_system gives) that are ours and whose key the source has not.

    Returns how many. A row that somebody else wrote last is not ours.
    """
    connection.execute(sql.SQL("ANALYZE {}").format(KEYS))
    return connection.execute(
        sql.SQL(
            "INSERT INTO {} ({}) SELECT {} FROM ({}) AS p WHERE {} AND NOT EXISTS (SELECT FROM {} AS k WHERE {})"
        ).format(
            stale_table(number),
            _names(key),
            _names(key, "p"),
            rows,
            _ours(transactions),
            KEYS,
            _equal("k", key, "p", key),
        )
    ).rowcount


def forget_decisions(connection: Connection, number: int, *, kept: bool) -> None:
    """All listed rows are to go, or `kept`: none."""
    connection.execute(sql.SQL("UPDATE {} SET pgparity_kept = {}").format(stale_table(number), sql.Literal(kept)))


def keep_pointed(
    connection: Connection,
    number: int,
    projection: TableProjection,
    key: Sequence[str],
    by: Pointing,
    pointing: tuple[int, Sequence[str]] | None,
) -> int:
    """Keep the listed rows that a row points to which itself is not to go; returns how many.

    `pointing`: the list of the table that points, and its key. Deleting them would fail, or take rows along that are
    not ours to delete.
    """
    goes: sql.Composable = sql.SQL("")
    if pointing is not None:
        other, other_key = pointing
        goes = sql.SQL(" AND NOT EXISTS (SELECT FROM {} AS going WHERE NOT going.pgparity_kept AND {})").format(
            stale_table(other), _equal("going", other_key, "pointing", other_key)
        )
    return connection.execute(
        sql.SQL(
            "UPDATE {} AS gone SET pgparity_kept = true FROM {} AS present WHERE NOT gone.pgparity_kept AND {}"
            " AND EXISTS (SELECT FROM {} AS pointing WHERE {}{})"
        ).format(
            stale_table(number),
            relation(projection.target),
            _equal("gone", key, "present", key),
            table_name(by.schema, by.name),
            _equal("pointing", by.columns, "present", by.references),
            goes,
        )
    ).rowcount


def delete_stale(
    connection: Connection, number: int, projection: TableProjection, key: Sequence[str], transactions: Sequence[str]
) -> int:
    """Delete the listed rows that are not kept and still ours; returns how many."""
    return connection.execute(
        sql.SQL("DELETE FROM {} AS present USING {} AS gone WHERE NOT gone.pgparity_kept AND {} AND {}").format(
            relation(projection.target),
            stale_table(number),
            _equal("gone", key, "present", key),
            written_by("present", transactions),
        )
    ).rowcount


def delete_changed(
    connection: Connection,
    projection: TableProjection,
    key: Sequence[str],
    transactions: Sequence[str],
    pointing: Sequence[Pointing],
) -> int:
    """Delete rows of ours that are staged otherwise, so that they are inserted anew; returns how many.

    Those that something points to stay.
    """
    columns = [each.name for each in projection.loaded if each.name not in key]
    free = [
        sql.SQL("NOT EXISTS (SELECT FROM {} AS pointing WHERE {})").format(
            table_name(each.schema, each.name), _equal("pointing", each.columns, "present", each.references)
        )
        for each in pointing
    ]
    return connection.execute(
        sql.SQL("DELETE FROM {} AS present USING {} AS staged WHERE {}").format(
            relation(projection.target),
            STAGING,
            sql.SQL(" AND ").join(
                [
                    _equal("staged", key, "present", key),
                    sql.SQL("pg_catalog.record_image_ne(ROW({}), ROW({}))").format(
                        _names(columns, "present"), _names(columns, "staged")
                    ),
                    written_by("present", transactions),
                    *free,
                ]
            ),
        )
    ).rowcount


def has_rows(connection: Connection, by: Pointing) -> bool:
    """Whether a table has a row that could point."""
    row = connection.execute(
        sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE {})").format(
            table_name(by.schema, by.name),
            sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in by.columns),
        )
    ).fetchone()
    return bool(row and row[0])


def count_of_others(connection: Connection, rows: sql.Composable, transactions: Sequence[str]) -> int:
    """Rows of a SELECT as rows_with_system gives that are not ours."""
    row = connection.execute(
        sql.SQL("SELECT pg_catalog.count(*) FROM ({}) AS p WHERE NOT ({})").format(rows, _ours(transactions))
    ).fetchone()
    return int(row[0]) if row else 0


def delete_stored(
    connection: Connection, projection: TableProjection, rows: sql.Composable, transactions: Sequence[str]
) -> int:
    """Delete the rows of a SELECT as rows_with_system gives that are ours; returns how many."""
    return connection.execute(
        sql.SQL(
            "DELETE FROM {} AS present WHERE {} AND (present.tableoid, present.ctid) IN"
            " (SELECT p.pgparity_tableoid, p.pgparity_ctid FROM ({}) AS p)"
        ).format(relation(projection.target), written_by("present", transactions), rows)
    ).rowcount


def _ours(transactions: Sequence[str]) -> sql.Composable:
    return sql.SQL("p.pgparity_xmin = ANY ({}::pg_catalog.text[]::pg_catalog.xid[])").format(
        sql.Literal([str(int(each) % 2**32) for each in transactions])
    )


def _equal(left: str, of_left: Sequence[str], right: str, of_right: Sequence[str]) -> sql.Composable:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, one), sql.Identifier(right, other))
        for one, other in zip(of_left, of_right, strict=True)
    )


def _names(columns: Sequence[str], alias: str | None = None) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.Identifier(name) if alias is None else sql.Identifier(alias, name) for name in columns
    )


def _format(binary: bool) -> sql.SQL:
    return sql.SQL(" WITH (FORMAT binary)") if binary else sql.SQL("")
