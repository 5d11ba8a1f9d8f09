"""The comparison of rows equals one in Python on each pair of the server versions that this machine has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.embedded.binaries import installations
from harness.embedded.server import Server
from tests.property.row_tables import KEYS, SHAPES
from tests.property.row_ways import EXAMPLES, WAYS, check, sides_of

MAJORS = sorted({each.major for each in installations()})

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[int, Server]]:
    """A server of each major version that this machine has."""
    running: dict[int, Server] = {}
    try:
        for major in MAJORS:
            running[major] = Server.start(major=major)
        yield running
    finally:
        for each in running.values():
            each.stop()


@pytest.mark.parametrize("target", MAJORS)
@pytest.mark.parametrize("source", MAJORS)
def test_every_key_shape_and_way_is_compared_as_python_compares_it(
    servers: dict[int, Server], source: int, target: int
) -> None:
    shapes = tuple(SHAPES)
    first = 100 * source + target
    with sides_of(servers[source], servers[target]) as sides:
        for number, key in enumerate(KEYS):
            check(sides, (key,), (shapes[(number + first) % len(shapes)],), "records", EXAMPLES, first)
        for way in WAYS:
            check(sides, tuple(KEYS), shapes, way, EXAMPLES, first)
