"""The methods that need one transaction over several tables: what the application gains when PostgreSQL is primary.

SupabaseLayer has none of them, and this is its record: every request through REST is a transaction of its own, so that
no order of requests is all or nothing. They stand apart from RepositoryLayer, whose methods all have a counterpart
that they are compared with.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from harness.datalayer.envelope import CallFailed, InvalidInput, answered
from harness.datalayer.postgres.database import Database, PooledDatabase
from harness.datalayer.postgres.repository import Repository
from harness.datalayer.rows import MOST_ROWS_WRITTEN, Row, Table
from harness.datalayer.validation import IsoDate, IsoMoment, RowId, checked_model, checked_row, checked_rows
from harness.reference.context import LayerContext
from harness.reference.query_inputs import company, row_id
from harness.reference.repositories.domains import Domains
from harness.reference.repository_layer import RepositoryLayer, connected
from harness.reference.row_inputs import BookingRow, ClientRow, CompanyRow, ServiceRow, StaffScheduleRow
from harness.reference.tables import BOOKINGS, CLIENTS, COMPANIES, SERVICES, STAFF_SCHEDULES

SYNCED: Final[tuple[tuple[Table, type[BaseModel]], ...]] = (
    (COMPANIES, CompanyRow),
    (CLIENTS, ClientRow),
    (SERVICES, ServiceRow),
    (STAFF_SCHEDULES, StaffScheduleRow),
    (BOOKINGS, BookingRow),
)
"""What `sync_all` writes, in the order of the foreign keys."""

_ATTEMPTS: Final = 3


class Slot(BaseModel):
    """When, with whom, and on which of the working days of that one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    datetime: IsoMoment
    staff_id: RowId
    date: IsoDate


class TransactionalLayer(RepositoryLayer):
    """RepositoryLayer, and three methods of which each writes everything or nothing."""

    def __init__(self, database: PooledDatabase) -> None:
        super().__init__(database)
        self._pooled = database

    @answered
    def create_booking_with_client(self, client: Row, booking: Row) -> object:
        """Write a client and a booking of this client; returns {"client", "booking"}, the rows as they are now."""
        of_client, of_booking = checked_row(ClientRow, "client", client), checked_row(BookingRow, "booking", booking)
        if of_client["company_id"] != of_booking["company_id"]:
            raise InvalidInput("booking.company_id: has to be the client's.")

        def work(database: Database) -> dict[str, Row]:
            domains = _domains(database)
            written = domains.clients.upsert(of_client)
            names = {"client_yclients_id": "yclients_id", "client_phone": "phone", "client_name": "name"}
            theirs = {name: written[column] for name, column in names.items()}
            return {"client": written, "booking": domains.bookings.upsert({**of_booking, **theirs})}

        return self._pooled.with_transaction(work)

    @answered
    def reschedule_booking(self, record_id: int, company_id: int, slot: Row) -> object:
        """Move a booking to another slot: release the old working day and reserve the new one, together.

        Returns the booking, None where there is none. A working day that does not exist is `not_found`, one without
        a free slot is a `conflict` (slot_taken); a day whose `slots_free` is NULL does not count its slots. Of two
        callers who want the last slot one gets it: the other's transaction is run again and finds it taken.
        """
        number, owner = row_id("record_id", record_id), company(company_id)
        wanted = checked_model(Slot, "slot", slot)

        def work(database: Database) -> Row | None:
            domains = _domains(database)
            booking = domains.bookings.with_record_id(number, owner)
            if booking is None:
                return None
            day = domains.staff_schedules.of_day(wanted.staff_id, wanted.date, owner)
            if day is None:
                raise CallFailed("not_found", "no_such_day", "The one of the staff does not work on that day.")
            if day["id"] != booking["staff_schedule_id"]:
                if day["slots_free"] == 0:
                    raise CallFailed("conflict", "slot_taken", "The working day has no free slot.")
                if booking["staff_schedule_id"] is not None:
                    _count_slots(domains, domains.staff_schedules.with_id(booking["staff_schedule_id"]), 1)
                _count_slots(domains, day, -1)
            moved = {"datetime": wanted.datetime, "staff_schedule_id": day["id"]}
            whose = {"staff_id": day["staff_id"], "staff_name": day["staff_name"]}
            return domains.bookings.upsert({**_key(BOOKINGS, booking), **moved, **whose})

        return self._pooled.with_transaction(work, isolation="repeatable read", attempts=_ATTEMPTS)

    @answered
    def sync_all(self, batch: dict[str, list[Row]]) -> object:
        """Write the rows of several tables, at most 500 of each: {"clients": […], …}; returns them as they are now."""
        known = {table.name for table, _ in SYNCED}
        if not isinstance(batch, dict) or not set(batch) <= known:
            raise InvalidInput(f"batch: has to be an object of lists, under {', '.join(sorted(known))}.")
        checked = [
            (table, checked_rows(model, f"batch.{table.name}", batch[table.name], most=MOST_ROWS_WRITTEN))
            for table, model in SYNCED
            if table.name in batch
        ]

        def work(database: Database) -> dict[str, list[Row]]:
            return {table.name: Repository(database, table).bulk_upsert(rows) for table, rows in checked}

        return self._pooled.with_transaction(work)


def _domains(database: Database) -> Domains:
    return Domains(lambda table: Repository(database, table))


def _count_slots(domains: Domains, day: Row | None, change: int) -> None:
    """Change how many slots of a working day are free; one that does not count them is left as it is."""
    if day is None or day["slots_free"] is None:
        return
    free: int = day["slots_free"] + change
    counted = {"slots_free": free, "has_booking_slots": free > 0}
    domains.staff_schedules.upsert_all([{**_key(STAFF_SCHEDULES, day), "staff_name": day["staff_name"], **counted}])


def _key(table: Table, row: Row) -> dict[str, Any]:
    return {column: row[column] for column in table.key}


def create(context: LayerContext) -> TransactionalLayer:
    """The layer on the database of `context.dsn`."""
    return TransactionalLayer(connected(context))
