"""The fixed moments that the invented rows lie around, so that the data set is the same on every day."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Final

BASE: Final = datetime(2025, 10, 31, 9, 0, tzinfo=UTC)
"""The last day of a month: some of what happens on it in Moscow is of the next month, and the reverse."""

EDGE_MOMENTS: Final = (
    datetime(2024, 2, 29, 20, 59, 59, 999999, tzinfo=UTC),
    datetime(2024, 2, 29, 21, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 20, 59, 59, tzinfo=UTC),
    datetime(2024, 12, 31, 21, 0, 0, 123000, tzinfo=UTC),
    datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
    datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    datetime(2025, 10, 31, 20, 59, 59, tzinfo=UTC),
    datetime(2025, 10, 31, 21, 0, tzinfo=UTC),
)
"""Month ends, the leap day and changes of summer time; 21:00 UTC is midnight in Moscow."""

EDGE_DATES: Final = (
    date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(2025, 1, 31), date(2025, 2, 28),
    date(2025, 3, 31), date(2025, 10, 31),
)  # fmt: skip


def moment_before(rng: random.Random, *, days: int) -> datetime:
    """A moment up to so many days before BASE, to the microsecond, sometimes to the second."""
    seconds = rng.randrange(days * 86_400)
    fraction = rng.choice((0, 0, rng.randrange(1_000_000), rng.randrange(1_000) * 1_000))
    return BASE - timedelta(seconds=seconds) + timedelta(microseconds=fraction)


def date_before(rng: random.Random, *, days: int) -> date:
    """A day up to so many days before BASE; one in eight is a month's end or the day after."""
    if rng.random() < 0.125:
        return rng.choice(EDGE_DATES)
    return BASE.date() - timedelta(days=rng.randrange(days))
