"""What may be asked: the options of reads, as both data layers take them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, Strict

from harness.datalayer.validation import (
    COMPANY_ID,
    ISO_MOMENT,
    PHONE,
    ROW_ID,
    CompanyId,
    IsoDate,
    IsoMoment,
    Name,
    RowId,
    checked,
    checked_list,
)
from harness.reference.phone_forms import phone_forms

APPOINTMENTS_BY_DEFAULT: Final = 10
CLIENTS_FOUND_BY_DEFAULT: Final = 10
STATUSES_TO_COME: Final = ("pending", "confirmed")
MOST_IDS: Final = 1000

Limit = Annotated[int, Strict(), Field(gt=0, le=1000)]


class AppointmentOptions(BaseModel):
    """Which of a client's appointments: of one company or all, of a status, from `since` on and before `until`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company_id: CompanyId | None = None
    status: Name | None = None
    since: IsoMoment | None = None
    until: IsoMoment | None = None
    limit: Limit = APPOINTMENTS_BY_DEFAULT
    offset: Annotated[int, Strict(), Field(ge=0, lt=2**31)] = 0


class ScheduleQuery(BaseModel):
    """Which working days: of a company, of one of its staff, from one day to another, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    company_id: CompanyId
    staff_id: RowId | None = None
    date_from: IsoDate | None = None
    date_to: IsoDate | None = None


def company(company_id: object) -> int:
    """A company's number."""
    return checked(COMPANY_ID, "company_id", company_id)


def row_id(name: str, value: object) -> int:
    """A number that YCLIENTS or the database gave."""
    return checked(ROW_ID, name, value)


def phones(name: str, value: object) -> list[str]:
    """Every form of the phone."""
    return phone_forms(checked(PHONE, name, value))


def moment(name: str, value: object) -> str:
    """A moment in UTC; None is now."""
    return datetime.now(UTC).isoformat() if value is None else checked(ISO_MOMENT, name, value)


def id_list(name: str, values: object) -> list[int]:
    """At most 1,000 numbers, sorted, each once."""
    return sorted({row_id(f"{name}[{n}]", value) for n, value in enumerate(checked_list(name, values, most=MOST_IDS))})
