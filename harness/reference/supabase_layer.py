"""The data layer on Supabase: every method of the application, through the unmodified supabase-py client."""

from __future__ import annotations

import functools
import ssl
from dataclasses import fields
from typing import Final

import httpx
from supabase import Client, ClientOptions, SupabaseException, create_client

from harness.datalayer.database import Row
from harness.datalayer.envelope import answered
from harness.datalayer.repository import MOST_ROWS_WRITTEN, Table
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
from harness.errors import ConfigurationError
from harness.reference.context import LayerContext
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
from harness.reference.row_inputs import (
    BookingRow,
    ClientRow,
    CompanyRow,
    DialogContextRow,
    ServiceRow,
    StaffScheduleRow,
)
from harness.reference.supabase_domains import requests
from harness.reference.supabase_domains.bookings import Bookings
from harness.reference.supabase_domains.clients import Clients
from harness.reference.supabase_domains.companies import Companies
from harness.reference.supabase_domains.dialog_contexts import DialogContexts
from harness.reference.supabase_domains.services import Services
from harness.reference.supabase_domains.staff import Staff
from harness.reference.supabase_domains.staff_schedules import StaffSchedules
from harness.reference.tables import COUNTED_BY_HEALTH

TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)


class SupabaseLayer:
    """Every method answers with the envelope `{success, data, error}` and raises nothing."""

    def __init__(self, client: Client, http: httpx.Client) -> None:
        self._client = client
        self._http = http
        self._bookings = Bookings(client)
        self._clients = Clients(client)
        self._companies = Companies(client)
        self._dialog_contexts = DialogContexts(client)
        self._services = Services(client)
        self._staff = Staff(client)
        self._staff_schedules = StaffSchedules(client)

    def close(self) -> None:
        """Close the HTTP connections."""
        self._http.close()

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
        return requests.counted(self._client, table, company_id)


def create(context: LayerContext) -> SupabaseLayer:
    """The layer on the project of `context.rest_url`; raises where URL or key cannot be used."""
    http = httpx.Client(timeout=TIMEOUT, follow_redirects=True, verify=_trusted())
    try:
        client = create_client(context.rest_url, context.api_key, options=_options(http))
    except SupabaseException as error:
        http.close()
        raise ConfigurationError(
            f"The Supabase client refuses its settings: {error.message}.", hint="Set the project's URL and its key."
        ) from None
    return SupabaseLayer(client, http)


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The certificates that are trusted, read once: a process that makes many clients reads megabytes of them else."""
    return httpx.create_ssl_context()


def _options(http: httpx.Client) -> ClientOptions:
    """One HTTP client for everything, no retries: a comparison has to see every answer, the first one too."""
    options = ClientOptions(httpx_client=http, auto_refresh_token=False, persist_session=False)
    if "postgrest_client_retry" in {field.name for field in fields(options)}:
        options.postgrest_client_retry = False
    return options
