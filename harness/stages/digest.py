"""The recorded side: a database is hashed where it is reachable, and its rows are given for the segments asked for."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Iterator
from typing import TypeVar

from harness.core.configuration import Configuration
from harness.core.declared_tables import with_views
from harness.core.digest import (
    DigestDocument,
    DigestedTable,
    DigestRequest,
    Hashing,
    rows_head,
    rows_lines,
    sealed,
)
from harness.core.digest_columns import identity_of, key_of, left_out_by, not_chosen
from harness.core.document import ScopeTable
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.projection import TableProjection, project, without_partitions
from harness.core.row_forms import DescribedType
from harness.core.row_types import unwrapped
from harness.core.scope import compared, scope_of
from harness.errors import ConfigurationError, DocumentError
from harness.postgres.connect import Connection, Endpoint, ensure_session_kept, server_facts, session, snapshot
from harness.postgres.digested import (
    DIGEST,
    DigestedSide,
    answers,
    digested_column,
    digested_rows,
    digested_side,
    projected,
)
from harness.postgres.failures import blaming
from harness.postgres.introspect import introspect
from harness.postgres.privileges import require
from harness.postgres.projected import described
from harness.postgres.row_again import current_snapshot
from harness.postgres.row_hash import SHA_DIGEST
from harness.stages.check_sides import record_answers
from harness.stages.digest_checks import condition, ensure_same_condition, ensure_same_hashing, naming, rules_of
from harness.stages.digest_scan import digested_sums, side_reading
from harness.stages.events import Events, Silent
from harness.stages.journal import now
from harness.stages.policy import policy_of
from harness.stages.rows_scan import SideReading
from harness.version import __version__

_ROWS_A_SEGMENT = 16
_MOST_SEGMENTS = 65_536
_SILENT = Silent()

Part = TypeVar("Part")


def record_side(
    endpoint: Endpoint,
    configuration: Configuration,
    events: Events = _SILENT,
    *,
    as_text: bool = False,
    with_answers: bool = False,
) -> DigestDocument:
    """Hash every table in scope, in one snapshot. `as_text`: by the text of each column and sha256, which servers of
    any kind compute alike, and which lets integers and texts of other types be compared; slower. `with_answers`: with
    the values that the configured checks answer with.

    PgparityError: a table cannot be read, or is not there.
    """
    ensure_session_kept(endpoint)
    with (
        session(endpoint, purpose="digest") as connection,
        snapshot(connection) as exported,
        side_reading((connection, endpoint), exported, configuration) as reading,
    ):
        asked = {*configuration.scope.tables, *configuration.rows.tables}
        catalog = with_views(introspect(connection, schemas=configuration.scope.schemas), asked)
        scope = scope_of(catalog, catalog, configuration.scope, Mapping(), policy_of(configuration.schema_.policy))
        tables = without_partitions(compared(scope), catalog)
        require(connection, endpoint.side, tables)
        # Before the tables: what is wrong with a check is said at once, not after hours of hashing rows.
        answered = record_answers((connection, endpoint), configuration.rows.checks, with_values=with_answers)
        hashing = Hashing(digest=SHA_DIGEST if as_text else DIGEST, as_text=as_text)
        document = record_tables((connection, endpoint), reading, catalog, tables, hashing, configuration, events)
        asked_for = tuple(tables) if configuration.scope.tables else ()
        return sealed(document.model_copy(update={"asked": asked_for, "decided": _decided(scope), "answers": answered}))


def record_tables(
    session: tuple[Connection, Endpoint],
    reading: SideReading,
    catalog: Catalog,
    tables: tuple[str, ...],
    hashing: Hashing,
    configuration: Configuration,
    events: Events,
) -> DigestDocument:
    """Hash these tables of the catalog in the snapshot that is open; the document has no seal yet."""
    connection, endpoint = session
    recorded: list[DigestedTable] = []
    for number, table in enumerate(tables):
        events.progress("digest", number, len(tables), table)
        with naming(table):
            recorded.append(_recorded(session, reading, catalog, table, hashing, configuration))
    events.progress("digest", len(tables), len(tables), "")
    every = [column for table in recorded for column in table.columns]
    return DigestDocument(
        id=uuid.uuid4().hex[:16],
        pgparity=__version__,
        side=endpoint.side,
        recorded_at=now(),
        server=server_facts(connection, endpoint),
        snapshot=current_snapshot(connection, endpoint),
        hashing=hashing.model_copy(update={"answers": answers(connection, endpoint, hashing, every)}),
        tables=tuple(recorded),
        catalog=json.loads(_part(catalog, tables).to_json()),
    )


def answer_request(
    endpoint: Endpoint, request: DigestRequest, configuration: Configuration, *, with_values: bool = False
) -> Iterator[str]:
    """The lines of the file that answers a request: the rows of its segments, table by table.

    Without `with_values` a line holds hashes and the key's values; with it, every value of these rows as text.
    PgparityError: the tables are no longer what they were, or the server hashes otherwise.
    """
    if endpoint.side is not request.side:
        raise DocumentError(
            f"the request is about the {request.side}, and the {endpoint.side} was given",
            hint=f"Use --{request.side}.",
        )
    ensure_session_kept(endpoint)
    with session(endpoint, purpose="digest") as connection, snapshot(connection):
        schemas = tuple({_schema(table.table) for table in request.tables})
        asked = {table.table for table in request.tables}
        catalog = with_views(introspect(connection, schemas=schemas), asked)
        require(connection, endpoint.side, [table.table for table in request.tables])
        ensure_same_hashing(connection, endpoint, request.hashing, request.tables)
        yield rows_head(request, with_values=with_values)
        for table in request.tables:
            with naming(table.table):
                side = _side_as_recorded(connection, endpoint, catalog, table, request.hashing, configuration)
                wanted = [bucket for bucket, _, _ in table.sums]
                rows = digested_rows(side, table.buckets, wanted, with_values=with_values)
                yield from rows_lines(table.table, rows)


def _recorded(
    session: tuple[Connection, Endpoint],
    reading: SideReading,
    catalog: Catalog,
    table: str,
    hashing: Hashing,
    configuration: Configuration,
) -> DigestedTable:
    of_side = session[1].side
    projection = project(table, Mapping(), catalog, catalog)
    rules = rules_of(configuration, of_side, table)
    left_out = left_out_by(projection, of_side, configuration)
    every = [column.name for column in projection.columns if column.name not in left_out]
    key = key_of(catalog, table, every, rules)
    left_out |= not_chosen(table, every, key, rules)
    where = condition(configuration, of_side, table)
    names = sorted(column.name for column in projection.columns if column.name not in left_out)
    types = _types(*session, projection)
    columns = tuple(digested_column(name, types[name], as_text=hashing.as_text) for name in names)
    if not columns:
        raise ConfigurationError(f"{table} has no column that could be hashed", hint="Leave it out by name.")
    side = digested_side(session, projection, of_side, where, columns, key, hashing.digest)
    buckets = _segments(projection.source.estimated_rows)
    found = digested_sums(side, buckets, reading)
    sums = tuple((bucket, *found[bucket]) for bucket in sorted(found))
    return DigestedTable(
        table=table,
        rows=sum(count for _, count, _ in sums),
        key=key,
        columns=columns,
        left_out=left_out,
        where=where,
        personal=tuple(name for name in key if identity_of(projection, name) in configuration.personal.columns),
        buckets=buckets,
        sums=sums,
    )


def _side_as_recorded(
    connection: Connection,
    endpoint: Endpoint,
    catalog: Catalog,
    table: DigestedTable,
    hashing: Hashing,
    configuration: Configuration,
) -> DigestedSide:
    """The table as it was recorded; DocumentError where it is another one by now."""
    if table.table not in catalog.table_by_identity:
        raise DocumentError(f"{table.table} is no longer there", hint="Record the side again.")
    ensure_same_condition(table, condition(configuration, endpoint.side, table.table))
    projection = project(table.table, Mapping(), catalog, catalog)
    types = _types(connection, endpoint, projection)
    for column in table.columns:
        if types.get(column.name) != column.described:
            raise DocumentError(
                f"{table.table}.{column.name} is no longer what was recorded", hint="Record the side again."
            )
    personal = {name for name in table.key if identity_of(projection, name) in configuration.personal.columns}
    return digested_side(
        (connection, endpoint),
        projection,
        endpoint.side,
        table.where,
        table.columns,
        table.key,
        hashing.digest,
        personal=frozenset(table.personal) | personal,
    )


def _types(connection: Connection, endpoint: Endpoint, projection: TableProjection) -> dict[str, DescribedType]:
    rows = projected(projection, endpoint.side, None)
    with blaming(endpoint, connection):
        found = [unwrapped(each) for each in described(connection, rows)]
    return dict(zip((column.name for column in projection.columns), found, strict=True))


def _segments(estimated_rows: int) -> int:
    wanted = max(1, estimated_rows // _ROWS_A_SEGMENT, 256)
    return int(min(_MOST_SEGMENTS, 1 << (wanted - 1).bit_length()))


def _decided(scope: tuple[ScopeTable, ...]) -> dict[str, str]:
    return {each.table: each.reason or "" for each in scope if each.scope == "excluded"}


def _schema(table: str) -> str:
    return split(table)[0]


def _part(catalog: Catalog, tables: tuple[str, ...]) -> Catalog:
    """The catalog of some tables: what comparing their rows needs, and nothing of the server beside."""
    wanted = set(tables)

    def of_tables(objects: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(each for each in objects if getattr(each, "table_identity", None) in wanted)

    server = dataclasses.replace(catalog.server, roles=(), superusers=(), superuser="", reader="")
    return Catalog(
        server=server,
        scope=catalog.scope,
        tables=of_tables(catalog.tables),
        columns=of_tables(catalog.columns),
        constraints=tuple(each for each in of_tables(catalog.constraints) if each.type in ("primary key", "unique")),
        indexes=of_tables(catalog.indexes),
    )
