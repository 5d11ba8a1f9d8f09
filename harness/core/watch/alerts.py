"""Alerts: what holds after a look, and whether it is told: when it begins, now and then while it lasts, at its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.core.watch.history import AlertChange, OpenAlert, moment


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must not be, and is."""

    key: str
    """What it is about; one alert for each"""
    title: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What changed by a look, and what is open after it."""

    changes: tuple[AlertChange, ...]
    open: tuple[OpenAlert, ...]


def judged(
    before: Sequence[OpenAlert],
    conditions: Iterable[Condition],
    looked: Callable[[str], bool],
    *,
    at: str,
    remind_seconds: float,
) -> Judged:
    """The alerts after a look at a moment.

    An alert ends where `looked` says that the look would have seen its condition, and it was not there; what was not
    looked at stays open. It is told again `remind_seconds` after it was told last.
    """
    holding = {each.key: each.title for each in conditions}
    changes: list[AlertChange] = []
    after: list[OpenAlert] = []
    for alert in before:
        title = holding.pop(alert.key, None)
        if title is None and looked(alert.key):
            changes.append(_change(alert, "ended"))
            continue
        # A clock that was set back must not put the reminder off: the wait begins anew.
        told_at = min(alert.told_at, at, key=moment)
        current = alert.model_copy(update={"title": title or alert.title, "told_at": told_at})
        if (moment(at) - moment(told_at)).total_seconds() >= remind_seconds:
            current = current.model_copy(update={"told_at": at})
            changes.append(_change(current, "reminded"))
        after.append(current)
    for key, title in holding.items():
        alert = OpenAlert(id=alert_id(key, at), key=key, since=at, told_at=at, title=title)
        changes.append(_change(alert, "begun"))
        after.append(alert)
    return Judged(tuple(changes), tuple(after))


def alert_id(key: str, since: str) -> str:
    """The same in all that is told of an alert, so that who is told twice can know."""
    return hashlib.sha256(f"{key}\n{since}".encode()).hexdigest()[:16]


def _change(alert: OpenAlert, change: str) -> AlertChange:
    return AlertChange.model_validate(
        {"id": alert.id, "key": alert.key, "change": change, "since": alert.since, "title": alert.title}
    )
