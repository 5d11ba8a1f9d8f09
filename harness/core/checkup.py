"""The doctor's judgement of one server: what it says in, checks with a status and a hint out."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from harness.core.names import quote
from harness.core.pooler import POOLER_PORT
from harness.core.record import Record, Side
from harness.core.server_state import ServerState, Transport

Status = Literal["ok", "warning", "problem", "unknown"]
"""problem: a run would fail or prove nothing; warning: worth a decision; unknown: it could not be asked."""

SUPPORTED = range(13, 19)
"""Major versions of PostgreSQL that are supported"""
WARN_DAYS = 30

Judged = tuple[str, Status, str, str]
"""name, status, text, hint"""
_SHOWN = 5


class Check(Record):
    """One thing that was looked at. `side` is null where both databases are concerned."""

    side: Side | None
    name: str
    status: Status
    text: str = Field(description="What is so")
    hint: str = Field(default="", description="What to do about it")


def as_check(side: Side | None, judged: Judged) -> Check:
    """A judgement about a side, or about both."""
    name, status, text, hint = judged
    return Check(side=side, name=name, status=status, text=text, hint=hint)


def side_checks(
    side: Side, facts: ServerState, *, connections: int, statement_timeout: int, now: dt.datetime
) -> tuple[Check, ...]:
    """The checks of one reachable server.

    :param connections: how many the run may take (run.max_connections).
    :param statement_timeout: seconds that one statement of the run may take.
    """
    judged = (
        _pooler(facts),
        _version(facts),
        _role(facts),
        _reading(facts),
        *([_writing(facts)] if side is Side.TARGET else []),
        _row_security(facts),
        _recovery(side, facts),
        _connections(facts, connections),
        _statement_timeout(facts, statement_timeout),
        _time_zone(facts),
        *_transport(facts.transport, now),
    )
    return tuple(as_check(side, each) for each in judged)


def pooler_port(side: Side, port: str) -> Check | None:
    """What can be said before any connection: the port is that of Supabase's transaction pooler."""
    if port != POOLER_PORT:
        return None
    text = f"port {POOLER_PORT} is that of Supabase's pooler in transaction mode, which keeps no session"
    hint = "Use the pooler in session mode (port 5432 of the same host) or the direct host db.<project>.supabase.co."
    return as_check(side, ("port", "problem", text, hint))


def _pooler(facts: ServerState) -> Judged:
    if facts.shares_backends:
        return (
            "pooler",
            "problem",
            "a pooler in transaction mode stands before the server: settings, snapshots and locks get lost",
            "Use the pooler in session mode, or the server's own address.",
        )
    return "pooler", "ok", "every session has a backend of its own", ""


def _version(facts: ServerState) -> Judged:
    text = f"PostgreSQL {facts.version}"
    if facts.major < SUPPORTED.start:
        return "version", "problem", f"{text} is older than any that is supported", f"{SUPPORTED.start} is the oldest."
    if facts.major not in SUPPORTED:
        return (
            "version",
            "warning",
            f"{text} is newer than any that pgparity was tested on",
            "Look for a newer pgparity.",
        )
    return "version", "ok", text, ""


def _role(facts: ServerState) -> Judged:
    also = ", a superuser" if facts.superuser else ", which bypasses row-level security" * facts.bypasses_row_security
    return "role", "ok", f"role {quote(facts.role)}{also}", ""


def listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _tables(number: int) -> str:
    return "1 table" if number == 1 else f"{number} tables"


def _reading(facts: ServerState) -> Judged:
    closed = [quote(each.schema) for each in facts.schemas if not each.can_use]
    unreadable = [each.table for each in facts.tables if not each.can_read]
    role = quote(facts.role)
    if closed:
        text = f"role {role} may not use schema {listed(closed)}"
        return "read rights", "problem", text, f"GRANT USAGE ON SCHEMA {', '.join(closed)} TO {role};"
    if unreadable:
        text = f"role {role} may not read {len(unreadable)} of {_tables(len(facts.tables))}: {listed(unreadable)}"
        return "read rights", "problem", text, f"GRANT SELECT ON the tables TO {role}, or exclude them by name."
    if not facts.tables:
        return "read rights", "ok", "no tables in scope", ""
    return "read rights", "ok", f"{_tables(len(facts.tables))} in scope, all can be read", ""


