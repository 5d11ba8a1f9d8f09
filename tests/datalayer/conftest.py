"""Fixtures of the tests that run over every backend: one database a module behind all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.datalayer.two_backends import BACKENDS, NASTY, VISITS, TwoBackends, two_backends


@pytest.fixture(scope="module")
def both(server: Server) -> Iterator[TwoBackends]:
    with two_backends(server) as running:
        yield running


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visits(both: TwoBackends, backend: str) -> Any:
    """The repository of a table that holds one row for each nasty text."""
    both.execute("TRUNCATE visits RESTART IDENTITY")
    both.execute(
        "INSERT INTO visits (number, company_id, name, code, amount, day, moment, active, tags, data)"
        " SELECT n, 900100, name, 'c' || n, n / 3.0, date '2025-10-01' + n::int, '2025-10-31T21:00:00Z', n %% 2 = 0,"
        " ARRAY[name], jsonb_build_object('name', name)"
        " FROM unnest(%s::text[]) WITH ORDINALITY AS given (name, n)",
        list(NASTY),
    )
    both.execute("INSERT INTO visits (number, company_id) VALUES (1000, 900100), (1, 900200)")
    return both.repositories[backend](VISITS)
