"""The written cases of the methods that write: marked test rows of company 900100, and rows that exist, by upsert."""

from __future__ import annotations

from typing import Any, Final

from harness.reference.data_set import COMPANY_ID as OWN

MARKED: Final = 9_900_000
CHAT: Final = "9900001@c.us"

Row = dict[str, Any]


def _client(number: int, **more: object) -> Row:
    return {"yclients_id": number, "company_id": OWN, "name": f"Тест {number}", **more}


def _service(number: int, **more: object) -> Row:
    return {"yclients_id": number, "company_id": OWN, "title": f"Тестовая услуга {number}", **more}


def _day(day: str, **more: object) -> Row:
    return {"staff_id": 2001, "staff_name": "Вера Синицына", "date": day, "company_id": OWN, **more}


def _booking(number: int, **more: object) -> Row:
    return {"yclients_record_id": number, "company_id": OWN, "datetime": "2025-11-30T21:30:00+00:00", **more}


_A_WHOLE_CLIENT: Final = _client(
    MARKED + 2,
    name="  Ёжик 🦔 «в тумане», 50%_\\ ",
    phone="+7 (000) 555-98-02",
    email="",
    birth_date="2000-02-29",
    comment="кавычки \" и ' , запятая\nи перенос",
    tags=["a,b", '"c"', "", "NULL", "{}"],
    discount=1.10,
    total_spent=123456.78,
    last_visit_date="2025-10-31",
    visit_history=[{"date": "2025-10-31", "price": 1.1, "staff": None}],
    last_services=[],
    favorite_staff_ids=[2001, 2002],
    loyalty_level="vip",
    marketing_consent=None,
    ai_context={"глубина": {"ещё": [1, 2.5, None, True, "текст"]}},
    ai_sentiment=-0.75,
    ai_updated_at="2025-11-01T02:30:00.123456+03:00",
    raw_data={"id": 2**53 + 1, "пусто": {}, "null": None},
)

