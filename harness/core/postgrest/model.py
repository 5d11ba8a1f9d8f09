"""The request model: what one PostgREST request asks for, as frozen values.

The words are PostgREST's own (https://docs.postgrest.org/en/v16/references/api.html); a *placed* value belongs to
the root of the request (empty path) or to one of its embedded resources (the path of names that leads there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")


class Action(Enum):
    """What a request does to its target."""

    READ = "read"
    INSERT = "insert"
    REPLACE = "replace"  # PUT: the single-row upsert
    UPDATE = "update"
    DELETE = "delete"
    CALL = "call"
    DESCRIBE = "describe"  # the root: OpenAPI
    OPTIONS = "options"


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A value and the embedded resource it belongs to; the empty path is the root."""

    path: tuple[str, ...]
    value: T


@dataclass(frozen=True, slots=True)
class JsonStep:
    """One arrow of a JSON path: `->key`, `->>key`, `->0` or `->>-1`."""

    operand: str | int
    as_text: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column, and the JSON path into it."""

    name: str
    path: tuple[JsonStep, ...] = ()


Aggregate: TypeAlias = Literal["avg", "count", "max", "min", "sum"]


@dataclass(frozen=True, slots=True)
class SelectField:
    """A column of the answer: `alias:name->path::cast.aggregate()::cast`; `*` and `count()` have the name `*`."""

    field: Field
    alias: str | None = None
    cast: str | None = None
    aggregate: Aggregate | None = None
    aggregate_cast: str | None = None


@dataclass(frozen=True, slots=True)
class SelectRelation:
    """An embedded resource: `alias:name!hint!inner(items)`, or a spread one: `...name(items)`."""

    name: str
    items: tuple[SelectItem, ...]
    alias: str | None = None
    hint: str | None = None
    join: Literal["inner", "left"] | None = None
    spread: bool = False


SelectItem: TypeAlias = SelectField | SelectRelation

STAR: tuple[SelectItem, ...] = (SelectField(Field("*")),)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`eq.1`, `like(any).{a*,b*}`, `cs.{1,2}`: an operator and one value, untyped."""

    operator: str
    value: str
    quantifier: Literal["any", "all"] | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """`in.(a,b)`."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """`is.null` and its kin."""

    value: Literal["null", "not_null", "true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class Distinct:
    """`isdistinct.1`."""

    value: str


@dataclass(frozen=True, slots=True)
class FullText:
    """`fts(english).word` and its kin."""

    operator: Literal["fts", "plfts", "phfts", "wfts"]
    value: str
    language: str | None = None


Operation: TypeAlias = Comparison | Membership | Truth | Distinct | FullText


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one column."""

    field: Field
    operation: Operation
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Logic:
    """`and(…)`, `or(…)` and their negations."""

    operator: Literal["and", "or"]
    members: tuple[Condition, ...]
    negated: bool = False


Condition: TypeAlias = Filter | Logic


@dataclass(frozen=True, slots=True)
class OrderTerm:
    """`column.desc.nullslast`, or `relation(column).asc` for a to-one embedded resource."""

    field: Field
    relation: str | None = None
    direction: Literal["asc", "desc"] | None = None
    nulls: Literal["first", "last"] | None = None


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows from `offset` on, at most `limit` of them (None: all)."""

    offset: int = 0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What the query string of a request says."""

    select: tuple[SelectItem, ...] = STAR
    conditions: tuple[Placed[Condition], ...] = ()
    order: tuple[Placed[tuple[OrderTerm, ...]], ...] = ()
    ranges: tuple[Placed[RowRange], ...] = ()
    columns: tuple[str, ...] | None = None
    on_conflict: tuple[str, ...] | None = None
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Preferences:
    """The Prefer header (https://docs.postgrest.org/en/v16/references/api/preferences.html)."""

    resolution: Literal["merge-duplicates", "ignore-duplicates"] | None = None
    returning: Literal["representation", "minimal", "headers-only"] | None = None
    count: Literal["exact", "planned", "estimated"] | None = None
    transaction: Literal["commit", "rollback"] | None = None
    missing: Literal["default", "null"] | None = None
    handling: Literal["strict", "lenient"] | None = None
    timezone: str | None = None
    max_affected: int | None = None
    unknown: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        """Whether what cannot be honoured is an error (handling=strict)."""
        return self.handling == "strict"


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type; `kind` is json, object, array, csv, geojson, plan, openapi, form, any or other.

    `explained` is set where the execution plan of an answer is asked for instead of the answer.
    """

    kind: str
    text: str
    strip_nulls: bool = False
    explained: Explained | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """An execution plan: its format, the media type whose making it is the plan of, the options of EXPLAIN."""

    format: Literal["text", "json"]
    of: MediaType
    options: tuple[Literal["analyze", "verbose", "settings", "buffers", "wal"], ...] = ()


JSON = MediaType("json", "application/json")


@dataclass(frozen=True, slots=True)
class Payload:
    """The body of a write or a call, and the columns (or arguments) that it sets.

    For JSON without `columns=` these are the body's own keys; `is_object` tells one object from an array. JSON is
    untouched, CSV and forms are JSON here. `arguments` are the fields of a form that calls a function.
    """

    raw: bytes
    columns: tuple[str, ...] = ()
    is_object: bool = False
    arguments: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One PostgREST request, grammatically sound; whether its names exist is not known here."""

    action: Action
    target: str
    schema: str
    schema_named: bool = False
    query: Query = field(default_factory=Query)
    preferences: Preferences = field(default_factory=Preferences)
    rows: RowRange = field(default_factory=RowRange)
    accept: tuple[MediaType, ...] = (MediaType("any", "*/*"),)
    content_type: MediaType = JSON
    payload: Payload | None = None
    headers_only: bool = False
    read_only: bool = False
