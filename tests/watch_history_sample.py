"""A watch's history to draw, for tests: two days of counts, one table that drifted and was mended, one that drifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from harness.core.watch.history import BytesReceived, Look, NotLookedAt, OpenAlert, TableCount

BEGAN = datetime(2026, 7, 14, 0, 0, tzinfo=UTC)
HOURS = 48


def looks(*, alert: bool = True) -> tuple[Look, ...]:
    """A look an hour."""
    return tuple(_look(hour, alert=alert) for hour in range(HOURS))


def history_text(*, alert: bool = True) -> str:
    """The file."""
    return "".join(f"{each.to_json()}\n" for each in looks(alert=alert))


def _look(hour: int, *, alert: bool) -> Look:
    at = (BEGAN + timedelta(hours=hour)).isoformat(timespec="milliseconds")
    clients = 1304 + hour * 3
    late = alert and hour >= HOURS - 6
    mended = 10 <= hour < 14
    counts = (
        TableCount(table="public.bookings", source=45 + hour, target=45 + hour - (2 if late else 0)),
        TableCount(table="public.clients", source=clients, target=clients + (5 if mended else 0)),
        TableCount(table="public.companies", source=1, target=1),
        TableCount(table="public.services", source=63, target=None, reason="permission denied"),
    )
    since = (BEGAN + timedelta(hours=HOURS - 6)).isoformat(timespec="milliseconds")
    title = "public.bookings: 2 rows fewer on the target"
    alerts = (OpenAlert(id="a1", key="counts public.bookings", since=since, told_at=since, title=title),)
    return Look(
        number=hour + 1,
        what=("counts",),
        due=at,
        at=at,
        seconds=0.2,
        source="old",
        target="new",
        counts=counts,
        skipped=(NotLookedAt(item="public.services", reason="the target's role may not read it", what="counts"),),
        received=BytesReceived(source=4_200, target=4_180),
        open=alerts if late else (),
    )
