"""Reads and writes services through REST."""

from __future__ import annotations

from collections.abc import Sequence

from postgrest import SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.reference.supabase_domains import requests
from harness.reference.tables import SERVICES


class Services:
    """The services of every company."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """A service by the key."""
        return requests.one(self._all().eq("yclients_id", yclients_id).eq("company_id", company_id))

    def of_company(self, company_id: int, *, include_inactive: bool) -> list[Row]:
        """The services of a company in the order of its price list."""

        def query() -> SyncSelectRequestBuilder:
            request = self._all().eq("company_id", company_id)
            return _heaviest_first(request if include_inactive else request.eq("is_active", value=True))

        return requests.all_of(query, SERVICES.name)

    def of_category(self, company_id: int, category_id: int) -> list[Row]:
        """The active services of a category in the order of the price list."""

        def query() -> SyncSelectRequestBuilder:
            request = self._all().eq("company_id", company_id).eq("category_id", category_id)
            return _heaviest_first(request.eq("is_active", value=True))

        return requests.all_of(query, SERVICES.name)

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Services by the database's own numbers."""
        return requests.by_ids(self._all, "id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Services of a company by YCLIENTS' numbers."""
        return requests.by_ids(lambda: self._all().eq("company_id", company_id), "yclients_id", yclients_ids)

    def upsert_all(self, rows: Sequence[Row]) -> list[Row]:
        """Write services."""
        return requests.all_upserted(self._client, SERVICES, rows)

    def _all(self) -> SyncSelectRequestBuilder:
        return self._client.table(SERVICES.name).select("*")


def _heaviest_first(request: SyncSelectRequestBuilder) -> SyncSelectRequestBuilder:
    return request.order("weight", desc=True, nullsfirst=True).order("yclients_id")
