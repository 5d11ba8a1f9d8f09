"""Reads and writes working days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.datalayer.database import Database, Row
from harness.datalayer.filters import OrderBy, eq, gte, lte
from harness.datalayer.repository import Repository
from harness.reference.query_inputs import ScheduleQuery
from harness.reference.tables import STAFF_SCHEDULES


class StaffScheduleRepository:
    """The working days of all staff."""

    def __init__(self, database: Database) -> None:
        self.base = Repository(database, STAFF_SCHEDULES)

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

    def upsert_all(self, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        """Write working days."""
        return self.base.bulk_upsert(rows)
