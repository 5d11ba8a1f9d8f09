"""Reads the rows that a load wrote through the reference application's data layer."""

from __future__ import annotations

from harness.core.cutover.load_judgement import HeldRow
from harness.postgres.connect import Endpoint, session
from harness.postgres.queries import query


def held_rows(endpoint: Endpoint, marks: tuple[int, int]) -> list[HeldRow]:
    """The marked rows of a server, from the first to the last mark."""
    low, high = marks
    with session(endpoint, purpose="judge of a load") as connection:
        rows = connection.execute(query("marked_writes"), {"low": low, "high": high}).fetchall()
    return [HeldRow(name, token, number, refers) for name, token, number, refers in rows]
