"""The repository layer as it was first written, with the faults that a migration found one by one.

Each method here is wrong in a way that somebody's was: it names columns that only the code knows, conflicts on
keys that no unique index has, or looks like its Supabase original and is not. Everything else is the mended layer.
"""

from __future__ import annotations

from harness.datalayer.envelope import answered
from harness.datalayer.filters import OrderBy, eq, gte, ilike, in_
from harness.datalayer.postgres.database import Row
from harness.datalayer.postgres.repository import MOST_ROWS_WRITTEN
from harness.datalayer.validation import (
    FLAG,
    NAME,
    ROW_LIMIT,
    checked,
    checked_model,
    checked_row,
    checked_rows,
    escaped_like,
)
from harness.reference.context import LayerContext
from harness.reference.query_inputs import (
    CLIENTS_FOUND_BY_DEFAULT,
    STATUSES_TO_COME,
    AppointmentOptions,
    company,
    moment,
    phones,
    row_id,
)
from harness.reference.repositories.services import HEAVIEST_FIRST
from harness.reference.repositories.staff import BEST_RATED_FIRST
from harness.reference.repository_layer import RepositoryLayer, connected
from harness.reference.row_inputs import BookingRow, ClientRow


class FirstVersion(RepositoryLayer):
    """The faulty methods, and no others."""

    @answered
    def get_client_by_phone(self, phone: str) -> object:
        """Fault: where `.single()` fails for two clients with one phone, LIMIT 1 gives any of them, of any company."""
        return self._any_client_with_phone(phones("phone", phone))

    @answered
    def get_client_appointments(self, client_phone: str, options: Row | None = None) -> object:
        """Fault: filters on `client_id`, a column that one document lists and no schema has."""
        wanted = checked_model(AppointmentOptions, "options", {} if options is None else options)
        client = self._any_client_with_phone(phones("client_phone", client_phone))
        if client is None:
            return []
        where = [eq("client_id", client["id"])]
        if wanted.company_id is not None:
            where.append(eq("company_id", wanted.company_id))
        return self._bookings.base.find_many(
            where,
            order_by=[OrderBy("datetime", descending=True), OrderBy("id", descending=True)],
            limit=wanted.limit,
            offset=wanted.offset,
        )

    @answered
    def get_upcoming_appointments(self, client_phone: str, company_id: int, as_of: str | None = None) -> object:
        """Fault: filters on `client_id`, a column that one document lists and no schema has."""
        since = moment("as_of", as_of)
        client = self._any_client_with_phone(phones("client_phone", client_phone))
        if client is None:
            return []
        where = [
            eq("client_id", client["id"]),
            eq("company_id", company(company_id)),
            in_("status", STATUSES_TO_COME),
            gte("datetime", since),
        ]
        return self._bookings.base.find_many(where, order_by=[OrderBy("datetime"), OrderBy("id")])

    @answered
    def search_clients_by_name(self, company_id: int, name: str, limit: int = CLIENTS_FOUND_BY_DEFAULT) -> object:
        """Fault: NULLS LAST, where a descending order through REST puts NULLs first: with a limit, other rows."""
        pattern = f"%{escaped_like(checked(NAME, 'name', name))}%"
        return self._clients.base.find_many(
            [eq("company_id", company(company_id)), ilike("name", pattern)],
            order_by=[OrderBy("last_visit_date", descending=True, nulls_first=False), OrderBy("id")],
            limit=checked(ROW_LIMIT, "limit", limit),
        )

    @answered
    def upsert_client(self, data: Row) -> object:
        """Fault: ON CONFLICT (yclients_id), where only (yclients_id, company_id) is unique."""
        return self._clients.base.upsert(checked_row(ClientRow, "data", data), conflict=("yclients_id",))

    @answered
    def upsert_clients(self, clients: list[Row]) -> object:
        """Fault: ON CONFLICT (phone, company_id), copied from a sample in the documents; no schema has it unique."""
        rows = checked_rows(ClientRow, "clients", clients, most=MOST_ROWS_WRITTEN)
        return self._clients.base.bulk_upsert(rows, conflict=("phone", "company_id"))

    @answered
    def get_staff(self, company_id: int, include_inactive: bool = False) -> object:
        """Fault: filters on `fired`, a flag that exists only inside raw_data."""
        where = [eq("company_id", company(company_id))]
        if not checked(FLAG, "include_inactive", include_inactive):
            where.append(eq("fired", value=False))
        return self._staff.base.find_many(where, order_by=BEST_RATED_FIRST)

    @answered
    def get_services(self, company_id: int, include_inactive: bool = False) -> object:
        """Fault: filters on `active`, which is called is_active."""
        where = [eq("company_id", company(company_id))]
        if not checked(FLAG, "include_inactive", include_inactive):
            where.append(eq("active", value=True))
        return self._services.base.find_many(where, order_by=HEAVIEST_FIRST)

    @answered
    def get_services_by_category(self, company_id: int, category_id: int) -> object:
        """Fault: filters on `active`, which is called is_active."""
        where = [
            eq("company_id", company(company_id)),
            eq("category_id", row_id("category_id", category_id)),
            eq("active", value=True),
        ]
        return self._services.base.find_many(where, order_by=HEAVIEST_FIRST)

    @answered
    def upsert_booking(self, data: Row) -> object:
        """Fault: inserts into bookings.yclients_id, which is called yclients_record_id."""
        row = checked_row(BookingRow, "data", data)
        row["yclients_id"] = row.pop("yclients_record_id")
        return self._bookings.base.upsert(row, conflict=("yclients_id", "company_id"))

    def _any_client_with_phone(self, phone_forms: list[str]) -> Row | None:
        found = self._clients.base.find_many([in_("phone", phone_forms)], limit=1)
        return found[0] if found else None


def create(context: LayerContext) -> FirstVersion:
    """The first version on the database of `context.dsn`."""
    return FirstVersion(connected(context))
