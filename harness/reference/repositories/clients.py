"""Reads and writes clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.datalayer.filters import OrderBy, eq, ilike, in_
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row
from harness.datalayer.validation import escaped_like


class ClientRepository:
    """The clients of every company."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def with_phone(self, forms: Sequence[str]) -> Row | None:
        """The client who has the phone in any of its forms; several are a failure."""
        return self.base.find_one([in_("phone", forms)])

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """A client by the key."""
        return self.base.find_one([eq("yclients_id", yclients_id), eq("company_id", company_id)])

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Clients by the database's own numbers."""
        return self.base.find_by_ids("id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Clients of a company by YCLIENTS' numbers."""
        return self.base.find_by_ids("yclients_id", yclients_ids, where=[eq("company_id", company_id)])

    def named(self, company_id: int, part_of_name: str, limit: int) -> list[Row]:
        """Clients with the text in their name, those who never came first, then the latest visits."""
        return self.base.find_many(
            [eq("company_id", company_id), ilike("name", f"%{escaped_like(part_of_name)}%")],
            order_by=[OrderBy("last_visit_date", descending=True, nulls_first=True), OrderBy("id")],
            limit=limit,
        )

    def upsert(self, row: Mapping[str, object]) -> Row:
        """Write a client."""
        return self.base.upsert(row)

    def upsert_all(self, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        """Write clients."""
        return self.base.bulk_upsert(rows)
