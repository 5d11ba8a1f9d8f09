"""Proof: a plan is applied to a scratch copy of the target's schema, and compared with the source again."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence

import psycopg
from psycopg import sql

from harness.core.align.exact.plan import exact_plan
from harness.core.change import Change
from harness.core.diff import compare
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.core.roles_named import roles_named
from harness.embedded.nearest import nearest_installation
from harness.embedded.server import Server
from harness.errors import PgparityError, PlanRefused
from harness.postgres.apply import apply
from harness.postgres.connect import Connection
from harness.postgres.introspect import introspect
from harness.stages.replay import replaying

NAME = "pgparity_proof"
MEMORY = 1 << 30
"""Bytes that must be free for the scratch server to be kept in memory: a schema without rows is small"""
_BUILT_IN = re.compile(r"(?:pg_|public\Z)")


def proved(plan: Plan, target: Catalog, source: Catalog, remaining: Callable[[Catalog], Sequence[Change]]) -> Plan:
    """The plan with what its trial came to: `proved`, or `unproved` with the reason in words.

    A database with the target's schema and no rows is built on a scratch server of the target's major version (or the
    nearest later one at hand) out of the target's catalog; it has to be equal to the target first. Then the plan runs
    there, and `remaining` says what is left to change in what came out.
    """
    if not plan.steps:
        return plan.model_copy(update={"proved": not plan.not_covered})
    try:
        with _scratch(source, target) as connection:
            _built(connection, target)
            _applied(connection, plan)
            after = introspect(connection, schemas=_schemas(source, target))
    except PgparityError as error:
        return plan.model_copy(update={"proved": False, "unproved": _words(error)})
    except psycopg.Error as error:
        reason = f"the scratch server refused a statement (SQLSTATE {error.sqlstate or 'unknown'})"
        return plan.model_copy(update={"proved": False, "unproved": reason})
    left = remaining(after)
    if left:
        reason = f"on a scratch copy {_many(left)} left, such as {left[0].change} {_named(left[0])}"
        return plan.model_copy(update={"proved": False, "unproved": reason})
    return plan.model_copy(update={"proved": True, "unproved": ""})


@contextlib.contextmanager
def _scratch(source: Catalog, target: Catalog) -> Iterator[Connection]:
    """An empty database like the target's, with its roles: a plan that names another one fails here, as it would there.

    Where it is not known which roles there are, those that either side names are made.
    """
    roles = target.server.roles or {*roles_named(target), *roles_named(source), *source.server.roles}
    installation = nearest_installation(target.server.version_number // 10_000)
    with Server.start(installation=installation, memory=MEMORY) as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            for role in sorted({*roles} - {server.user}):
                if not _BUILT_IN.match(role):
                    admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {}").format(
                    sql.Identifier(NAME), sql.Literal(target.server.encoding)
                )
            )
        with psycopg.connect(server.dsn(NAME)) as connection:
            yield connection


def _built(connection: Connection, target: Catalog) -> None:
    """Build the target's schema, and look whether it is what was built."""
    empty = introspect(connection, schemas=_schemas(target))
    connection.rollback()
    try:
        _applied(connection, exact_plan(target, empty))
    except PlanRefused as error:
        raise PlanRefused(f"the target's schema could not be built on a scratch server: {_words(error)}") from None
    there = introspect(connection, schemas=_schemas(target))
    connection.rollback()
    differing = compare(target, there, settle=replaying(target, there)).changes
    if differing:
        raise PlanRefused(
            f"a scratch copy of the target is not like it: {_many(differing)} left, such as {_named(differing[0])}"
        )


def _words(error: PgparityError) -> str:
    """What is the matter, and the server's own words: there are no rows here that they could show."""
    cause = error.__context__
    said = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    return f"{error.message}: {said}" if said else error.message


def _many(changes: Sequence[Change]) -> str:
    return "1 change is" if len(changes) == 1 else f"{len(changes)} changes are"


def _named(change: Change) -> str:
    return f"{change.kind} {change.identity}" + (f" ({change.attribute})" if change.attribute else "")


def _applied(connection: Connection, plan: Plan) -> None:
    apply(
        connection,
        plan.model_copy(update={"target_fingerprint": ""}),
        target_catalog=None,
        allow=frozenset(Hazard),
        run_prechecks=False,
    )


def _schemas(*catalogs: Catalog) -> tuple[str, ...]:
    return tuple(sorted({schema.name for catalog in catalogs for schema in catalog.schemas}))
