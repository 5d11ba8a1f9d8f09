"""The data layer of the application, written once: every method, on repositories of whichever backend."""

from __future__ import annotations

from collections.abc import Callable

from harness.datalayer.envelope import answered
from harness.datalayer.filters import eq
from harness.datalayer.rows import MOST_ROWS_WRITTEN, Row, Table
from harness.datalayer.validation import (
    FLAG,
    ISO_DATE,
    NAME,
    ROW_LIMIT,
    checked,
    checked_model,
    checked_row,
    checked_rows,
)
from harness.reference.query_inputs import (
    CLIENTS_FOUND_BY_DEFAULT,
    AppointmentOptions,
    ScheduleQuery,
    company,
    id_list,
    moment,
    phones,
    row_id,
)
from harness.reference.repositories.domains import Domains, RepositoryOf
from harness.reference.row_inputs import (
    BookingRow,
    ClientRow,
    CompanyRow,
    DialogContextRow,
    ServiceRow,
    StaffScheduleRow,
)
from harness.reference.tables import COUNTED_BY_HEALTH


class SalonLayer:
    """Every method answers with the envelope `{success, data, error}` and raises nothing."""

    def __init__(self, of: RepositoryOf, close: Callable[[], None]) -> None:
        domains = Domains(of)
        self._of = of
        self._close = close
        self._bookings = domains.bookings
        self._clients = domains.clients
        self._companies = domains.companies
        self._dialog_contexts = domains.dialog_contexts
        self._services = domains.services
        self._staff = domains.staff
        self._staff_schedules = domains.staff_schedules

    def close(self) -> None:
        """Close the connections."""
        self._close()

    # Conversations

    @answered
    def get_dialog_context(self, user_id: str) -> object:
        """The state of a conversation, None where there is none."""
        return self._dialog_contexts.of_user(checked(NAME, "user_id", user_id))

    @answered
    def upsert_dialog_context(self, user_id: str, context: Row) -> object:
        """Write the state of a conversation; `context` holds columns of dialog_contexts."""
        row = checked_row(DialogContextRow, "context", context)
        return self._dialog_contexts.upsert({**row, "user_id": checked(NAME, "user_id", user_id)})

    # Clients

    @answered
    def get_client_by_phone(self, phone: str) -> object:
        """The client of any company who has the phone, in any of its forms; several are a conflict."""
        return self._clients.with_phone(phones("phone", phone))

    @answered
    def get_client_by_id(self, yclients_id: int, company_id: int) -> object:
        """A client by YCLIENTS' number."""
        return self._clients.with_yclients_id(row_id("yclients_id", yclients_id), company(company_id))

    @answered
    def get_client_appointments(self, client_phone: str, options: Row | None = None) -> object:
        """A client's bookings, the latest first, ten where `options` (AppointmentOptions) say no limit."""
        wanted = checked_model(AppointmentOptions, "options", {} if options is None else options)
        return self._bookings.of_client(phones("client_phone", client_phone), wanted)

    @answered
    def get_upcoming_appointments(self, client_phone: str, company_id: int, as_of: str | None = None) -> object:
        """A client's bookings from `as_of` (now) on that are pending or confirmed, the next one first."""
        since = moment("as_of", as_of)
        return self._bookings.to_come(phones("client_phone", client_phone), company(company_id), since)

    @answered
    def search_clients_by_name(self, company_id: int, name: str, limit: int = CLIENTS_FOUND_BY_DEFAULT) -> object:
        """Clients whose name holds the text, in any case: those who never came, then the latest visits."""
        wanted = checked(NAME, "name", name)
        return self._clients.named(company(company_id), wanted, checked(ROW_LIMIT, "limit", limit))

    @answered
    def upsert_client(self, data: Row) -> object:
        """Write a client and return it."""
        return self._clients.upsert(checked_row(ClientRow, "data", data))

    @answered
    def upsert_clients(self, clients: list[Row]) -> object:
        """Write at most 500 clients, all or none, and return them."""
        return self._clients.upsert_all(checked_rows(ClientRow, "clients", clients, most=MOST_ROWS_WRITTEN))

    @answered
    def find_clients_by_ids(self, ids: list[int]) -> object:
        """Clients by the database's own numbers, at most 1,000; those that do not exist are left out."""
        return self._clients.with_ids(id_list("ids", ids))

    @answered
    def find_clients_by_yclients_ids(self, yclients_ids: list[int], company_id: int) -> object:
        """Clients of a company by YCLIENTS' numbers, at most 1,000; those that do not exist are left out."""
        return self._clients.with_yclients_ids(id_list("yclients_ids", yclients_ids), company(company_id))

    # Staff and their working days

    @answered
    def get_staff_by_id(self, staff_id: int, company_id: int) -> object:
        """One of the staff by YCLIENTS' number."""
        return self._staff.with_yclients_id(row_id("staff_id", staff_id), company(company_id))

    @answered
    def get_staff(self, company_id: int, include_inactive: bool = False) -> object:
        """The staff of a company, those without a rating first, then the best rated."""
        inactive_too = checked(FLAG, "include_inactive", include_inactive)
        return self._staff.of_company(company(company_id), include_inactive=inactive_too)

    @answered
    def find_staff_by_ids(self, ids: list[int]) -> object:
        """Staff by the database's own numbers, at most 1,000; those that do not exist are left out."""
        return self._staff.with_ids(id_list("ids", ids))

    @answered
    def find_staff_by_yclients_ids(self, yclients_ids: list[int], company_id: int) -> object:
        """Staff of a company by YCLIENTS' numbers, at most 1,000; those that do not exist are left out."""
        return self._staff.with_yclients_ids(id_list("yclients_ids", yclients_ids), company(company_id))

    @answered
    def get_staff_schedules(self, query: Row) -> object:
        """Working days that match `query` (ScheduleQuery), day by day."""
        return self._staff_schedules.matching(checked_model(ScheduleQuery, "query", query))

    @answered
    def get_staff_schedule(self, staff_id: int, date: str, company_id: int) -> object:
        """One working day of one of the staff."""
        day = checked(ISO_DATE, "date", date)
        return self._staff_schedules.of_day(row_id("staff_id", staff_id), day, company(company_id))

    @answered
    def upsert_staff_schedules(self, schedules: list[Row]) -> object:
        """Write at most 500 working days, all or none, and return them."""
        rows = checked_rows(StaffScheduleRow, "schedules", schedules, most=MOST_ROWS_WRITTEN)
        return self._staff_schedules.upsert_all(rows)

    # Services

    @answered
    def get_services(self, company_id: int, include_inactive: bool = False) -> object:
        """The services of a company in the order of its price list."""
        inactive_too = checked(FLAG, "include_inactive", include_inactive)
        return self._services.of_company(company(company_id), include_inactive=inactive_too)

    @answered
    def get_service_by_id(self, service_id: int, company_id: int) -> object:
        """A service by YCLIENTS' number."""
        return self._services.with_yclients_id(row_id("service_id", service_id), company(company_id))

    @answered
    def get_services_by_category(self, company_id: int, category_id: int) -> object:
        """The active services of a category in the order of the price list."""
        return self._services.of_category(company(company_id), row_id("category_id", category_id))

    @answered
    def upsert_services(self, services: list[Row]) -> object:
        """Write at most 500 services, all or none, and return them."""
        return self._services.upsert_all(checked_rows(ServiceRow, "services", services, most=MOST_ROWS_WRITTEN))

    @answered
    def find_services_by_ids(self, ids: list[int]) -> object:
        """Services by the database's own numbers, at most 1,000; those that do not exist are left out."""
        return self._services.with_ids(id_list("ids", ids))

    @answered
    def find_services_by_yclients_ids(self, yclients_ids: list[int], company_id: int) -> object:
        """Services of a company by YCLIENTS' numbers, at most 1,000; those that do not exist are left out."""
        return self._services.with_yclients_ids(id_list("yclients_ids", yclients_ids), company(company_id))

    # Companies, bookings, health

    @answered
    def get_company(self, company_id: int) -> object:
        """A company."""
        return self._companies.with_company_id(company(company_id))

    @answered
    def upsert_company(self, data: Row) -> object:
        """Write a company and return it."""
        return self._companies.upsert(checked_row(CompanyRow, "data", data))

    @answered
    def upsert_booking(self, data: Row) -> object:
        """Write a booking and return it."""
        return self._bookings.upsert(checked_row(BookingRow, "data", data))

    @answered
    def health_check(self, company_id: int) -> object:
        """Whether the company is there, and how many rows it has in the tables that the bot lives on."""
        wanted = company(company_id)
        return {
            "company_id": wanted,
            "company_found": self._companies.with_company_id(wanted) is not None,
            "rows": {table.name: self._count(table, wanted) for table in COUNTED_BY_HEALTH},
        }

    def _count(self, table: Table, company_id: int) -> int:
        return self._of(table).count([eq("company_id", company_id)])
