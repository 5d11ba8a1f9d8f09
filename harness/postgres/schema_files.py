"""Schema files: runs the statements of .sql files on a scratch database, so that their schema can be read from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from harness.core.sql.script import ScriptError, Statement, script
from harness.errors import DocumentError
from harness.postgres.connect import Connection
from harness.postgres.scratch import OWN_ROLE

_NO_ROLE = re.compile(r'role "(.+)" does not exist')
_MAKES_ROLE = re.compile(r"CREATE\s+(?:ROLE|USER|GROUP)\b", re.IGNORECASE)
_SETS = re.compile(r"SET\b", re.IGNORECASE)
_SETS_LOCALLY = re.compile(r"SET\s+LOCAL\b", re.IGNORECASE)
_TRANSACTION = re.compile(r"(?:BEGIN|START\s+TRANSACTION|COMMIT|END)\b", re.IGNORECASE)
_UNDOES = re.compile(r"ROLLBACK\b(?!\s+TO\b)", re.IGNORECASE)
_LAST_ROLES = 100


def load_files(dsn: str, files: Iterable[Path]) -> None:
    """Run every file in a session of its own, in the order given. Roles that a statement names are made.

    DocumentError names file, line and what PostgreSQL says of the first statement that fails.
    """
    for file in files:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DocumentError(
                f"{file.name} cannot be read: {type(error).__name__}", hint="Give .sql files in UTF-8."
            ) from None
        with psycopg.connect(dsn, autocommit=True, client_encoding="utf8", prepare_threshold=None) as connection:
            connection.execute("SET lc_messages = 'C'")
            connection.execute("SET check_function_bodies = off")
            _load(connection, file, text)


def _load(connection: Connection, file: Path, text: str) -> None:
    try:
        for statement in script(text):
            _run(connection, file, statement)
    except ScriptError as error:
        raise DocumentError(
            f"{file.name}, line {error.line}: {error}",
            hint="Take the schema with pg_dump --schema-only, or load it into a database and give that.",
        ) from None


def _run(connection: Connection, file: Path, statement: Statement) -> None:
    """Run one statement. Transactions are left out: a role may have to be made and its statement run again, and a file
    that fails is not used at all."""
    if _TRANSACTION.match(statement.text):
        return
    if _UNDOES.match(statement.text):
        raise DocumentError(
            f"{file.name}, line {statement.line}: ROLLBACK is not supported", hint="Take out what it undoes."
        )
    text = _SETS_LOCALLY.sub("SET", statement.text, count=1)
    for _ in range(_LAST_ROLES):
        try:
            connection.execute(text.encode())
        except psycopg.Error as error:
            if _passed_over(error, statement):
                return
            if (role := _missing_role(error)) is None:
                raise _refused(error, file, statement) from None
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        else:
            return
    raise DocumentError(f"{file.name}, line {statement.line}: too many roles", hint="Create them in the files.")


def _passed_over(error: psycopg.Error, statement: Statement) -> bool:
    """A role that is there already, and a setting that another version has: neither changes the schema."""
    if error.sqlstate == "42710" and _MAKES_ROLE.match(statement.text):
        return True
    return error.sqlstate == "42704" and bool(_SETS.match(statement.text)) and _missing_role(error) is None


def _missing_role(error: psycopg.Error) -> str | None:
    match = _NO_ROLE.search(error.diag.message_primary or "") if error.sqlstate in ("42704", "22023") else None
    return match[1] if match and match[1] != OWN_ROLE else None


def _refused(error: psycopg.Error, file: Path, statement: Statement) -> DocumentError:
    position = max(int(error.diag.statement_position or 1) - 1, 0)
    line = statement.line + statement.text.count("\n", 0, position)
    said = (error.diag.message_primary or type(error).__name__).splitlines()[0]
    hint = "Mend the statement, or check the order of the files: they run in the order of their names."
    if error.sqlstate in ("0A000", "58P01") and "extension" in said:
        hint = (
            "This machine's PostgreSQL has not this extension: load the files into a database that has, and give that."
        )
    elif error.sqlstate == "42601":
        hint = "Another version of PostgreSQL may know it: --scratch-version N. " + hint
    return DocumentError(f"{file.name}, line {line}: {said}", hint=hint)
