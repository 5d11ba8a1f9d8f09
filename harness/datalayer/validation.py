"""The rules that arguments keep before any query is sent: types for pydantic, and the functions that apply them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, Field, Strict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from harness.datalayer.envelope import InvalidInput

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

_DIGITS_OF_A_PHONE: Final = 10
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_REASONS_SHOWN: Final = 3


def _refused(reason: str) -> PydanticCustomError:
    """An error whose text is fixed: pydantic's own texts may repeat the value."""
    return PydanticCustomError("refused", reason)


def _storable(value: str) -> str:
    if "\x00" in value:
        raise _refused("has to be without NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _refused("has to be valid Unicode") from None
    return value


def _trimmed(value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise _refused("has to be a text that is not empty")
    return stripped


def phone_digits(value: str) -> str:
    """A phone as its digits; ValueError for fewer than ten."""
    digits = "".join(character for character in value if character in "0123456789")
    if len(digits) < _DIGITS_OF_A_PHONE:
        raise _refused(f"has to be a phone of at least {_DIGITS_OF_A_PHONE} digits")
    return digits


def _iso_date(value: str) -> str:
    try:
        day = date.fromisoformat(value) if _DATE.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        raise _refused("has to be a date as 2025-10-31")
    return day.isoformat()


def _iso_moment(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _refused("has to be a date and time as 2025-10-31T18:30:00+00:00") from None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC).isoformat()


def _json_like(value: object) -> object:
    if not _is_json_like(value):
        raise _refused("has to be made of text, finite numbers, booleans, null, lists and objects")
    return value


def _is_json_like(value: object) -> bool:
    match value:
        case None | bool() | int():
            return True
        case str():
            return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
        case float():
            return math.isfinite(value)
        case list():
            return all(_is_json_like(one) for one in value)
        case dict():
            return all(isinstance(key, str) and _is_json_like([key, one]) for key, one in value.items())
    return False


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refused("has to be a finite number")
    return value


def _not_negative(value: float) -> float:
    if value < 0:
        raise _refused("has to be 0 or more")
    return value


Text = Annotated[str, Strict(), AfterValidator(_storable)]
Name = Annotated[Text, AfterValidator(_trimmed)]
Phone = Annotated[Text, AfterValidator(phone_digits)]
IsoDate = Annotated[str, Strict(), AfterValidator(_iso_date)]
IsoMoment = Annotated[str, Strict(), AfterValidator(_iso_moment)]
CompanyId = Annotated[int, Strict(), Field(gt=0, lt=2**31)]
RowId = Annotated[int, Strict(), Field(gt=0, lt=2**63)]
Integer = Annotated[int, Strict(), Field(ge=-(2**63), lt=2**63)]
Flag = Annotated[bool, Strict()]
Number = Annotated[Any, AfterValidator(_number)]
NotNegative = Annotated[Number, AfterValidator(_not_negative)]
NotNegativeInteger = Annotated[Integer, Field(ge=0)]
JsonLike = Annotated[Any, AfterValidator(_json_like)]

COMPANY_ID: Final[TypeAdapter[int]] = TypeAdapter(CompanyId)
ROW_ID: Final[TypeAdapter[int]] = TypeAdapter(RowId)
NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)
PHONE: Final[TypeAdapter[str]] = TypeAdapter(Phone)
ISO_DATE: Final[TypeAdapter[str]] = TypeAdapter(IsoDate)
ISO_MOMENT: Final[TypeAdapter[str]] = TypeAdapter(IsoMoment)
FLAG: Final[TypeAdapter[bool]] = TypeAdapter(Flag)
ROW_LIMIT: Final[TypeAdapter[int]] = TypeAdapter(Annotated[int, Strict(), Field(gt=0, le=1000)])


def checked(rule: TypeAdapter[T], name: str, value: object) -> T:
    """The value as the rule gives it; InvalidInput, with `name` and what is wrong, where it does not keep the rule."""
    try:
        return rule.validate_python(value)
    except ValidationError as error:
        raise InvalidInput(_reasons(error, name)) from None


def checked_model(model: type[M], name: str, value: object) -> M:
    """The value as a model; InvalidInput with the fields and the rules where it cannot be."""
    if not isinstance(value, dict):
        raise InvalidInput(f"{name}: has to be an object.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidInput(_reasons(error, name)) from None


def checked_row(model: type[BaseModel], name: str, value: object) -> dict[str, Any]:
    """A row to be written: the fields that the caller gave, and no others."""
    return checked_model(model, name, value).model_dump(exclude_unset=True)


def checked_rows(model: type[BaseModel], name: str, values: object, *, most: int) -> list[dict[str, Any]]:
    """The rows of a batch write; all of them, or none."""
    return [checked_row(model, f"{name}[{n}]", value) for n, value in enumerate(checked_list(name, values, most=most))]


def checked_list(name: str, values: object, *, most: int) -> list[Any]:
    """A list of at most `most` elements."""
    if not isinstance(values, list):
        raise InvalidInput(f"{name}: has to be a list.")
    if len(values) > most:
        raise InvalidInput(f"{name}: has to have at most {most} elements.")
    return values


def escaped_like(text: str) -> str:
    """The text so that LIKE and ILIKE find it as it stands.

    https://www.postgresql.org/docs/current/functions-matching.html#FUNCTIONS-LIKE
    """
    return re.sub(r"([\\%_])", r"\\\1", text)


def _reasons(error: ValidationError, name: str) -> str:
    """What is wrong, in words that repeat no value."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    reasons = [f"{_place(name, one['loc'])}: {_reason(one['type'], one['msg'])}" for one in found]
    return "; ".join(reasons[:_REASONS_SHOWN]) + "."


def _place(name: str, location: Iterable[int | str]) -> str:
    return ".".join([name, *(part for part in location if isinstance(part, str) and part.isidentifier())])


def _reason(kind: str, message: str) -> str:
    return {"missing": "is missing", "extra_forbidden": "is not known"}.get(kind, message.removeprefix("Input "))
