"""CapturedStatement: what a data layer said to its server, as the relay saw it, or what a .sql file says."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.record import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """A request to a Supabase project, without body and keys."""

    verb: str
    path: str
    """/rest/v1/clients or /clients"""
    query: str = ""
    """Raw, still percent-encoded"""
    prefer: str = ""
    profile: str = ""
    """Accept-Profile or Content-Profile"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapturedStatement:
    """One statement or request and where it comes from. Exactly one of `sql` and `request` is given."""

    side: Side
    origin: str
    """The method that sent it, or the file that holds it"""
    case: str = ""
    sql: str | None = None
    """As sent: parameters stand as $1, $2, …"""
    types: tuple[int, ...] = ()
    """OIDs of PostgreSQL's own types that the driver declared for the parameters, the first ones; 0: left open"""
    request: RestRequest | None = None
