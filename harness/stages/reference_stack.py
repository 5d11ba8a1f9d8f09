"""The local stack with the reference application in it: schemas loaded, source seeded, target as asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal, cast, get_args

import psycopg

from harness.embedded.stack import LocalStack, StackDatabase, local_stack
from harness.reference.data_set import data_set
from harness.reference.seed import seed, seed_target_only
from harness.shipped import shipped

TargetSchema = Literal["first-built", "aligned-plain", "aligned-single", "aligned"]
TARGET_SCHEMAS: tuple[TargetSchema, ...] = get_args(TargetSchema)


@contextlib.contextmanager
def reference_stack(
    target: TargetSchema | None = "first-built", *, second_company: bool = False, memory: int = 0
) -> Iterator[LocalStack]:
    """Start the stack and load the reference application; `target=None` leaves both databases empty."""
    with local_stack(memory=memory) as stack:
        if target is not None:
            load_schema(stack.source, "source")
            load_schema(stack.target, target)
            with psycopg.connect(stack.source.dsn) as connection:
                seed(connection, data_set(second_company=second_company))
            with psycopg.connect(stack.target.dsn) as connection:
                seed_target_only(connection)
            stack.gateway.reload_schema_cache()
        yield stack


def load_schema(database: StackDatabase, name: str) -> None:
    """Run one of the schemas of schemas/reference as the database's owner."""
    text = shipped("schemas", "reference", f"{name.replace('-', '_')}.sql").read_text(encoding="utf-8")
    with psycopg.connect(database.dsn) as connection:
        connection.execute(cast("psycopg.abc.QueryNoTemplate", text))


def replace_target(stack: LocalStack, target: TargetSchema) -> None:
    """Empty the target database and load another schema into it: the next act of the story."""
    with psycopg.connect(stack.target.dsn, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pgparity CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
        # As a new database has it.
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        connection.execute("COMMENT ON SCHEMA public IS 'standard public schema'")
    load_schema(stack.target, target)
    with psycopg.connect(stack.target.dsn) as connection:
        seed_target_only(connection)
