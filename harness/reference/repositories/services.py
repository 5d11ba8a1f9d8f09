"""Reads and writes services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.datalayer.filters import OrderBy, eq
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row

HEAVIEST_FIRST = (OrderBy("weight", descending=True, nulls_first=True), OrderBy("yclients_id"))


class ServiceRepository:
    """The services of every company."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """A service by the key."""
        return self.base.find_one([eq("yclients_id", yclients_id), eq("company_id", company_id)])

    def of_company(self, company_id: int, *, include_inactive: bool) -> list[Row]:
        """The services of a company in the order of its price list."""
        where = [eq("company_id", company_id)]
        if not include_inactive:
            where.append(eq("is_active", value=True))
        return self.base.find_many(where, order_by=HEAVIEST_FIRST)

    def of_category(self, company_id: int, category_id: int) -> list[Row]:
        """The active services of a category in the order of the price list."""
        return self.base.find_many(
            [eq("company_id", company_id), eq("category_id", category_id), eq("is_active", value=True)],
            order_by=HEAVIEST_FIRST,
        )

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Services by the database's own numbers."""
        return self.base.find_by_ids("id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Services of a company by YCLIENTS' numbers."""
        return self.base.find_by_ids("yclients_id", yclients_ids, where=[eq("company_id", company_id)])

    def upsert_all(self, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        """Write services."""
        return self.base.bulk_upsert(rows)
