"""A database with roles of its own for the tests of the fence: an owner, an application, somebody else."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import conninfo, sql

from harness.core.record import Side
from harness.postgres.connect import Endpoint
from harness.postgres.fence import fence

DENIED, LOCKED = "42501", "55P03"
TABLES = ("public.clients", "public.bookings")
INSERT = "INSERT INTO public.clients VALUES (1, 'x')"
LOCK_TIMEOUT = "300ms"
"""What a test waits for a lock, where it waits for one"""
RIGHTS = """
SELECT c.relname::text, '' AS attribute, pg_get_userbyid(a.grantor)::text,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type, a.is_grantable
FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'f')
UNION ALL
SELECT t.attrelid::regclass::text, t.attname::text, pg_get_userbyid(a.grantor)::text,
       CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type, a.is_grantable
FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a
WHERE c.relnamespace = 'public'::regnamespace AND t.attacl IS NOT NULL
"""


@dataclass(frozen=True)
class Database:
    """A database, and roles that only it has: their names end with its number."""

    admin_dsn: str = field(repr=False)
    number: str

    def role(self, name: str) -> str:
        """The name that a role has on the server."""
        return f"{name}_{self.number}"

    def dsn(self, name: str) -> str:
        """How a role logs in."""
        options = f"-c lock_timeout={LOCK_TIMEOUT}"
        return conninfo.make_conninfo(self.admin_dsn, user=self.role(name), password="fenced", options=options)

    def endpoint(self, name: str = "owner", side: Side = Side.SOURCE) -> Endpoint:
        """The side as pgparity's role."""
        return Endpoint(side, self.dsn(name))

    def run(self, *statements: str, dsn: str | None = None) -> None:
        """Statements of the superuser, or of whom the DSN names; {name} is the name of a role."""
        with psycopg.connect(dsn or self.admin_dsn, autocommit=True) as connection:
            for statement in statements:
                connection.execute(sql.SQL(self.named(statement)))

    def named(self, statement: str) -> str:
        """A statement with the names that the roles have on the server."""
        return statement.replace("{", "").replace("}", f"_{self.number}")

    def state_of(self, name: str, statement: str) -> str:
        """The SQLSTATE of a statement of a role, committed where it works: 00000."""
        try:
            self.run(statement, dsn=self.dsn(name))
        except psycopg.Error as error:
            return error.sqlstate or "?"
        return "00000"

    def rights(self) -> set[tuple[object, ...]]:
        """Every right on every relation of schema public, as PostgreSQL has it."""
        with psycopg.connect(self.admin_dsn) as connection:
            return set(connection.execute(RIGHTS))

    def one(self, query: str) -> object:
        """The value that a query gives."""
        with psycopg.connect(self.admin_dsn) as connection:
            row = connection.execute(sql.SQL(self.named(query))).fetchone()
        return row[0] if row else None


@contextlib.contextmanager
def database_with_roles(dsn: str, *roles: str) -> Iterator[Database]:
    """Roles that log in with a password; the first one owns the database and the schema public."""
    database = Database(dsn, uuid.uuid4().hex[:8])
    names = [sql.Identifier(database.role(name)) for name in roles]
    with psycopg.connect(dsn, autocommit=True) as admin:
        for name in names:
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'fenced'").format(name))
        admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(admin.info.dbname), names[0]))
        admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(names[0]))
        admin.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    try:
        yield database
    finally:
        with psycopg.connect(dsn, autocommit=True, options="-c client_min_messages=error") as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            admin.execute("DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS pgparity CASCADE")
            left = [
                sql.Identifier(str(name))
                for (name,) in admin.execute(
                    "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", (f"%{database.number}",)
                )
            ]
            if left:
                everybody = sql.SQL(", ").join(left)
                admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(everybody))
                admin.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(everybody))
                admin.execute(sql.SQL("DROP ROLE {}").format(everybody))


@contextlib.contextmanager
def salon_with_roles(dsn: str) -> Iterator[Database]:
    """Two tables of an owner, an application that may write them, and somebody else."""
    with database_with_roles(dsn, "owner", "app", "other") as made:
        made.run(
            "CREATE TABLE public.clients (id int PRIMARY KEY, name text)",
            "CREATE TABLE public.bookings (id int PRIMARY KEY, client int REFERENCES public.clients)",
            "GRANT ALL ON public.clients, public.bookings TO {app}",
            dsn=made.dsn("owner"),
        )
        yield made


def put_up(database: Database, *roles: str, cutover: str = "c1", role: str = "owner") -> int:
    """Fence both tables; how many rights this took."""
    names = [database.role(name) for name in roles or ("app",)]
    return fence(database.endpoint(role), cutover=cutover, roles=names, tables=TABLES, consent=True).new_rights
