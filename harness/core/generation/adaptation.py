"""Adaptation: a value that a row holds, in the form in which a method wants it as an argument."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

from harness.core.generation.parameter_types import (
    Anything,
    Choice,
    Either,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
    Scalar,
)
from harness.core.generation.sampled import Family, SampledColumn


class Misfit(Exception):
    """The value cannot be what the type says."""


_HEX = re.compile(r"\\x((?:[0-9a-f]{2})*)\Z")


def adapted(value: Any, type_: ParameterType, column: SampledColumn | None = None, *, native: bool = False) -> Any:
    """A JSON value as an argument of the type. Misfit: it cannot be one.

    Where nothing is declared the value stays as JSON has it, with numbers as int or float: what any data layer can send
    on. `native`: as psycopg would read it (date, datetime, UUID, Decimal).
    """
    if isinstance(type_, OptionalOf):
        return None if value is None else adapted(value, type_.of, column, native=native)
    if value is None:
        return None
    if isinstance(type_, Either):
        return _first(value, type_, column, native=native)
    if isinstance(type_, Choice):
        return _chosen(value, type_)
    if isinstance(type_, ListOf):
        if not isinstance(value, list):
            raise Misfit
        return type_.make([adapted(each, type_.of, None, native=native) for each in value])
    if isinstance(type_, RecordOf):
        if not isinstance(value, dict):
            raise Misfit
        return value
    if isinstance(type_, Anything):
        return _native(value, column) if native else plain(value)
    return _scalar(value, type_, column)


def plain(value: Any) -> Any:
    """A JSON value with numbers as Python's json would read them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def fits(family: Family, type_: ParameterType) -> bool:
    """Whether values of such a column can be arguments of the type."""
    if isinstance(type_, OptionalOf):
        return fits(family, type_.of)
    if isinstance(type_, Either):
        return any(fits(family, each) for each in type_.of)
    if isinstance(type_, ListOf):
        return family in ("array", "json")
    if isinstance(type_, RecordOf):
        return family == "json"
    if isinstance(type_, Choice):
        return family in ("text", "integer", "boolean")
    if isinstance(type_, Anything):
        return True
    if type_.kind == "text":
        return family not in ("boolean", "json", "array")
    numbers = ("integer", "number", "decimal")
    if type_.kind in numbers:
        return family in numbers and (type_.kind != "integer" or family == "integer" or family == "decimal")
    if type_.kind in ("date", "datetime"):
        return family in ("date", "datetime")
    return family == type_.kind


def _first(value: Any, type_: Either, column: SampledColumn | None, *, native: bool) -> Any:
    for each in type_.of:
        try:
            return adapted(value, each, column, native=native)
        except Misfit:
            continue
    raise Misfit


def _chosen(value: Any, type_: Choice) -> Any:
    for each in type_.values:
        if value in (each, getattr(each, "value", each)):
            return each
    raise Misfit


def _native(value: Any, column: SampledColumn | None) -> Any:
    kinds = ("date", "datetime", "time", "uuid", "bytes", "decimal")
    if column is None or column.family not in kinds:
        return plain(value)
    try:
        return _scalar(value, Scalar(column.family), column)  # type: ignore[arg-type]
    except Misfit:
        return plain(value)


def _scalar(value: Any, type_: Scalar, column: SampledColumn | None) -> Any:
    try:
        return _CONVERSIONS[type_.kind](value, column)
    except (ValueError, TypeError, ArithmeticError, InvalidOperation, OverflowError):
        raise Misfit from None


def _integer(value: Any, column: SampledColumn | None) -> int:
    if isinstance(value, bool | list | dict):
        raise Misfit
    if isinstance(value, str) and column is not None and column.family not in ("integer", "decimal", "text"):
        raise Misfit
    return int(value)


def _number(value: Any, _: SampledColumn | None) -> float:
    if isinstance(value, bool):
        raise Misfit
    return float(value)


def _decimal(value: Any, _: SampledColumn | None) -> Decimal:
    if isinstance(value, bool):
        raise Misfit
    return Decimal(str(value))


def _text(value: Any, _: SampledColumn | None) -> str:
    if isinstance(value, bool | list | dict):
        raise Misfit
    return str(value)


def _boolean(value: Any, _: SampledColumn | None) -> bool:
    if not isinstance(value, bool):
        raise Misfit
    return value


def _datetime(value: Any, column: SampledColumn | None) -> dt.datetime:
    found = dt.datetime.fromisoformat(value)
    without_zone = column is not None and column.type == "timestamp without time zone"
    return found if found.tzinfo or without_zone else found.replace(tzinfo=dt.UTC)


def _date(value: Any, _: SampledColumn | None) -> dt.date:
    return dt.date.fromisoformat(value[:10])


def _time(value: Any, _: SampledColumn | None) -> dt.time:
    return dt.time.fromisoformat(value)


def _interval(value: Any, _: SampledColumn | None) -> dt.timedelta:
    hours, minutes, seconds = value.split(":")
    return dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def _uuid(value: Any, _: SampledColumn | None) -> uuid.UUID:
    return uuid.UUID(value)


def _bytes(value: Any, _: SampledColumn | None) -> bytes:
    found = _HEX.match(value)
    if found is None:
        raise Misfit
    return bytes.fromhex(found[1])


_CONVERSIONS: dict[str, Any] = {
    "integer": _integer,
    "number": _number,
    "decimal": _decimal,
    "text": _text,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "interval": _interval,
    "uuid": _uuid,
    "bytes": _bytes,
}
