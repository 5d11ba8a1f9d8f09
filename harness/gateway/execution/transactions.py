"""Runs the transaction of a plan: role, claims and request in settings, one statement, commit or roll back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.sql import SQL

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action
from harness.gateway.access.identity import Identity
from harness.gateway.cache.schema_cache import SchemaCache
from harness.gateway.execution.bodies import Untyped
from harness.gateway.planning.plan import Plan
from harness.gateway.queries.explain import explained_statement, plan_text
from harness.gateway.queries.fragments import identifier
from harness.gateway.queries.statements import Statement
from harness.gateway.settings import ISOLATION_SETTING, GatewaySettings

Row = tuple[Any, ...]

_COMMIT = Statement(b"COMMIT", ())
_BEGIN = {
    (level, read_only): Statement(
        f"BEGIN ISOLATION LEVEL {level.upper()} {'READ ONLY' if read_only else 'READ WRITE'}".encode(), ()
    )
    for level in ("read uncommitted", "read committed", "repeatable read", "serializable")
    for read_only in (True, False)
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the statement of a request gave."""

    total: int | None
    rows: int
    location: tuple[str, ...]
    body: bytes
    headers: str | None
    status: str | None
    inserted: int | None


@dataclass(frozen=True, slots=True)
class Context:
    """What the database may know of the HTTP request (`request.*`), and as whom it runs."""

    identity: Identity
    method: str
    path: str
    headers: dict[str, str]
    cookies: dict[str, str]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def transaction_settings(
    plan: Plan, context: Context, cache: SchemaCache, settings: GatewaySettings
) -> list[tuple[str, str]]:
    """The settings of the transaction, in the order they are made (those of the role before it is taken on).

    See https://docs.postgrest.org/en/v16/references/transactions.html.
    """
    path = (plan.request.schema, *settings.db_extra_search_path)
    search_path = ", ".join('"' + schema.replace('"', '""') + '"' for schema in path)
    of_role = cache.role_settings.get(context.identity.role, ())
    made = [("search_path", search_path)]
    made += [(key, value) for key, value in of_role if key.lower() != ISOLATION_SETTING]
    made += [
        ("role", context.identity.role),
        ("request.jwt.claims", _json(context.identity.claims)),
        ("request.method", context.method),
        ("request.path", context.path),
        ("request.headers", _json(context.headers)),
        ("request.cookies", _json(context.cookies)),
    ]
    if plan.request.preferences.timezone is not None:
        made.append(("timezone", plan.request.preferences.timezone))
    made += [(key, value) for key, value in plan.settings if key.lower() != ISOLATION_SETTING]
    made += settings.app_settings
    return made


@cache
def _set_config_query(count: int) -> bytes:
    calls = ", ".join(f"set_config(${2 * i + 1}, ${2 * i + 2}, true)" for i in range(count))
    return f"SELECT {calls}".encode()


def _set_config(settings: Sequence[tuple[str, str]]) -> Statement:
    return Statement(_set_config_query(len(settings)), tuple(text for pair in settings for text in pair))


def _begin(plan: Plan, context: Context, cache: SchemaCache) -> Statement:
    of_role = cache.role_settings.get(context.identity.role, ())
    wanted = dict((*of_role, *plan.settings)).get(ISOLATION_SETTING, "read committed").lower()
    return _BEGIN.get((wanted, plan.read_only), _BEGIN["read committed", plan.read_only])


def _check_text(values: Iterable[object]) -> None:
    """Refuse text with NUL, as PostgreSQL would: the client library cannot even send it."""
    for value in values:
        texts = value if isinstance(value, list) else [value]
        untyped = isinstance(value, Untyped) and value.find(b"\0") >= 0
        if untyped or any(isinstance(text, str) and "\0" in text for text in texts):
            raise RequestError(400, "22021", 'invalid byte sequence for encoding "UTF8": 0x00')


def _pre_request(function: str) -> Statement:
    schema, dot, name = function.rpartition(".")
    return Statement(SQL("SELECT {}()").format(identifier(schema, name) if dot else identifier(name)), ())


async def _execute(connection: AsyncConnection[Row], statement: Statement) -> AsyncRawCursor[Row]:
    cursor = AsyncRawCursor(connection)
    await cursor.execute(statement.query, statement.values)
    return cursor


async def executed_together(
    connection: AsyncConnection[Row], statements: Sequence[Statement]
) -> list[AsyncRawCursor[Row]]:
    """Execute the statements in one trip to the server; after one that fails none is executed.

    Values and answers may be of any size: leaving the pipeline sends on and reads at once until all is sent, since
    psycopg 3.1.18 (github.com/psycopg/psycopg/issues/685). Its sync(), and what calls it (commit, rollback and
    transaction() inside the pipeline), goes on to wait for answers while a part of a large statement is not sent yet:
    both ends stand still then.

    :raises psycopg.Error: the first failure.
    """
    failure: psycopg.Error | None = None
    cursors: list[AsyncRawCursor[Row]] = []
    try:
        async with connection.pipeline():
            try:
                cursors += [await _execute(connection, statement) for statement in statements]
            except psycopg.Error as error:
                # leaving the pipeline with it would make psycopg log the aborted rest as an error of its own
                failure = error
    except psycopg.Error as error:
        failure = failure or error
    if failure is not None:
        raise failure
    return cursors


