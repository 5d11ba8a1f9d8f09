"""Reads and writes bookings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.datalayer.filters import OrderBy, eq, gte, in_, lt
from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row
from harness.reference.query_inputs import STATUSES_TO_COME, AppointmentOptions


class BookingRepository:
    """The bookings of every company."""

    def __init__(self, base: TableRepository[Row]) -> None:
        self.base = base

    def of_client(self, phone_forms: Sequence[str], options: AppointmentOptions) -> list[Row]:
        """A client's bookings, the latest first."""
        where = [in_("client_phone", phone_forms)]
        if options.company_id is not None:
            where.append(eq("company_id", options.company_id))
        if options.status is not None:
            where.append(eq("status", options.status))
        if options.since is not None:
            where.append(gte("datetime", options.since))
        if options.until is not None:
            where.append(lt("datetime", options.until))
        return self.base.find_many(
            where,
            order_by=[OrderBy("datetime", descending=True, nulls_first=True), OrderBy("id", descending=True)],
            limit=options.limit,
            offset=options.offset,
        )

    def to_come(self, phone_forms: Sequence[str], company_id: int, as_of: str) -> list[Row]:
        """A client's bookings that are neither over nor cancelled, the next one first."""
        return self.base.find_many(
            [
                in_("client_phone", phone_forms),
                eq("company_id", company_id),
                in_("status", STATUSES_TO_COME),
                gte("datetime", as_of),
            ],
            order_by=[OrderBy("datetime"), OrderBy("id")],
        )

    def with_record_id(self, record_id: int, company_id: int) -> Row | None:
        """A booking by the key."""
        return self.base.find_one([eq("yclients_record_id", record_id), eq("company_id", company_id)])

    def upsert(self, row: Mapping[str, object]) -> Row:
        """Write a booking."""
        return self.base.upsert(row)
