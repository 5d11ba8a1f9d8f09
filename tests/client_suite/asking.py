"""Asks a server: opens the unmodified client, asks one case through it, says what came back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import supabase
from postgrest import APIError
from supabase.lib.client_options import AsyncClientOptions, SyncClientOptions

from tests.client_suite.case import NO_RESPONSE, Answer, Case, Client, NotSent, Outcome, Refused

_HERE = Path(__file__).parent
SCHEMA = (_HERE / "schema.sql").read_bytes()
ROWS = (_HERE / "rows.sql").read_bytes()


@dataclass(frozen=True, slots=True)
class Place:
    """A server to be asked: its URL, its key for each role, and the database behind it."""

    url: str
    keys: dict[str, str] = field(repr=False)
    dsn: str = field(repr=False)

    def prepare(self) -> None:
        """Make tables and rows in the empty database. The API roles have to exist."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(SCHEMA)
            connection.execute(ROWS)

    def restore(self) -> None:
        """Put the rows back."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(ROWS)

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        """What a query of a case finds in the database."""
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


def _outcome(response: Any) -> Answer:
    if response is None:
        return NO_RESPONSE
    return Answer(response) if isinstance(response, str) else Answer(response.data, response.count)


def _failure(error: Exception) -> Outcome:
    return Refused(error.code) if isinstance(error, APIError) else NotSent(type(error).__name__)


class SyncAsking:
    """Asks with supabase.Client."""

    def __init__(self, place: Place) -> None:
        self._http = httpx.Client(timeout=30)
        options = SyncClientOptions(
            httpx_client=self._http, postgrest_client_retry=False, auto_refresh_token=False, persist_session=False
        )
        self.clients: dict[str, Client] = {
            role: supabase.create_client(place.url, key, options) for role, key in place.keys.items()
        }

    def __call__(self, case: Case) -> Outcome:
        """The outcome of a case."""
        try:
            return _outcome(case.ask(self.clients[case.role]).execute())
        except (APIError, TypeError, ValueError, httpx.InvalidURL) as error:
            return _failure(error)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


class AsyncAsking:
    """Asks with supabase.AsyncClient, in an event loop of its own."""

    def __init__(self, place: Place) -> None:
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(timeout=30)
        options = AsyncClientOptions(
            httpx_client=self._http, postgrest_client_retry=False, auto_refresh_token=False, persist_session=False
        )
        self.clients: dict[str, Client] = {
            role: self._runner.run(supabase.create_async_client(place.url, key, options))
            for role, key in place.keys.items()
        }

    async def _execute(self, case: Case) -> Any:
        return await case.ask(self.clients[case.role]).execute()

    def __call__(self, case: Case) -> Outcome:
        """The outcome of a case."""
        try:
            return _outcome(self._runner.run(self._execute(case)))
        except (APIError, TypeError, ValueError, httpx.InvalidURL) as error:
            return _failure(error)

    def close(self) -> None:
        """Close the connections and the event loop."""
        self._runner.run(self._http.aclose())
        self._runner.close()


@contextmanager
def asked_and_restored(asking: SyncAsking | AsyncAsking, case: Case, place: Place) -> Iterator[Outcome]:
    """The outcome of a case; at the end the rows are as they were."""
    outcome = asking(case)
    try:
        yield outcome
    finally:
        if case.stored is not None:
            place.restore()
