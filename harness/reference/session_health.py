"""The health of a company's chat session: pure functions from counts to a level, a status and an HTTP status code.

The record has one sentence, and this is how it is read. There are five levels, the worst that applies wins:

- healthy: fewer than 100 expired keys, and nothing of what follows;
- warning: 100 to 500 expired keys;
- degraded: no key was updated for 24 hours;
- bad: no key was updated for 48 hours, or never; or more than half of the keys are expired; or the session has fewer
  than 10 keys of the type `session` that are not expired (an expired one is not given out, and so is no key to use);
- critical: more than 500 expired keys, or no auth state.

An endpoint knows three statuses: ok is healthy, warning is warning or degraded, critical is bad or critical. `For 24
hours` holds from the 24th hour on, to the microsecond; `more than half` does not hold for half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from harness.datalayer.envelope import Envelope
from harness.datalayer.rows import Row

Level = Literal["healthy", "warning", "degraded", "bad", "critical"]
Status = Literal["ok", "warning", "critical"]
Reason = Literal["expired_keys", "not_updated", "half_expired", "few_session_keys", "no_auth_state"]

_WORST_LAST: Final[tuple[Level, ...]] = ("healthy", "warning", "degraded", "bad", "critical")
_STATUS: Final[dict[Level, Status]] = {
    "healthy": "ok",
    "warning": "warning",
    "degraded": "warning",
    "bad": "critical",
    "critical": "critical",
}
_WARNING_FROM: Final = 100
_CRITICAL_ABOVE: Final = 500
_DEGRADED_FROM_SECONDS: Final = 24 * 3600
_BAD_FROM_SECONDS: Final = 48 * 3600
_FEWEST_SESSION_KEYS: Final = 10

OK: Final = 200
ERROR: Final = 500
UNAVAILABLE: Final = 503


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Counts of a company's session. `session_keys` are not expired; `seconds_since_update` is None with no key."""

    auth_states: int
    keys: int
    expired_keys: int
    session_keys: int
    seconds_since_update: float | None


@dataclass(frozen=True, slots=True)
class SessionHealth:
    """A level, and what speaks against a better one, with the level of each, in no value's words."""

    level: Level
    reasons: tuple[tuple[Level, Reason], ...]

    @property
    def status(self) -> Status:
        """What an endpoint calls it."""
        return _STATUS[self.level]


def facts_of(row: Row) -> SessionFacts:
    """The facts in the row of `session_statements.health`."""
    seconds = row["seconds_since_update"]
    return SessionFacts(
        auth_states=row["auth_states"],
        keys=row["keys"],
        expired_keys=row["expired_keys"],
        session_keys=row["session_keys"],
        seconds_since_update=None if seconds is None else float(seconds),
    )


def health_of(facts: SessionFacts) -> SessionHealth:
    """What the facts mean."""
    reasons: list[tuple[Level, Reason]] = []
    if facts.auth_states == 0:
        reasons.append(("critical", "no_auth_state"))
    if facts.expired_keys > _CRITICAL_ABOVE:
        reasons.append(("critical", "expired_keys"))
    elif facts.expired_keys >= _WARNING_FROM:
        reasons.append(("warning", "expired_keys"))
    seconds = facts.seconds_since_update
    if seconds is None or seconds >= _BAD_FROM_SECONDS:
        reasons.append(("bad", "not_updated"))
    elif seconds >= _DEGRADED_FROM_SECONDS:
        reasons.append(("degraded", "not_updated"))
    if facts.expired_keys * 2 > facts.keys:
        reasons.append(("bad", "half_expired"))
    if facts.session_keys < _FEWEST_SESSION_KEYS:
        reasons.append(("bad", "few_session_keys"))
    levels: list[Level] = ["healthy", *(level for level, _ in reasons)]
    return SessionHealth(max(levels, key=_WORST_LAST.index), tuple(reasons))


def health_document(company_id: int, facts: SessionFacts) -> dict[str, Any]:
    """What the store answers: status, level, reasons and the counts that they follow from."""
    health = health_of(facts)
    return {
        "company_id": company_id,
        "status": health.status,
        "level": health.level,
        "reasons": [{"level": level, "reason": reason} for level, reason in health.reasons],
        "auth_states": facts.auth_states,
        "keys": facts.keys,
        "expired_keys": facts.expired_keys,
        "session_keys": facts.session_keys,
        "seconds_since_update": facts.seconds_since_update,
    }


def status_code(answer: Envelope) -> int:
    """The HTTP status code for an answer of `SessionStore.health`: 200 ok or warning, 503 critical, 500 no answer."""
    if not answer["success"]:
        return ERROR
    return UNAVAILABLE if answer["data"]["status"] == "critical" else OK
