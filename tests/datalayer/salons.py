"""Databases of the reference application, switches for two backends over them, and waiting for what runs beside."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from harness.datalayer.postgres.database import PooledDatabase
from harness.datalayer.switching.switches import Switches, read_switches
from harness.embedded.server import Server
from harness.reference.data_set import COMPANY_ID, data_set
from harness.reference.repository_layer import RepositoryLayer, connected
from harness.reference.seed import seed

ALIGNED = Path(__file__).parents[2] / "schemas" / "reference" / "aligned.sql"


@dataclass(frozen=True)
class Context:
    dsn: str = ""
    rest_url: str = ""
    api_key: str = ""


@contextlib.contextmanager
def salon(server: Server) -> Iterator[str]:
    """The DSN of a database with the aligned schema and the rows of one company; it is dropped at the end."""
    name = f"salon_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        with psycopg.connect(server.dsn(name)) as connection:
            connection.execute(ALIGNED.read_bytes())
            seed(connection, data_set())
        yield server.dsn(name)
    finally:
        drop(server.dsn(name))


def drop(dsn: str) -> None:
    """Drop a database under whoever uses it."""
    name = dsn_name(dsn)
    with psycopg.connect(dsn, dbname="postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def dsn_name(dsn: str) -> str:
    """The name of a DSN's database."""
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


def layer(dsn: str, kind: Callable[[PooledDatabase], RepositoryLayer] = RepositoryLayer) -> RepositoryLayer:
    """The reference application's repository layer, or one made of it, on a database."""
    return kind(connected(Context(dsn=dsn)))


def rows(dsn: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What a statement gives, asked past the data layers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def switches(**given: Any) -> Switches:
    """Both backends on, the source the primary; `given` beats that."""
    both = {
        "use_repository_pattern": True,
        "supabase_url": "http://127.0.0.1:1",
        "supabase_key": "key",
        "database_dsn": "host=/nowhere dbname=salon",
    }
    return read_switches(**{**both, **given})


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until something is so; whether it came to be in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def recorded(path: Path) -> list[dict[str, Any]]:
    """The records of a JSON lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def client(number: int, **more: object) -> dict[str, Any]:
    """A marked row of clients."""
    return {"yclients_id": 9_900_000 + number, "company_id": COMPANY_ID, "name": f"Тест {number}", **more}
