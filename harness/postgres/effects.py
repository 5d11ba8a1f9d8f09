"""Reads what a call left behind in a clone: rows inserted, updated and deleted against an untouched copy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from harness.core.effects import Effects, Row, TableEffects, WatchedTable
from harness.postgres.connect import Connection, table_name

ROWS_READ = 50_000
"""Rows of a table, written or gone, that are read and compared; of more, only their number is known"""
_FETCHED = 2_000
_COUNTING = sql.Identifier("pgparity_counting")

CATALOGS = tuple(
    WatchedTable(identity=f"pg_catalog.{name}", schema="pg_catalog", name=name, columns={}, silent=True)
    for name in ("pg_class", "pg_proc", "pg_largeobject_metadata")
)
"""A data layer that creates or drops something leaves its mark here."""


class EffectReader:
    """Compares a clone with an untouched copy of the same template. Both sessions are this reader's alone."""

    def __init__(self, before: Connection, tables: Sequence[WatchedTable]) -> None:
        self._before = before
        self._tables = (*tables, *CATALOGS)
        # Planned once for a session, whichever id is asked for; and put together once for all of them.
        self._preparation = (
            sql.SQL("PREPARE {} (pg_catalog.xid) AS {}")
            .format(_COUNTING, _counting(self._tables, sql.SQL("$1")))
            .as_bytes(before)
        )
        self._ready: Connection | None = None
        self._rows_before = {table.identity: rows for table, rows, _ in _touched(before, self._tables, "0")}
        self._sequences_before = _sequences(before)

    def read(self, after: Connection, since: str, *, open_transaction: bool = False) -> Effects:
        """What transactions with an id of `since` or later did. `after` is a session on the clone.

        Rows carry the id of the transaction that wrote them, so that only new ones are read; deleted ones are looked
        for in tables alone whose number of rows does not add up.
        """
        found: dict[str, TableEffects] = {}
        touched = open_transaction
        unseen: list[str] = []
        counted, gone = self._counted(after, since)
        for table in gone:
            found[table.common or table.identity] = TableEffects(
                table=table, unread=1 + self._rows_before[table.identity]
            )
        touched = touched or bool(gone)
        for table, rows, new in counted:
            before = self._rows_before[table.identity]
            if not new and rows == before:
                continue
            touched = True
            if table.silent:
                unseen.append(table.identity)
                continue
            effects = self._table(after, table, since, rows=rows, new=new)
            if effects.inserted or effects.updated or effects.deleted_rows or effects.unread:
                found[table.common or table.identity] = effects
        moved = {
            name: value - self._sequences_before[name]
            for name, value in _sequences(after).items()
            if name in self._sequences_before and value != self._sequences_before[name]
        }
        return Effects(
            tables=found,
            sequences=moved,
            open_transaction=open_transaction,
            touched=touched or bool(moved),
            unseen=tuple(unseen),
        )

    def prepare(self, after: Connection) -> None:
        """Have a new session ready for `read`: it looks every table up in the catalog and plans what it is asked."""
        after.execute("SET plan_cache_mode = force_generic_plan")
        after.execute(self._preparation)
        self._counted_on(after, "0")
        _sequences(after)
        self._ready = after

    def _counted_on(self, after: Connection, since: str) -> list[tuple[WatchedTable, int, int]]:
        counting = sql.SQL("EXECUTE {} ({})").format(_COUNTING, _xid(since))
        return _of_tables(self._tables, after.execute(counting).fetchall())

    def _counted(self, after: Connection, since: str) -> tuple[list[tuple[WatchedTable, int, int]], list[WatchedTable]]:
        """(table, its rows, those written since) of each table, and the tables that the call dropped or renamed."""
        try:
            if self._ready is not after:
                self.prepare(after)
            return self._counted_on(after, since), []
        except psycopg.errors.UndefinedTable:
            there = [table for table in self._tables if _is_there(after, table)]
            return _touched(after, there, since), [table for table in self._tables if table not in there]

    def _table(self, after: Connection, table: WatchedTable, since: str, *, rows: int, new: int) -> TableEffects:
        rows_before = self._rows_before[table.identity]
        unread = TableEffects(table=table, unread=max(1, new), deleted_rows=max(0, rows_before - rows))
        if new > ROWS_READ or rows_before - rows > ROWS_READ:
            return unread
        try:
            now = _new_rows(after, table, since)
        except psycopg.errors.UndefinedColumn:  # the call changed the table itself
            return unread
        then = _rows_by_key(self._before, table, now) if table.key else {}
        inserted: list[Row] = []
        updated: list[tuple[Row, frozenset[str]]] = []
        for row in now:
            old = then.get(tuple(row[name] for name in table.key)) if table.key else None
            if old is None:
                inserted.append(row)
                continue
            changed = frozenset(name for name in row if row[name] != old[name])
            if changed:
                updated.append((row, changed))
        deleted_rows = rows_before + len(inserted) - rows
        # Without a key all columns of all rows would have to be read.
        looked_for = deleted_rows <= ROWS_READ and (bool(table.key) or rows_before <= ROWS_READ)
        return TableEffects(
            table=table,
            inserted=tuple(inserted),
            updated=tuple(updated),
            deleted=tuple(_deleted(self._before, after, table)) if deleted_rows > 0 and looked_for else (),
            deleted_rows=max(0, deleted_rows),
            unseen_deleted=0 if looked_for else max(0, deleted_rows),
        )


