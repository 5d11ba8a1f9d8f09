"""What the current role may do with tables, asked before a stage would fail half-way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.core.names import quote, split
from harness.core.record import Side
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Connection

# Only tables that exist are asked about; has_table_privilege takes an oid, so that no name is parsed twice.
_PRIVILEGES = """
SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname),
       pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
       pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       pg_catalog.has_table_privilege(c.oid, 'INSERT'),
       pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN unnest(%s::text[], %s::text[]) AS wanted (schema, name) ON wanted.schema = n.nspname AND wanted.name = c.relname
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
ORDER BY 1
"""


_GRANTED: Final = 5
"""Tables that a hint names"""


def require(connection: Connection, side: Side, tables: Sequence[str], *, write: bool = False) -> None:
    """Refuse a role that cannot read (or, with `write`, insert into) every one of the tables, or sees some rows only.

    PrivilegeMissing names the side, the role, the first table, how many there are, the right and the GRANT for it.
    """
    names = [split(table) for table in tables]
    rows = connection.execute(_PRIVILEGES, ([schema for schema, _ in names], [name for _, name in names])).fetchall()
    role = connection.info.user
    closed = [str(name) for name, usage, _, _, _ in rows if not usage]
    unreadable = [str(name) for name, usage, read, _, _ in rows if usage and not read]
    filtered = [str(name) for name, _, _, _, filtering in rows if filtering]
    refused = [str(name) for name, _, _, insert, _ in rows if write and not insert]
    for found, what, hint in (
        (closed, "may not use the schema of", _grant("USAGE", closed, role)),
        (unreadable, "may not read", _grant("SELECT", unreadable, role)),
        (filtered, "sees only the rows that row-level security shows it of", "Use the owner or a role with BYPASSRLS"),
        (refused, "may not insert into", _grant("INSERT", refused, role)),
    ):
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            raise PrivilegeMissing(
                f"the {side} role {role} {what} table {found[0]}{more}", hint=f"{hint}, or use another role."
            )


def _grant(right: str, tables: Sequence[str], role: str) -> str:
    """The statement that gives a role what it lacks, as the owner says it."""
    if right == "USAGE":
        schemas = dict.fromkeys(quote(split(table)[0]) for table in tables)
        return f"GRANT USAGE ON SCHEMA {', '.join(schemas)} TO {quote(role)};" if schemas else ""
    some = ", ".join(tables[:_GRANTED])
    return f"GRANT {right} ON {some}{', …' if len(tables) > _GRANTED else ''} TO {quote(role)};" if tables else ""
