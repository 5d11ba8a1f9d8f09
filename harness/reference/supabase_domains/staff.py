"""Reads staff through REST."""

from __future__ import annotations

from collections.abc import Sequence

from postgrest import SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.reference.supabase_domains import requests
from harness.reference.tables import STAFF


class Staff:
    """The staff of every company."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """One of the staff by the key."""
        return requests.one(self._all().eq("yclients_id", yclients_id).eq("company_id", company_id))

    def of_company(self, company_id: int, *, include_inactive: bool) -> list[Row]:
        """The staff of a company, those without a rating first, then the best rated."""

        def query() -> SyncSelectRequestBuilder:
            request = self._all().eq("company_id", company_id)
            if not include_inactive:
                request = request.eq("is_active", value=True)
            return request.order("rating", desc=True, nullsfirst=True).order("yclients_id")

        return requests.all_of(query, STAFF.name)

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Staff by the database's own numbers."""
        return requests.by_ids(self._all, "id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Staff of a company by YCLIENTS' numbers."""
        return requests.by_ids(lambda: self._all().eq("company_id", company_id), "yclients_id", yclients_ids)

    def _all(self) -> SyncSelectRequestBuilder:
        return self._client.table(STAFF.name).select("*")
