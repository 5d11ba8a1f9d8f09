"""Reads and writes working days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.datalayer.filters import OrderBy, eq, gte, lte
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row
from harness.reference.query_inputs import ScheduleQuery


class StaffScheduleRepository:
    """The working days of all staff."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def matching(self, query: ScheduleQuery) -> list[Row]:
        """Working days, day by day."""
        where = [eq("company_id", query.company_id)]
        if query.staff_id is not None:
            where.append(eq("staff_id", query.staff_id))
        if query.date_from is not None:
            where.append(gte("date", query.date_from))
        if query.date_to is not None:
            where.append(lte("date", query.date_to))
        return self.base.find_many(where, order_by=[OrderBy("date"), OrderBy("staff_id")])

    def of_day(self, staff_id: int, day: str, company_id: int) -> Row | None:
        """One working day by the key."""
        return self.base.find_one([eq("staff_id", staff_id), eq("date", day), eq("company_id", company_id)])

    def with_id(self, schedule_id: int) -> Row | None:
        """One working day by the database's own number."""
        return self.base.find_one([eq("id", schedule_id)])

    def upsert_all(self, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        """Write working days."""
        return self.base.bulk_upsert(rows)
