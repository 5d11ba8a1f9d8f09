"""Invented companies, services, staff and working days."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from harness.reference.invented import texts
from harness.reference.invented.moments import BASE, date_before, moment_before

Row = dict[str, object]

SERVICE_IDS_FROM = 3001
STAFF_IDS_FROM = 2001
WORKING_STAFF = 8
"""So many of the first twelve have working days; the others are dismissed, on leave or no people at all."""

_MOSCOW_HOURS = 3
_TITLES = {900100: 'Салон "Ёлка & Компания"', 900200: "Студия Ёлка, филиал 50%_люкс"}


def company(company_id: int, row_id: int) -> Row:
    """The one row of a company."""
    hours = {day: [{"from": "10:00", "to": "21:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    return {
        "id": row_id,
        "company_id": company_id,
        "title": _TITLES[company_id],
        "address": "ул. Выдуманная, д. 5\\2, вход со двора",
        "city": "Нигдегорск",
        "phone": f"+7 (000) 555-90-{row_id:02d}",
        "email": f"salon{company_id}@example.com",
        "website": "",
        "timezone": "Europe/Moscow",
        "latitude": Decimal("55.755800"),
        "longitude": Decimal("37.617300"),
        "working_hours": {**hours, "sun": []},
        "currency": "RUB",
        "is_active": True,
        "ai_enabled": True,
        "bot_language": "ru",
        "whatsapp_enabled": True,
        "whatsapp_phone": f"700055590{row_id:02d}",
        "whatsapp_session_id": f"company_{company_id}",
        "whatsapp_status": "connected",
        "whatsapp_config": {"retries": 3, "typing": True, "greeting": 'Добрый день! Это "Ёлка" 🌲'},
        "whatsapp_connected_at": BASE - timedelta(days=40),
        "booking_days_ahead": 45,
        "commission_rate": 0.1,
        "sync_status": "ok",
        "last_sync_at": BASE - timedelta(minutes=7, microseconds=-500),
        "raw_data": {
            "id": company_id,
            "group": {"id": None, "title": ""},
            "social": [{"kind": "vk", "url": "https://example.com/yolka?a=1&b=2"}],
            "tax": 1.1,
        },
        "created_at": datetime(2024, 2, 29, 21, 30, tzinfo=UTC),
        "updated_at": BASE - timedelta(days=1),
    }


def services(company_id: int, count: int, first_row_id: int, rng: random.Random) -> list[Row]:
    """The services of a company, a category after another; every ninth is switched off."""
    offered = [(c, title, name) for c, title, names in texts.SERVICE_CATEGORIES for name in names]
    rows: list[Row] = []
    for index, (category_id, category_title, title) in enumerate(offered[:count]):
        price = Decimal(rng.choice(("0", "1.10", "450.00", "999.99", "1500.00", "2750.50", "12000.00")))
        yclients_id = SERVICE_IDS_FROM + index
        rows.append(
            {
                "id": first_row_id + index,
                "yclients_id": yclients_id,
                "company_id": company_id,
                "title": title,
                "booking_title": rng.choice((None, "", title.upper())),
                "category_id": category_id,
                "category_title": category_title,
                "description": rng.choice(texts.SERVICE_TEXTS),
                "price_min": price,
                "price_max": rng.choice((None, price, price + Decimal("500.10"))),
                "duration": rng.choice((0, 900, 1800, 3600, 5400, 14_400)),
                "weight": rng.choice((0, 0, 5, 10, 10, 20)),
                "is_active": index % 9 != 8,
                "is_online": rng.random() < 0.8,
                "is_chain": rng.choice((None, False, True)),
                "staff_ids": sorted(rng.sample(range(STAFF_IDS_FROM, STAFF_IDS_FROM + 12), rng.randrange(4))),
                "image_url": rng.choice((None, f"https://example.com/i/{yclients_id}.jpg")),
                "comment": rng.choice((None, "", "По записи")),
                "raw_data": {"id": yclients_id, "title": title, "price": float(price), "staff": [], "tax": None},
                "last_sync_at": moment_before(rng, days=2),
                "created_at": moment_before(rng, days=600),
                "updated_at": moment_before(rng, days=30),
            }
        )
    return rows


def staff(company_id: int, count: int, first_row_id: int, rng: random.Random) -> list[Row]:
    """The staff of a company; whoever is dismissed is not active, and only raw_data says `fired`."""
    rows: list[Row] = []
    for index, (name, specialization) in enumerate(texts.STAFF[:count]):
        yclients_id = STAFF_IDS_FROM + index
        active = index not in (9, 10)
        rows.append(
            {
                "id": first_row_id + index,
                "yclients_id": yclients_id,
                "company_id": company_id,
                "name": name,
                "specialization": specialization,
                "position": None if index == 11 else {"id": 10 + index % 4, "title": specialization},
                "rating": rng.choice((None, Decimal("5.00"), Decimal("4.90"), Decimal("4.85"), Decimal("0"))),
                "votes_count": rng.randrange(200),
                "is_active": active,
                "is_bookable": active and index != 11,
                "hired_at": None if index == 11 else date_before(rng, days=1500),
                "phone": None if index % 3 else f"7000555{9100 + index:04d}",
                "email": None,
                "avatar_url": rng.choice((None, f"https://example.com/a/{yclients_id}.png")),
                "information": rng.choice((None, "", 'Стаж 7 лет, диплом "Мастер года"')),
                "service_ids": sorted(rng.sample(range(SERVICE_IDS_FROM, SERVICE_IDS_FROM + 20), rng.randrange(6))),
                "weight": rng.randrange(10),
                "schedule_till": date(2025, 11, 30) if active else None,
                "raw_data": {"id": yclients_id, "name": name, "fired": 0 if active else 1, "hidden": 0},
                "last_sync_at": moment_before(rng, days=2),
                "created_at": moment_before(rng, days=900),
                "updated_at": moment_before(rng, days=30),
            }
        )
    return rows


def staff_schedules(company_id: int, people: int, first_row_id: int, rng: random.Random) -> list[Row]:
    """A week of working days for so many of the staff, from 2025-10-27 over the month's end."""
    rows: list[Row] = []
    for person in range(people):
        for day in range(7):
            when = date(2025, 10, 27) + timedelta(days=day)
            start, end = rng.choice(((9, 18), (10, 20), (12, 21), (10, 14)))
            working = (person + day) % 5 != 4
            rows.append(
                {
                    "id": first_row_id + len(rows),
                    "staff_id": STAFF_IDS_FROM + person,
                    "staff_name": texts.STAFF[person][0],
                    "date": when,
                    "company_id": company_id,
                    "is_working": working,
                    "work_start": time(start) if working else None,
                    "work_end": time(end) if working else None,
                    "shift": _shift(when, start, end) if working else None,
                    "working_hours": _time_ranges(start, end) if working else [],
                    "has_booking_slots": working and rng.random() < 0.7,
                    "slots_free": rng.randrange(12) if working else None,
                    "comment": rng.choice((None, None, "", "замена, утро")),
                    "last_sync_at": moment_before(rng, days=1),
                    "created_at": moment_before(rng, days=30),
                    "updated_at": moment_before(rng, days=2),
                }
            )
    return rows


def _shift(when: date, start: int, end: int) -> str:
    """The working day as a tstzrange in UTC; the salon's clock is three hours ahead."""
    midnight = datetime(when.year, when.month, when.day, tzinfo=UTC) - timedelta(hours=_MOSCOW_HOURS)
    lower, upper = midnight + timedelta(hours=start), midnight + timedelta(hours=end)
    return f'["{lower.isoformat(sep=" ")}","{upper.isoformat(sep=" ")}")'


def _time_ranges(start: int, end: int) -> list[dict[str, str]]:
    """The day's working hours on the salon's clock, with a break where the day is long."""
    if end - start < 9:
        return [{"from": f"{start:02d}:00", "to": f"{end:02d}:00"}]
    return [
        {"from": f"{start:02d}:00", "to": f"{start + 4:02d}:00"},
        {"from": f"{start + 4:02d}:30", "to": f"{end:02d}:00"},
    ]
