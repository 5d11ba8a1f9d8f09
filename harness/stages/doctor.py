"""The doctor: what would stand in the way of a run, looked at before one begins. It changes nothing anywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from harness.core.checkup import Check, as_check, certificate, pooler_port, side_checks
from harness.core.checkup_pair import pair_checks
from harness.core.configuration import Configuration
from harness.core.names import qualified, split
from harness.core.record import Side
from harness.core.server_state import ServerState
from harness.errors import PgparityError, SameDatabase
from harness.postgres.connect import Endpoint, ensure_distinct
from harness.postgres.doctor import VERIFYING, certificate_end, server_state

__all__ = ["Check", "doctor"]


def doctor(source: Endpoint | None, target: Endpoint | None, configuration: Configuration) -> tuple[Check, ...]:
    """Look at one side or at both. What cannot be asked is a check that says so, never an exception.

    ConfigurationError is the exception: a DSN that is none.
    """
    now = dt.datetime.now(dt.UTC)
    endpoints = [each for each in (source, target) if each is not None]
    asked = {each.side: _asked(each, configuration) for each in endpoints}
    states = {side: answer for side, answer in asked.items() if isinstance(answer, ServerState)}
    names = _tables_in_scope(states.get(Side.SOURCE), configuration)
    found: list[Check] = []
    for endpoint in endpoints:
        side, answer = endpoint.side, asked[endpoint.side]
        port = pooler_port(side, endpoint.parameters().get("port", ""))
        found += [port] if port is not None else []
        if isinstance(answer, PgparityError):
            found.append(as_check(side, ("reachable", "problem", answer.message, answer.hint)))
            found += _certificate_of_unreachable(endpoint, now)
            continue
        found.append(as_check(side, ("reachable", "ok", f"answered in {answer.milliseconds} ms", "")))
        found += side_checks(
            side,
            _within(answer, side, names, configuration),
            connections=configuration.run.max_connections,
            statement_timeout=configuration.run.statement_timeout,
            now=now,
        )
    if source is not None and target is not None and len(states) == 2:
        found.append(_distinct(source, target))
        found += pair_checks(states[Side.SOURCE], states[Side.TARGET])
    return tuple(found)


def _asked(endpoint: Endpoint, configuration: Configuration) -> ServerState | PgparityError:
    endpoint.parameters()
    try:
        return server_state(endpoint, configuration.scope.schemas)
    except PgparityError as error:
        return error


def _tables_in_scope(source: ServerState | None, configuration: Configuration) -> frozenset[str] | None:
    """Identities on the source of the tables that the run is about; None where the source could not be asked."""
    if source is None:
        return None
    known = {each.table for each in source.tables}
    excluded = {_identity(name) for name in configuration.scope.exclude}
    listed = {_identity(name) for name in configuration.scope.tables} or known
    return frozenset((known & listed) - excluded)


def _identity(name: str) -> str:
    """A table's identity from what a user wrote; what is no name is no table either, and reported elsewhere."""
    try:
        parts = split(name)
    except ValueError:
        return name
    return qualified(*(("public", *parts) if len(parts) == 1 else parts))


def _within(state: ServerState, side: Side, names: frozenset[str] | None, configuration: Configuration) -> ServerState:
    """The state with the tables that matter: what lives on the target alone is read and written by nobody here."""
    if names is None:
        return state
    wanted = names if side is Side.SOURCE else {configuration.mapping.target_of(name) for name in names}
    return replace(state, tables=tuple(each for each in state.tables if each.table in wanted))


def _certificate_of_unreachable(endpoint: Endpoint, now: dt.datetime) -> list[Check]:
    """An expired certificate is a common reason for a verified connection to fail; anyone can read its date."""
    parameters = endpoint.parameters()
    host = parameters.get("hostaddr") or parameters.get("host", "")
    port = parameters.get("port", "5432")
    if parameters.get("sslmode") not in VERIFYING or not host or host.startswith("/") or not port.isdecimal():
        return []
    expires = certificate_end(host, int(port))
    return [] if expires is None else [as_check(endpoint.side, certificate(expires, now))]


def _distinct(source: Endpoint, target: Endpoint) -> Check:
    """Whether the two are two: a lock taken on one side must not show on the other."""
    try:
        ensure_distinct(source, target)
    except SameDatabase as error:
        return as_check(None, ("distinct", "problem", error.message, error.hint))
    except PgparityError as error:
        return as_check(None, ("distinct", "unknown", error.message, error.hint))
    return as_check(None, ("distinct", "ok", "two databases", ""))
