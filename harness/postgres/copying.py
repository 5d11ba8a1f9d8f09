"""Copies a database to a scratch server with pg_dump and pg_restore: the origin is read, and never written."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from harness.errors import CloneFailed
from harness.postgres.clones import Template, drop_database, setting_value
from harness.postgres.connect import Connection, Endpoint, session
from harness.postgres.even_templates import shuffle_rows
from harness.postgres.queries import query
from harness.postgres.scratch import ScratchServer, hash_quickly
from harness.postgres.transfer import told, transfer

API_ROLES = {"anon": False, "authenticated": False, "service_role": True}
"""Roles of a Supabase project, and whether row-level security does not bind them."""

_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copied database, and in what it is not like its origin."""

    template: Template
    lacking: tuple[str, ...]
    """Objects that could not be made, each with the reason"""
    notes: tuple[str, ...]
    """Other things that are not as in the original: the version, the locale"""


@dataclass(frozen=True, slots=True)
class _Database:
    """The row of clone_origin.sql."""

    version: int
    encoding: str
    collate: str
    ctype: str
    provider: str
    owner: str
    role: str
    superuser: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """What the origin says of itself."""

    database: _Database
    roles: tuple[tuple[str, bool, bool, list[str]], ...]
    settings: tuple[tuple[str, str, str], ...]
    extensions: dict[str, str]
    schemas: frozenset[str]


def copy_database(
    origin: Endpoint,
    server: ScratchServer,
    name: str,
    *,
    schemas: Sequence[str],
    schema_only: bool = False,
    shuffle: float | None = None,
) -> Copy:
    """Make `name` on the scratch server a copy of the origin's schemas, roles and settings, ready to be a template.

    Raises CloneFailed where the origin cannot be dumped. Single objects that cannot be made are named in the copy.

    :param shuffle: a seed from -1 to 1 by which rows are put into another order on disk; None: they stay in theirs.
    """
    with session(origin, purpose="clone") as connection:
        facts = read_origin(connection)
    present = [schema for schema in schemas if schema in facts.schemas]
    if not present:
        raise CloneFailed(
            f"the {origin.side} has none of the schemas {', '.join(schemas)}", hint="Check scope.schemas."
        )
    owner = _owner(facts, server)
    with contextlib.closing(server.connect(purpose="clone")) as admin:
        notes = _version_note(facts, admin)
        password = _create_roles(admin, facts, server)
        drop_database(admin, name)
        notes += _create_database(admin, facts, name, owner)
    user = server.user if facts.database.role == server.user else facts.database.role
    with contextlib.closing(server.connect(name, purpose="clone")) as clone:
        lacking = _create_surroundings(clone, facts, schemas)
        lacking += transfer(origin, server, name, present, schema_only=schema_only)
        if shuffle is not None and not schema_only:
            shuffle_rows(clone, present, shuffle)
        clone.execute("VACUUM (FREEZE, ANALYZE)")
    with psycopg.connect(server.endpoint(name).dsn, autocommit=True) as plain:
        settings = settings_to_give(plain, facts)
    template = Template(database=name, owner=owner, user=user, password=password, settings=settings)
    return Copy(template=template, lacking=tuple(lacking), notes=tuple(notes))


def empty_like(origin: Endpoint, server: ScratchServer, name: str) -> tuple[str, ...]:
    """Make an empty database on the scratch server that a whole dump of the origin can be restored into: its locale,
    the roles that it names, its extensions as far as they are here. Returns in what it is not like the origin.
    """
    with session(origin, purpose="clone") as connection:
        facts = read_origin(connection)
    with contextlib.closing(server.connect(purpose="clone")) as admin:
        notes = _version_note(facts, admin)
        _create_roles(admin, facts, server)
        drop_database(admin, name)
        notes += _create_database(admin, facts, name, _owner(facts, server))
    with contextlib.closing(server.connect(name, purpose="clone")) as clone:
        # What is lacking is told again by pg_restore, with all that follows from it.
        _create_surroundings(clone, facts, tuple(facts.schemas))
    return tuple(notes)


def read_origin(connection: Connection) -> Origin:
    """What a copy of the database that a session is on has to be given."""
    row = connection.execute(query("clone_origin")).fetchone()
    if row is None:
        raise CloneFailed("the server does not know its own database")
    surroundings = connection.execute(query("clone_surroundings")).fetchall()
    return Origin(
        database=_Database(*row),
        roles=tuple(connection.execute(query("clone_roles")).fetchall()),
        settings=tuple(connection.execute(query("clone_settings")).fetchall()),
        extensions={each: schema for kind, each, schema in surroundings if kind == "extension"},
        schemas=frozenset(each for kind, each, _ in surroundings if kind == "schema"),
    )


def _version_note(facts: Origin, admin: Connection) -> list[str]:
    major = admin.info.server_version // 10_000
    if facts.database.version // 10_000 == major:
        return []
    return [f"the clone runs on PostgreSQL {major}, the original on {facts.database.version // 10_000}"]


