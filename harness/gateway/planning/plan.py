"""What a request becomes: one transaction, its statement, and the media type of its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Condition, MediaType, Request
from harness.gateway.cache.schema_cache import Function, Table
from harness.gateway.planning.read_plan import Node
from harness.gateway.queries.statements import Statement


@dataclass(frozen=True, slots=True)
class Plan:
    """One transaction: its mode, its statement, and what the answer is made from.

    `estimate` is the EXPLAIN that a planned or estimated count needs, `settings` are those of a called function.
    `legacy_names` are relation and alias of the embedded resources that the request calls by their relation.
    """

    request: Request
    media: MediaType
    statement: Statement
    read_only: bool
    estimate: Statement | None = None
    table: Table | None = None
    function: Function | None = None
    settings: tuple[tuple[str, str], ...] = ()
    legacy_names: tuple[tuple[str, str], ...] = ()

    @property
    def single(self) -> bool:
        """Whether the answer has to be exactly one row."""
        return self.media.kind == "object"


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
    for child in node.children:
        if child.relationship is not None:
            names += child.relationship.source_columns
    if "*" in names:
        return ["*"]
    return sorted({*names, *keys})
