"""What a request becomes: one transaction, its statement, and the media type of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.postgrest.errors import RequestError, not_implemented
from harness.core.postgrest.model import JSON, Condition, MediaType, Request
from harness.gateway.read_plan import Node
from harness.gateway.schema_cache import Function, SchemaCache, Table
from harness.gateway.statements import Statement


@dataclass(frozen=True, slots=True)
class Plan:
    """One transaction: its mode, its statement, and what the answer is made from.

    `estimate` is the EXPLAIN that a planned or estimated count needs, `settings` are those of a called function.
    """

    request: Request
    media: MediaType
    statement: Statement
    read_only: bool
    estimate: Statement | None = None
    table: Table | None = None
    function: Function | None = None
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def single(self) -> bool:
        """Whether the answer has to be exactly one row."""
        return self.media.kind == "object"


def negotiate(accept: Sequence[MediaType], cache: SchemaCache) -> MediaType:
    """The media type of the answer: the first accepted one that there is.

    :raises RequestError: PGRST107 where there is none, 501 where PostgREST might have one.
    """
    for wanted in accept:
        if wanted.kind == "any":
            return JSON
        if wanted.kind in ("json", "object", "array", "csv"):
            return wanted
        if wanted.kind == "geojson" or wanted.text in cache.media_handlers:
            raise not_implemented(f"answers of the type {wanted.text} are not implemented")
    offered = ", ".join(wanted.text for wanted in accept)
    raise RequestError(406, "PGRST107", f"None of these media types are available: {offered}")


def check_preferences(request: Request) -> None:
    """PGRST122 where preferences are unknown and handling=strict says that this matters."""
    if request.preferences.strict and request.preferences.unknown:
        invalid = ", ".join(request.preferences.unknown)
        raise RequestError(
            400,
            "PGRST122",
            "Invalid preferences given with handling=strict",
            details=f"Invalid preferences: {invalid}",
        )


def root_conditions(request: Request) -> list[Condition]:
    """The conditions on the root."""
    return [at.value for at in request.query.conditions if not at.path]


def needed_columns(node: Node, keys: Sequence[str]) -> list[str]:
    """What a write or call has to return so that the representation, and embedding in it, can be made."""
    names = [item.field.name for item in node.select]
    if "*" in names:
        return ["*"]
    for child in node.children:
        if child.relationship is not None:
            names += child.relationship.source_columns
    return sorted({*names, *keys})
