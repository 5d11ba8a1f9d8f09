"""Renders chat sessions for people: the health of each company's session, and what a clean-up deletes."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.core.chat_sessions import SessionsCleanUp, SessionsReport
from harness.core.health.documents import SessionsHealth

_SIGNS: Final = {"ok": ("✓ ok", "green"), "warning": ("! warning", "yellow"), "critical": ("✗ critical", "red")}
_REASONS: Final = {
    "expired_keys": "many expired keys",
    "not_updated": "no key was updated lately",
    "half_expired": "more than half of the keys are expired",
    "few_session_keys": "fewer than 10 living session keys",
    "no_auth_state": "no auth state",
}


def print_health(report: SessionsReport, console: Console) -> None:
    """A line a company."""
    if not report.companies:
        console.print("no company has a session: nothing was checked")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("", "company", "level", "keys", "expired", "last update", "because"):
        table.add_column(heading, overflow="fold")
    for each in report.companies:
        sign, style = _SIGNS.get(each.status, ("? unknown", "dim"))
        table.add_row(
            Text(sign, style=style),
            str(each.company_id),
            each.level or "",
            f"{each.keys or 0:,}",
            f"{each.expired_keys or 0:,}",
            _ago(each),
            "; ".join(f"{_REASONS.get(one.reason, one.reason)} ({one.level})" for one in each.reasons),
        )
    console.print(table)


def print_clean_up(done: SessionsCleanUp, console: Console) -> None:
    """Counts by key type, before and after."""
    table = Table(box=None, pad_edge=False)
    for heading in ("key type", "keys", "expired", "would go" if done.dry_run else "deleted", "left"):
        table.add_column(heading, overflow="fold")
    for kind in sorted({*done.before, *done.after}):
        before, after = done.before.get(kind), done.after.get(kind)
        table.add_row(
            Text(kind),
            f"{before.keys if before else 0:,}",
            f"{before.expired if before else 0:,}",
            f"{done.deleted.get(kind, 0):,}",
            f"{after.keys if after else 0:,}",
        )
    if table.row_count:
        console.print(table)
    whose = "of all companies" if done.company_id is None else f"of company {done.company_id}"
    count = f"{done.deleted_in_all:,} expired keys {whose}"
    told = (
        f"would delete {count}; --yes does it" if done.dry_run else f"deleted {count} in {done.seconds * 1000:.0f} ms"
    )
    console.print(Text(told))


def _ago(health: SessionsHealth) -> str:
    seconds = health.seconds_since_update
    if seconds is None:
        return "never"
    hours = seconds / 3600
    return f"{hours:.0f} h ago" if hours >= 1 else f"{seconds / 60:.0f} min ago"
