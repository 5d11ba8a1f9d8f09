"""Reads and writes companies through REST."""

from __future__ import annotations

from supabase import Client

from harness.datalayer.database import Row
from harness.reference.supabase_domains import requests
from harness.reference.tables import COMPANIES


class Companies:
    """The companies."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def with_company_id(self, company_id: int) -> Row | None:
        """A company by the key."""
        return requests.one(self._client.table(COMPANIES.name).select("*").eq("company_id", company_id))

    def upsert(self, row: Row) -> Row:
        """Write a company."""
        return requests.upserted(self._client, COMPANIES, row)
