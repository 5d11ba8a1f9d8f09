"""Proof: a plan is applied to a scratch copy of the target's schema, and compared with the source again."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import psycopg
from psycopg import sql

from harness.core.align.exact.plan import exact_plan
from harness.core.diff import compare
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.core.rules import Rules
from harness.embedded.server import Server
from harness.errors import PgparityError, PlanRefused
from harness.postgres.apply import apply
from harness.postgres.connect import Connection
from harness.postgres.introspect import introspect
from harness.stages.scratch import nearest_installation

NAME = "pgparity_proof"
MEMORY = 1 << 30
"""Bytes that must be free for the scratch server to be kept in memory: a schema without rows is small"""
_BUILT_IN = re.compile(r"(?:pg_|public\Z)")


def proved(plan: Plan, source: Catalog, target: Catalog, rules: Rules) -> Plan:
    """The plan with what its trial came to: `proved`, or `unproved` with the reason in words.

    A database with the target's schema and no rows is built on a scratch server of the target's major version (or the
    nearest later one at hand) out of the target's catalog; it has to be equal to the target first. Then the plan runs
    there, and the source is compared with what came out. What rules leave out does not count.
    """
    if not plan.steps:
        return plan.model_copy(update={"proved": not plan.not_covered})
    try:
        with _scratch(source, target) as connection:
            _built(connection, target)
            _applied(connection, plan)
            after = introspect(connection, schemas=_schemas(source, target))
    except PgparityError as error:
        return plan.model_copy(update={"proved": False, "unproved": error.message})
    except psycopg.Error as error:
        reason = f"the scratch server refused a statement (SQLSTATE {error.sqlstate or 'unknown'})"
        return plan.model_copy(update={"proved": False, "unproved": reason})
    left = compare(source, after, rules).changes
    expected = set() if plan.strategy == "exact" else _left_out(plan, source, target, rules)
    surplus = [each for each in left if (each.kind, each.identity, each.attribute) not in expected]
    if surplus:
        first = surplus[0]
        return plan.model_copy(
            update={
                "proved": False,
                "unproved": f"on a scratch copy {len(surplus)} changes were left, such as {first.change} {first.kind}"
                f" {first.identity}" + (f" ({first.attribute})" if first.attribute else ""),
            }
        )
    return plan.model_copy(update={"proved": True, "unproved": ""})


@contextlib.contextmanager
def _scratch(source: Catalog, target: Catalog) -> Iterator[Connection]:
    """An empty database like the target's, with the roles of both sides."""
    installation = nearest_installation(target.server.version_number // 10_000)
    with Server.start(installation=installation, memory=MEMORY) as server:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            for role in sorted({*source.server.roles, *target.server.roles}):
                if not _BUILT_IN.match(role) and role != server.user:
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
    empty = introspect(connection, schemas=_schemas(target, target))
    connection.rollback()
    try:
        _applied(connection, exact_plan(target, empty))
    except PlanRefused as error:
        raise PlanRefused(f"the target's schema could not be built on a scratch server: {error.message}") from None
    there = introspect(connection, schemas=_schemas(target, target))
    connection.rollback()
    differing = compare(target, there).changes
    if differing:
        first = differing[0]
        raise PlanRefused(
            f"a scratch copy of the target differs from it in {len(differing)} things, such as {first.kind}"
            f" {first.identity}" + (f" ({first.attribute})" if first.attribute else "")
        )


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


def _left_out(plan: Plan, source: Catalog, target: Catalog, rules: Rules) -> set[tuple[str, str, str | None]]:
    """What a plan that does not settle everything leaves as it was."""
    touched = {(step.kind, step.identity) for step in plan.steps}
    return {
        (each.kind, each.identity, each.attribute)
        for each in compare(source, target, rules).changes
        if (each.kind, each.identity) not in touched
    }
