"""The page of `pgparity serve`: databases, last verdicts, the watch's curves, statements; with scripts and without."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass
from functools import cache
from typing import Final

from harness.core.document import RunSummary
from harness.core.health.documents import DatabaseHealth, MetricsHealth, SessionsHealth
from harness.core.watch.history import History, moment
from harness.render.figures import count, counted, duration
from harness.render.html import page_asset, page_environment, policy_hash, trusted
from harness.render.watch_curves import TableCurve, WatchCurves

CURVES: Final = 24
"""Tables that are drawn; those with an alert come first"""
SLOW_SHOWN: Final = 10
LATE, LATE_SECONDS, RECENT_LOOKS = 3, 60.0, 50
"""A watch is late when nothing was looked at for so many of its usual steps and a minute"""
TONES: Final = {
    "ok": "good",
    "warning": "warn",
    "degraded": "warn",
    "unavailable": "stop",
    "critical": "stop",
    "error": "stop",
    "GO": "good",
    "NO-GO": "stop",
    "INCOMPLETE": "warn",
}


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run, the address of its report (empty where it has none), or why it cannot be read."""

    folder: str
    summary: RunSummary | None
    href: str
    ago: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class HealthPage:
    """All that the page shows at one moment."""

    at: str
    databases: DatabaseHealth
    metrics: MetricsHealth
    sessions: SessionsHealth | None
    runs: tuple[RunLine, ...]
    history: History
    curves: WatchCurves
    watch_problem: str
    refresh_seconds: int


@dataclass(frozen=True, slots=True)
class _Watch:
    """The watch as it is drawn."""

    curves: WatchCurves
    drawn: tuple[TableCurve, ...]
    not_drawn: int
    history: History
    problem: str
    since: str
    """How long ago the last look began"""
    is_late: bool


def render_health_page(page: HealthPage, *, still: bool = False) -> str:
    """The whole page; `still`: it does not update itself where there are no scripts."""
    css, theme, script = _assets()
    values = {
        "now": trusted(render_now(page)),
        "names": " and ".join(each.name for each in page.databases.databases) or "no database",
        "refresh_seconds": page.refresh_seconds,
        "still": still,
        "with_sessions": page.sessions is not None,
        "css": trusted(css),
        "theme_script": trusted(theme),
        "script": trusted(script),
    }
    return page_environment().get_template("serve.html").render(values)


def render_now(page: HealthPage) -> str:
    """What changes: the part that the page asks for again and again."""
    drawn = page.curves
    since = max((moment(page.at) - drawn.last).total_seconds(), 0.0) if drawn.last is not None else 0.0
    watch = _Watch(
        curves=drawn,
        drawn=drawn.tables[:CURVES],
        not_drawn=max(len(drawn.tables) - CURVES, 0),
        history=page.history,
        problem=page.watch_problem,
        since=ago(since),
        is_late=since > LATE * _usual_step(page.history) + LATE_SECONDS,
    )
    values = {
        "page": page,
        "watch": watch,
        "tones": TONES,
        "session_reasons": session_reasons(page.sessions) if page.sessions is not None else (),
        "slow": tuple(reversed(page.metrics.slow))[:SLOW_SHOWN],
    }
    return page_environment().get_template("serve_now.html").render(values)


def ago(seconds: float) -> str:
    """How long ago something was: from two days on in days."""
    return duration(seconds) if seconds < 2 * 86_400 else counted(int(seconds // 86_400), "day")


def _usual_step(history: History) -> float:
    """Seconds from look to look, the usual ones of late; a year where there is no second look to tell."""
    times = [moment(each.at).timestamp() for each in history.looks[-RECENT_LOOKS:]]
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return statistics.median(steps) if steps else 365 * 86_400.0


def session_reasons(health: SessionsHealth) -> tuple[str, ...]:
    """What speaks against a better level, in words."""
    keys, expired = health.keys or 0, health.expired_keys or 0
    since = health.seconds_since_update
    words = {
        "no_auth_state": "no auth state",
        "not_updated": "no key was ever updated" if since is None else f"no key was updated for {duration(since)}",
        "half_expired": f"{count(expired)} of {counted(keys, 'key')} expired",
        "few_session_keys": f"only {counted(health.session_keys or 0, 'living session key')}",
    }
    # How many keys are expired stands above the reasons.
    return tuple(words.get(each.reason, each.reason) for each in health.reasons if each.reason != "expired_keys")


@cache
def page_policy() -> str:
    """The Content-Security-Policy of the page: its own style and scripts, and its own address to ask again."""
    css, theme, script = (policy_hash(each) for each in _assets())
    return (
        f"default-src 'none'; style-src '{css}'; script-src '{theme}' '{script}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


@cache
def _assets() -> tuple[str, str, str]:
    css = page_asset("report.css") + page_asset("index.css") + page_asset("serve.css")
    return css, page_asset("theme.js"), f"{page_asset('page.js')}\n{page_asset('serve.js')}"