def _create_roles(admin: Connection, facts: Origin, server: ScratchServer) -> str:
    """Create what is not there yet; returns the password of the role that data layers log in as."""
    there = {row[0] for row in admin.execute("SELECT rolname::text FROM pg_catalog.pg_roles").fetchall()}
    wanted = {role: bypass for role, bypass, _, _ in facts.roles}
    for role, bypass in (API_ROLES | wanted).items():
        if role not in there:
            admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        if role != server.user:
            admin.execute(
                sql.SQL("ALTER ROLE {} {}").format(
                    sql.Identifier(role), sql.SQL("BYPASSRLS" if bypass else "NOBYPASSRLS")
                )
            )
    known = there | set(API_ROLES) | set(wanted)
    for role, _, inherits, groups in facts.roles:
        if role == server.user:
            continue
        admin.execute(
            sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role), sql.SQL("INHERIT" if inherits else "NOINHERIT"))
        )
        for group in groups:
            if group in known and group != server.user:
                admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), sql.Identifier(role)))
    for role, setting, value in facts.settings:
        if role and role != server.user:
            with contextlib.suppress(psycopg.Error):  # a setting of an extension that is not here
                admin.execute(
                    sql.SQL("ALTER ROLE {} SET {} TO {}").format(
                        sql.Identifier(role), sql.Identifier(setting), setting_value(setting, value)
                    )
                )
    return server.password if facts.database.role == server.user else _let_in(admin, facts)


def _let_in(admin: Connection, facts: Origin) -> str:
    """Give the role that the DSN names a password on the scratch server, and the rights that it has on the origin."""
    password = secrets.token_urlsafe(18)
    first = admin.execute("SELECT rolname::text FROM pg_catalog.pg_roles WHERE oid = 10").fetchone()
    # The role that a server was created by cannot be less than a superuser; on hosted projects `postgres` is.
    superuser = facts.database.superuser or first == (facts.database.role,)
    hash_quickly(admin)
    admin.execute(
        sql.SQL("ALTER ROLE {} LOGIN {} PASSWORD {}").format(
            sql.Identifier(facts.database.role),
            sql.SQL("SUPERUSER" if superuser else "NOSUPERUSER"),
            sql.Literal(password),
        )
    )
    return password


def settings_to_give(plain: Connection, facts: Origin) -> dict[str, str]:
    """The origin's settings that a plain session of the clone does not have by itself, and that this server knows."""
    here = {name: value for role, name, value in plain.execute(query("clone_settings")).fetchall() if role == ""}
    kept = {}
    for role, name, value in facts.settings:
        unbounded = name == "statement_timeout" and value == "0"
        if role or here.get(name) == value or unbounded:
            continue
        with contextlib.suppress(psycopg.Error):  # a locale that this machine has not
            plain.execute("SELECT pg_catalog.set_config(%s, %s, false)", (name, value))
            kept[name] = value
    return kept


def _owner(facts: Origin, server: ScratchServer) -> str:
    return facts.database.owner if any(facts.database.owner == role for role, *_ in facts.roles) else server.user


def _create_database(admin: Connection, facts: Origin, name: str, owner: str) -> list[str]:
    """Create the empty database in the origin's locale, else in the nearest that this machine has."""
    tried = [(facts.database.collate, facts.database.ctype)] if facts.database.provider == "c" else []
    for collate, ctype in (*tried, ("C.UTF-8", "C.UTF-8"), ("C", "C")):
        try:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 OWNER {} ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
                    sql.Identifier(name),
                    sql.Identifier(owner),
                    sql.Literal(facts.database.encoding),
                    sql.Literal(collate),
                    sql.Literal(ctype),
                )
            )
        except psycopg.Error:
            continue
        if facts.database.provider == "c" and collate == facts.database.collate:
            return []
        original = f"{facts.database.collate} of the provider {_PROVIDERS.get(facts.database.provider, 'unknown')}"
        return [f"the clone has the locale {collate} of libc, the original {original}"]
    raise CloneFailed(f"no database with the encoding {facts.database.encoding} can be made on this machine")


def _create_surroundings(clone: Connection, facts: Origin, schemas: Sequence[str]) -> list[str]:
    """Make what objects of the schemas may need from outside: extensions, and Supabase's functions of schema auth."""
    lacking = []
    for extension, schema in facts.extensions.items():
        clone.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        clone.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO PUBLIC").format(sql.Identifier(schema)))
        try:
            clone.execute(
                sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE").format(
                    sql.Identifier(extension), sql.Identifier(schema)
                )
            )
        except psycopg.Error as error:
            if extension == "uuid-ossp":
                _stand_in_for_uuid(clone, schema)
                continue
            lacking.append(f"extension {extension}: {told(error.diag.message_primary or 'cannot be made here')}")
    if "auth" in facts.schemas and "auth" not in schemas:
        clone.execute(query("clone_auth_functions"))
    return lacking


def _stand_in_for_uuid(clone: Connection, schema: str) -> None:
    """uuid_generate_v4(), the one function of uuid-ossp that defaults use, as PostgreSQL's own."""
    clone.execute(
        sql.SQL(
            "CREATE FUNCTION {}.uuid_generate_v4() RETURNS uuid LANGUAGE sql VOLATILE AS"
            " 'SELECT pg_catalog.gen_random_uuid()'"
        ).format(sql.Identifier(schema))
    )
