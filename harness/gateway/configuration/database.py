"""Settings that the database makes: `ALTER ROLE … SET pgrst.name`, and the function that db-pre-config names.

See https://docs.postgrest.org/en/v16/references/configuration.html#in-database-configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from importlib import resources
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL

from harness.errors import ConfigurationError, ConnectionFailed
from harness.gateway.configuration.sources import IN_DATABASE, SETTINGS, Configuration, Sources
from harness.gateway.execution.connections import APPLICATION_NAME, CONNECT_SECONDS
from harness.gateway.queries.fragments import identifier
from harness.gateway.settings import GatewaySettings

# what libpq says when it cannot connect, and what is said of it: its own words may hold a password
_REASONS = (
    ("password authentication failed", "the password is refused"),
    ("no password supplied", "a password is needed"),
    ("no pg_hba.conf entry", "the server does not let this role in from here"),
    ("Connection refused", "nothing listens there"),
    ("No such file or directory", "there is no such socket"),
    ("could not translate host name", "the host name is unknown"),
    ("timeout", "there was no answer in time"),
    ("does not exist", "there is no such role or database"),
    ("too many", "the server has no connection left"),
    ("starting up", "the server is starting up"),
)


def _connect(db_uri: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of its own, in autocommit mode.

    :raises ConfigurationError: where db-uri is no connection string.
    :raises ConnectionFailed: where the database cannot be reached.
    """
    try:
        conninfo_to_dict(db_uri)
        conninfo = make_conninfo(db_uri, application_name=APPLICATION_NAME, connect_timeout=CONNECT_SECONDS)
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "db-uri is no connection string",
            hint="Write it as postgresql://user:password@host:5432/database, with %-escapes for special characters.",
        ) from None
    try:
        return psycopg.connect(conninfo, autocommit=True)
    except psycopg.Error as error:
        words = str(error)
        reason = next((said for word, said in _REASONS if word in words), "no connection can be made")
        raise ConnectionFailed(
            f"the database of db-uri cannot be reached: {reason}",
            hint="Check host, port, database, role and password in db-uri, and that the server runs.",
        ) from None


def _query() -> bytes:
    return resources.files("harness.gateway").joinpath("sql", "database_configuration.sql").read_bytes()


def _of_function(
    connection: psycopg.Connection[tuple[Any, ...]], function: str, names: Sequence[str]
) -> dict[str, str]:
    schema, dot, name = function.rpartition(".")
    called = identifier(schema, name) if dot else identifier(name)
    query = "SELECT name, current_setting('pgrst.' || name, true) FROM unnest(%s::text[]) AS name"
    with connection.transaction(force_rollback=True):
        connection.execute(SQL("SELECT {}()").format(called))
        rows = connection.execute(query, (list(names),)).fetchall()
    return {name: value for name, value in rows if value}


def _settings_of_database(configuration: Configuration) -> dict[str, str]:
    with _connect(configuration.settings.db_uri) as connection:
        found = dict(connection.execute(_query()).fetchall())
        function = found.get("db_pre_config") or configuration.settings.db_pre_config
        if function:
            try:
                found |= _of_function(connection, function, IN_DATABASE)
            except psycopg.Error as error:
                raise ConfigurationError(
                    f"the function of db-pre-config failed: {error.diag.message_primary}",
                    hint="Check that it exists, takes no argument, and that the role of db-uri may call it.",
                ) from None
    return found


def read(sources: Sources) -> Configuration:
    """The configuration, with what the database sets where db-config allows that; the database is reachable then.

    :raises ConfigurationError: what is wrong, and what to do.
    :raises ConnectionFailed: where the database cannot be reached.
    """
    configuration = sources.read()
    if not configuration.settings.db_config:
        _connect(configuration.settings.db_uri).close()
        return configuration
    return sources.read(_settings_of_database(configuration))


def reread(sources: Sources, before: Configuration) -> Configuration:
    """The configuration as it is now; what cannot change while the server runs stays as it was.

    :raises ConfigurationError: what is wrong, and what to do.
    :raises ConnectionFailed: where the database cannot be reached.
    """
    fixed = {setting.field for setting in SETTINGS if not setting.reloads}
    kept = {
        field.name: getattr(before.settings, field.name) for field in fields(GatewaySettings) if field.name in fixed
    }
    now = read(sources)
    return replace(now, settings=replace(now.settings, **kept), listen=before.listen)
