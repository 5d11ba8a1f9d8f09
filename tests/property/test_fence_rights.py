"""Laws of the fence: whatever was granted, by whomever, nobody writes by it under a fence, and all comes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from random import Random

import psycopg
import pytest
from psycopg import sql

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Endpoint
from harness.postgres.fence import breaches, fence, may_fence, unfence
from tests.postgres.fenced_database import Database, database_with_roles

NAMES = ("owner", "app", "bot", "team", "other")
TABLES = ("public.clients", "public.bookings")
RELATIONS = (*TABLES, "public.named")
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
GRANTS = 40


def _scratch(server: Server) -> Iterator[str]:
    from tests.conftest import _fresh

    yield from _fresh(server)


def _statement(random: Random) -> tuple[str, str]:
    """A random GRANT or REVOKE, and the role that gives it."""
    relation, acting = random.choice(RELATIONS), random.choice(NAMES)
    taker = random.choice((*(f"{{{name}}}" for name in NAMES), "PUBLIC"))
    several = random.sample(PRIVILEGES, random.randint(1, 4))
    if random.random() < 0.3:
        several = [
            f"{each} ({random.choice(('id', 'name'))})" for each in several if each in ("SELECT", "INSERT", "UPDATE")
        ]
    privileges = ", ".join(several) or "ALL"
    if random.random() < 0.08:
        return f"REVOKE {privileges} ON {relation} FROM {taker} CASCADE", acting
    option = " WITH GRANT OPTION" if taker != "PUBLIC" and random.random() < 0.5 else ""
    return f"GRANT {privileges} ON {relation} TO {taker}{option}", acting


def _prepare(database: Database, random: Random) -> None:
    database.run(
        "CREATE TABLE public.clients (id int, name text)",
        "CREATE TABLE public.bookings (id int, name text)",
        "CREATE VIEW public.named AS SELECT * FROM public.clients",
        *(f"ALTER TABLE {each} OWNER TO {{owner}}" for each in RELATIONS),
    )
    for _ in range(random.randint(0, 3)):
        first, second = sorted(random.sample(NAMES, 2))
        with contextlib.suppress(psycopg.Error):
            database.run(f"GRANT {{{first}}} TO {{{second}}}")
    with psycopg.connect(database.admin_dsn, autocommit=True) as connection:
        for _ in range(GRANTS):
            statement, acting = _statement(random)
            connection.execute(sql.SQL(database.named(f"SET ROLE {{{acting}}}")))
            # Whoever has no grant option gets a warning; who would make a circle of them, an error.
            with contextlib.suppress(psycopg.Error):
                connection.execute(sql.SQL(database.named(statement)))


def _may_write(database: Database, roles: Sequence[str]) -> set[tuple[str, str, str]]:
    with psycopg.connect(database.admin_dsn) as connection:
        return {
            (role, relation, privilege)
            for role in roles
            for relation in RELATIONS
            for privilege in WRITES
            if connection.execute(
                sql.SQL("SELECT has_table_privilege(%(role)s, %(relation)s, %(privilege)s)")
                + sql.SQL(
                    " OR has_any_column_privilege(%(role)s, %(relation)s, %(privilege)s)"
                    if privilege in ("INSERT", "UPDATE")
                    else ""
                ),
                {"role": role, "relation": relation, "privilege": privilege},
            ).fetchone()
            == (True,)
        }


def _law(server: Server, seed: int) -> int:
    """One random database; how many rights were taken."""
    random = Random(seed)
    for dsn in _scratch(server):
        with database_with_roles(dsn, *NAMES) as database:
            _prepare(database, random)
            return _holds(database, random.sample(NAMES, random.randint(1, 3)))
    raise AssertionError("no database")


def _holds(database: Database, names: Sequence[str]) -> int:
    endpoint, before = Endpoint(Side.SOURCE, database.admin_dsn), database.rights()
    asked = [database.role(name) for name in names]
    told = may_fence(endpoint, roles=asked, tables=TABLES)
    if told:
        # Somebody's right hangs on one of theirs, or was left by a grantor who can do nothing about it any more.
        assert all("no longer then" in each or "no grant option any more" in each for each in told)
        with pytest.raises(PrivilegeMissing, match=r"no longer then|no grant option any more"):
            fence(endpoint, cutover="c", roles=asked, tables=TABLES, consent=True)
        assert database.rights() == before
        asked = [database.role(name) for name in NAMES]
    if may_fence(endpoint, roles=asked, tables=TABLES):
        return 0
    taken = fence(endpoint, cutover="c", roles=asked, tables=TABLES, consent=True).new_rights
    assert _may_write(database, asked) == set()
    assert breaches(endpoint) == ()
    assert fence(endpoint, cutover="c", roles=asked, tables=TABLES, consent=True).new_rights == 0
    assert _reading(database.rights()) == _reading(before)
    assert unfence(endpoint, "c", consent=True).told == ()
    assert database.rights() == before
    return taken


def _reading(rights: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    return {right for right in rights if right[4] not in WRITES}


@pytest.mark.parametrize("seed", range(3))
def test_every_right_to_write_goes_and_comes_back_as_it_was(server: Server, seed: int) -> None:
    _law(server, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 112))
def test_every_right_to_write_goes_and_comes_back_on_both_versions(
    server: Server, newer_server: Server, seed: int
) -> None:
    assert _law(server, seed) + _law(newer_server, seed + 1000) > 0
