"""The static queries of harness/postgres/sql, read once."""

from __future__ import annotations

import functools
from importlib import resources

from psycopg import sql


@functools.cache
def query(name: str) -> sql.SQL:
    """The text of sql/<name>.sql."""
    text = resources.files("harness.postgres").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text)
