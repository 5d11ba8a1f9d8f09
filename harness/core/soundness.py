"""Soundness: what the target has and does not vouch for: constraints nobody checked, indexes nobody uses, lost updates.

A change says that the sides differ. These things matter where the sides are alike, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from harness.core.change import Change
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.model.replication import Publication
from harness.core.model.rules import Index
from harness.core.names import literal, qualified, quote, split
from harness.core.record import Severity

NOT_CHECKED, NOT_USED, NOT_NAMED = "CON009", "IDX007", "PUB001"
CODES = (NOT_CHECKED, NOT_USED, NOT_NAMED)


def soundness_findings(
    source: Catalog, target: Catalog, changes: Iterable[Change], out_of_scope: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What of the target's tables in scope is not sound; what a change says already is not said again."""
    told = {
        (each.kind, each.identity) for each in changes if each.attribute in ("valid", "validated", "not_null_validated")
    }
    found = (*_not_checked(target), *_not_used(target), *_not_named(source, target))
    return tuple(
        each
        for each in found
        if (each.object.kind, each.object.identity) not in told and each.table not in out_of_scope
    )


def _not_checked(target: Catalog) -> Iterator[Finding]:
    rules = [
        *(
            (each.kind, each.identity, each.table_identity or "", each.name, each.definition)
            for each in target.constraints
            if each.enforced and not each.validated and each.compared
        ),
        *(
            (each.kind, each.identity, each.table_identity or "", each.not_null_name or "", "NOT NULL")
            for each in target.columns
            if each.not_null_name and not each.not_null_validated
        ),
    ]
    for kind, identity, table, name, definition in rules:
        yield Finding(
            code=NOT_CHECKED,
            severity=Severity.RISK,
            stage="diff",
            object=FoundObject(kind=kind, identity=identity),
            title=f"{kind} {identity} is NOT VALID on the target: rows that were there before it were never checked",
            table=table,
            evidence=(Evidence(label="definition", target=definition),),
            breaks=(
                "rows may break the rule: what trusts it answers wrongly, and moving or updating such a row is refused",
            ),
            fix=Fix(
                text="Let PostgreSQL check the rows; it says which one breaks the rule.",
                sql=f"ALTER TABLE {table} VALIDATE CONSTRAINT {quote(name)};",
            ),
            query="SELECT conname, convalidated FROM pg_catalog.pg_constraint"  # noqa: S608 - names are quoted
            f" WHERE conrelid = {literal(table)}::regclass AND NOT convalidated;",
        )


def _not_used(target: Catalog) -> Iterator[Finding]:
    for each in target.indexes:
        if each.valid:
            continue
        name = qualified(each.schema, each.name)
        yield Finding(
            code=NOT_USED,
            severity=Severity.RISK,
            stage="diff",
            object=FoundObject(kind=each.kind, identity=each.identity),
            title=f"index {each.identity} is not valid on the target: no query uses it",
            table=each.table_identity,
            evidence=(Evidence(label="definition", target=each.definition),),
            breaks=(
                "ON CONFLICT and foreign keys do not find it, and it may let duplicates through"
                if each.unique
                else "queries scan the table, and every write pays for the index",
            ),
            fix=_rebuilt(each, name),
            query="SELECT indexrelid::regclass, indisvalid, indisready FROM pg_catalog.pg_index"  # noqa: S608 - quoted
            f" WHERE indexrelid = {literal(name)}::regclass;",
        )


def _rebuilt(each: Index, name: str) -> Fix:
    if each.partitioned:
        return Fix(
            text="An index of a partitioned table is valid when every partition has its part: create what is missing,"
            f" and ALTER INDEX {name} ATTACH PARTITION each of them."
        )
    return Fix(
        text="Build it anew; for a unique index, take the duplicates away first.",
        sql=f"REINDEX INDEX CONCURRENTLY {name};",
    )


