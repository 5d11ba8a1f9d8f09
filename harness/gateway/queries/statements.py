"""The one SQL statement of a request: PostgreSQL finds the rows, writes the JSON and counts, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed

from harness.core.postgrest.model import MediaType
from harness.gateway.cache.media_handlers import MediaHandler, ResolvedHandler
from harness.gateway.cache.schema_cache import Function
from harness.gateway.queries.fragments import Parameters, identifier, spaced

# columns: total rows, rows of the answer, of a write the location of an inserted row, body, headers and status that
# the transaction set, rows that an upsert inserted
_RESULT = SQL(
    "SELECT {total} AS total_result_set, {page} AS page_total, {location}{body} AS body,"
    " nullif(current_setting('response.headers', true), '') AS response_headers,"
    " nullif(current_setting('response.status', true), '') AS response_status,"
    " {inserted} AS response_inserted"
    " FROM ({rows}) _postgrest_t"
)
_NO_LOCATION = SQL("NULL::text[]")
_NOTHING_LOCATED = SQL("")
_NO_NUMBER = SQL("NULL::bigint")
_ROWS_OF_ANSWER = SQL("pg_catalog.count(_postgrest_t)")
_ALL_ROWS = SQL("SELECT * FROM pgrst_source")
_INSERTED = SQL("nullif(current_setting('pgrst.inserted', true), '')::bigint")
_LOCATION = SQL(
    "CASE WHEN pg_catalog.count(_postgrest_t) = 1 THEN ("
    "SELECT array_agg(pair.key || '=' || coalesce('eq.' || pair.value, 'is.null'))"
    " FROM (SELECT row_to_json(one) AS row FROM pgrst_source AS one LIMIT 1) AS data"
    " CROSS JOIN LATERAL json_each_text(data.row) AS pair"
    " WHERE pair.key = ANY ({keys}::text[])) END"
)
_CSV = SQL(
    "(SELECT coalesce(string_agg(k.name, ','), '') FROM (SELECT json_object_keys(h.row)::text AS name"
    " FROM (SELECT row_to_json(one) AS row FROM pgrst_source AS one LIMIT 1) AS h) AS k)"
    " || E'\\n' || coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), E'\\n'), '')"
)
# without PostGIS there is no such function, and PostgreSQL says so
_GEOJSON = SQL(
    "json_build_object('type', 'FeatureCollection',"
    " 'features', coalesce(json_agg(ST_AsGeoJSON(_postgrest_t)::json), '[]'))"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, and their values."""

    query: Composed | bytes
    values: tuple[object, ...]


def _json(media: MediaType, function: Function | None) -> Composable:
    single = media.kind == "object" or (function is not None and not function.returns_set)
    scalar = function is not None and (function.returns_scalar or (function.returns_set_of_scalars and not single))
    rows: Composable = SQL("json_agg(_postgrest_t.pgrst_scalar)" if scalar else "json_agg(_postgrest_t)")
    if media.strip_nulls:
        rows = SQL("json_strip_nulls({})").format(rows)
    if single:
        return SQL("coalesce({}->0, 'null')").format(rows)
    return SQL("coalesce({}, '[]')").format(rows)


def _made_by(handler: MediaHandler, function: Function | None) -> Composable:
    """What a handler of the database makes of the rows, as bytes."""
    argument: Composable = SQL("_postgrest_t")
    if function is not None and function.returns_scalar:
        argument = SQL("_postgrest_t.pgrst_scalar")
    elif handler.target is not None:
        row_type = identifier(handler.target.schema, handler.target.name)
        argument = SQL("_postgrest_t::{}").format(row_type)
    made = SQL("{}({})").format(identifier(handler.callee.schema, handler.callee.name), argument)
    return SQL("{}({})").format(identifier(handler.send.schema, handler.send.name), made)


def body(handler: ResolvedHandler, function: Function | None = None) -> Composable:
    """The body of the answer, as its handler makes it."""
    if handler.custom is not None:
        return _made_by(handler.custom, function)
    if handler.media.kind == "csv":
        return _CSV
    return _GEOJSON if handler.media.kind == "geojson" else _json(handler.media, function)


NO_BODY = SQL("''::text")


def _counting(counted: Composable | None, *, count: bool) -> tuple[Composable | None, Composable]:
    """The CTE that counts all rows, where one is needed, and where their number is read."""
    if not count:
        return None, _NO_NUMBER
    if counted is None:
        return None, _ROWS_OF_ANSWER
    number = SQL("(SELECT pg_catalog.count(*) FROM pgrst_source_count)")
    return SQL(", pgrst_source_count AS ({})").format(counted), number


def read_statement(
    rows: Composable, counted: Composable | None, *, count: bool, body: Composable, parameters: Parameters
) -> Statement:
    """A read: the rows as a CTE.

    :param count: whether the number of all rows is wanted; `counted` selects them, None where the answer is all.
    """
    counting, total = _counting(counted, count=count)
    result = _RESULT.format(
        total=total, page=_ROWS_OF_ANSWER, location=_NOTHING_LOCATED, body=body, inserted=_NO_NUMBER, rows=_ALL_ROWS
    )
    query = spaced(SQL("WITH pgrst_source AS ({})").format(rows), counting, result)
    return Statement(query, tuple(parameters.values))


def write_statement(
    mutation: Composable,
    rows: Composable | None,
    *,
    body: Composable,
    upsert: bool,
    location_keys: Sequence[str],
    parameters: Parameters,
) -> Statement:
    """A write as a CTE, and the rows of the representation from it (None: no representation)."""
    location = _LOCATION.format(keys=parameters.add(list(location_keys))) if location_keys else _NO_LOCATION
    result = _RESULT.format(
        total=_NO_NUMBER,
        page=_ROWS_OF_ANSWER,
        location=SQL("{} AS header, ").format(location),
        body=body,
        inserted=_INSERTED if upsert else _NO_NUMBER,
        rows=rows if rows is not None else _ALL_ROWS,
    )
    query = spaced(SQL("WITH pgrst_source AS ({})").format(mutation), result)
    return Statement(query, tuple(parameters.values))


def call_statement(
    call: Composable,
    rows: Composable,
    counted: Composable | None,
    *,
    count: bool,
    body: Composable,
    function: Function,
    parameters: Parameters,
) -> Statement:
    """A call as a CTE, and the rows that are wanted of what it returns."""
    counting, total = _counting(counted, count=count)
    result = _RESULT.format(
        total=total,
        page=_ROWS_OF_ANSWER if function.returns_set else SQL("1::bigint"),
        location=_NOTHING_LOCATED,
        body=body,
        inserted=_NO_NUMBER,
        rows=rows,
    )
    query = spaced(SQL("WITH pgrst_source AS ({})").format(call), counting, result)
    return Statement(query, tuple(parameters.values))


def plan_statement(counted: Composable, parameters: Parameters) -> Statement:
    """The planner's estimate of how many rows there are, for count=planned and count=estimated."""
    return Statement(SQL("EXPLAIN (FORMAT JSON) {}").format(counted), tuple(parameters.values))
