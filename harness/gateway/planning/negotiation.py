"""Which media type an answer has, and what makes it: the Accept header against what there is for a relation or call."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import JSON, Field, MediaType, SelectField
from harness.gateway.cache.media_handlers import ResolvedHandler
from harness.gateway.cache.schema_cache import SchemaCache
from harness.gateway.planning.read_plan import Node
from harness.gateway.queries.explain import explaining

# cannot be overridden by the database
_VENDORED = frozenset({"object", "array"})
_BUILTIN = frozenset({"json", "csv", "geojson"})
_ALL_COLUMNS = (SelectField(Field("*")),)


def negotiate(accept: Sequence[MediaType], cache: SchemaCache, node: Node, *, plan_enabled: bool) -> ResolvedHandler:
    """The first accepted media type that there is, and its handler.

    Handlers of one relation or function work on its own rows, so they are there only where `select=` leaves these
    as they are (https://docs.postgrest.org/en/v16/references/api/media_type_handlers.html).

    :param node: what is read: its origin is the relation or function whose handlers count.
    :param plan_enabled: whether the execution plan of an answer is there too (db-plan-enabled).
    :raises RequestError: PGRST107 where none of the accepted types is there.
    """
    for wanted in accept:
        if wanted.kind == "plan" and not plan_enabled:
            continue
        explained = wanted.explained
        found = _handler(wanted if explained is None else explained.of, cache, node)
        if found is not None:
            return found if explained is None else explaining(found, wanted)
    offered = ", ".join(wanted.text for wanted in accept)
    raise RequestError(406, "PGRST107", f"None of these media types are available: {offered}")


def _handler(wanted: MediaType, cache: SchemaCache, node: Node) -> ResolvedHandler | None:
    if wanted.kind in _VENDORED:
        return ResolvedHandler(wanted)
    of_database = cache.media_handlers
    if node.select == _ALL_COLUMNS and not node.children:
        own = of_database.get((node.origin, "*/*")) or of_database.get((node.origin, wanted.text))
        if own is not None:
            return own
    of_anything = of_database.get((None, wanted.text))
    if of_anything is not None:
        return of_anything
    if wanted.kind == "any":
        return ResolvedHandler(JSON)
    return ResolvedHandler(wanted) if wanted.kind in _BUILTIN else None
