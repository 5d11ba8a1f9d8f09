"""Invented clients: a few written by hand, each for a hazard, and the crowd around them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from harness.reference.invented import texts
from harness.reference.invented.moments import BASE, date_before, moment_before
from harness.reference.invented.phones import phone, phone_in_some_form

Row = dict[str, object]

CLIENT_IDS_FROM: Final = 1001


@dataclass(frozen=True, slots=True)
class Known:
    """A client with a fixed name, phone and last visit, so that a case can ask for it."""

    name: str
    phone: str | None
    last_visit: date | None = None
    email: str | None = None


def _many_named(name: str, first_number: int, visits: tuple[date | None, ...]) -> tuple[Known, ...]:
    return tuple(Known(name, phone(first_number + n, 1), visit) for n, visit in enumerate(visits))


KNOWN: Final = (
    Known("Катя 💇‍♀️ Соболева", phone(1, 0), date(2025, 10, 31), "katya@example.com"),
    Known("Мария Орлова ", phone(2, 1), date(2025, 9, 30)),
    Known("Дарья О'Коннор", phone(3, 2), date(2024, 2, 29)),
    Known('ООО "Ромашка"', phone(4, 0), None, ""),
    Known("Путь\\Анна", phone(5, 1), date(2025, 1, 31)),
    Known("Скидка 50% Ольга", phone(6, 2), date(2025, 2, 28)),
    Known("test_client", phone(7, 1), None),
    Known("testXclient", phone(8, 1), date(2025, 3, 31)),
    Known("Иванова, Мария", phone(9, 1), date(2024, 12, 31)),
    Known("(без имени)", phone(10, 0), None),
    Known("null", phone(11, 1), None),
    Known("Ёлкина Алёна", phone(12, 2), date(2025, 5, 31)),
    Known("VIP* Эдуард", phone(13, 1), date(2025, 8, 31)),
    Known("VIPка Эдуард", phone(14, 1), date(2025, 7, 31)),
    Known("Константинопольская-Задунайская Александра Владиславовна", phone(15, 1), None),
    Known("Ирина: маникюр; педикюр", phone(16, 2), date(2025, 6, 30)),
    Known("Без Телефона", None, date(2025, 4, 30)),
    Known("Пустой Телефон", "", None),
    Known("Мать Общий-Номер", phone(20, 1), date(2025, 10, 1)),
    Known("Дочь Общий-Номер", phone(20, 1), None),
    Known("Муж Две-Формы", phone(21, 0), None),
    Known("Жена Две-Формы", phone(21, 2), date(2025, 10, 2)),
    *_many_named(
        "Анна Тёзкина",
        30,
        (
            date(2025, 10, 30), None, date(2025, 10, 31), None, date(2025, 10, 31), date(2025, 9, 1), None,
            date(2024, 2, 29), None, date(2025, 1, 1), date(2025, 1, 1), None, date(2023, 12, 31), date(2025, 8, 8),
        ),
    ),
)  # fmt: skip
"""The first clients, with yclients_id from 1001 on."""

_FIRST_FREE_NUMBER = 100


def clients(company_id: int, numbers: Iterable[int], first_row_id: int, rng: random.Random) -> list[Row]:
    """The clients of a company, by their numbers: 0 is the first of KNOWN, and those after KNOWN are the crowd."""
    return [_client(company_id, number, first_row_id + row, rng) for row, number in enumerate(numbers)]


def _client(company_id: int, number: int, row_id: int, rng: random.Random) -> Row:
    known = KNOWN[number] if number < len(KNOWN) else _of_the_crowd(number, rng)
    visits = 0 if known.last_visit is None else rng.randrange(1, 60)
    spent = Decimal(rng.randrange(100, 400_000)) / 100 * visits
    yclients_id = CLIENT_IDS_FROM + number
    discount = rng.choice((Decimal(0), Decimal(0), Decimal("1.10"), Decimal("5.00"), Decimal("12.50"), Decimal(100)))
    return {
        "id": row_id,
        "yclients_id": yclients_id,
        "company_id": company_id,
        "name": known.name,
        "phone": known.phone,
        "email": known.email,
        "gender": rng.choice((None, 0, 1, 2)),
        "birth_date": rng.choice((None, None, date_before(rng, days=20_000))),
        "comment": rng.choice(texts.COMMENTS),
        "tags": rng.sample(texts.TAGS, rng.choice((0, 0, 1, 2))),
        "discount": discount,
        "bonus_balance": Decimal(rng.choice(("0", "0", "1.10", "-50.00", "1200.00", "999999999.99"))),
        "total_spent": spent,
        "average_check": (spent / visits).quantize(Decimal("0.01")) if visits else None,
        "debt": Decimal(rng.choice(("0", "0", "0", "350.50"))),
        "visit_count": visits,
        "cancelled_count": rng.randrange(4),
        "no_show_count": rng.choice((0, 0, 0, 1)),
        "first_visit_date": known.last_visit - timedelta(days=rng.randrange(900)) if known.last_visit else None,
        "last_visit_date": known.last_visit,
        "visit_history": _visit_history(known.last_visit, visits, rng),
        "last_services": [rng.choice(texts.SERVICE_CATEGORIES[0][2])] if visits else rng.choice((None, [])),
        "favorite_staff_ids": rng.sample(range(2001, 2009), min(visits, rng.randrange(3))),
        "loyalty_level": rng.choice(("bronze", "silver", "gold", "vip")) if visits else "new",
        "source_channel": rng.choice(texts.CHANNELS),
        "is_blocked": rng.random() < 0.01,
        "marketing_consent": rng.choice((None, True, False)),
        **_what_the_bot_knows(rng),
        "raw_data": {
            "id": yclients_id,
            "name": known.name,
            "discount": float(discount),
            "custom_fields": rng.choice(({}, [], {"размер": None, "цвет": ["рыжий", "медь"]})),
        },
        "last_sync_at": rng.choice((None, moment_before(rng, days=3))),
        "created_at": moment_before(rng, days=1200),
        "updated_at": moment_before(rng, days=60),
    }


def _of_the_crowd(number: int, rng: random.Random) -> Known:
    name = _name(rng)
    has_phone = rng.random() >= 0.04
    email = rng.choice((None, None, "", f"client{number}@example.com", f"Client.{number}@Example.COM"))
    return Known(
        name=name,
        phone=phone_in_some_form(rng, _FIRST_FREE_NUMBER + number) if has_phone else None,
        last_visit=None if rng.random() < 0.35 else date_before(rng, days=900),
        email=email,
    )


def _name(rng: random.Random) -> str:
    woman = rng.random() < 0.8
    first = rng.choice(texts.WOMEN if woman else texts.MEN)
    if rng.random() < 0.25:
        return first
    surname = rng.choice(texts.SURNAMES) + ("а" if woman else "")
    form = rng.randrange(6)
    if form == 0:
        return f"{surname} {first} " + rng.choice(texts.PATRONYMICS_OF_WOMEN if woman else texts.PATRONYMICS_OF_MEN)
    if form == 1:
        return f"{first} {surname}".upper()
    if form == 2:
        return f"{first}  {surname} " + rng.choice(("", "маникюр", "(подруга)", "🙂"))
    return f"{first} {surname}"


def _visit_history(last_visit: date | None, visits: int, rng: random.Random) -> list[Row]:
    if last_visit is None:
        return []
    return [
        {
            "date": (last_visit - timedelta(days=30 * back)).isoformat(),
            "service": {"id": 3001 + rng.randrange(20), "title": rng.choice(texts.SERVICE_CATEGORIES[1][2])},
            "price": rng.choice((0, 1.1, 1500, 2750.5)),
            "staff": rng.choice((None, "Вера Синицына", "Яна О'Генри")),
        }
        for back in range(min(visits, rng.randrange(4)))
    ]


def _what_the_bot_knows(rng: random.Random) -> Row:
    """The seven AI columns: empty for most, as most never wrote to the bot."""
    if rng.random() < 0.6:
        return {
            "ai_context": None,
            "ai_messages": [],
            "ai_satisfaction": None,
            "ai_sentiment": None,
            "ai_last_intent": None,
            "ai_summary": None,
            "ai_updated_at": None,
        }
    said = rng.sample(texts.PHRASES, rng.randrange(1, 4))
    return {
        "ai_context": {"prefers": {"time": rng.choice(("вечер", "утро", None)), "staff": [2001]}, "score": 0.5},
        "ai_messages": [{"role": "user", "text": text, "n": n} for n, text in enumerate(said)],
        "ai_satisfaction": Decimal(rng.choice(("5.00", "4.50", "1.10", "0"))),
        "ai_sentiment": rng.choice((None, 0.1, -0.75, 1.0)),
        "ai_last_intent": rng.choice(texts.INTENTS),
        "ai_summary": rng.choice(texts.SUMMARIES),
        "ai_updated_at": BASE - timedelta(seconds=rng.randrange(5_000_000)),
    }
