"""From the outcome of a write to status, headers and body, and which preferences were applied
(https://docs.postgrest.org/en/v16/references/api/preferences.html).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from harness.core.postgrest.model import Action, Preferences
from harness.gateway.answers.content_range import content_range
from harness.gateway.answers.header_text import relation_path
from harness.gateway.execution.transactions import Outcome
from harness.gateway.planning.plan import Plan

Headers = list[tuple[str, str]]


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
    named = (pair.partition("=") for pair in pairs)
    query = "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, _, value in named)
    return [("Location", f"{relation_path(target)}?{query}")]


def write(plan: Plan, outcome: Outcome, typed: Headers) -> tuple[int, Headers, bytes]:
    """Status, headers and body of a write; `typed` are the headers that say what a body is."""
    asked, action = plan.request.preferences, plan.request.action
    counted = outcome.rows if asked.count in ("exact", "estimated") else None
    full = asked.returning == "representation"
    headers: Headers = []
    if action is Action.INSERT:
        headers += _location(plan.request.target, outcome.location)
        headers.append(("Content-Range", content_range(1, 0, counted)))
        merged = asked.resolution == "merge-duplicates" and (outcome.inserted or 0) <= 0
        status = 200 if merged else 201
    elif action is Action.REPLACE:
        status = (201 if (outcome.inserted or 0) > 0 else 200) if full else 204
    else:
        lower, upper = (0, outcome.rows - 1) if action is Action.UPDATE else (1, 0)
        headers.append(("Content-Range", content_range(lower, upper, counted)))
        status = 200 if full else 204
    return status, headers + (typed if full else []), outcome.body if full else b""
