"""What may be written: a model for each table, with the columns of the source and the rules for their values.

A column that a model does not name is passed on as it is, and the database says whether it exists.
"""

from __future__ import annotations

import re
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from harness.datalayer.validation import (
    CompanyId,
    Flag,
    Integer,
    IsoDate,
    IsoMoment,
    JsonLike,
    Name,
    NotNegative,
    NotNegativeInteger,
    Number,
    Phone,
    RowId,
    Text,
)

_COLUMN: Final = re.compile(r"[a-z_][a-z0-9_]*")
MaybeText = Text | None
MaybeMoment = IsoMoment | None


class _Row(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonLike]

    last_sync_at: MaybeMoment = None
    created_at: MaybeMoment = None
    updated_at: MaybeMoment = None

    @model_validator(mode="after")
    def names_are_names(self) -> Self:
        """A column that no model knows still has to be named like one."""
        if not all(_COLUMN.fullmatch(name) for name in self.__pydantic_extra__):
            raise PydanticCustomError("refused", "has names that no column can have")
        return self


class CompanyRow(_Row):
    """A company; `company_id` is its key."""

    company_id: CompanyId
    title: Name
    address: MaybeText = None
    city: MaybeText = None
    phone: Phone | None = None
    email: MaybeText = None
    website: MaybeText = None
    timezone: MaybeText = None
    latitude: Number | None = None
    longitude: Number | None = None
    working_hours: JsonLike = None
    currency: MaybeText = None
    is_active: Flag | None = None
    ai_enabled: Flag | None = None
    bot_language: MaybeText = None
    whatsapp_enabled: Flag | None = None
    whatsapp_phone: Phone | None = None
    whatsapp_session_id: MaybeText = None
    whatsapp_status: MaybeText = None
    whatsapp_config: JsonLike = None
    whatsapp_connected_at: MaybeMoment = None
    booking_days_ahead: NotNegativeInteger | None = None
    commission_rate: Number | None = None
    sync_status: MaybeText = None
    raw_data: JsonLike = None


class ClientRow(_Row):
    """A client; `yclients_id` with `company_id` is its key."""

    yclients_id: RowId
    company_id: CompanyId
    name: Name
    phone: Phone | None = None
    email: MaybeText = None
    gender: Integer | None = None
    birth_date: IsoDate | None = None
    comment: MaybeText = None
    tags: list[Text] | None = None
    discount: Number | None = None
    bonus_balance: Number | None = None
    total_spent: NotNegative | None = None
    average_check: NotNegative | None = None
    debt: Number | None = None
    visit_count: Integer | None = None
    cancelled_count: Integer | None = None
    no_show_count: Integer | None = None
    first_visit_date: IsoDate | None = None
    last_visit_date: IsoDate | None = None
    visit_history: JsonLike = None
    last_services: JsonLike = None
    favorite_staff_ids: list[RowId] | None = None
    loyalty_level: MaybeText = None
    source_channel: MaybeText = None
    is_blocked: Flag | None = None
    marketing_consent: Flag | None = None
    ai_context: JsonLike = None
    ai_messages: JsonLike = None
    ai_satisfaction: Number | None = None
    ai_sentiment: Number | None = None
    ai_last_intent: MaybeText = None
    ai_summary: MaybeText = None
    ai_updated_at: MaybeMoment = None
    raw_data: JsonLike = None


class ServiceRow(_Row):
    """A service; `yclients_id` with `company_id` is its key."""

    yclients_id: RowId
    company_id: CompanyId
    title: Name
    booking_title: MaybeText = None
    category_id: RowId | None = None
    category_title: MaybeText = None
    description: MaybeText = None
    price_min: NotNegative | None = None
    price_max: NotNegative | None = None
    duration: NotNegativeInteger | None = None
    weight: Integer | None = None
    is_active: Flag | None = None
    is_online: Flag | None = None
    is_chain: Flag | None = None
    staff_ids: list[RowId] | None = None
    image_url: MaybeText = None
    comment: MaybeText = None
    raw_data: JsonLike = None


class StaffScheduleRow(_Row):
    """A working day; `staff_id`, `date` and `company_id` are its key."""

    staff_id: RowId
    date: IsoDate
    company_id: CompanyId
    staff_name: Name
    is_working: Flag | None = None
    work_start: MaybeText = None
    work_end: MaybeText = None
    shift: MaybeText = None
    working_hours: JsonLike = None
    has_booking_slots: Flag | None = None
    slots_free: NotNegativeInteger | None = None
    comment: MaybeText = None


class BookingRow(_Row):
    """A booking; `yclients_record_id` with `company_id` is its key."""

    yclients_record_id: RowId
    company_id: CompanyId
    datetime: IsoMoment
    client_phone: Phone | None = None
    client_yclients_id: RowId | None = None
    client_name: MaybeText = None
    staff_id: RowId | None = None
    staff_name: MaybeText = None
    staff_schedule_id: RowId | None = None
    service_id: RowId | None = None
    service_name: MaybeText = None
    services: JsonLike = None
    duration: NotNegativeInteger | None = None
    price: NotNegative | None = None
    prepaid: NotNegative | None = None
    status: MaybeText = None
    attendance: Integer | None = None
    comment: MaybeText = None
    is_online: Flag | None = None
    created_by_bot: Flag | None = None
    cancel_reason: MaybeText = None
    confirmed_at: MaybeMoment = None
    reminder_sent_at: MaybeMoment = None
    raw_data: JsonLike = None


class DialogContextRow(_Row):
    """What is written of a conversation beside its `user_id`."""

    company_id: CompanyId | None = None
    client_phone: Phone | None = None
    channel: MaybeText = None
    state: Name | None = None
    data: JsonLike = None
    messages: JsonLike = None
    message_count: NotNegativeInteger | None = None
    last_intent: MaybeText = None
    language: MaybeText = None
    is_paused: Flag | None = None
    last_message_at: MaybeMoment = None
    expires_at: MaybeMoment = None
