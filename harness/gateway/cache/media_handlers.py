"""Media types that the database itself produces: by aggregates over rows, and by functions that return one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.core.postgrest import headers
from harness.core.postgrest.model import MediaType
from harness.gateway.cache.schema_cache import Name


@dataclass(frozen=True, slots=True)
class MediaHandler:
    """What makes a media type of rows, or of the value of a function.

    `callee` is an aggregate, or the domain that a function returns (called as a conversion); `target` is the relation
    or function it is for (None: anything); `send` writes its value as bytes.
    """

    callee: Name
    target: Name | None
    send: Name


@dataclass(frozen=True, slots=True)
class ResolvedHandler:
    """The media type of an answer, and what makes it: a handler of the database, or None for a builtin one."""

    media: MediaType
    custom: MediaHandler | None = None


MediaHandlers: TypeAlias = Mapping[tuple[Name | None, str], ResolvedHandler]


def from_rows(rows: Iterable[tuple[Any, ...]]) -> MediaHandlers:
    """The handlers by what they are for and by media type, from the rows of `media_handlers.sql`."""
    found: dict[tuple[Name | None, str], ResolvedHandler] = {}
    for schema, callee, target_schema, target_name, media_type, content_type, send_schema, send_name in rows:
        target = None if target_name is None else Name(target_schema, target_name)
        media = headers.media_type(content_type)
        if media.kind == "other":
            # shown as the domain is written; the known types have one spelling
            media = MediaType("other", content_type)
        handler = MediaHandler(Name(schema, callee), target, Name(send_schema, send_name))
        found[target, media_type] = ResolvedHandler(media, handler)
    return found
