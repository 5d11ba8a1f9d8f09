"""Reads and writes bookings through REST."""

from __future__ import annotations

from collections.abc import Sequence

from postgrest import SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.reference.query_inputs import STATUSES_TO_COME, AppointmentOptions
from harness.reference.supabase_domains import requests
from harness.reference.tables import BOOKINGS


class Bookings:
    """The bookings of every company."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_client(self, phone_forms: Sequence[str], options: AppointmentOptions) -> list[Row]:
        """A client's bookings, the latest first."""
        request = self._all().in_("client_phone", phone_forms)
        if options.company_id is not None:
            request = request.eq("company_id", options.company_id)
        if options.status is not None:
            request = request.eq("status", options.status)
        if options.since is not None:
            request = request.gte("datetime", options.since)
        if options.until is not None:
            request = request.lt("datetime", options.until)
        request = request.order("datetime", desc=True, nullsfirst=True).order("id", desc=True)
        return requests.many(request.limit(options.limit).offset(options.offset))

    def to_come(self, phone_forms: Sequence[str], company_id: int, as_of: str) -> list[Row]:
        """A client's bookings that are neither over nor cancelled, the next one first."""

        def query() -> SyncSelectRequestBuilder:
            request = self._all().in_("client_phone", phone_forms).eq("company_id", company_id)
            return request.in_("status", STATUSES_TO_COME).gte("datetime", as_of).order("datetime").order("id")

        return requests.all_of(query, BOOKINGS.name)

    def upsert(self, row: Row) -> Row:
        """Write a booking."""
        return requests.upserted(self._client, BOOKINGS, row)

    def _all(self) -> SyncSelectRequestBuilder:
        return self._client.table(BOOKINGS.name).select("*")
