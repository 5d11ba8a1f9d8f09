"""The health endpoints over real databases, for tests: a server in this process, asked over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import psycopg

from harness.core.health.judging import HealthLimits
from harness.service.access import Access
from harness.service.application import application
from harness.service.databases import OpenedWhenAsked
from harness.service.monitor import Observed
from harness.service.server import HealthServer
from harness.service.session_look import sessions_of
from harness.shipped import shipped

COMPANY = 5
LIMIT_SECONDS = 2.0


@contextlib.contextmanager
def asked(observed: Observed, access: Access | None = None) -> Iterator[httpx.Client]:
    """A client of the endpoints."""
    with (
        HealthServer.start(application(observed, access), "127.0.0.1", 0) as server,
        httpx.Client(base_url=server.url, timeout=20) as client,
    ):
        yield client


@contextlib.contextmanager
def opened(dsn: str, *, seconds: float = LIMIT_SECONDS) -> Iterator[OpenedWhenAsked]:
    """A database as `pgparity serve` opens it."""
    database = OpenedWhenAsked(dsn, seconds=seconds)
    try:
        yield database
    finally:
        database.close()


@contextlib.contextmanager
def served(dsn: str, *, seconds: float = LIMIT_SECONDS) -> Iterator[httpx.Client]:
    """The endpoints over one database, which is called target; `seconds`: the limit of a look."""
    with opened(dsn, seconds=seconds) as database:
        observed = Observed(
            databases={"target": database},
            sessions=sessions_of(database),
            company_id=COMPANY,
            limits=HealthLimits(seconds=seconds),
        )
        with asked(observed) as client:
            yield client


def session_with(dsn: str, *, expired: int, living: int) -> None:
    """The reference application's session store with one company's session, of so many keys."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        exists = connection.execute("SELECT to_regclass('public.whatsapp_keys') IS NOT NULL").fetchone()
        if exists != (True,):
            connection.execute(shipped("schemas", "reference", "aligned.sql").read_text(encoding="utf-8").encode())
        connection.execute("DELETE FROM public.whatsapp_auth")
        connection.execute(
            "INSERT INTO public.whatsapp_auth (session_id, company_id, creds) VALUES ('company_5', %s, '{}')",
            (COMPANY,),
        )
        connection.execute(
            "INSERT INTO public.whatsapp_keys (session_id, key_type, key_id, value, expires_at)"
            " SELECT 'company_5', 'session', number::text, '{}',"
            " now() + CASE WHEN number <= %s THEN interval '-1 second' ELSE interval '1 day' END"
            " FROM generate_series(1, %s) AS number",
            (expired, expired + living),
        )
