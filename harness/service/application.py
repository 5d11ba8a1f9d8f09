"""The health endpoints as a Starlette application: served by `pgparity serve`, or mounted in another application."""

from __future__ import annotations

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
from harness.service.access import Access, Guarded, problem
from harness.service.monitor import Monitor, Observed, TooManyCompanies
from harness.service.scrape import CONTENT_TYPE, registry_of, scraped
from harness.version import __version__

OK: Final = 200
UNAVAILABLE: Final = 503
_LARGEST_COMPANY_ID: Final = 2**31 - 1


def application(observed: Observed, access: Access | None = None) -> ASGIApp:
    """The endpoints and the page.

    In an application of your own, give what it has, and keep its own rules of who may ask:

        health = application(Observed(databases={"main": database}, metrics=metrics, sessions=store.health))
        app = Starlette(routes=[Mount("/pgparity", health)])
    """
    endpoints = _Endpoints(Monitor(observed))
    routes = [
        Route("/health/live", endpoints.live),
        Route("/health/database", endpoints.database),
        Route("/health/database/metrics", endpoints.metrics),
        Route("/health/sessions", endpoints.sessions),
        Route("/metrics", endpoints.scrape),
    ]
    return Guarded(Starlette(routes=routes, exception_handlers={HTTPException: _refused}), access or Access())


class _Endpoints:
    """What answers each path."""

    def __init__(self, monitor: Monitor) -> None:
        self._monitor = monitor
        self._registry = registry_of(monitor)
        self._began = monotonic()

    async def live(self, _request: Request) -> Response:
        """The process is there."""
        return _json(LiveHealth(pgparity=__version__, up_seconds=round(monotonic() - self._began, 1)))

    async def database(self, _request: Request) -> Response:
        """Databases and pools: 503 where one of them cannot be used."""
        health = await self._monitor.database_health()
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


def _company_id(given: list[str]) -> int | None:
    text = given[0]
    if len(given) != 1 or not text.isascii() or not text.isdecimal() or len(text) > len(str(_LARGEST_COMPANY_ID)):
        return None
    return int(text) if 0 < int(text) <= _LARGEST_COMPANY_ID else None


def _code(health: DatabaseHealth) -> int:
    return UNAVAILABLE if health.status == "unavailable" else OK


def _json(record: Record, code: int = OK) -> Response:
    return Response(record.to_json(), code, media_type="application/json")


async def _refused(_request: Request, error: Exception) -> Response:
    """Starlette's own refusals."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(status, "There is nothing at this address." if status == 404 else "The request is refused.")
