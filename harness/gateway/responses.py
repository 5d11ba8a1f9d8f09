"""From the outcome of a transaction to status, headers and body
(https://docs.postgrest.org/en/v16/references/api/pagination_count.html and .../preferences.html).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Action, MediaType, Preferences
from harness.core.postgrest.parse import parameters
from harness.gateway.plan import Plan
from harness.gateway.transactions import Outcome

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def content_range(lower: int, upper: int, total: int | None) -> str:
    """The Content-Range of rows `lower` to `upper` of `total` (None: not counted)."""
    rows = f"{lower}-{upper}" if total != 0 and lower <= upper else "*"
    return f"{rows}/{'*' if total is None else total}"


def range_status(lower: int, upper: int, total: int | None) -> int:
    """200 for everything that there is, 206 for a part, 416 for what lies behind the end."""
    if total is None:
        return 200
    if lower > total:
        return 416
    return 206 if 1 + upper - lower < total else 200


def _content_type(media: MediaType) -> str:
    name = "application/json" if media.kind == "any" else media.text
    if media.strip_nulls:
        name = f"application/vnd.pgrst.{'object' if media.kind == 'object' else 'array'}+json;nulls=stripped"
    elif media.kind == "object":
        name = "application/vnd.pgrst.object+json"
    return f"{name}; charset=utf-8"


def _typed(plan: Plan) -> Headers:
    headers = [("Content-Type", _content_type(plan.media))]
    if plan.request.schema_named:
        headers.append(("Content-Profile", plan.request.schema))
    return headers


def applied_preferences(plan: Plan, *, transaction_overridable: bool) -> Headers:
    """Preference-Applied: the preferences that mattered for this kind of request."""
    asked, action = plan.request.preferences, plan.request.action
    writes = action in (Action.INSERT, Action.REPLACE, Action.UPDATE, Action.DELETE)
    said: list[str | None] = []
    if action is Action.INSERT and _has_arbiter(plan):
        said.append(_said("resolution", asked.resolution))
    if action in (Action.INSERT, Action.UPDATE):
        said.append(_said("missing", asked.missing))
    if writes:
        said.append(_said("return", asked.returning))
    said.append(_said("count", asked.count))
    if transaction_overridable:
        said.append(_said("tx", asked.transaction))
    said += [_said("handling", asked.handling), _said("timezone", asked.timezone)]
    said.append(_said_max_affected(asked) if action in (Action.UPDATE, Action.DELETE, Action.CALL) else None)
    applied = ", ".join(one for one in said if one is not None)
    return [("Preference-Applied", applied)] if applied else []


def _has_arbiter(plan: Plan) -> bool:
    return plan.request.query.on_conflict is not None or bool(plan.table is not None and plan.table.primary_key)


def _said(key: str, option: str | None) -> str | None:
    return None if option is None else f"{key}={option}"


def _said_max_affected(asked: Preferences) -> str | None:
    return f"max-affected={asked.max_affected}" if asked.strict and asked.max_affected is not None else None


def _location(target: str, pairs: Sequence[str]) -> Headers:
    if not pairs:
        return []
    query = "&".join(f"{quote(key)}={quote(value)}" for key, _, value in (pair.partition("=") for pair in pairs))
    return [("Location", f"/{quote(target)}?{query}")]


def _read(plan: Plan, outcome: Outcome, query: str) -> tuple[int, Headers, bytes]:
    lower = plan.request.rows.offset
    upper = lower + outcome.rows - 1
    headers = [("Content-Range", content_range(lower, upper, outcome.total))]
    if plan.function is None:
        pairs = sorted(parameters(query))
        canonical = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs)
        target = quote(plan.request.target)
        headers.append(("Content-Location", f"/{target}?{canonical}" if canonical else f"/{target}"))
    if plan.function is not None and plan.function.returns_void:
        return 204, headers, b""
    status = range_status(lower, upper, outcome.total)
    if status == 416:
        details = f"An offset of {lower} was requested, but there are only {outcome.total} rows."
        raise RequestError(416, "PGRST103", "Requested range not satisfiable", details=details)
    return status, headers + _typed(plan), outcome.body


def _write(plan: Plan, outcome: Outcome) -> tuple[int, Headers, bytes]:
    asked, action = plan.request.preferences, plan.request.action
    counted = outcome.rows if asked.count in ("exact", "estimated") else None
    full = asked.returning == "representation"
    headers: Headers = []
    if action is Action.INSERT:
        headers += _location(plan.request.target, outcome.location)
        headers.append(("Content-Range", content_range(1, 0, counted)))
        merged = asked.resolution == "merge-duplicates" and outcome.inserted is not None and outcome.inserted <= 0
        status = 200 if merged else 201
    elif action is Action.REPLACE:
        status = (201 if (outcome.inserted or 0) > 0 else 200) if full else 204
    else:
        lower, upper = (0, outcome.rows - 1) if action is Action.UPDATE else (1, 0)
        headers.append(("Content-Range", content_range(lower, upper, counted)))
        status = 200 if full else 204
    return status, headers + (_typed(plan) if full else []), outcome.body if full else b""


def _overridden(status: int, headers: Headers, outcome: Outcome) -> tuple[int, Headers]:
    """Status and headers that the transaction has set (`response.status`, `response.headers`)."""
    if outcome.status is not None:
        digits = outcome.status
        if not digits.isascii() or not digits.isdigit() or not 100 <= int(digits) <= 599:
            raise RequestError(500, "PGRST112", "response.status guc must be a valid status code")
        status = int(digits)
    own: Headers = []
    if outcome.headers is not None:
        try:
            lines = json.loads(outcome.headers)
            own = [(name, value) for line in lines for name, value in line.items()]
        except (ValueError, TypeError, AttributeError, RecursionError):
            own = [("", "")]
        if any(not isinstance(value, str) or not name.isascii() or not name for name, value in own):
            message = (
                "response.headers guc must be a JSON array composed of objects with a single key and a string value"
            )
            raise RequestError(500, "PGRST111", message)
    named = {name.lower() for name, _ in own}
    return status, [pair for pair in headers if pair[0].lower() not in named] + own


def answer(plan: Plan, outcome: Outcome, query: str, *, transaction_overridable: bool) -> Answer:
    """The answer of a request.

    :param query: the request's query string, for Content-Location.
    :raises RequestError: PGRST103 where the range lies behind the end, PGRST111 and PGRST112 for wrong overrides.
    """
    reads = plan.request.action in (Action.READ, Action.CALL)
    status, headers, body = _read(plan, outcome, query) if reads else _write(plan, outcome)
    headers += applied_preferences(plan, transaction_overridable=transaction_overridable)
    status, headers = _overridden(status, headers, outcome)
    return Answer(status, tuple(headers), b"" if plan.request.headers_only else body)


def options(allowed: str) -> Answer:
    """The answer to OPTIONS: which methods the target takes."""
    return Answer(200, (("Access-Control-Allow-Origin", "*"), ("Allow", allowed)))
