"""The oracle: whether two databases are the same as far as pg_dump prints them; shares no code with introspection."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from harness.embedded.binaries import installations
from tests.corpus.dump_text import facts

LARGE_OBJECTS = """
SELECT format('LARGE OBJECT %s: owner %s, grants %s, comment %s', oid, lomowner::regrole,
    coalesce(lomacl, acldefault('L', lomowner)),
    obj_description(oid, 'pg_largeobject'))
FROM pg_largeobject_metadata
"""
"""pg_dump knows them as data only, and would print their bytes with them"""
EXTENSIONS = "SELECT format('EXTENSION %s in %s', extname, extnamespace::regnamespace) FROM pg_extension"
"""pg_dump says nothing of an extension that initdb made, and of the same one only when it was dropped and made again"""
_MADE_BY_INITDB = ("EXTENSION plpgsql: ", "COMMENT EXTENSION plpgsql: ")


@functools.cache
def program(name: str) -> Path:
    """A program of the newest installation that has it: pg_dump and psql work with older servers as well."""
    found = [each for each in installations() if (each.bin / name).is_file()]
    if not found:
        raise LookupError(f"no installation here has {name}")
    return max(found, key=lambda each: each.version).tool(name)


def dump(dsn: str) -> str:
    """The schema as pg_dump prints it, with the settings of the database."""
    command = [str(program("pg_dump")), "--schema-only", "--create", "--dbname", dsn]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pg_dump failed: {done.stderr.strip()}")
    return done.stdout


def dumped(dsn: str) -> frozenset[str]:
    """What pg_dump says of the database, as facts that compare; without grantors and without the database's name."""
    with psycopg.connect(dsn) as connection:
        beside = {str(fact) for query in (LARGE_OBJECTS, EXTENSIONS) for (fact,) in connection.execute(query)}
    printed = facts(dump(dsn), str(conninfo_to_dict(dsn)["dbname"]))
    return frozenset(fact for fact in printed if not fact.startswith(_MADE_BY_INITDB)) | beside


def differences(a: frozenset[str], b: frozenset[str]) -> list[str]:
    """What is on one side only: `-` for the first, `+` for the second."""
    return sorted([f"- {each}" for each in a - b] + [f"+ {each}" for each in b - a], key=lambda line: line[2:])
