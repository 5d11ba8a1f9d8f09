"""Sessions of both sides are opened at the same time, and blamed as if one came after the other."""

from __future__ import annotations

import time

import psycopg
import pytest

from harness.core.record import Side
from harness.errors import ConfigurationError, ConnectionFailed
from harness.postgres.connect import Endpoint, new_sessions, session
from harness.postgres.kept_sessions import keeping_sessions


@pytest.fixture
def sides(database: str) -> tuple[Endpoint, Endpoint]:
    return Endpoint(Side.SOURCE, database), Endpoint(Side.TARGET, database)


def count(endpoint: Endpoint, purpose: str) -> int:
    """Sessions of a purpose; those that were closed a moment ago have gone."""
    found = 0
    for _ in range(50):
        with psycopg.connect(endpoint.dsn) as other:
            row = other.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", (f"pgparity {purpose}",)
            ).fetchone()
        found = int(row[0]) if row else 0
        if not found:
            break
        time.sleep(0.05)
    return found


def test_both_sides_have_a_session_of_their_own_until_the_block_ends(sides: tuple[Endpoint, Endpoint]) -> None:
    with new_sessions(*sides, purpose="two at once") as (left, right):
        assert left.execute("SELECT 1").fetchone() == right.execute("SELECT 1").fetchone() == (1,)
        assert left.info.backend_pid != right.info.backend_pid
    assert count(sides[0], "two at once") == 0


def test_the_session_of_the_target_is_closed_where_the_source_has_none(sides: tuple[Endpoint, Endpoint]) -> None:
    gone = sides[0].with_database("not_there")
    with pytest.raises(ConnectionFailed, match="the source server"), new_sessions(gone, sides[1], purpose="half"):
        pytest.fail("there is no such database")
    assert count(sides[1], "half") == 0


def test_what_is_wrong_with_the_source_is_told_before_what_is_wrong_with_the_target(
    sides: tuple[Endpoint, Endpoint],
) -> None:
    gone, wrong = sides[0].with_database("not_there"), Endpoint(Side.TARGET, "neither=a DSN")
    with pytest.raises(ConnectionFailed, match="the source server"), new_sessions(gone, wrong, purpose="none"):
        pytest.fail("there is no such database")


def test_a_target_that_is_no_dsn_is_told_as_one(sides: tuple[Endpoint, Endpoint]) -> None:
    wrong = Endpoint(Side.TARGET, "neither=a DSN")
    with pytest.raises(ConfigurationError, match="the target DSN"), new_sessions(sides[0], wrong, purpose="none"):
        pytest.fail("it is no DSN")


def test_sessions_that_were_kept_are_taken_before_new_ones_are_opened(sides: tuple[Endpoint, Endpoint]) -> None:
    with keeping_sessions():
        with new_sessions(*sides, purpose="identity") as both:
            first = {each.info.backend_pid for each in both}
        with new_sessions(*sides, purpose="identity") as both:
            assert {each.info.backend_pid for each in both} == first
        with session(sides[0], purpose="rows") as one, session(sides[1], purpose="rows") as other:
            assert {one.info.backend_pid, other.info.backend_pid} == first
