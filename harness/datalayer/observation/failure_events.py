"""The Sentry event of a call that failed: built of what may leave the process, and cut down to it once more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sentry_sdk.types import Event, Hint

from harness.datalayer.envelope import CallFailed, as_failure
from harness.datalayer.observation.failed_calls import FailedCall
from harness.datalayer.observation.failure_context import context_of, places_of
from harness.datalayer.observation.message_forms import known_code, known_message, known_name

_KEPT: Final = (
    "dist", "environment", "event_id", "level", "logger", "platform", "release", "sdk", "timestamp",
)  # fmt: skip
_TAGS: Final = ("component", "operation", "backend", "error_kind", "error_code", "table", "constraint")
_TRACE: Final = ("trace_id", "span_id", "parent_span_id")
_FILTER: Final = re.compile(r"[A-Za-z0-9_ ,()<>=]{1,1000}")
_MODULE: Final = re.compile(r"[\w.]{1,200}", re.ASCII)
_IDENTIFIER: Final = re.compile(r"[\w<>]{1,100}", re.ASCII)


def failure_event(failed: FailedCall, *, component: str, backend: str) -> Event:
    """The event of a call that failed.

    Tags: component, operation, backend, error_kind, error_code, and table and constraint where they are known. Extra:
    duration_ms, and filters as columns and operators. Equal operation and code are one issue. Of the error: the name of
    its class, the places in code, and its message where that is one of the known forms, which hold no value.
    """
    failure = as_failure(failed.error)
    context = context_of(failed.error)
    tags = {
        "component": component,
        "operation": failed.operation,
        "backend": backend,
        "error_kind": failure.kind,
        "error_code": failure.code,
        "table": context.table,
        "constraint": failure.constraint,
    }
    frames = [
        {"module": place.module, "function": place.function, "lineno": place.line} for place in places_of(failed.error)
    ]
    return scrubbed_event(
        {
            "level": "error",
            "logger": "harness.datalayer",
            "tags": {name: value for name, value in tags.items() if value is not None},
            "extra": {"duration_ms": round(failed.seconds * 1000, 3), "filters": list(context.filters)},
            "exception": {
                "values": [
                    {
                        "type": type(failed.error).__name__,
                        "module": type(failed.error).__module__,
                        "value": _told(failure),
                        "stacktrace": {"frames": frames},
                    }
                ]
            },
        },
        {},
    )


def scrubbed_event(event: Event, _hint: Hint) -> Event:
    """An event with what a failure event may have, and nothing else: a `before_send`, and an event processor.

    Gone: user, request and its body, breadcrumbs, server name, threads, installed modules, free messages, contexts but
    for the ids of the trace, tags and extra of others, local variables, source lines and paths of stack frames, and
    messages of exceptions that are of no known form.
    """
    given: Mapping[str, Any] = event
    kept: dict[str, Any] = {name: given[name] for name in _KEPT if given.get(name)}
    kept["tags"] = {
        name: (known_code if name.startswith("error_") else known_name)(str(value))
        for name, value in _object(given.get("tags")).items()
        if name in _TAGS
    }
    extra = _object(given.get("extra"))
    kept["extra"] = {
        "duration_ms": extra["duration_ms"] if isinstance(extra.get("duration_ms"), int | float) else None,
        "filters": [one for one in _list(extra.get("filters")) if isinstance(one, str) and _FILTER.fullmatch(one)],
    }
    kept["fingerprint"] = [kept["tags"].get("operation", "other"), kept["tags"].get("error_code", "other")]
    trace = _object(_object(given.get("contexts")).get("trace"))
    kept["contexts"] = {"trace": {name: str(trace[name]) for name in _TRACE if name in trace}} if trace else {}
    exceptions = _list(_object(given.get("exception")).get("values"))
    kept["exception"] = {"values": [_exception(_object(one)) for one in exceptions]}
    # The type of the SDK is a TypedDict of all that an event can have; what is built here are some of its keys.
    result: Event = kept  # type: ignore[assignment]
    return result


def _told(failure: CallFailed) -> str:
    """The message where its form is known, else kind and code, which say as much as may be said."""
    return known_message(failure.message) or f"{failure.kind} ({known_code(failure.code)})"


def _exception(given: Mapping[str, Any]) -> dict[str, Any]:
    value = str(given.get("value", ""))
    frames = _list(_object(given.get("stacktrace")).get("frames"))
    return {
        "type": _matching(_IDENTIFIER, given.get("type")),
        "module": _matching(_MODULE, given.get("module")),
        "value": known_message(value) or "",
        "stacktrace": {"frames": [_frame(_object(one)) for one in frames]},
    }


def _frame(given: Mapping[str, Any]) -> dict[str, Any]:
    module = _matching(_MODULE, given.get("module"))
    line = given.get("lineno")
    return {
        "module": module,
        "filename": f"{module.replace('.', '/')}.py",
        "function": _matching(_IDENTIFIER, given.get("function")),
        "lineno": line if isinstance(line, int) else None,
        "in_app": not module.startswith(("psycopg", "supabase", "postgrest", "httpx")),
    }


def _matching(pattern: re.Pattern[str], text: object) -> str:
    return text if isinstance(text, str) and pattern.fullmatch(text) else "?"


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
