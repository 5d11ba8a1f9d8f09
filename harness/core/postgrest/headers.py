"""The headers of a request: Prefer, Accept, Content-Type and the profile headers that name a schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar, cast

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import JSON, MediaType, Preferences

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


def preferences(values: Sequence[str]) -> Preferences:
    """The Prefer headers of a request; of one preference that is given twice the first counts."""
    found: dict[str, str] = {}
    unknown: list[str] = []
    for preference in (one.strip() for value in values for one in value.split(",") if one.strip()):
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
        max_affected=int(affected) if affected.isascii() and affected.isdigit() and len(affected) < 19 else None,
        unknown=tuple(unknown),
    )


def media_type(text: str) -> MediaType:
    """One media type; parameters other than `nulls=stripped` do not matter here."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    kind = _KINDS.get(name, "other")
    stripped = "nulls=stripped" in parameters
    if kind == "array":
        return MediaType("array", name, strip_nulls=True) if stripped else JSON
    return MediaType(kind, name, strip_nulls=stripped and kind == "object")


def _quality(text: str) -> float:
    for parameter in text.split(";")[1:]:
        key, _, value = parameter.strip().partition("=")
        if key == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def accepted(value: str | None) -> tuple[MediaType, ...]:
    """The media types of an Accept header, the most wanted first; anything where there is none."""
    if value is None or not value.strip():
        return (MediaType("any", "*/*"),)
    wanted = [part for part in value.split(",") if part.strip()]
    return tuple(media_type(part) for part in sorted(wanted, key=_quality, reverse=True))


def content_type(value: str | None) -> MediaType:
    """The media type of the body; JSON where it is not said."""
    return JSON if value is None else media_type(value)


def schema(method: str, headers: Mapping[str, str], exposed: Sequence[str]) -> tuple[str, bool]:
    """The schema that a request speaks of, and whether it was named (or chosen among several).

    :param headers: by lower-case name.
    :raises RequestError: PGRST106 for a schema that is not exposed.
    """
    named = headers.get("content-profile" if method in _WRITING else "accept-profile")
    if named is None:
        return exposed[0], len(exposed) != 1
    if named not in exposed:
        raise RequestError(
            406,
            "PGRST106",
            f"Invalid schema: {named}",
            hint=f"Only the following schemas are exposed: {', '.join(exposed)}",
        )
    return named, True
