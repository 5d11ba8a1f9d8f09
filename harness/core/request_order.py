"""What a request to a REST interface says of the order of its rows, and of those that are embedded in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl

from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.ordering import Ordering, SortKey, all_columns, table_keys, unsorted
from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import Comparison, Filter, Query, SelectField, SelectItem, SelectRelation
from harness.core.postgrest.parse import parse_query
from harness.core.statements import RestRequest

_READS = frozenset({"GET"})


def request_orderings(request: RestRequest, catalog: Catalog | None) -> Iterator[Ordering]:
    """One ordering for the request's rows and one for each embedded resource; none of what is not understood."""
    path = request.path.removeprefix("/rest/v1").strip("/")
    if request.verb.upper() in ("PATCH", "DELETE"):
        yield unsorted(qualified(request.profile or "public", path), catalog)
        return
    if request.verb.upper() not in _READS:
        return
    called = path.startswith("rpc/")
    try:
        query = parse_query(request.query, is_call=called)
    except RequestError:
        return
    schema = request.profile or "public"
    root = _level(query, query.select, "" if called else qualified(schema, path), (), catalog, called=called)
    cut = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)} & {"limit", "offset"}
    yield replace(root, limited=bool(cut), skipped="offset" in cut)
    yield from _embedded(query, query.select, schema, (), catalog)


def _embedded(
    query: Query, items: tuple[SelectItem, ...], schema: str, above: tuple[str, ...], catalog: Catalog | None
) -> Iterator[Ordering]:
    for item in items:
        if isinstance(item, SelectRelation):
            where = (*above, item.alias or item.name)
            yield _level(query, item.items, qualified(schema, item.name), where, catalog)
            yield from _embedded(query, item.items, schema, where, catalog)


def _level(
    query: Query,
    items: tuple[SelectItem, ...],
    relation: str,
    where: tuple[str, ...],
    catalog: Catalog | None,
    *,
    called: bool = False,
) -> Ordering:
    """The order of the rows of the request's relation, or of an embedded one."""
    terms = [term for placed in query.order if placed.path == where for term in placed.value]
    keys = tuple(
        SortKey(
            column=f"({term.relation}" if term.relation or term.field.path else term.field.name,
            descending=term.direction == "desc",
            nulls_first=term.nulls == "first" or (term.nulls is None and term.direction == "desc"),
        )
        for term in terms
    )
    conditions = [placed.value for placed in query.conditions if placed.path == where]
    equal = frozenset(each.field.name for each in conditions if isinstance(each, Filter) and _is_equality(each))
    fields = [item for item in items if isinstance(item, SelectField)]
    identifying = table_keys(relation, catalog)
    grouped = any(item.aggregate for item in fields)
    names = {item.field.name: item.alias or item.field.name for item in fields if item.field.name != "*"}
    every = called
    if not called and any(item.field.name == "*" for item in fields):
        names, every = all_columns(names, relation, catalog)
    return Ordering(
        relation="" if grouped else relation,
        keys=keys,
        names=tuple(names.items()),
        every=every,
        equal=equal,
        conditions_known=len(equal) == len(conditions),
        limited=any(placed.path == where for placed in query.ranges),
        grouped=grouped or called,
        total=any(set(key) <= equal | {key.column for key in keys} for key in identifying),
        identifying=identifying,
        place=where[-1] if where else "",
    )


def _is_equality(condition: Filter) -> bool:
    if condition.negated or condition.field.path:
        return False
    operation = condition.operation
    return isinstance(operation, Comparison) and operation.operator == "eq" and operation.quantifier is None
