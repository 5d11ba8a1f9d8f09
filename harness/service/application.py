"""The health endpoints as a Starlette application: served by `pgparity serve`, or mounted in another application."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.core.health.documents import DatabaseHealth, LiveHealth
from harness.core.record import Record
from harness.render.health_page import page_policy, render_health_page, render_now
from harness.service.access import Access, Guarded, Log, problem
from harness.service.monitor import Monitor, Observed, TooManyCompanies
from harness.service.page_facts import seen_page
from harness.service.scrape import CONTENT_TYPE, registry_of, scraped
from harness.version import __version__

OK: Final = 200
UNAVAILABLE: Final = 503
_LARGEST_COMPANY_ID: Final = 2**31 - 1


def application(
    observed: Observed, access: Access | None = None, *, refresh_seconds: int = 10, log: Log | None = None
) -> ASGIApp:
    """The endpoints and the page.

    In an application of your own, give what it has, and keep its own rules of who may ask:

        health = application(Observed(databases={"main": database}, metrics=metrics, sessions=store.health))
        app = Starlette(routes=[Mount("/pgparity", health)])
    """
    endpoints = _Endpoints(Monitor(observed), refresh_seconds)
    routes = [
        Route("/health/live", endpoints.live),
        Route("/health/database", endpoints.database),
        Route("/health/database/metrics", endpoints.metrics),
        Route("/health/sessions", endpoints.sessions),
        Route("/metrics", endpoints.scrape),
        Route("/", endpoints.page),
        Route("/now", endpoints.now),
        Route("/runs/{folder}/report.html", endpoints.report),
    ]
    handlers = {HTTPException: _refused, Exception: _failed}
    return Guarded(Starlette(routes=routes, exception_handlers=handlers), access or Access(), log)


class _Endpoints:
    """What answers each path."""

    def __init__(self, monitor: Monitor, refresh_seconds: int) -> None:
        self._monitor = monitor
        self._refresh_seconds = refresh_seconds
        self._registry = registry_of(monitor)
        self._began = monotonic()

    async def live(self, _request: Request) -> Response:
        """The process is there."""
        return _json(LiveHealth(pgparity=__version__, up_seconds=round(monotonic() - self._began, 1)))

    async def database(self, request: Request) -> Response:
        """Databases and pools: 503 where one of them cannot be used; ?database= asks for one alone."""
        given = request.query_params.getlist("database")
        known = list(self._monitor.observed.databases)
        if len(given) > 1 or not set(given) <= set(known):
            return problem(400, "There is no such database here.", f"Known: {', '.join(known) or 'none'}.")
        health = await self._monitor.database_health(*given)
        return _json(health, _code(health))

    async def metrics(self, _request: Request) -> Response:
        """Times and errors of statements."""
        return _json(await self._monitor.metrics_health())

    async def sessions(self, request: Request) -> Response:
        """The chat session of a company: 200 ok or warning, 503 critical, 500 error."""
        given = request.query_params.getlist("company_id")
        company_id = self._monitor.observed.company_id if not given else _company_id(given)
        if company_id is None:
            detail = "Give one positive whole number: ?company_id=42, or set company_id under [serve]."
            return problem(400, "Which company?" if not given else "company_id is no company.", detail)
        try:
            found = await self._monitor.sessions_health(company_id)
        except TooManyCompanies:
            return problem(UNAVAILABLE, "Sessions of too many companies are asked for.", **{"Retry-After": "1"})
        return _json(found.health, found.code)

    async def scrape(self, _request: Request) -> Response:
        """Prometheus."""
        return Response(await scraped(self._monitor, self._registry), headers={"Content-Type": CONTENT_TYPE})

    async def page(self, request: Request) -> Response:
        """The page for people."""
        seen = await seen_page(self._monitor, self._refresh_seconds)
        text = await asyncio.to_thread(render_health_page, seen, still="still" in request.query_params)
        return _page(text, page_policy())

    async def now(self, _request: Request) -> Response:
        """What the page asks for again and again."""
        seen = await seen_page(self._monitor, self._refresh_seconds)
        return _page(await asyncio.to_thread(render_now, seen), "default-src 'none'")

    async def report(self, request: Request) -> Response:
        """The report of a run; it brings a policy of its own, which is narrower."""
        text = await self._monitor.records.report(request.path_params["folder"])
        if text is None:
            return problem(404, "There is no such report.")
        return _page(text, "frame-ancestors 'none'")


def _company_id(given: list[str]) -> int | None:
    text = given[0]
    if len(given) != 1 or not text.isascii() or not text.isdecimal() or len(text) > len(str(_LARGEST_COMPANY_ID)):
        return None
    return int(text) if 0 < int(text) <= _LARGEST_COMPANY_ID else None


def _code(health: DatabaseHealth) -> int:
    return UNAVAILABLE if health.status == "unavailable" else OK


def _json(record: Record, code: int = OK) -> Response:
    return Response(record.to_json(), code, media_type="application/json")


def _page(text: str, policy: str) -> Response:
    return Response(text, headers={"Content-Security-Policy": policy}, media_type="text/html")


async def _failed(_request: Request, _error: Exception) -> Response:
    return problem(500, "The endpoint failed.")


async def _refused(_request: Request, error: Exception) -> Response:
    """Starlette's own refusals."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(status, "There is nothing at this address." if status == 404 else "The request is refused.")
