"""The health of a company's chat session, from the store's own answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.core.health.documents import SessionReason, SessionsHealth
from harness.datalayer.envelope import CallFailed, Envelope, ErrorBody
from harness.reference.session_health import ERROR, status_code
from harness.reference.session_store import SessionStore
from harness.service.databases import OpenedWhenAsked


@dataclass(frozen=True, slots=True)
class SeenSessions:
    """What is told of a company's session, and the HTTP status code that the store has for it."""

    health: SessionsHealth
    code: int


def sessions_of(database: OpenedWhenAsked) -> Callable[[int], Envelope]:
    """`SessionStore.health` over a database that is opened when it is asked."""

    def health(company_id: int) -> Envelope:
        try:
            opened = database.opened()
        except CallFailed as failed:
            body: ErrorBody = {"kind": failed.kind, "code": failed.code, "message": failed.message}
            return {"success": False, "data": None, "error": body}
        return SessionStore(opened).health(company_id)

    return health


def session_health(company_id: int, ask: Callable[[int], Envelope]) -> SeenSessions:
    """Ask the store; what it cannot answer is an error with its reason."""
    answer = ask(company_id)
    if answer["error"] is not None:
        body = answer["error"]
        return session_error(company_id, f"{body['message'].rstrip('.')} ({body['kind']}, {body['code']})")
    data: dict[str, Any] = answer["data"]
    reasons = tuple(SessionReason(**each) for each in data["reasons"])
    health = SessionsHealth.model_validate({**data, "company_id": company_id, "reasons": reasons})
    return SeenSessions(health, status_code(answer))


def session_error(company_id: int, why: str) -> SeenSessions:
    """A session whose health cannot be told."""
    return SeenSessions(SessionsHealth(company_id=company_id, status="error", error=why), ERROR)
