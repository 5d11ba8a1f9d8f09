"""An error in nested sessions is that of the side where it happened, with the right that is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import conninfo

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Endpoint, session
from tests.data_pair import pair_of

ROLE = "reads_nothing"


@pytest.fixture(scope="module")
def sides(server: Server, newer_server: Server) -> Iterator[tuple[Endpoint, Endpoint]]:
    with pair_of(server, newer_server) as pair:
        pair.on_both(
            f"CREATE ROLE {ROLE} LOGIN PASSWORD 'plain'",
            "CREATE TABLE public.t (id int)",
            "CREATE SCHEMA shut",
            "CREATE TABLE shut.t (id int)",
        )
        dsns = (conninfo.make_conninfo(dsn, user=ROLE, password="plain") for dsn in (pair.source_dsn, pair.target_dsn))
        yield Endpoint(Side.SOURCE, next(dsns)), Endpoint(Side.TARGET, next(dsns))
        pair.on_both(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("failing", [Side.SOURCE, Side.TARGET])
def test_the_side_of_the_session_that_failed_is_blamed(sides: tuple[Endpoint, Endpoint], failing: Side) -> None:
    source, target = sides
    with (
        pytest.raises(PrivilegeMissing) as caught,
        session(source, purpose="test") as left,
        session(target, purpose="test") as right,
    ):
        (left if failing is Side.SOURCE else right).execute("SELECT * FROM public.t")
    assert caught.value.message == f"the {failing} role may not do this: permission denied for table t"
    assert caught.value.hint.startswith(f"On the {failing}: GRANT SELECT ON t TO the role")


def test_a_schema_that_may_not_be_used_is_told_its_grant(sides: tuple[Endpoint, Endpoint]) -> None:
    with pytest.raises(PrivilegeMissing) as caught, session(sides[0], purpose="test") as left:
        left.execute("SELECT * FROM shut.t")
    assert "GRANT USAGE ON SCHEMA shut" in caught.value.hint
