"""What `pgparity serve` observes: the databases of the configuration, its own looks at them, runs and watch."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from prometheus_client import ProcessCollector

from harness.core.health.judging import HealthLimits
from harness.core.record import Side
from harness.core.serve_section import ServeSection
from harness.datalayer.observation.metrics import QueryMetrics
from harness.datalayer.observation.observers import Observers
from harness.datalayer.observation.prometheus import PrometheusMetrics
from harness.errors import ConfigurationError
from harness.postgres.endpoint import Endpoint
from harness.service.access import SHORTEST_TOKEN, Access, hosts_of, is_loopback
from harness.service.databases import DeployedServices, OpenedWhenAsked
from harness.service.monitor import OWN_LOOKS, Observed
from harness.service.session_look import sessions_of

_CLOSING_SECONDS: Final = 0.2
_TABLES: Final = ("whatsapp_auth", "whatsapp_keys")


@contextlib.contextmanager
def observed(
    endpoints: Mapping[Side, Endpoint], section: ServeSection, *, base: Path, history: Path
) -> Iterator[Observed]:
    """The databases, opened when first asked and closed at the end; the folder of runs is relative to `base`.

    Until then psycopg's pools log nothing in this process: each look tells that a database cannot be reached.
    """
    metrics = QueryMetrics(slow_seconds=section.slow_milliseconds / 1000)
    prometheus = PrometheusMetrics(tables=_TABLES)
    ProcessCollector(registry=prometheus.registry)
    told = Observers(metrics, prometheus)
    databases = {
        str(side): OpenedWhenAsked(endpoint.dsn, seconds=section.time_limit, observer=told)
        for side, endpoint in endpoints.items()
    }
    for name, each in databases.items():
        prometheus.watch_pool(each.statistics, pool=name)
    with_sessions = databases.get(str(section.sessions))
    services = None if section.services is None else DeployedServices(section.services, section.pool_maximum)
    with _pools_log_nothing():
        try:
            yield Observed(
                databases=databases,
                metrics=metrics,
                statements_of=OWN_LOOKS,
                sessions=sessions_of(with_sessions) if with_sessions is not None else None,
                company_id=section.company_id,
                runs=base / section.runs,
                history=history,
                limits=HealthLimits(section.time_limit, section.slow_milliseconds),
                services=services,
                registry=prometheus.registry,
            )
        finally:
            _close(databases)


@contextlib.contextmanager
def _pools_log_nothing() -> Iterator[None]:
    logger = logging.getLogger("psycopg.pool")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _close(databases: Mapping[str, OpenedWhenAsked]) -> None:
    """Close what closes at once; a pool whose server does not answer ends with the process."""
    threads = [threading.Thread(target=each.close, daemon=True) for each in databases.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_CLOSING_SECONDS)


def access_of(host: str, token: str | None, section: ServeSection) -> Access:
    """Who may ask; ConfigurationError where anyone could who reaches the address. `token` is env:NAME."""
    value = _token(token or section.token)
    if value is None and not is_loopback(host):
        raise ConfigurationError(
            f"{host} can be reached from other machines, and no token is set",
            hint="Set one: --token env:NAME, or listen at 127.0.0.1.",
        )
    return Access(value, hosts_of(host, section.allowed_hosts))


def _token(given: str | None) -> str | None:
    if given is None:
        return None
    name = given.removeprefix("env:")
    if name == given or not name:
        raise ConfigurationError(
            "the token is given as it is, where other users of this machine can read it",
            hint="Give --token env:NAME and export NAME.",
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"the environment variable {name} of the token is not set", hint=f"Export {name} and run again."
        )
    if len(value) < SHORTEST_TOKEN or not value.isascii() or not value.isprintable():
        raise ConfigurationError(
            f"the token of {name} is shorter than {SHORTEST_TOKEN} characters, or not of printable ASCII",
            hint="`openssl rand -hex 32` makes one.",
        )
    return value
