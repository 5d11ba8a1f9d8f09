"""The business tables as both data layers know them: names, the keys that upserts conflict on, jsonb columns."""

from __future__ import annotations

from typing import Final

from harness.datalayer.postgres.repository import Table

COMPANIES: Final = Table(
    "companies", key=("company_id",), json_columns=frozenset({"working_hours", "whatsapp_config", "raw_data"})
)
CLIENTS: Final = Table(
    "clients",
    key=("yclients_id", "company_id"),
    json_columns=frozenset({"visit_history", "last_services", "ai_context", "ai_messages", "raw_data"}),
)
SERVICES: Final = Table("services", key=("yclients_id", "company_id"), json_columns=frozenset({"raw_data"}))
STAFF: Final = Table("staff", key=("yclients_id", "company_id"), json_columns=frozenset({"position", "raw_data"}))
STAFF_SCHEDULES: Final = Table(
    "staff_schedules", key=("staff_id", "date", "company_id"), json_columns=frozenset({"working_hours"})
)
BOOKINGS: Final = Table(
    "bookings", key=("yclients_record_id", "company_id"), json_columns=frozenset({"services", "raw_data"})
)
DIALOG_CONTEXTS: Final = Table("dialog_contexts", key=("user_id",), json_columns=frozenset({"data", "messages"}))

COUNTED_BY_HEALTH: Final = (CLIENTS, SERVICES, STAFF, STAFF_SCHEDULES, BOOKINGS)