def _writing(facts: ServerState) -> Judged:
    role = quote(facts.role)
    if not facts.can_create_in_database:
        text = f"role {role} may not create a schema, which the ledger of moved rows lives in"
        return "write rights", "problem", text, f"GRANT CREATE ON DATABASE {quote(facts.database)} TO {role};"
    closed = [quote(each.schema) for each in facts.schemas if not each.can_create]
    refused = [each.table for each in facts.tables if not each.can_insert]
    if refused:
        text = f"role {role} may not insert into {len(refused)} of {_tables(len(facts.tables))}: {listed(refused)}"
        return "write rights", "problem", text, f"GRANT INSERT ON the tables TO {role}."
    foreign = [each.table for each in facts.tables if not each.is_owner]
    if closed or foreign:
        text = f"role {role} may load rows, and not change the schema: " + (
            f"it may not create in schema {listed(closed)}" if closed else f"it does not own {listed(foreign)}"
        )
        return "write rights", "warning", text, "Applying a plan needs the owner; comparing and loading do not."
    return "write rights", "ok", "rows can be loaded and a plan can be applied", ""


def _row_security(facts: ServerState) -> Judged:
    filtered = [each.table for each in facts.tables if each.filtered]
    if filtered:
        return (
            "row-level security",
            "problem",
            f"rows of {_tables(len(filtered))} would be hidden from role {quote(facts.role)}: {listed(filtered)}",
            "Use the owner of the tables or a role with BYPASSRLS; a read that would be filtered is refused.",
        )
    return "row-level security", "ok", "no row is hidden from the role", ""


def _recovery(side: Side, facts: ServerState) -> Judged:
    if not facts.in_recovery:
        return "recovery", "ok", "the server is a primary", ""
    if side is Side.TARGET:
        return "recovery", "problem", "the server is a replica and takes no writes", "Give the primary."
    return (
        "recovery",
        "warning",
        "the server is a replica: it may lag behind its primary",
        "Compare with the primary at last.",
    )


def _connections(facts: ServerState, wanted: int) -> Judged:
    least = min(facts.limits, key=lambda limit: limit.left)
    text = f"{least.left} of the {least.allowed} connections of {least.of} are left; a run takes at most {wanted}"
    if least.left < 1:
        return "connections", "problem", text, f"Close some, or raise the limit of {least.of}."
    if least.left < wanted:
        return "connections", "warning", text, f"Set run.max_connections to {least.left} or less."
    return "connections", "ok", text, ""


def _statement_timeout(facts: ServerState, wanted: int) -> Judged:
    begins = facts.statement_timeout_default
    if begins == 0:
        return "statement timeout", "ok", "none by default; a run sets its own", ""
    text = f"sessions of the role begin with {_seconds(begins)}; a run sets {wanted} s for its own"
    if begins >= wanted * 1000:
        return "statement timeout", "ok", text, ""
    return (
        "statement timeout",
        "warning",
        f"{text}, a data layer has to live with it",
        "Compare it with that of the other side: a slow method fails on the one and works on the other.",
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:g} s"


def _time_zone(facts: ServerState) -> Judged:
    if facts.timezone.upper() in ("UTC", "ETC/UTC", "GMT", "ETC/GMT", "ZULU", "UCT"):
        return "time zone", "ok", facts.timezone, ""
    return (
        "time zone",
        "warning",
        f"{facts.timezone}: values without a zone are read in it",
        "Set the time zone of the database, or of the data layer's sessions, to UTC.",
    )


def _transport(transport: Transport, now: dt.datetime) -> list[Judged]:
    if not transport.encrypted:
        if transport.local:
            return [("TLS", "ok", "not used, on a connection that does not leave the machine", "")]
        return [
            ("TLS", "warning", "not used: passwords and rows cross the network as they are", "Set sslmode=verify-full.")
        ]
    if transport.verified:
        tls: Judged = ("TLS", "ok", "used, and the certificate was verified", "")
    elif transport.local:
        tls = ("TLS", "ok", "used, unverified, on a connection that does not leave the machine", "")
    else:
        hint = "Set sslmode=verify-full and sslrootcert to the authority's certificate."
        tls = ("TLS", "warning", "used, but nobody verified whose certificate it is", hint)
    return [tls, certificate(transport.expires, now)]


def certificate(expires: dt.datetime | None, now: dt.datetime) -> Judged:
    """Whether a server's certificate is valid, and for how long."""
    if expires is None:
        return "certificate", "unknown", "its end could not be read", "openssl s_client -starttls postgres shows it."
    left = expires - now
    day = f"{expires:%Y-%m-%d}"
    if left <= dt.timedelta(0):
        return "certificate", "problem", f"expired on {day}", "Renew it: whoever verifies it cannot connect."
    if left < dt.timedelta(days=WARN_DAYS):
        return "certificate", "warning", f"expires on {day}, in {left.days} days", "Renew it before the cutover."
    return "certificate", "ok", f"valid until {day}", ""
