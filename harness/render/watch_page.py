"""The page of a watch's history: alerts, curves of every table, looks, bytes; one file that loads nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.record import Side
from harness.core.watch.history import History, Look
from harness.core.watch.summary import WatchedAlert, summary_of
from harness.render.figures import count, size
from harness.render.html import page_asset, page_environment, policy_hash, trusted
from harness.render.watch_curves import curves
from harness.render.watch_text import NOUNS, received_text

DRAWN: Final = 200
"""Tables with a drawing; those with an alert come first"""
ALERTS: Final = 300
LATEST: Final = 12
"""Looks that are listed whatever they found, the latest ones"""
TELLING: Final = 100
"""Looks that are listed because an alert changed, or something was left out; the latest ones"""


@dataclass(frozen=True, slots=True)
class LookLine:
    """A look as a row of a table; what was not looked at is empty."""

    at: str
    number: int
    what: str
    counts: str
    digests: str
    target_schema: str
    source_schema: str
    changes: str
    source_received: str
    target_received: str
    gaps: int


def render_watch(history: History) -> str:
    """The whole page."""
    css, theme = page_asset("report.css") + page_asset("index.css") + page_asset("serve.css"), page_asset("theme.js")
    summary, drawn = summary_of(history), curves(history)
    looks = [_line(look) for look in _listed(history.looks)]
    return (
        page_environment()
        .get_template("watch.html")
        .render(
            summary=summary,
            drawn=drawn.tables[:DRAWN],
            not_drawn=max(len(drawn.tables) - DRAWN, 0),
            curves=drawn,
            tables=sorted(summary.tables, key=lambda each: (not each.difference, not each.differing, each.table)),
            ended=[each for each in summary.alerts if each.ended is not None][:ALERTS],
            not_listed=max(sum(each.ended is not None for each in summary.alerts) - ALERTS, 0),
            looks=looks,
            older=len(history.looks) - len(looks),
            nouns=NOUNS,
            received_text=received_text,
            total=received_text(summary.received),
            lasted=lasted,
            css=trusted(css),
            theme_script=trusted(theme),
            css_hash=policy_hash(css),
            theme_hash=policy_hash(theme),
        )
    )


def lasted(alert: WatchedAlert) -> str:
    """When an alert began and ended, to the minute."""
    return f"{_minute(alert.since)} to {_minute(alert.ended)}" if alert.ended else f"since {_minute(alert.since)}"


def _listed(looks: Sequence[Look]) -> list[Look]:
    """The latest looks, and of the others those that tell of something; the latest first."""
    telling = [look for look in looks[:-LATEST] if look.changes or look.gaps]
    return [*looks[-LATEST:][::-1], *telling[-TELLING:][::-1]]


def _line(look: Look) -> LookLine:
    changes = Counter(each.change for each in look.changes)
    schemas = {each.side: count(each.differences) for each in look.schemas}
    differences = [each.difference for each in look.counts if each.difference is not None]
    whole = [each.status for each in look.digests if each.status != "incomplete"]
    return LookLine(
        at=look.at,
        number=look.number,
        what=", ".join(NOUNS[kind] for kind in look.what),
        counts=_differing(sum(map(bool, differences)), len(differences), len(look.counts)),
        digests=_differing(sum(each != "identical" for each in whole), len(whole), len(look.digests)),
        target_schema=schemas.get(Side.TARGET, ""),
        source_schema=schemas.get(Side.SOURCE, ""),
        changes=", ".join(f"{number} {change}" for change, number in changes.items()),
        source_received="" if look.received.source is None else size(look.received.source),
        target_received="" if look.received.target is None else size(look.received.target),
        gaps=len(look.gaps),
    )


def _differing(unlike: int, done: int, wanted: int) -> str:
    """2 of 7; 0 of 6, 1 not compared."""
    if not wanted:
        return ""
    return f"{unlike} of {done}" + (f", {wanted - done} not compared" if done < wanted else "")


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")
