"""What a text says: a number, a moment, an interval, a UUID, a range; None where it says none."""

from __future__ import annotations

import datetime as dt
import decimal
import ipaddress
import re
import uuid
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?\Z", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?)?\Z", re.ASCII
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z", re.ASCII)
_INTERVAL = re.compile(
    r"(?:(?P<years>[+-]?\d+) years? ?)?(?:(?P<months>[+-]?\d+) mons? ?)?(?:(?P<days>[+-]?\d+) days? ?)?"
    r"(?:(?P<sign>[+-])?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d{1,6})?))?\Z",
    re.ASCII,
)
_DAYS_OF_A_MONTH, _DAYS_OF_A_YEAR = 30, 365  # as psycopg flattens them

_SPECIAL = {"nan": "NaN", "infinity": "Infinity", "-infinity": "-Infinity", "inf": "Infinity", "-inf": "-Infinity"}


def number_of(text: str) -> decimal.Decimal | None:
    """A decimal number, NaN or Infinity."""
    special = _SPECIAL.get(text.lower())
    if special is not None:
        return decimal.Decimal(special)
    return decimal.Decimal(text) if _NUMBER.match(text) else None


def moment_of(text: str) -> dt.datetime | None:
    """A date or a timestamp in ISO form, with T or a space, any number of fractional digits, Z or an offset."""
    match = _MOMENT.match(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    digits = f".{(fraction or '0')[:6]:0<6}"
    offset = "+00:00" if zone == "Z" else zone or ""
    try:
        return (
            dt.datetime.fromisoformat(f"{day}T{clock}{':00' if len(clock) == 5 else ''}{digits}{offset}")
            if (clock)
            else dt.datetime.fromisoformat(day)
        )
    except ValueError:
        return None


def instant(value: dt.datetime) -> dt.datetime:
    """A moment in UTC; one without a zone is read as UTC."""
    if value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    try:
        return value.astimezone(dt.UTC)
    except OverflowError:  # at the very ends of the calendar there is no other zone
        return value.replace(tzinfo=dt.UTC)


def uuid_of(text: str) -> uuid.UUID | None:
    """A UUID in its usual form, in either case."""
    return uuid.UUID(text) if _UUID.match(text) else None


def interval_of(text: str) -> dt.timedelta | None:
    """An interval in PostgreSQL's own style; months and years are flattened as psycopg does it."""
    match = _INTERVAL.match(text)
    if match is None or not text:
        return None
    part = {name: value or "0" for name, value in match.groupdict().items()}
    days = int(part["years"]) * _DAYS_OF_A_YEAR + int(part["months"]) * _DAYS_OF_A_MONTH + int(part["days"])
    seconds = decimal.Decimal(part["hours"]) * 3600 + int(part["minutes"]) * 60 + decimal.Decimal(part["seconds"])
    micro = int(seconds * 1_000_000) * (-1 if part["sign"] == "-" else 1)
    return dt.timedelta(days=days, microseconds=micro)


def network_of(text: str) -> str | None:
    """An address or network in one form: the mask of a single host is left out."""
    try:
        interface = ipaddress.ip_interface(text)
    except ValueError:
        return None
    return str(interface.ip) if interface.network.num_addresses == 1 else str(interface)


def range_text(value: Any) -> str | None:
    """A range, as an object with bounds or as PostgreSQL's text, in one form: no spaces, no quotes."""
    if isinstance(value, str):
        bare = value.replace('"', "").strip()
        if bare == "empty":
            return bare
        if len(bare) < 3 or bare[0] not in "[(" or bare[-1] not in "])" or "," not in bare:
            return None
        lower, _, upper = bare[1:-1].partition(",")
        return f"{bare[0]}{lower.strip()},{upper.strip()}{bare[-1]}"
    if not all(hasattr(value, name) for name in ("lower", "upper", "bounds", "isempty")):
        return None
    if value.isempty:
        return "empty"
    lower, upper = ("" if bound is None else str(bound) for bound in (value.lower, value.upper))
    return f"{value.bounds[0]}{lower},{upper}{value.bounds[1]}"
