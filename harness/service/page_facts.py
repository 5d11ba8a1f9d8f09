"""What the page shows at one moment: every look that its sections need, taken together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import quote

from harness.core.health.documents import SessionsHealth
from harness.render.health_page import HealthPage, RunLine, ago
from harness.service.kept_records import SeenRun
from harness.service.monitor import Monitor, TooManyCompanies
from harness.stages.run_folders import REPORT


async def seen_page(monitor: Monitor, refresh_seconds: int) -> HealthPage:
    """The facts of the page."""
    databases, metrics, sessions, runs, history = await asyncio.gather(
        monitor.database_health(),
        monitor.metrics_health(),
        configured_session(monitor),
        monitor.records.runs(),
        monitor.records.history(),
    )
    now = datetime.now(UTC)
    return HealthPage(
        at=databases.looked_at,
        databases=databases,
        metrics=metrics,
        sessions=sessions,
        runs=tuple(_line(each, now) for each in runs),
        history=history.history,
        curves=history.curves,
        watch_problem=history.problem,
        refresh_seconds=refresh_seconds,
    )


async def configured_session(monitor: Monitor) -> SessionsHealth | None:
    """The chat session of the company that is configured; None where none is."""
    company_id = monitor.observed.company_id
    if company_id is None or monitor.observed.sessions is None:
        return None
    try:
        return (await monitor.sessions_health(company_id)).health
    except TooManyCompanies:
        return None


def _line(run: SeenRun, now: datetime) -> RunLine:
    age = run.age(now)
    href = f"runs/{quote(run.folder, safe='')}/{REPORT}" if run.has_report else ""
    return RunLine(run.folder, run.summary, href, "" if age is None else f"{ago(age)} ago", run.problem)
