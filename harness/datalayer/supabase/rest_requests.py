"""Requests to a table's REST interface: what is asked, how supabase-py's builder is told, what an answer may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import httpx
from postgrest import APIError, CountMethod

from harness.datalayer.envelope import CallFailed, InvalidInput, failure
from harness.datalayer.rows import Row
from harness.datalayer.supabase.rest_grammar import Parameter

_CLIENT_IS_CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to a table. `order` is column, descending, NULLs first (None: PostgreSQL's default)."""

    verb: Literal["select", "upsert", "delete"]
    where: Sequence[Parameter] = ()
    columns: str = "*"
    order: Sequence[tuple[str, bool, bool | None]] = ()
    limit: int | None = None
    offset: int = 0
    counted: bool = False
    body: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of an answer and, where it was asked for, how many match in all."""

    rows: list[Row]
    count: int | None


def built(table: Any, request: Request) -> Any:
    """The request on `table`, what supabase-py's `client.table(name)` gives, sync or async; `execute` sends it."""
    match request.verb:
        case "upsert":
            return table.upsert(request.body, on_conflict=request.conflict)
        case "delete":
            return _filtered(table.delete(), request.where)
    builder = table.select(request.columns, count=CountMethod.exact if request.counted else None)
    builder = _filtered(builder, request.where)
    for column, descending, nulls_first in request.order:
        builder = builder.order(column, desc=descending, nullsfirst=nulls_first)
    if request.limit is not None:
        builder = builder.limit(request.limit)
    return builder.offset(request.offset) if request.offset else builder


def _filtered(builder: Any, where: Sequence[Parameter]) -> Any:
    for parameter in where:
        if parameter.key is not None:
            builder = builder.filter(parameter.key, parameter.operator, parameter.value)
        elif parameter.operator == "or":
            builder = builder.or_(parameter.value)
        else:
            builder = builder.not_.or_(parameter.value)
    return builder


def answer_of(response: Any) -> Answer:
    """What an answer holds; a failure where it is not a list of objects, as a proxy's page with status 200 is not."""
    data = response.data
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise CallFailed("connection", "not_json", "What answered the request is not the REST interface.")
    return Answer(data, response.count)


def failed(error: Exception) -> CallFailed:
    """The failure that an exception of supabase-py or httpx means. Of a write it is not known whether it was done."""
    match error:
        case CallFailed():
            return error
        case APIError():
            return failure(error.code, error.message)
        case httpx.TimeoutException():
            return CallFailed("timeout", "timeout", "The REST interface did not answer in time.")
        case httpx.TransportError():
            return CallFailed("connection", "connection", "The connection to the REST interface failed or was lost.")
        case httpx.InvalidURL():
            return InvalidInput("where: holds more than a URL can; find_by_ids takes long lists.")
        case httpx.RequestError():
            return CallFailed("connection", "connection", "The REST interface's answer cannot be read.")
        case UnicodeEncodeError():
            return InvalidInput("A text that is sent has to be valid Unicode.")
        case RuntimeError() if _CLIENT_IS_CLOSED in str(error):
            return CallFailed("internal", "closed", "The client of the REST interface is closed.")
    name = type(error).__name__
    return CallFailed("internal", name, f"The client of the REST interface refused the call ({name}).")