def _not_named(source: Catalog, target: Catalog) -> Iterator[Finding]:
    """Published tables whose UPDATE or DELETE PostgreSQL refuses: subscribers could not tell which row is meant."""
    before = {(table.identity, each.identity) for table, each, *_ in _refusing(source)}
    for table, publication, reason, state in _refusing(target):
        also = (table.identity, publication.identity) in before
        sent = " and ".join(each.upper() for each in ("update", "delete") if each in publication.publish)
        yield Finding(
            code=NOT_NAMED,
            severity=Severity.RISK if also else Severity.BLOCKER,
            stage="diff",
            object=FoundObject(kind=table.kind, identity=table.identity),
            title=f"{sent} on table {table.identity} is refused on the target:"
            f" publication {publication.identity} sends it, and {reason}",
            table=table.identity,
            evidence=(Evidence(label="replica identity", target=table.replica_identity),),
            breaks=(f"{sent} fails with {state}" + (", on the source too" if also else ""),),
            fix=Fix(
                text="Give it a primary key; or let the whole row name it, which costs more to send.",
                sql=f"ALTER TABLE {table.identity} REPLICA IDENTITY FULL;",
            )
            if table.replica_identity != "full"
            else Fix(text="Publish all its columns, or give it a key as replica identity that is published."),
            query="SELECT c.relreplident, p.* FROM pg_catalog.pg_class c, pg_catalog.pg_publication_tables p"  # noqa: S608
            f" WHERE c.oid = {literal(table.identity)}::regclass"
            f" AND p.schemaname = {literal(table.schema)} AND p.tablename = {literal(table.name)};",
        )


def _refusing(catalog: Catalog) -> Iterator[tuple[Table, Publication, str, str]]:
    """Each with the reason and the SQLSTATE."""
    publications = [each for each in catalog.publications if {"update", "delete"} & {*each.publish}]
    if not publications:
        return
    for table in catalog.tables:
        if table.partition_key is not None or table.persistence != "permanent":
            continue
        named = _naming(table, catalog)
        for each in publications:
            if not _publishes(each, table, catalog):
                continue
            if named is None:
                yield table, each, "nothing names its rows: it has no primary key, or no replica identity", "55000"
                break
            hidden = sorted(named - _published(each, table, named))
            if hidden:
                yield table, each, f"leaves out {', '.join(hidden)}, by which rows are named", "42P10"
                break


def _naming(table: Table, catalog: Catalog) -> frozenset[str] | None:
    """The columns that name a row to subscribers; None where there are none."""
    if table.replica_identity == "full":
        return frozenset(each.name for each in catalog.columns_by_table.get(table.identity, ()) if not each.generated)
    if table.replica_identity == "nothing":
        return None
    indexes = catalog.indexes_by_table.get(table.identity, ())
    if table.replica_identity != "default":
        name = table.replica_identity.removeprefix("index ")
        return next((frozenset(each.columns) for each in indexes if each.name == name), None)
    keys = [each for each in catalog.constraints_by_table.get(table.identity, ()) if each.type == "primary key"]
    # PostgreSQL does not name rows by a key that may hold duplicates for a while.
    return next((frozenset(each.columns) for each in keys if not each.deferrable), None)


def _above(table: Table, catalog: Catalog) -> Iterator[Table]:
    """The table and what it is a partition of."""
    here: Table | None = table
    while here is not None:
        yield here
        parent = (here.partition_of or "").partition(" FOR VALUES ")[0].removesuffix(" DEFAULT")
        here = catalog.table_by_identity.get(parent)


def _publishes(publication: Publication, table: Table, catalog: Catalog) -> bool:
    return publication.all_tables or any(
        each.identity in publication.tables or each.schema in publication.schemas for each in _above(table, catalog)
    )


def _published(publication: Publication, table: Table, everything: frozenset[str]) -> frozenset[str]:
    """Its columns that are published; a table that is not listed with columns is published whole."""
    start = f"{table.identity} ("
    listed = next((each for each in publication.columns if each.startswith(start)), None)
    if listed is None:
        return everything
    return frozenset(split(each.strip())[0] for each in listed.removeprefix(start).removesuffix(")").split(", "))
