"""The seven repositories of the application over one backend, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from harness.datalayer.interface import TableRepository
from harness.datalayer.rows import Row, Table
from harness.reference.repositories.bookings import BookingRepository
from harness.reference.repositories.clients import ClientRepository
from harness.reference.repositories.companies import CompanyRepository
from harness.reference.repositories.dialog_contexts import DialogContextRepository
from harness.reference.repositories.services import ServiceRepository
from harness.reference.repositories.staff import StaffRepository
from harness.reference.repositories.staff_schedules import StaffScheduleRepository
from harness.reference.tables import (
    BOOKINGS,
    CLIENTS,
    COMPANIES,
    DIALOG_CONTEXTS,
    SERVICES,
    STAFF,
    STAFF_SCHEDULES,
)

RepositoryOf: TypeAlias = Callable[[Table], TableRepository[Row]]
"""Makes the repository of a table on the backend of its choice."""


class Domains:
    """One repository a domain."""

    def __init__(self, of: RepositoryOf) -> None:
        self.bookings = BookingRepository(of(BOOKINGS))
        self.clients = ClientRepository(of(CLIENTS))
        self.companies = CompanyRepository(of(COMPANIES))
        self.dialog_contexts = DialogContextRepository(of(DIALOG_CONTEXTS))
        self.services = ServiceRepository(of(SERVICES))
        self.staff = StaffRepository(of(STAFF))
        self.staff_schedules = StaffScheduleRepository(of(STAFF_SCHEDULES))
