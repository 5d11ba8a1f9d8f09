"""Reads and writes clients through REST."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postgrest import SyncSelectRequestBuilder
from supabase import Client

from harness.datalayer.database import Row
from harness.datalayer.validation import escaped_like
from harness.reference.supabase_domains import requests
from harness.reference.tables import CLIENTS


class Clients:
    """The clients of every company."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def with_phone(self, forms: Sequence[str]) -> Row | None:
        """The client who has the phone in any of its forms; several are a failure."""
        return requests.one(self._all().in_("phone", forms))

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """A client by the key."""
        return requests.one(self._all().eq("yclients_id", yclients_id).eq("company_id", company_id))

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Clients by the database's own numbers."""
        return requests.by_ids(self._all, "id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Clients of a company by YCLIENTS' numbers."""
        return requests.by_ids(lambda: self._all().eq("company_id", company_id), "yclients_id", yclients_ids)

    def named(self, company_id: int, part_of_name: str, limit: int) -> list[Row]:
        """Clients with the text in their name, those who never came first, then the latest visits."""
        request = _named(self._all().eq("company_id", company_id), part_of_name)
        return requests.many(request.order("last_visit_date", desc=True, nullsfirst=True).order("id").limit(limit))

    def upsert(self, row: Row) -> Row:
        """Write a client."""
        return requests.upserted(self._client, CLIENTS, row)

    def upsert_all(self, rows: Sequence[Row]) -> list[Row]:
        """Write clients."""
        return requests.all_upserted(self._client, CLIENTS, rows)

    def _all(self) -> SyncSelectRequestBuilder:
        return self._client.table(CLIENTS.name).select("*")


def _named(request: SyncSelectRequestBuilder, part_of_name: str) -> SyncSelectRequestBuilder:
    """Filter by a part of the name. In like and ilike `*` is a wildcard that nothing escapes: imatch has none."""
    if "*" in part_of_name:
        return request.filter("name", "imatch", re.sub(r"([^\w\s])", r"\\\1", part_of_name))
    return request.ilike("name", f"%{escaped_like(part_of_name)}%")
