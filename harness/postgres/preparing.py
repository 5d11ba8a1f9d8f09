"""Has a server prepare and plan statements, as their driver would: it judges their names, operators, casts, indexes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import pq, sql

from harness.core.plan_nodes import read_plan
from harness.core.prepared import Plan, Prepared, ResultColumn
from harness.postgres.clones import CloneServer, Template
from harness.postgres.connect import CONNECT_SECONDS, Connection
from harness.postgres.queries import query

_FIRST_OF_USERS = 16_384
"""OIDs from here on are given by each database as it comes (src/include/access/transam.h, FirstNormalObjectId)"""
_NAME = "pgparity_asked"
_ABOUT_TYPES = frozenset({"42883", "42704", "42725", "42804", "42846", "42P18", "42P08", "42809", "42P21", "42P22"})
"""Refusals whose message names types, operators, functions and columns, and no constant"""

_NO_WAY_AROUND = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    " SET enable_incremental_sort = off; SET enable_partition_pruning = off;"
    " SET max_parallel_workers_per_gather = 0; SET jit = off;"
    " SET plan_cache_mode = force_generic_plan; SET default_transaction_read_only = on;"
    " SET statement_timeout = '5s'; SET lock_timeout = '1s'"
)
"""A plan that goes around an index nevertheless has none that serves: how many rows there are decides nothing"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A statement with $1, $2, … and the types that its driver declares."""

    sql: str
    types: tuple[int, ...] = ()


@contextlib.contextmanager
def preparing(server: CloneServer, login: Template, database: str, schemas: Sequence[str]) -> Iterator[Connection]:
    """A read-only session as the data layer's role on a clone; `schemas` come last in its search path."""
    with psycopg.connect(
        server.login(login.user, login.password, database),
        connect_timeout=CONNECT_SECONDS,
        application_name="pgparity contract",
        client_encoding="utf8",
        prepare_threshold=None,
        autocommit=True,
    ) as connection:
        connection.execute(_NO_WAY_AROUND)
        own = connection.execute("SHOW search_path").fetchone()
        path = [own[0]] if own and own[0] else []
        path += [sql.Identifier(schema).as_string(connection) for schema in schemas]
        connection.execute("SELECT pg_catalog.set_config('search_path', %s, false)", (", ".join(path),))
        yield connection


def prepared(connection: Connection, statements: Sequence[Asked]) -> tuple[Prepared, ...]:
    """What the server says of each. Nothing is run and nothing is written; a session of `preparing`.

    Plans are generic ones, of EXPLAIN EXECUTE with NULLs under force_generic_plan: unlike EXPLAIN (GENERIC_PLAN), that
    knows declared types, and every supported version has it.
    """
    described = [_described(connection, each) for each in statements]
    names = _type_names(connection, {type_ for each in described if each for type_ in (*each.parameters, *each.types)})
    return tuple(
        each
        if isinstance(each, Prepared)
        else Prepared(
            parameters=tuple(names.get(type_, "") for type_ in each.parameters),
            results=tuple(
                ResultColumn(name=name, type=names.get(type_, ""), stored=stored)
                for (name, stored), type_ in zip(each.columns, each.types, strict=True)
            ),
            plan=each.plan,
            ordered=each.ordered,
        )
        for each in (found.refused or found for found in described)
    )


_Type = tuple[int, int]
"""OID and modifier"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    refused: Prepared | None = None
    parameters: tuple[_Type, ...] = ()
    types: tuple[_Type, ...] = ()
    columns: tuple[tuple[str, bool], ...] = ()
    plan: Plan | None = None
    ordered: Plan | None = None


def _described(connection: Connection, asked: Asked) -> _Described:
    name = _NAME.encode()
    types = [oid if oid < _FIRST_OF_USERS else 0 for oid in asked.types]
    answer = connection.pgconn.prepare(name, asked.sql.encode(), types)
    if answer.status != pq.ExecStatus.COMMAND_OK:
        return _Described(refused=_refused(answer))
    try:
        said = connection.pgconn.describe_prepared(name)
        if said.status != pq.ExecStatus.COMMAND_OK:
            return _Described(refused=_refused(said))
        plan = _explained(connection, said.nparams, sorting=True)
        return _Described(
            parameters=tuple((said.param_type(number), -1) for number in range(said.nparams)),
            types=tuple((said.ftype(number), said.fmod(number)) for number in range(said.nfields)),
            columns=tuple(
                ((said.fname(number) or b"").decode("utf-8", "replace"), bool(said.ftable(number)))
                for number in range(said.nfields)
            ),
            plan=plan,
            ordered=_explained(connection, said.nparams, sorting=False) if plan and plan.sorts else None,
        )
    finally:
        connection.execute(sql.SQL("DEALLOCATE {}").format(sql.Identifier(_NAME)))


def _refused(answer: pq.abc.PGresult) -> Prepared:
    state = (answer.error_field(pq.DiagnosticField.SQLSTATE) or b"XX000").decode()
    words = (answer.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b"").decode("utf-8", "replace")
    return Prepared(sqlstate=state, complaint=words if state in _ABOUT_TYPES else "")


def _explained(connection: Connection, parameters: int, *, sorting: bool) -> Plan | None:
    arguments = sql.SQL("({})").format(sql.SQL(", ").join([sql.NULL] * parameters)) if parameters else sql.SQL("")
    statement = sql.SQL("EXPLAIN (VERBOSE, COSTS off, FORMAT json) EXECUTE {}").format(sql.Identifier(_NAME))
    try:
        if not sorting:
            connection.execute("SET enable_sort = off")
        row = connection.execute(statement + arguments).fetchone()
    except psycopg.Error:
        return None  # it reads and writes no rows, or its role may not ask
    finally:
        if not sorting:
            connection.execute("RESET enable_sort")
    return read_plan(row[0]) if row else None


def _type_names(connection: Connection, types: set[_Type]) -> dict[_Type, str]:
    asked = sorted(types)
    rows = connection.execute(
        query("statement_types"), {"oids": [oid for oid, _ in asked], "modifiers": [mod for _, mod in asked]}
    )
    return {(oid, modifier): str(name) for oid, modifier, name in rows.fetchall()}
