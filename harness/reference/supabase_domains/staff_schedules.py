"""Reads and writes working days through REST."""

from __future__ import annotations

from collections.abc import Sequence

from postgrest import SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.reference.query_inputs import ScheduleQuery
from harness.reference.supabase_domains import requests
from harness.reference.tables import STAFF_SCHEDULES


class StaffSchedules:
    """The working days of all staff."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def matching(self, query: ScheduleQuery) -> list[Row]:
        """Working days, day by day."""

        def builder() -> SyncSelectRequestBuilder:
            request = self._all().eq("company_id", query.company_id)
            if query.staff_id is not None:
                request = request.eq("staff_id", query.staff_id)
            if query.date_from is not None:
                request = request.gte("date", query.date_from)
            if query.date_to is not None:
                request = request.lte("date", query.date_to)
            return request.order("date").order("staff_id")

        return requests.all_of(builder, STAFF_SCHEDULES.name)

    def of_day(self, staff_id: int, day: str, company_id: int) -> Row | None:
        """One working day by the key."""
        return requests.one(self._all().eq("staff_id", staff_id).eq("date", day).eq("company_id", company_id))

    def upsert_all(self, rows: Sequence[Row]) -> list[Row]:
        """Write working days."""
        return requests.all_upserted(self._client, STAFF_SCHEDULES, rows)

    def _all(self) -> SyncSelectRequestBuilder:
        return self._client.table(STAFF_SCHEDULES.name).select("*")
