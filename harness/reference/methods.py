"""What the methods of the reference application's data layers do: read or write, of which module, for whom."""

from __future__ import annotations

from typing import Final

from harness.datalayer.methods import Method, reads, writes
from harness.reference import VOLATILE_FIELDS

_GENERATED: Final = (*VOLATILE_FIELDS, "id")
"""A row that two servers insert need not get one number on both"""


def _of_company(module: str, *plain: str) -> Method:
    return reads(module, key="company_id", ignore=VOLATILE_FIELDS, plain_arguments=("company_id", *plain))


METHODS: Final[dict[str, Method]] = {
    "get_dialog_context": reads("dialog_contexts", key="user_id", ignore=VOLATILE_FIELDS),
    "upsert_dialog_context": writes("dialog_contexts", key="user_id", ignore=_GENERATED),
    "get_client_by_phone": reads("clients", ignore=VOLATILE_FIELDS),
    "get_client_by_id": reads("clients", key="company_id", ignore=VOLATILE_FIELDS),
    "search_clients_by_name": reads("clients", key="company_id", ignore=VOLATILE_FIELDS),
    "find_clients_by_ids": reads("clients", ignore=VOLATILE_FIELDS),
    "find_clients_by_yclients_ids": reads("clients", key="company_id", ignore=VOLATILE_FIELDS),
    "upsert_client": writes("clients", key="data.company_id", ignore=_GENERATED),
    "upsert_clients": writes("clients", key="clients.company_id", ignore=_GENERATED),
    "get_client_appointments": reads("bookings", ignore=VOLATILE_FIELDS),
    "get_upcoming_appointments": reads("bookings", key="company_id", ignore=VOLATILE_FIELDS),
    "upsert_booking": writes("bookings", key="data.company_id", ignore=_GENERATED),
    "get_staff_by_id": _of_company("staff", "staff_id"),
    "get_staff": _of_company("staff", "include_inactive"),
    "find_staff_by_ids": reads("staff", ignore=VOLATILE_FIELDS, plain_arguments=("ids",)),
    "find_staff_by_yclients_ids": _of_company("staff", "yclients_ids"),
    "get_staff_schedules": reads(
        "staff_schedules", key="query.company_id", ignore=VOLATILE_FIELDS, plain_arguments=("query",)
    ),
    "get_staff_schedule": _of_company("staff_schedules", "staff_id", "date"),
    "upsert_staff_schedules": writes("staff_schedules", key="schedules.company_id", ignore=_GENERATED),
    "get_services": _of_company("services", "include_inactive"),
    "get_service_by_id": _of_company("services", "service_id"),
    "get_services_by_category": _of_company("services", "category_id"),
    "find_services_by_ids": reads("services", ignore=VOLATILE_FIELDS, plain_arguments=("ids",)),
    "find_services_by_yclients_ids": _of_company("services", "yclients_ids"),
    "upsert_services": writes("services", key="services.company_id", ignore=_GENERATED),
    "get_company": _of_company("companies"),
    "upsert_company": writes("companies", key="data.company_id", ignore=_GENERATED),
    "health_check": _of_company("companies"),
}
"""Each public method of RepositoryLayer and SupabaseLayer. Clients' numbers, names and phones are personal."""

TRANSACTIONAL_METHODS: Final[dict[str, Method]] = {
    "create_booking_with_client": writes("bookings", key="client.company_id", ignore=_GENERATED),
    "reschedule_booking": writes("bookings", key="company_id", ignore=_GENERATED),
    "sync_all": writes("companies", ignore=_GENERATED),
}
"""What TransactionalLayer has beside METHODS. No facade over two backends takes it, while one has no transactions."""