def _is_there(connection: Connection, table: WatchedTable) -> bool:
    row = connection.execute(
        "SELECT pg_catalog.to_regclass(pg_catalog.format('%%I.%%I', %s::text, %s::text)) IS NOT NULL",
        (table.schema, table.name),
    ).fetchone()
    return bool(row and row[0])


def _from(table: WatchedTable) -> sql.Composed:
    """The table without its descendants, but a partitioned one with its partitions: it has no rows of its own."""
    only = sql.SQL("" if table.partitioned else "ONLY ")
    return sql.SQL("{}{}").format(only, table_name(table.schema, table.name))


def _touched(connection: Connection, tables: Sequence[WatchedTable], since: str) -> list[tuple[WatchedTable, int, int]]:
    """(table, its rows, those that were written since) of each, in one query."""
    return _of_tables(tables, connection.execute(_counting(tables, _xid(since))).fetchall()) if tables else []


def _of_tables(
    tables: Sequence[WatchedTable], counted: Sequence[tuple[int, int, int]]
) -> list[tuple[WatchedTable, int, int]]:
    return [(tables[position], rows, new) for position, rows, new in counted]


def _counting(tables: Sequence[WatchedTable], since: sql.Composable) -> sql.Composed:
    parts = [
        sql.SQL("SELECT {}, count(*), count(*) FILTER (WHERE {}) FROM {}").format(
            sql.Literal(position), _written_since(since), _from(table)
        )
        for position, table in enumerate(tables)
    ]
    return sql.SQL(" UNION ALL ").join(parts)


def _xid(since: str) -> sql.Composed:
    """An id as rows hold it: its lower 32 bits, which an old server has gone round."""
    return sql.SQL("{}::pg_catalog.xid").format(sql.Literal(str(int(since) & 0xFFFFFFFF)))


def _written_since(since: sql.Composable) -> sql.Composed:
    """True of rows whose transaction has an id of `since` or later: as many ids ago, or fewer, and has one already.

    age() counts from the next id; of rows that every transaction sees, and of the id 0, it says the greatest number.
    """
    return sql.SQL("pg_catalog.age(xmin) BETWEEN 1 AND (SELECT pg_catalog.age({}))").format(since)


def _columns(table: WatchedTable) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in table.columns)


def _new_rows(connection: Connection, table: WatchedTable, since: str) -> list[Row]:
    rows = connection.execute(
        sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY pg_catalog.age(xmin) DESC, ctid").format(
            _columns(table), _from(table), _written_since(_xid(since))
        )
    ).fetchall()
    return [dict(zip(table.columns, row, strict=True)) for row in rows]


def _rows_by_key(connection: Connection, table: WatchedTable, rows: Sequence[Row]) -> dict[tuple[str | None, ...], Row]:
    """The rows of the untouched copy that have the keys of `rows`."""
    key = [table.columns[name] for name in table.key]
    wanted = sql.SQL(", ").join(sql.SQL("pg_catalog.unnest(%s::text[])") for _ in key)
    matching = sql.SQL(" AND ").join(
        sql.SQL("t.{} = k.{}::{}").format(
            sql.Identifier(name),
            sql.Identifier(f"k{position}"),
            sql.SQL(table.columns[name]),
        )
        for position, name in enumerate(table.key)
    )
    names = sql.SQL(", ").join(sql.Identifier(f"k{position}") for position in range(len(key)))
    columns = sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(name)) for name in table.columns)
    statement = sql.SQL("SELECT {} FROM {} t JOIN ROWS FROM ({}) AS k({}) ON {}").format(
        columns, _from(table), wanted, names, matching
    )
    found = connection.execute(statement, tuple([row[name] for row in rows] for name in table.key)).fetchall()
    by_key = [dict(zip(table.columns, row, strict=True)) for row in found]
    return {tuple(row[name] for name in table.key): row for row in by_key}


def _deleted(before: Connection, after: Connection, table: WatchedTable) -> Iterator[tuple[str | None, ...]]:
    """Keys that are gone, of a table without one whole rows: both sides in the same order, merged in constant memory.

    Rows that are alike count one by one.
    """
    with _keys(before, table) as old, _keys(after, table) as now:
        present = next(now, None)
        for key in old:
            while present is not None and _place(present) < _place(key):
                present = next(now, None)
            if present != key:
                yield key
            else:
                present = next(now, None)


def _place(key: tuple[str | None, ...]) -> tuple[tuple[bool, str], ...]:
    """Where PostgreSQL sorts a key of texts: NULLs come last."""
    return tuple((value is None, value or "") for value in key)


@contextlib.contextmanager
def _keys(connection: Connection, table: WatchedTable) -> Iterator[Iterator[tuple[str | None, ...]]]:
    names = table.key or tuple(table.columns)
    columns = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names)
    order = sql.SQL(", ").join(sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(name)) for name in names)
    statement = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(columns, _from(table), order)
    with connection.transaction(), connection.cursor(name="pgparity_keys") as cursor:
        cursor.itersize = _FETCHED
        cursor.execute(statement)
        yield iter(cursor)


def _sequences(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT pg_catalog.format('%I.%I', schemaname, sequencename), coalesce(last_value, 0)"
        " FROM pg_catalog.pg_sequences"
    ).fetchall()
    return {str(name): int(value) for name, value in rows}
