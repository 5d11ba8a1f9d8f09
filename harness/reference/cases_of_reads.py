"""The written cases of the methods that read."""

from __future__ import annotations

from typing import Any, Final

from harness.reference.data_set import COMPANY_ID as OWN
from harness.reference.invented.phones import phone

NOBODY: Final = 9_999_999
NO_COMPANY: Final = 900_999
REGULAR: Final = phone(1, 0)
AS_OF: Final = "2025-10-31T09:00:00+00:00"

Kwargs = dict[str, Any]
CasesOfMethods = dict[str, dict[str, Kwargs]]


def _ids(name: str, first: int, **others: object) -> dict[str, Kwargs]:
    """The cases of a batch read of rows whose numbers start at `first`."""
    return {
        "several, one missing": {name: [first + 2, NOBODY, first, first + 1], **others},
        "all missing": {name: [NOBODY], **others},
        "a text among them": {name: [first, "1"], **others},
    }


READS: Final[CasesOfMethods] = {
    "get_dialog_context": {
        "exists": {"user_id": "70005550500@c.us"},
        "of no company": {"user_id": "70005550505@c.us"},
        "nobody": {"user_id": "79990000000@c.us"},
        "quotes and commas": {"user_id": 'a,b("c")\\d'},
        "percent is no wildcard": {"user_id": "7000555%"},
        "the word null": {"user_id": "null"},
        "NUL character": {"user_id": "a\x00b"},
    },
    "get_client_by_phone": {
        "form 8000": {"phone": phone(1, 0)},
        "form 7000": {"phone": phone(2, 1)},
        "form +7 (000)": {"phone": phone(3, 2)},
        "stored in another form": {"phone": phone(3, 0)},
        "ten digits": {"phone": "0005550009"},
        "with letters around": {"phone": "тел. 8-000-555-00-05"},
        "two clients with one phone": {"phone": phone(20, 1)},
        "two clients, two forms of one phone": {"phone": phone(21, 1)},
        "nobody": {"phone": "80005559999"},
        "too short": {"phone": "555-00-01"},
        "None": {"phone": None},
    },
    "get_client_by_id": {
        "emoji in the name": {"yclients_id": 1001, "company_id": OWN},
        "backslash in the name": {"yclients_id": 1005, "company_id": OWN},
        "NULL phone": {"yclients_id": 1017, "company_id": OWN},
        "of the crowd": {"yclients_id": 2000, "company_id": OWN},
        "nobody": {"yclients_id": NOBODY, "company_id": OWN},
        "company without clients": {"yclients_id": 1001, "company_id": NO_COMPANY},
        "id as text": {"yclients_id": "1001", "company_id": OWN},
        "id beyond bigint": {"yclients_id": 2**63, "company_id": OWN},
        "company a boolean": {"yclients_id": 1001, "company_id": True},
    },
    "get_client_appointments": {
        "ten by default": {"client_phone": REGULAR},
        "all of them": {"client_phone": REGULAR, "options": {"limit": 1000}},
        "second page": {"client_phone": REGULAR, "options": {"limit": 5, "offset": 5}},
        "completed": {"client_phone": REGULAR, "options": {"company_id": OWN, "status": "completed"}},
        "leap day in Moscow": {
            "client_phone": REGULAR,
            "options": {"since": "2024-02-29T00:00:00+03:00", "until": "2024-03-01T00:00:00+03:00"},
        },
        "month end, naive is UTC": {
            "client_phone": REGULAR,
            "options": {"since": "2025-10-31T20:59:59", "until": "2025-10-31T21:00:00"},
        },
        "nobody": {"client_phone": "80005559999"},
        "limit above the most": {"client_phone": REGULAR, "options": {"limit": 1001}},
        "unknown option": {"client_phone": REGULAR, "options": {"page": 2}},
        "not a date": {"client_phone": REGULAR, "options": {"since": "вчера"}},
        "phone too short": {"client_phone": "12345"},
    },
    "get_upcoming_appointments": {
        "from a fixed moment": {"client_phone": REGULAR, "company_id": OWN, "as_of": AS_OF},
        "exactly at midnight": {"client_phone": REGULAR, "company_id": OWN, "as_of": "2025-10-31T21:00:00+00:00"},
        "the same moment in Moscow": {
            "client_phone": REGULAR,
            "company_id": OWN,
            "as_of": "2025-11-01T00:00:00+03:00",
        },
        "from now": {"client_phone": REGULAR, "company_id": OWN},
        "nobody": {"client_phone": "80005559999", "company_id": OWN, "as_of": AS_OF},
        "of another company": {"client_phone": REGULAR, "company_id": NO_COMPANY, "as_of": AS_OF},
        "not a moment": {"client_phone": REGULAR, "company_id": OWN, "as_of": "31.10.2025"},
    },
    "search_clients_by_name": {
        "NULL visits first, limit of ten": {"company_id": OWN, "name": "Анна Тёзкина"},
        "a limit within the NULLs": {"company_id": OWN, "name": "Анна Тёзкина", "limit": 3},
        "lower case": {"company_id": OWN, "name": "тёзкина"},
        "trailing space is trimmed": {"company_id": OWN, "name": "Мария Орлова "},
        "comma": {"company_id": OWN, "name": "Иванова, Мария"},
        "quotes": {"company_id": OWN, "name": '"Ромашка"'},
        "apostrophe": {"company_id": OWN, "name": "О'Коннор"},
        "percent is literal": {"company_id": OWN, "name": "50%"},
        "underscore is literal": {"company_id": OWN, "name": "test_client"},
        "backslash is literal": {"company_id": OWN, "name": "Путь\\Анна"},
        "star is literal": {"company_id": OWN, "name": "VIP*"},
        "star in lower case": {"company_id": OWN, "name": "vip* э"},
        "emoji": {"company_id": OWN, "name": "💇‍♀️"},
        "nobody": {"company_id": OWN, "name": "Никто-Никогда"},
        "empty": {"company_id": OWN, "name": " "},
        "limit above the most": {"company_id": OWN, "name": "Анна", "limit": 1001},
    },
    "find_clients_by_ids": _ids("ids", 1),
    "find_clients_by_yclients_ids": {
        **_ids("yclients_ids", 1001, company_id=OWN),
        "one twice": {"yclients_ids": [1001, 1001], "company_id": OWN},
        "empty list": {"yclients_ids": [], "company_id": OWN},
        "a thousand": {"yclients_ids": list(range(1001, 2001)), "company_id": OWN},
        "too many": {"yclients_ids": list(range(1001, 2002)), "company_id": OWN},
        "not a list": {"yclients_ids": 1001, "company_id": OWN},
        "company zero": {"yclients_ids": [1001], "company_id": 0},
    },
    "get_staff_by_id": {
        "active": {"staff_id": 2001, "company_id": OWN},
        "dismissed": {"staff_id": 2010, "company_id": OWN},
        "nobody": {"staff_id": NOBODY, "company_id": OWN},
        "id zero": {"staff_id": 0, "company_id": OWN},
    },
    "get_staff": {
        "active": {"company_id": OWN},
        "all": {"company_id": OWN, "include_inactive": True},
        "company without staff": {"company_id": NO_COMPANY},
        "flag as text": {"company_id": OWN, "include_inactive": "yes"},
    },
    "find_staff_by_ids": _ids("ids", 1),
    "find_staff_by_yclients_ids": _ids("yclients_ids", 2001, company_id=OWN),
    "get_staff_schedules": {
        "of a company": {"query": {"company_id": OWN}},
        "of one of the staff": {"query": {"company_id": OWN, "staff_id": 2001}},
        "over the month's end": {
            "query": {"company_id": OWN, "date_from": "2025-10-31", "date_to": "2025-11-01"},
        },
        "an empty range": {"query": {"company_id": OWN, "date_from": "2025-11-01", "date_to": "2025-10-31"}},
        "nobody": {"query": {"company_id": OWN, "staff_id": NOBODY}},
        "no such day": {"query": {"company_id": OWN, "date_from": "2025-02-29"}},
        "no company": {"query": {"staff_id": 2001}},
    },
    "get_staff_schedule": {
        "a working day": {"staff_id": 2001, "date": "2025-10-30", "company_id": OWN},
        "a day off": {"staff_id": 2005, "date": "2025-10-27", "company_id": OWN},
        "no such row": {"staff_id": 2001, "date": "2024-02-29", "company_id": OWN},
        "no such day": {"staff_id": 2001, "date": "2025-11-31", "company_id": OWN},
    },
    "get_services": {
        "active": {"company_id": OWN},
        "all": {"company_id": OWN, "include_inactive": True},
        "company without services": {"company_id": NO_COMPANY},
        "company negative": {"company_id": -1},
    },
    "get_service_by_id": {
        "without a category": {"service_id": 3056, "company_id": OWN},
        "nobody": {"service_id": NOBODY, "company_id": OWN},
        "id as a fraction": {"service_id": 3001.5, "company_id": OWN},
    },
    "get_services_by_category": {
        "haircuts": {"company_id": OWN, "category_id": 101},
        "no such category": {"company_id": OWN, "category_id": NOBODY},
        "category None": {"company_id": OWN, "category_id": None},
    },
    "find_services_by_ids": _ids("ids", 1),
    "find_services_by_yclients_ids": _ids("yclients_ids", 3001, company_id=OWN),
    "get_company": {
        "exists": {"company_id": OWN},
        "no such company": {"company_id": NO_COMPANY},
        "company zero": {"company_id": 0},
        "company as text": {"company_id": "900100"},
        "company beyond integer": {"company_id": 2**31},
    },
    "health_check": {
        "exists": {"company_id": OWN},
        "no such company": {"company_id": NO_COMPANY},
        "company zero": {"company_id": 0},
    },
}
