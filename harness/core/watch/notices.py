"""Notices: what a channel is told of the looks that it does not know of yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from harness.core.record import Record
from harness.core.watch.history import AlertChange, History, Look, moment

AT_MOST: Final = 200
"""Changes in one notice, the latest ones: more are not read by anybody"""
_SIGNS: Final = {"begun": "ALERT", "reminded": "STILL", "ended": "ended"}


class WatchNotice(Record):
    """What a webhook gets: alerts that began, go on or ended, and how many are open. It holds no value of a row."""

    format: Literal["pgparity/watch-notice"] = "pgparity/watch-notice"
    version: Literal[1] = 1
    id: str = Field(description="The same where the same is told again; also in the header Idempotency-Key")
    at: str = Field(description="When the last of the looks began; UTC, ISO 8601")
    source: str
    target: str
    looks: tuple[int, ...] = Field(description="Numbers of the looks that it tells of")
    changes: tuple[AlertChange, ...]
    left_out: int = Field(default=0, ge=0, description="Changes beyond those that one notice holds, the oldest ones")
    open: int = Field(ge=0, description="Alerts that are open now")
    text: str = Field(description="The same in words; chats show it as the message")


def untold(history: History, channel: str, *, new_channel_since: str) -> tuple[Look, ...]:
    """Looks with changes that a channel was not told of; of one that was never told anything, those since a moment."""
    known = [each for each in history.told if each.channel == channel]
    delivered = {number for each in known if each.delivered for number in each.looks}
    since = None if known else moment(new_channel_since)
    return tuple(
        each
        for each in history.looks
        if each.changes and each.number not in delivered and (since is None or moment(each.at) >= since)
    )


def notice_of(looks: Sequence[Look], open_now: int) -> WatchNotice:
    """One notice of several looks, the oldest first."""
    changes = [change for look in looks for change in look.changes]
    told = changes[-AT_MOST:]
    last = looks[-1]
    head = f"pgparity watch: {last.source} → {last.target}: {open_now} open"
    return WatchNotice(
        id=f"{told[0].id if told else 'none'}-{looks[0].number}-{last.number}",
        at=last.at,
        source=last.source,
        target=last.target,
        looks=tuple(each.number for each in looks),
        changes=tuple(told),
        left_out=len(changes) - len(told),
        open=open_now,
        text="\n".join([head, *(line_of(each) for each in told)]),
    )


def line_of(change: AlertChange) -> str:
    """A change in one line."""
    since = f" (since {change.since[:16].replace('T', ' ')})" if change.change != "begun" else ""
    return f"{_SIGNS[change.change]}: {change.title}{since}"
