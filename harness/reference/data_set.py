"""The data set of the reference application: every row of it, invented, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Final

from harness.reference.invented.clients import clients
from harness.reference.invented.salon import WORKING_STAFF, company, services, staff, staff_schedules
from harness.reference.invented.session_keys import auth_row, key_rows
from harness.reference.invented.visits import bookings, dialog_contexts, reminders

COMPANY_ID: Final = 900100
SECOND_COMPANY_ID: Final = 900200
TABLES_IN_SCOPE: Final = (
    "companies",
    "clients",
    "services",
    "staff",
    "staff_schedules",
    "dialog_contexts",
    "bookings",
)
"""What moves, in the order in which the foreign keys let it load."""
TABLES_OUT_OF_SCOPE: Final = ("reminders",)
"""Filled on the source, and left behind by decision."""

Rows = dict[str, list[dict[str, object]]]


def data_set(*, seed: int = 900100, second_company: bool = False) -> Rows:
    """The rows of the eight business tables, in load order: 1,490 in the seven in scope, 20 reminders.

    With `second_company` there is company 900200 too, whose clients have the yclients_id and the phones of
    clients of the first one: the source allows it, a unique index on clients.yclients_id alone does not.
    """
    rows = _company_rows(COMPANY_ID, seed, _SIZES[COMPANY_ID], _FIRST_ROW_IDS[COMPANY_ID])
    if second_company:
        of_second = _company_rows(
            SECOND_COMPANY_ID,
            seed + 1,
            _SIZES[SECOND_COMPANY_ID],
            _FIRST_ROW_IDS[SECOND_COMPANY_ID],
            without=_CLIENTS_OF_THE_FIRST_ALONE,
        )
        phones = {row["yclients_id"]: row["phone"] for row in rows["clients"]}
        for row in of_second["clients"]:
            row["phone"] = phones[row["yclients_id"]]
        for table, more in of_second.items():
            rows[table].extend(more)
    return rows


def target_only_rows(*, seed: int = 900100) -> Rows:
    """The rows that live on the target alone: one of whatsapp_auth, 728 of whatsapp_keys."""
    rng = random.Random(f"{seed} session")  # noqa: S311 - invented data, repeatable by design
    return {"whatsapp_auth": [auth_row(rng)], "whatsapp_keys": key_rows(rng)}


_CLIENTS_OF_THE_FIRST_ALONE: Final = frozenset({1, 2, 3, 8})
"""So that some of the known phones stay without a second owner."""
_SIZES: Final = {
    COMPANY_ID: {
        "clients": 1299, "services": 63, "staff": 12, "people": WORKING_STAFF,
        "dialog_contexts": 21, "bookings": 38, "reminders": 20,
    },
    SECOND_COMPANY_ID: {
        "clients": 45, "services": 6, "staff": 3, "people": 2,
        "dialog_contexts": 2, "bookings": 18, "reminders": 2,
    },
}  # fmt: skip
_FIRST_ROW_IDS: Final = {
    COMPANY_ID: {
        "companies": 1, "clients": 1, "services": 1, "staff": 1, "staff_schedules": 1,
        "dialog_contexts": 1, "chat": 500, "bookings": 1,
    },
    SECOND_COMPANY_ID: {
        "companies": 2, "clients": 2001, "services": 101, "staff": 21, "staff_schedules": 101,
        "dialog_contexts": 41, "chat": 600, "bookings": 101,
    },
}  # fmt: skip


def _company_rows(
    company_id: int, seed: int, size: dict[str, int], first: dict[str, int], *, without: Collection[int] = ()
) -> Rows:
    def stream(table: str) -> random.Random:
        """A stream of its own for each table, so that a change to one leaves the others as they are."""
        return random.Random(f"{seed} {table}")  # noqa: S311 - invented data, repeatable by design

    numbers = [n for n in range(size["clients"] + len(without)) if n not in without]
    their_clients = clients(company_id, numbers, first["clients"], stream("clients"))
    their_services = services(company_id, size["services"], first["services"], stream("services"))
    their_days = staff_schedules(company_id, size["people"], first["staff_schedules"], stream("staff_schedules"))
    their_bookings = bookings(
        company_id,
        size["bookings"],
        first["bookings"],
        stream("bookings"),
        clients=their_clients,
        services=their_services,
        staff_schedules=their_days,
    )
    return {
        "companies": [company(company_id, first["companies"])],
        "clients": their_clients,
        "services": their_services,
        "staff": staff(company_id, size["staff"], first["staff"], stream("staff")),
        "staff_schedules": their_days,
        "dialog_contexts": dialog_contexts(
            company_id, size["dialog_contexts"], first["dialog_contexts"], first["chat"], stream("dialog_contexts")
        ),
        "bookings": their_bookings,
        "reminders": reminders(their_bookings, size["reminders"], stream("reminders")),
    }
