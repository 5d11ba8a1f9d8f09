"""Two tables that belong together, for tests of transactions."""

from __future__ import annotations

import psycopg

from harness.datalayer.filters import OrderBy
from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.rows import Table

CLIENTS = Table("clients", key=("yclients_id",), has_updated_at=False)
BOOKINGS = Table("bookings", key=("record_id",), has_updated_at=False)
SCHEMA = """
CREATE TABLE clients (yclients_id integer PRIMARY KEY, visits integer NOT NULL DEFAULT 0);
CREATE TABLE bookings (
    record_id integer PRIMARY KEY,
    yclients_id integer REFERENCES clients DEFERRABLE INITIALLY DEFERRED,
    price integer CHECK (price >= 0)
);
"""


def create(dsn: str) -> None:
    """Create the tables, empty."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(SCHEMA)


def stored(pool: PooledDatabase) -> tuple[list[int], list[int]]:
    """The keys of both tables."""
    clients = Repository(pool, CLIENTS).find_many([], order_by=[OrderBy("yclients_id")])
    bookings = Repository(pool, BOOKINGS).find_many([], order_by=[OrderBy("record_id")])
    return [row["yclients_id"] for row in clients], [row["record_id"] for row in bookings]
