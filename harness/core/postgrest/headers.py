"""The headers of a request: Prefer, Accept, Content-Type and the profile headers that name a schema."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar, cast

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import JSON, Explained, MediaType, Preferences

Option = TypeVar("Option", bound=str)

_PREFERENCES: Mapping[str, tuple[str, ...]] = {
    "resolution": ("merge-duplicates", "ignore-duplicates"),
    "return": ("representation", "minimal", "headers-only"),
    "count": ("exact", "planned", "estimated"),
    "tx": ("commit", "rollback"),
    "missing": ("default", "null"),
    "handling": ("strict", "lenient"),
}
_FREE_PREFERENCES = frozenset({"timezone", "max-affected"})
_WRITING = frozenset({"POST", "PATCH", "PUT", "DELETE"})

_KINDS = {
    "*/*": "any",
    "application/json": "json",
    "application/vnd.pgrst.object": "object",
    "application/vnd.pgrst.object+json": "object",
    "application/vnd.pgrst.array": "array",
    "application/vnd.pgrst.array+json": "array",
    "application/vnd.pgrst.plan": "plan",
    "application/vnd.pgrst.plan+text": "plan",
    "application/vnd.pgrst.plan+json": "plan",
    "application/openapi+json": "openapi",
    "application/geo+json": "geojson",
    "application/x-www-form-urlencoded": "form",
    "text/csv": "csv",
}
# known by one spelling all the same
_UNPRODUCED = frozenset({"text/plain", "text/xml", "application/octet-stream"})

_PLAN_OPTIONS: tuple[Literal["analyze", "verbose", "settings", "buffers", "wal"], ...] = (
    "analyze",
    "verbose",
    "settings",
    "buffers",
    "wal",
)
_INTEGER = re.compile(r"\s*-?[0-9]{1,18}\s*\Z", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z0-9.*]+/[a-z0-9.*+-]+", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", re.ASCII)
_PARAMETER = re.compile(r';\s*([^\s=;]+)\s*=\s*("[^"]*"|[^;\s]*)')


def preferences(values: Sequence[str]) -> Preferences:
    """The Prefer headers of a request; of one preference that is given twice the first counts."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for preference in (one.strip() for value in values if value for one in value.split(",")):
        key, equals, option = preference.partition("=")
        if (equals and key in _FREE_PREFERENCES) or option in _PREFERENCES.get(key, ()):
            found.setdefault(key, option)
        else:
            unknown.append(preference)
    affected = found.get("max-affected", "")
    return Preferences(
        resolution=cast("Literal['merge-duplicates', 'ignore-duplicates'] | None", found.get("resolution")),
        returning=cast("Literal['representation', 'minimal', 'headers-only'] | None", found.get("return")),
        count=cast("Literal['exact', 'planned', 'estimated'] | None", found.get("count")),
        transaction=cast("Literal['commit', 'rollback'] | None", found.get("tx")),
        missing=cast("Literal['default', 'null'] | None", found.get("missing")),
        handling=cast("Literal['strict', 'lenient'] | None", found.get("handling")),
        timezone=found.get("timezone"),
        max_affected=int(affected) if _INTEGER.match(affected) else None,
        unknown=tuple(unknown),
    )


def media_type(text: str) -> MediaType:
    """One media type, known ones in their one spelling, any other one as it is written.

    Parameters matter where it is an execution plan's, else `nulls=stripped` alone.
    """
    match = _MEDIA_TYPE.match(text)
    name = match[0].lower() if match is not None else text
    kind = _KINDS.get(name, "other")
    if kind == "plan":
        return _plan("json" if name.endswith("+json") else "text", text)
    if kind not in ("object", "array"):
        return MediaType(kind, name if kind != "other" or name in _UNPRODUCED else text)
    parameters = {key.lower(): value.strip('"') for key, value in _PARAMETER.findall(text)}
    stripped = parameters.get("nulls") == "stripped"
    return JSON if kind == "array" and not stripped else MediaType(kind, _vendored(kind, stripped), stripped)


def _vendored(kind: str, stripped: bool) -> str:
    return f"application/vnd.pgrst.{kind}+json{';nulls=stripped' if stripped else ''}"


def _plan(format_: Literal["text", "json"], text: str) -> MediaType:
    parameters = {key.lower(): value.strip('"') for key, value in _PARAMETER.findall(text)}
    of = media_type(parameters.get("for", "application/json"))
    asked = parameters.get("options", "").lower().split("|")
    options = tuple(option for option in _PLAN_OPTIONS if option in asked)
    said = f"; options={'|'.join(options)}" if options else ""
    spelled = f'application/vnd.pgrst.plan+{format_}; for="{of.text}"{said}'
    return MediaType("plan", spelled, explained=Explained(format_, of, options))


def _quality(text: str) -> float:
    """The `q` of a media type; what is no number counts as one."""
    match = _NUMBER.match(text.partition(";q=")[2])
    return float(match[0]) if match is not None else 1.0


def _preference(part: str) -> tuple[float, int]:
    """By quality first, then by how specific a media type is."""
    wanted = part.partition(";q=")[0]
    return _quality(part), wanted.count(";") - wanted.count("*")


def accepted(value: str | None) -> tuple[MediaType, ...]:
    """The media types of an Accept header, the most wanted first; anything where there is no header."""
    if value is None:
        return (MediaType("any", "*/*"),)
    parts = value.replace(" ", "").split(",") if value else []
    wanted = sorted(parts, key=_preference, reverse=True)
    return tuple(media_type(part.partition(";q=")[0]) for part in wanted)


def content_type(value: str | None) -> MediaType:
    """The media type of the body; JSON where it is not said."""
    return JSON if value is None else media_type(value)


def _from_utf8(value: str) -> str:
    """A header's value where its bytes are UTF-8: HTTP gives each of them as a character of its own."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def schema(method: str, headers: Mapping[str, str], exposed: Sequence[str]) -> tuple[str, bool]:
    """The schema that a request speaks of, and whether it was named (or chosen among several).

    :param headers: by lower-case name.
    :raises RequestError: PGRST106 for a schema that is not exposed.
    """
    value = headers.get("content-profile" if method in _WRITING else "accept-profile")
    if value is None:
        return exposed[0], len(exposed) != 1
    named = _from_utf8(value)
    if named not in exposed:
        raise RequestError(
            406,
            "PGRST106",
            f"Invalid schema: {named}",
            hint=f"Only the following schemas are exposed: {', '.join(exposed)}",
        )
    return named, True
