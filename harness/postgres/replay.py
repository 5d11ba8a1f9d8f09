"""Replays texts on a scratch server: both sides' are given to it, and what it makes of them is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import psycopg

from harness.core.replay.questions import Question
from harness.core.replay.surroundings import Statements
from harness.core.replay.texts import SCHEMA, Read, Replay
from harness.postgres.connect import Connection

ROUNDS = 3
"""A dump that was restored was read once more than its origin; after as many rounds nothing changes any more"""

_READ = {
    Read.CONSTRAINT: """
        SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
        WHERE conname = %(name)s AND conrelid = %(of)s::pg_catalog.regclass""",
    Read.EXPRESSIONS: r"""
        SELECT pg_catalog.substring(pg_catalog.pg_get_expr(conbin, conrelid), '^\(ROW\((.*)\) IS NULL\)$')
        FROM pg_catalog.pg_constraint WHERE conname = %(name)s""",
    Read.ROW_FILTER: r"""
        SELECT conrelid::pg_catalog.regclass || ' WHERE '
               || pg_catalog.substring(pg_catalog.pg_get_expr(conbin, conrelid), '^\(ROW\((.*)\) IS NULL\)$')
        FROM pg_catalog.pg_constraint WHERE conname = %(name)s""",
    Read.COLUMN: """
        SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        FROM pg_catalog.pg_attrdef d
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE d.adrelid = %(of)s::pg_catalog.regclass AND a.attname = %(name)s""",
    Read.INDEX: """
        SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(oid), 'INDEX ' || relname || ' ON ', 'INDEX ON ')
        FROM pg_catalog.pg_class WHERE relname = %(name)s AND relkind IN ('i', 'I')""",
    Read.VIEW: "SELECT pg_catalog.pg_get_viewdef((%(schema)s::text || '.' || %(name)s::text)::pg_catalog.regclass)",
    Read.USING: """
        SELECT pg_catalog.pg_get_expr(polqual, polrelid) FROM pg_catalog.pg_policy
        WHERE polname = %(name)s AND polrelid = %(of)s::pg_catalog.regclass""",
    Read.CHECK: """
        SELECT pg_catalog.pg_get_expr(polwithcheck, polrelid) FROM pg_catalog.pg_policy
        WHERE polname = %(name)s AND polrelid = %(of)s::pg_catalog.regclass""",
    Read.TRIGGER: """
        SELECT pg_catalog.substring(pg_catalog.pg_get_triggerdef(oid), 'TRIGGER ' || tgname || ' (.*)$')
        FROM pg_catalog.pg_trigger WHERE tgname = %(name)s""",
    Read.RULE: r"""
        SELECT pg_catalog.rtrim(
            pg_catalog.substring(pg_catalog.pg_get_ruledef(oid), 'RULE ' || rulename || ' AS\s+(.*)$'), ';')
        FROM pg_catalog.pg_rewrite WHERE rulename = %(name)s""",
    Read.DOMAIN_DEFAULT: """
        SELECT pg_catalog.pg_get_expr(typdefaultbin, 0) FROM pg_catalog.pg_type
        WHERE oid = %(of)s::pg_catalog.regtype""",
    Read.DOMAIN_CHECK: """
        SELECT pg_catalog.format('CONSTRAINT %%I %%s', conname, pg_catalog.pg_get_constraintdef(oid))
        FROM pg_catalog.pg_constraint WHERE contype = 'c' AND contypid = %(of)s::pg_catalog.regtype""",
    Read.PARTITION_KEY: """
        SELECT pg_catalog.pg_get_partkeydef((%(schema)s::text || '.' || %(name)s::text)::pg_catalog.regclass)""",
    Read.BODY: r"""
        SELECT pg_catalog.substring(pg_catalog.pg_get_functiondef(oid), E'\n(BEGIN ATOMIC.*|RETURN .*)$')
        FROM pg_catalog.pg_proc WHERE pronamespace = %(schema)s::pg_catalog.regnamespace""",
    Read.PARAMETERS: """
        SELECT pg_catalog.pg_get_function_arguments(oid)
        FROM pg_catalog.pg_proc WHERE pronamespace = %(schema)s::pg_catalog.regnamespace""",
}


def surround(connection: Connection, groups: Sequence[Statements]) -> None:
    """Make what the texts speak of. What cannot be made is left out, after it was tried again behind the others."""
    connection.execute("SET search_path = ''; SET check_function_bodies = off; SET client_min_messages = error")
    try:
        connection.execute(_all(statement for group in groups for statement in group))
    except psycopg.Error:
        _one_by_one(connection, groups)


def _one_by_one(connection: Connection, groups: Sequence[Statements]) -> None:
    waiting = list(groups)
    while waiting:
        failed: list[Statements] = []
        for group in waiting:
            try:
                connection.execute(_all(group))
            except psycopg.Error:
                failed.append(group)
        if len(failed) == len(waiting):
            return
        waiting = failed


def same(question: Question, source: Connection, target: Connection) -> bool | None:
    """Whether all texts of a question mean the same; None: one of them cannot be read."""
    answers = [_met(mine, its, source, target) for mine, its in question.pairs]
    if any(answer is None for answer in answers):
        return None
    return all(answers)


def _met(mine: Replay, its: Replay, source: Connection, target: Connection) -> bool | None:
    """Every form that a server gives to a text means what the text means: one common form is enough."""
    ours, theirs = [mine.text], [its.text]
    for _ in range(ROUNDS):
        for forms, replay, connection in ((ours, mine, source), (theirs, its, target)):
            form = _read(connection, replay, forms[-1])
            if form is None:
                return None
            forms.append(form)
        if not set(ours).isdisjoint(theirs):
            return True
        if ours[-1] == ours[-2] and theirs[-1] == theirs[-2]:
            return False
    return False


def _read(connection: Connection, replay: Replay, text: str) -> str | None:
    """The text as this server writes it; None where it does not understand it."""
    way = replay.way
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(way.given(text).encode())
            found = connection.execute(_READ[way.read], {"name": way.name, "of": way.of, "schema": SCHEMA}).fetchone()
    except psycopg.Error:
        return None
    return None if found is None or found[0] is None else str(found[0])


def _all(statements: Iterable[str]) -> bytes:
    return "\n;".join(statements).encode()
