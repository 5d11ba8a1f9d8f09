"""Signatures: annotations of every usual form are read, and what cannot be read is anything."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict, Union

import pytest
from pydantic import BaseModel

from harness.core.generation.parameter_types import (
    ANYTHING,
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    NUMBER,
    TEXT,
    UUID_VALUE,
    Choice,
    Either,
    Field,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
)
from harness.core.generation.signatures import signature_of, type_of_annotation

ClientId = NewType("ClientId", int)


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Filters(TypedDict):
    city: str
    limit: NotRequired[int]


@dataclasses.dataclass
class Client:
    name: str
    born: Optional[dt.date] = None  # noqa: UP045 - layers are written so


class Visit(BaseModel):
    price: Decimal
    tags: list[str] = []


FORMS: list[tuple[Any, ParameterType]] = [
    (int, INTEGER),
    (bool, BOOLEAN),
    (float, NUMBER),
    (Decimal, DECIMAL),
    (dt.date, DATE),
    (dt.datetime, DATETIME),
    (uuid.UUID, UUID_VALUE),
    (str | None, OptionalOf(TEXT)),
    (Optional[int], OptionalOf(INTEGER)),  # noqa: UP045
    (Union[int, str], Either((INTEGER, TEXT))),  # noqa: UP007
    (Literal["asc", "desc"], Choice(("asc", "desc"))),
    (Mood, Choice((Mood.GOOD, Mood.BAD))),
    (ClientId, INTEGER),
    (Annotated[int, "a key"], INTEGER),
    (list[int], ListOf(INTEGER)),
    (Sequence[str], ListOf(TEXT)),
    (Iterable[int], ListOf(INTEGER)),
    (tuple[int, ...], ListOf(INTEGER)),
    (list, ListOf(ANYTHING)),
    (dict, RecordOf()),
    (Mapping[str, Any], RecordOf(values=ANYTHING)),
    (Filters, RecordOf((Field("city", TEXT), Field("limit", INTEGER, required=False)))),
    (Client, RecordOf((Field("name", TEXT), Field("born", OptionalOf(DATE), required=False)))),
    (Visit, RecordOf((Field("price", DECIMAL), Field("tags", ListOf(TEXT), required=False)))),
    (list[Client], ListOf(RecordOf((Field("name", TEXT), Field("born", OptionalOf(DATE), required=False))))),
    (Any, ANYTHING),
]


@pytest.mark.parametrize(("annotation", "expected"), FORMS, ids=str)
def test_an_annotation_is_read(annotation: Any, expected: ParameterType) -> None:
    assert type_of_annotation(annotation) == expected


def test_a_collection_is_made_as_the_method_wants_it() -> None:
    read = {kind: type_of_annotation(kind[int]) for kind in (tuple, set, frozenset)}
    read[tuple] = type_of_annotation(tuple[int, ...])
    assert {kind: each.make([1, 2]) for kind, each in read.items() if isinstance(each, ListOf)} == {
        tuple: (1, 2),
        set: {1, 2},
        frozenset: {1, 2},
    }


def test_a_record_is_made_as_the_method_wants_it() -> None:
    read = type_of_annotation(Client)
    assert isinstance(read, RecordOf)
    assert read.make({"name": "Anna"}) == Client("Anna")


def test_annotations_that_are_texts_are_resolved_one_by_one() -> None:
    namespace: dict[str, Any] = {}
    exec("def find(self, day: 'date', who: 'NotImported', *, n: 'int | None' = 5): ...", namespace)
    given = {each.name: each.type for each in signature_of(namespace["find"]).parameters}
    assert given == {"self": ANYTHING, "day": DATE, "who": ANYTHING, "n": OptionalOf(INTEGER)}


def test_without_annotations_defaults_tell() -> None:
    def find(company_id, limit=10, strict=False, ids=(1, 2), phone=None): ...  # type: ignore[no-untyped-def]

    signature = signature_of(find)
    assert [(each.name, each.type, each.required) for each in signature.parameters] == [
        ("company_id", ANYTHING, True),
        ("limit", INTEGER, False),
        ("strict", BOOLEAN, False),
        ("ids", ListOf(INTEGER), False),
        ("phone", OptionalOf(ANYTHING), False),
    ]


def hiding(method: Callable[..., None]) -> Callable[..., None]:
    def answer(*args: Any, **kwargs: Any) -> None:
        return method(*args, **kwargs)

    return answer


class Layer:
    @hiding
    def find(self, company_id: int, phone: str = "") -> None: ...


def test_a_decorator_that_hides_the_parameters_is_looked_through() -> None:
    assert [each.name for each in signature_of(Layer().find).parameters] == ["company_id", "phone"]


def test_keys_that_a_method_looks_for_in_a_mapping_are_mentioned() -> None:
    def find(filters: dict[str, Any]) -> list[Any]:
        return [filters.get(each) for each in ("city",)] + [filters["company_id"], "not a name"]

    mentions = signature_of(find).mentions
    assert "company_id" in mentions
    assert "not a name" not in mentions
