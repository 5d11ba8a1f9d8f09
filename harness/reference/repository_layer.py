"""The data layer on PostgreSQL: every method of the application, on repositories over psycopg."""

from __future__ import annotations

from harness.datalayer.postgres.database import Database, PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.errors import ConfigurationError
from harness.reference.context import LayerContext
from harness.reference.salon_layer import SalonLayer


class RepositoryLayer(SalonLayer):
    """The application's methods over psycopg."""

    def __init__(self, database: Database) -> None:
        super().__init__(lambda table: Repository(database, table), database.close)
        self._database = database


def create(context: LayerContext) -> RepositoryLayer:
    """The layer on the database of `context.dsn`; raises where it cannot be reached, and falls back to nothing."""
    return RepositoryLayer(connected(context))


def connected(context: LayerContext) -> PooledDatabase:
    """The database of `context.dsn` behind a small pool."""
    if not context.dsn:
        raise ConfigurationError("The data layer has no DSN.", hint="Set the DSN of the target.")
    return PooledDatabase(context.dsn)