WRITES: Final[dict[str, dict[str, Row]]] = {
    "upsert_dialog_context": {
        "new": {"user_id": CHAT, "context": {"company_id": OWN, "state": "choosing_time", "data": {"step": 1}}},
        "existing": {"user_id": "70005550500@c.us", "context": {"state": "idle", "data": {"step": None}}},
        "JSON of every kind": {
            "user_id": CHAT,
            "context": {"data": {"n": [1, 1.1, -0.5], "s": 'a"b\\c', "e": "🙂", "z": None}, "messages": []},
        },
        "nothing but the key": {"user_id": "70005550501@c.us", "context": {}},
        "required column NULL": {"user_id": CHAT, "context": {"state": None}},
        "no such company": {"user_id": CHAT, "context": {"company_id": 900_999}},
        "infinity": {"user_id": CHAT, "context": {"data": {"n": float("inf")}}},
    },
    "upsert_client": {
        "new": {"data": _client(MARKED + 1, phone="80005559801")},
        "new with everything": {"data": _A_WHOLE_CLIENT},
        "existing": {"data": _client(1002, name="Мария Орлова-Новая", discount=12.5)},
        "existing keeps what is not given": {"data": _client(1001, name="Катя 💇‍♀️ Соболева")},
        "required column NULL": {"data": _client(MARKED + 3, tags=None)},
        "check fails": {"data": _client(MARKED + 3, discount=101)},
        "text for a date": {"data": _client(MARKED + 3, birth_date="29.02.2000")},
        "fraction for an integer": {"data": _client(MARKED + 3, visit_count=1.5)},
        "no such company": {"data": {**_client(MARKED + 3), "company_id": 900_999}},
        "no key": {"data": {"company_id": OWN, "name": "Тест"}},
        "phone too short": {"data": _client(MARKED + 3, phone="555")},
        "spent negative": {"data": _client(MARKED + 3, total_spent=-1)},
        "NUL character": {"data": _client(MARKED + 3, comment="a\x00b")},
    },
    "upsert_clients": {
        "new and existing": {"clients": [_client(MARKED + 11), _client(1002), _client(MARKED + 10)]},
        "unequal keys": {
            "clients": [
                _client(MARKED + 12, comment="есть"),
                _client(1005),
                _client(MARKED + 13, email="a@example.com"),
            ]
        },
        "unequal keys leave a required column NULL": {
            "clients": [_client(MARKED + 14, visit_count=1), _client(MARKED + 15)]
        },
        "empty list": {"clients": []},
        "500 rows": {"clients": [_client(MARKED + 1000 + n, discount=n % 100) for n in range(500)]},
        "501 rows": {"clients": [_client(MARKED + 2000 + n) for n in range(501)]},
        "one key twice": {"clients": [_client(MARKED + 17), _client(MARKED + 17)]},
        "one bad row refuses all": {"clients": [_client(MARKED + 18), _client(MARKED + 19, name="")]},
        "one row that the database refuses": {
            "clients": [_client(MARKED + 20, loyalty_level="new"), _client(MARKED + 21, loyalty_level="платина")]
        },
    },
    "upsert_staff_schedules": {
        "new": {
            "schedules": [
                _day(
                    "2028-02-29",
                    is_working=True,
                    work_start="10:00",
                    work_end="20:00:00",
                    working_hours=[{"from": "10:00"}],
                ),
                _day("2027-12-31", is_working=False, work_start=None, work_end=None, working_hours=[]),
            ]
        },
        "existing": {"schedules": [_day("2025-10-31", comment="замена", slots_free=0)]},
        "a shift in another zone": {
            "schedules": [_day("2028-01-31", shift='["2028-01-31 10:00+03","2028-01-31 20:00+03")')]
        },
        "no such hour": {"schedules": [_day("2028-03-31", work_start="25:61")]},
        "no such staff": {"schedules": [{**_day("2028-03-31"), "staff_id": MARKED}]},
        "empty list": {"schedules": []},
        "no such day": {"schedules": [_day("2027-02-29")]},
    },
    "upsert_services": {
        "new and existing": {
            "services": [
                _service(MARKED + 1, price_min=1.10, price_max=2, duration=0, is_chain=None),
                _service(3001, price_min=0, price_max=0.01, duration=900, is_chain=True),
            ]
        },
        "a category to NULL": {"services": [_service(3002, category_id=None, category_title=None)]},
        "rounding": {"services": [_service(MARKED + 2, price_min=10.005, price_max=1e2)]},
        "highest below lowest price": {"services": [_service(MARKED + 3, price_min=10, price_max=9)]},
        "empty list": {"services": []},
        "price negative": {"services": [_service(MARKED + 3, price_min=-0.01)]},
    },
    "upsert_company": {
        "existing": {"data": {"company_id": OWN, "title": 'Салон "Ёлка"', "latitude": 55.7558, "commission_rate": 0.2}},
        "JSON replaced": {
            "data": {"company_id": OWN, "title": "Салон", "whatsapp_config": {"retries": 0}, "raw_data": []}
        },
        "check fails": {"data": {"company_id": OWN, "title": "Салон", "whatsapp_status": "unknown"}},
        "title of spaces": {"data": {"company_id": OWN, "title": " "}},
    },
    "upsert_booking": {
        "new": {"data": _booking(MARKED + 1, client_phone="80005550001", staff_id=2001, service_id=3001, price=1.10)},
        "new at a month's end in Moscow": {
            "data": _booking(MARKED + 2, datetime="2025-12-01T00:30:00+03:00", services=[{"id": 3001, "cost": 1.1}])
        },
        "existing": {"data": _booking(4001, status="cancelled", cancel_reason='Передумала, "дорого"')},
        "no such staff": {"data": _booking(MARKED + 3, staff_id=MARKED)},
        "price negative": {"data": _booking(MARKED + 3, price=-1)},
    },
}
