"""From the outcome of a transaction to status, headers and body
(https://docs.postgrest.org/en/v16/references/api/pagination_count.html and .../preferences.html).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action, MediaType
from harness.core.postgrest.query_string import canonical
from harness.gateway.answers import failures
from harness.gateway.answers.content_range import content_range, range_status
from harness.gateway.answers.header_text import as_bytes, relation_path
from harness.gateway.answers.write_responses import applied_preferences, write
from harness.gateway.execution.transactions import Outcome
from harness.gateway.planning.plan import Plan
from harness.gateway.planning.targets import legacy_name_warnings

Headers = list[tuple[str, str]]

_DIGITS = re.compile(r"[0-9]{1,9}", re.ASCII)
_VARY = ("Vary", "Accept, Prefer, Range")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def _content_type(media: MediaType) -> str:
    if media.explained is not None:
        return f"{media.text}; charset=utf-8"
    name = "application/json" if media.kind == "any" else media.text
    if media.strip_nulls:
        name = f"application/vnd.pgrst.{'object' if media.kind == 'object' else 'array'}+json;nulls=stripped"
    elif media.kind == "object":
        name = "application/vnd.pgrst.object+json"
    binary = media.kind == "other" and name not in ("text/plain", "text/xml")
    return name if binary else f"{name}; charset=utf-8"


def _typed(plan: Plan) -> Headers:
    headers = [("Content-Type", _content_type(plan.media))]
    if plan.request.schema_named:
        headers.append(("Content-Profile", as_bytes(plan.request.schema)))
    return headers


def _content_location(plan: Plan, query: str) -> tuple[str, str]:
    path, sorted_query = relation_path(plan.request.target), canonical(query)
    return "Content-Location", f"{path}?{sorted_query}" if sorted_query else path


def _read(plan: Plan, outcome: Outcome, query: str, *, minimal_errors: bool) -> tuple[int, Headers, bytes]:
    lower = plan.request.rows.offset
    upper = lower + outcome.rows - 1
    headers = [("Content-Range", content_range(lower, upper, outcome.total))]
    if plan.function is None:
        headers.append(_content_location(plan, query))
    if plan.function is not None and plan.function.returns_void:
        return 204, headers, b""
    status = range_status(lower, upper, outcome.total)
    body = outcome.body if status != 416 else _out_of_bounds(lower, outcome.total).body(minimal=minimal_errors)
    return status, headers + _typed(plan), body


def _out_of_bounds(lower: int, total: int | None) -> failures.Failure:
    """What the body tells where the range lies behind the end; the answer has all headers of a read."""
    details = f"An offset of {lower} was requested, but there are only {total or 0} rows."
    error = RequestError(416, "PGRST103", "Requested range not satisfiable", details=details)
    return failures.of_request(error)


def _overridden(status: int, headers: Headers, outcome: Outcome) -> tuple[int, Headers]:
    """Status and headers that the transaction has set (`response.status`, `response.headers`)."""
    if outcome.status is not None:
        digits = _DIGITS.match(outcome.status)
        if digits is None or not 100 <= int(digits[0]) <= 599:
            raise RequestError(500, "PGRST112", "response.status guc must be a valid status code")
        status = int(digits[0])
    own: Headers = []
    if outcome.headers is not None:
        try:
            own = [pair for line in json.loads(outcome.headers) for (pair,) in (line.items(),)]
        except (ValueError, TypeError, AttributeError, RecursionError):
            own = [("", "")]
        if any(not isinstance(value, str) or not name.isascii() or not name for name, value in own):
            message = (
                "response.headers guc must be a JSON array composed of objects with a single key and a string value"
            )
            raise RequestError(500, "PGRST111", message)
    named = {name.lower() for name, _ in own}
    return status, [pair for pair in headers if pair[0].lower() not in named] + own


def answer(
    plan: Plan, outcome: Outcome, query: str, *, transaction_overridable: bool, minimal_errors: bool = False
) -> Answer:
    """The answer of a request.

    :param query: the request's query string, for Content-Location.
    :param minimal_errors: whether an error in the body tells its code and message alone.
    :raises RequestError: PGRST111 and PGRST112 for wrong overrides.
    """
    if plan.media.explained is not None:
        return Answer(200, tuple(_typed(plan)), outcome.body)
    reads = plan.request.action in (Action.READ, Action.CALL)
    if reads:
        status, headers, body = _read(plan, outcome, query, minimal_errors=minimal_errors)
    else:
        status, headers, body = write(plan, outcome, _typed(plan))
    headers += applied_preferences(plan, transaction_overridable=transaction_overridable)
    status, headers = _overridden(status, headers, outcome)
    headers += legacy_name_warnings(plan.legacy_names)
    return Answer(status, tuple(headers), b"" if plan.request.headers_only else body)


def options(allowed: str) -> Answer:
    """The answer to OPTIONS: which methods the target takes."""
    return Answer(200, (("Access-Control-Allow-Origin", "*"), ("Allow", allowed)))


def varying(answer: Answer) -> Answer:
    """The answer with what it varies by, unless it says that itself; error answers say nothing of it.

    See https://docs.postgrest.org/en/v16/references/api/vary_header.html.
    """
    if any(name.lower() == "vary" for name, _ in answer.headers):
        return answer
    return replace(answer, headers=(*answer.headers, _VARY))