def _outcome(row: Row | None) -> Outcome:
    if row is None:
        # a filter has left nothing of the value of a function that a handler would have been applied to
        return Outcome(None, 0, (), b"", None, None, None)
    # only writes have a location
    total, rows, *located, body, headers, status, inserted = row
    raw = body if isinstance(body, bytes) else str(body or "").encode("utf-8")
    location = tuple(pair for pairs in located for pair in pairs or ())
    return Outcome(total, rows, location, raw, headers, status, inserted)


class Transactions:
    """Runs transactions against one schema cache."""

    def __init__(self, cache: SchemaCache, settings: GatewaySettings) -> None:
        self._cache = cache
        self._settings = settings

    async def run(self, connection: AsyncConnection[Row], plan: Plan, context: Context) -> Outcome:
        """The outcome of a plan's statement, committed unless that was not asked for.

        :raises RequestError: what PostgREST finds wrong with the outcome itself; nothing is committed then.
        :raises psycopg.Error: what PostgreSQL finds wrong.
        """
        _check_text(plan.statement.values)
        explained = plan.media.explained
        statement = plan.statement if explained is None else explained_statement(plan.statement, explained)
        statements = [*self._opening(plan, context), statement]
        rolls_back = self._rolls_back(plan)
        # reads have nothing to lose: their COMMIT travels with them, which saves a trip to the server
        commits_at_once = plan.read_only and not rolls_back and plan.estimate is None
        try:
            cursors = await executed_together(connection, statements + ([_COMMIT] if commits_at_once else []))
            cursor = cursors[len(statements) - 1]
            if explained is not None:
                outcome = Outcome(None, 0, (), plan_text(await cursor.fetchall()), None, None, None)
            else:
                outcome = _outcome(await cursor.fetchone())
                _check_outcome(plan, outcome)
            if explained is None and plan.estimate is not None:
                outcome = self._estimated(plan, outcome, await self._planned_rows(connection, plan.estimate))
            if rolls_back:
                await connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                await connection.rollback()
            elif not commits_at_once:
                await connection.execute("COMMIT")
        except BaseException:
            if not connection.closed:
                await connection.rollback()
            raise
        return outcome

    async def rows(
        self, connection: AsyncConnection[Row], plan: Plan, context: Context, *further: Statement
    ) -> list[list[Row]]:
        """The rows of a plan's statement and of further ones, all in the plan's one transaction.

        :raises psycopg.Error: what PostgreSQL finds wrong.
        """
        statements = [*self._opening(plan, context), plan.statement, *further]
        try:
            cursors = await executed_together(connection, [*statements, _COMMIT])
            return [await cursor.fetchall() for cursor in cursors[len(statements) - len(further) - 1 : -1]]
        except BaseException:
            if not connection.closed:
                await connection.rollback()
            raise

    def _opening(self, plan: Plan, context: Context) -> list[Statement]:
        """What comes before the statement: BEGIN, the settings, the function of db-pre-request."""
        made = _set_config(transaction_settings(plan, context, self._cache, self._settings))
        _check_text(made.values)
        function = self._settings.db_pre_request
        return [_begin(plan, context, self._cache), made, *([_pre_request(function)] if function is not None else [])]

    def _rolls_back(self, plan: Plan) -> bool:
        wanted = plan.request.preferences.transaction
        overridable = self._settings.db_tx_end.endswith("-allow-override")
        if overridable and wanted is not None:
            return wanted == "rollback"
        return self._settings.db_tx_end.startswith("rollback")

    async def _planned_rows(self, connection: AsyncConnection[Row], estimate: Statement) -> int:
        cursor = await _execute(connection, estimate)
        (plan,) = await cursor.fetchone() or (b"[]",)
        return int(json.loads(plan)[0]["Plan"]["Plan Rows"])

    def _estimated(self, plan: Plan, outcome: Outcome, planned: int) -> Outcome:
        if plan.request.preferences.count == "planned":
            return replace(outcome, total=planned)
        most = self._settings.db_max_rows
        if outcome.total is not None and (most is None or outcome.total > most):
            return replace(outcome, total=max(outcome.total, planned))
        return outcome


def _check_outcome(plan: Plan, outcome: Outcome) -> None:
    if plan.request.action is Action.REPLACE and outcome.rows != 1:
        raise RequestError(400, "PGRST115", "Payload values do not match URL in primary key column(s)")
    if plan.single and outcome.rows != 1:
        raise RequestError(
            406,
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
            details=f"The result contains {outcome.rows} rows",
        )
    preferences = plan.request.preferences
    limited = plan.request.action in (Action.UPDATE, Action.DELETE, Action.CALL)
    most = preferences.max_affected if limited and preferences.strict else None
    if most is not None and outcome.rows > most:
        raise RequestError(
            400,
            "PGRST124",
            "Query result exceeds max-affected preference constraint",
            details=f"The query affects {outcome.rows} rows",
        )
