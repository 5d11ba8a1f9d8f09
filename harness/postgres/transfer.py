"""Moves schemas from one database to another with pg_dump and pg_restore, and tells what could not be made."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO

from psycopg import conninfo

from harness.errors import CloneFailed
from harness.postgres.connect import Endpoint
from harness.postgres.scratch import ScratchServer

_LOCK_WAIT = "10s"
_NAMES_ONLY = re.compile(r"does not exist|already exists|is not available|permission denied|must be ", re.ASCII)
_COMMAND = re.compile(r"Command was: ((?:CREATE|ALTER|COPY|COMMENT|GRANT|REVOKE)\b[^(\n;=']{0,120})")
_MISSING = re.compile(r'relation "([^"]+)" does not exist')
_FAILED = re.compile(r"pg_restore: (?:error|warning): (?:could not execute query|COPY failed[^:]*): ERROR:  ([^\n]*)")


def transfer(
    origin: Endpoint, server: ScratchServer, name: str, schemas: Sequence[str], *, schema_only: bool
) -> list[str]:
    """Fill a database of the scratch server; returns what could not be made there, each with the reason.

    Raises CloneFailed where the origin cannot be dumped. Passwords travel in the environment, never as arguments.
    """
    dump = [os.fspath(server.programs / "pg_dump"), "--format=custom", "--compress=0", "--no-password"]
    dump += ["--no-publications", "--no-subscriptions", "--no-security-labels", f"--lock-wait-timeout={_LOCK_WAIT}"]
    dump += [f"--schema={exactly(schema)}" for schema in schemas]
    dump += ["--schema-only"] if schema_only else []
    restore = [os.fspath(server.programs / "pg_restore"), "--no-tablespaces", "--no-password"]
    with tempfile.TemporaryFile() as dump_messages, tempfile.TemporaryFile() as restore_messages:
        with _reading(origin) as (dump_target, dump_environment), _reading(server.endpoint(name)) as (to, environment):
            reader = subprocess.Popen(
                [*dump, f"--dbname={dump_target}"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=dump_messages,
                env=dump_environment,
            )
            writer = subprocess.Popen(
                [*restore, f"--dbname={to}"],
                stdin=reader.stdout,
                stdout=subprocess.DEVNULL,
                stderr=restore_messages,
                env=environment,
            )
            try:
                if reader.stdout:
                    reader.stdout.close()  # pg_dump notices when pg_restore ends early
                writer.wait()
                dumped = reader.wait()
            finally:
                for process in (writer, reader):
                    if process.poll() is None:
                        process.kill()
                        process.wait()
        if dumped != 0:
            raise _dump_failed(origin, _text(dump_messages))
        return lacking(_text(restore_messages))


def exactly(schema: str) -> str:
    """A schema as a pattern of pg_dump that matches it alone."""
    return '"' + schema.replace('"', '""') + '"'


@contextlib.contextmanager
def _reading(endpoint: Endpoint) -> Iterator[tuple[str, dict[str, str]]]:
    """A connection string without secrets for a program's arguments, and an environment with the password."""
    parameters = endpoint.parameters()
    password = conninfo.conninfo_to_dict(endpoint.dsn).get("password")
    environment = dict(os.environ, PGAPPNAME="pgparity clone", LC_ALL="C", PGTZ="UTC")
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    yield conninfo.make_conninfo(**parameters), environment


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(1 << 20).decode("utf-8", "replace")


def _dump_failed(origin: Endpoint, messages: str) -> CloneFailed:
    first = next((line for line in messages.splitlines() if "error:" in line), "")
    reason = told(first.partition("error: ")[2].replace("query failed: ERROR:  ", "")) or "no reason given"
    hint = "The role needs SELECT on every table of the schemas in scope, and must not be bound by row-level security."
    return CloneFailed(f"pg_dump could not read the {origin.side}: {reason}", hint=hint)


def lacking(messages: str) -> list[str]:
    """What pg_restore could not make: object and reason, without the statement's text and without values.

    What only follows from it (the rows, keys and grants of a table that could not be made) is not told again.
    """
    found: dict[str, str] = {}
    unmade: set[str] = set()
    for part in re.split(r"(?=^pg_restore: )", messages, flags=re.MULTILINE):
        failed = _FAILED.search(part)
        if failed is None:
            continue
        command = _COMMAND.search(part)
        what = " ".join(command[1].split()) if command else "a statement"
        if what.startswith("CREATE SCHEMA") and "already exists" in failed[1]:
            continue
        missing = _MISSING.search(failed[1])
        if missing is None or missing[1] not in unmade:
            found.setdefault(what, told(failed[1]))
        unmade.update(what.split()[-1:])
    return [f"{what}: {reason}" for what, reason in found.items()]


def told(message: str) -> str:
    """A message of the server without values: quoted parts are names in some messages, and values in all others."""
    if _NAMES_ONLY.search(message):
        return message
    return re.sub(r"\"[^\"]*\"|'[^']*'", "…", message)
