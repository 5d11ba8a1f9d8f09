"""Invented bookings, conversations and reminders."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from harness.reference.invented import texts
from harness.reference.invented.moments import BASE, EDGE_MOMENTS, moment_before
from harness.reference.invented.phones import phone

Row = dict[str, object]

RECORD_IDS_FROM: Final = 4001
REGULAR_BOOKINGS: Final = 14
"""So many bookings belong to the first client: more than the ten that a call returns by default."""

_STATUSES_OF_THE_PAST = ("completed", "completed", "completed", "no_show", "cancelled")
_STATUSES_TO_COME = ("pending", "confirmed", "confirmed", "cancelled")


def bookings(
    company_id: int,
    count: int,
    first_row_id: int,
    rng: random.Random,
    *,
    clients: Sequence[Row],
    services: Sequence[Row],
    staff_schedules: Sequence[Row],
) -> list[Row]:
    """Bookings of the first clients: the edge moments first, then past and future by turns."""
    rows: list[Row] = []
    for index in range(count):
        client = clients[0] if index < REGULAR_BOOKINGS else clients[index - REGULAR_BOOKINGS + 1]
        day = staff_schedules[rng.randrange(len(staff_schedules))]
        service = services[rng.randrange(len(services))]
        when = _when(index, rng)
        status = rng.choice(_STATUSES_OF_THE_PAST if when < BASE else _STATUSES_TO_COME)
        rows.append(
            {
                "id": first_row_id + index,
                "yclients_record_id": RECORD_IDS_FROM + index,
                "company_id": company_id,
                "client_phone": client["phone"],
                "client_yclients_id": client["yclients_id"],
                "client_name": client["name"],
                "staff_id": None if index % 7 == 6 else day["staff_id"],
                "staff_name": None if index % 7 == 6 else day["staff_name"],
                "staff_schedule_id": day["id"] if when >= BASE and index % 7 != 6 else None,
                "service_id": service["yclients_id"],
                "service_name": service["title"],
                "services": [{"id": service["yclients_id"], "title": service["title"], "amount": 1, "cost": 1.1}],
                "datetime": when,
                "duration": service["duration"],
                "price": service["price_min"],
                "prepaid": rng.choice((None, Decimal("0.00"), Decimal("500.50"))),
                "status": status,
                "attendance": rng.choice((None, -1, 0, 1, 2)),
                "comment": rng.choice(texts.COMMENTS),
                "is_online": rng.random() < 0.4,
                "created_by_bot": rng.random() < 0.5,
                "cancel_reason": rng.choice(texts.CANCEL_REASONS) if status == "cancelled" else None,
                "confirmed_at": when - timedelta(hours=20) if status == "confirmed" else None,
                "reminder_sent_at": None,
                "raw_data": {"id": RECORD_IDS_FROM + index, "visit": {"id": None}, "deleted": False, "tags": []},
                "last_sync_at": moment_before(rng, days=1),
                "created_at": when - timedelta(days=3, microseconds=1),
                "updated_at": moment_before(rng, days=3),
            }
        )
    return rows


def _when(index: int, rng: random.Random) -> datetime:
    if index < len(EDGE_MOMENTS):
        return EDGE_MOMENTS[index]
    if index % 2:
        return BASE + timedelta(minutes=30 * rng.randrange(1, 500))
    return BASE - timedelta(minutes=30 * rng.randrange(1, 5_000))


def dialog_contexts(company_id: int, count: int, first_row_id: int, first_number: int, rng: random.Random) -> list[Row]:
    """Conversations, each under a chat address of its own; one belongs to no company."""
    rows: list[Row] = []
    for index in range(count):
        number = first_number + index
        said = [rng.choice(texts.PHRASES) for _ in range(rng.randrange(6))]
        last = moment_before(rng, days=20) if said else None
        rows.append(
            {
                "id": first_row_id + index,
                "user_id": f"{phone(number, 1)}@c.us",
                "company_id": None if index == 5 else company_id,
                "client_phone": rng.choice((None, phone(number, 1), phone(number, 2))),
                "channel": rng.choice(("whatsapp", "whatsapp", "telegram")),
                "state": rng.choice(texts.STATES),
                "data": {
                    "service": rng.choice((None, {"id": 3001, "title": 'Стрижка "каре"', "price": 1.1})),
                    "slots": [{"at": "2025-10-31T18:30:00+03:00", "staff": [2001, 2002]}] if index % 3 else [],
                    "emoji": "💅",
                    "path": "a\\b",
                },
                "messages": [
                    {"n": n, "text": text, "from": "client" if n % 2 else "bot"} for n, text in enumerate(said)
                ],
                "message_count": len(said),
                "last_intent": rng.choice(texts.INTENTS),
                "language": rng.choice(("ru", "ru", "ru", "kk")),
                "is_paused": index == 7,
                "last_message_at": last,
                "expires_at": last + timedelta(days=1) if last else None,
                "created_at": moment_before(rng, days=90),
                "updated_at": moment_before(rng, days=20),
            }
        )
    return rows


def reminders(bookings_of_company: Sequence[Row], count: int, rng: random.Random) -> list[Row]:
    """Reminders of the first bookings that name a phone."""
    rows: list[Row] = []
    for booking in [b for b in bookings_of_company if b["client_phone"]][:count]:
        when = booking["datetime"]
        assert isinstance(when, datetime)  # noqa: S101 - narrows the type; the generator above wrote it
        sent = when < BASE
        rows.append(
            {
                "id": uuid.UUID(int=rng.getrandbits(128), version=4),
                "booking_id": booking["id"],
                "company_id": booking["company_id"],
                "client_phone": booking["client_phone"],
                "kind": rng.choice(("day_before", "two_hours")),
                "remind_at": when - timedelta(days=1),
                "text": f"Ждём вас! «{booking['service_name']}»",
                "status": "sent" if sent else "planned",
                "attempts": 1 if sent else 0,
                "sent_at": when - timedelta(days=1) if sent else None,
                "last_error": None,
                "created_at": when - timedelta(days=2),
                "updated_at": when - timedelta(days=1),
            }
        )
    return rows
