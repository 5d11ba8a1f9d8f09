"""Reads staff."""

from __future__ import annotations

from collections.abc import Sequence

from harness.datalayer.filters import OrderBy, eq
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row

BEST_RATED_FIRST = (OrderBy("rating", descending=True, nulls_first=True), OrderBy("yclients_id"))


class StaffRepository:
    """The staff of every company."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def with_yclients_id(self, yclients_id: int, company_id: int) -> Row | None:
        """One of the staff by the key."""
        return self.base.find_one([eq("yclients_id", yclients_id), eq("company_id", company_id)])

    def of_company(self, company_id: int, *, include_inactive: bool) -> list[Row]:
        """The staff of a company, those without a rating first, then the best rated."""
        where = [eq("company_id", company_id)]
        if not include_inactive:
            where.append(eq("is_active", value=True))
        return self.base.find_many(where, order_by=BEST_RATED_FIRST)

    def with_ids(self, ids: Sequence[int]) -> list[Row]:
        """Staff by the database's own numbers."""
        return self.base.find_by_ids("id", ids)

    def with_yclients_ids(self, yclients_ids: Sequence[int], company_id: int) -> list[Row]:
        """Staff of a company by YCLIENTS' numbers."""
        return self.base.find_by_ids("yclients_id", yclients_ids, where=[eq("company_id", company_id)])
