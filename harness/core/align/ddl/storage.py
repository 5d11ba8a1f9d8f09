"""What the index of a constraint and a bare index have in common: options, tablespace, clustering, their parent."""

from __future__ import annotations

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, Made, Sides, Statement
from harness.core.align.parameters import changes
from harness.core.align.relations import parents, replica_identity
from harness.core.model.catalog import Catalog
from harness.core.model.rules import Constraint, Index
from harness.core.names import literal, qualified, quote
from harness.core.plan import Hazard

Indexed = Constraint | Index


def relation(each: Indexed) -> str:
    """The index as ALTER INDEX takes it; a constraint's has the constraint's name."""
    return qualified(each.schema, each.name)


def set_options(now: Indexed, wanted: Indexed) -> Made:
    """ALTER INDEX … SET and RESET; what is stored already stays as it is."""
    return [
        Statement(sql=f"ALTER INDEX {relation(wanted)} {change};", lock=SHARE_UPDATE_EXCLUSIVE)
        for change in changes(now.options, wanted.options)
    ]


def move(each: Indexed) -> Made:
    """To its tablespace."""
    name = quote(each.tablespace) if each.tablespace else "pg_default"
    sql = f"ALTER INDEX {relation(each)} SET TABLESPACE {name};"
    return [Statement(sql=sql, lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK, Hazard.REWRITE))]


def attach(each: Indexed) -> Made:
    """ALTER INDEX … ATTACH PARTITION, where it belongs to a partitioned index."""
    if each.attached is None:
        return []
    sql = f"ALTER INDEX {each.attached} ATTACH PARTITION {relation(each)};"
    return [Statement(sql=sql, lock=ACCESS_EXCLUSIVE)]


def called(each: Indexed) -> Made:
    """Its name, where PostgreSQL made it with a new partition and chose one."""
    if each.attached is None:
        return []
    table = literal(each.table_identity or "")
    sql = f"""DO $pgparity$
DECLARE made text;
BEGIN
    SELECT h.inhrelid::regclass::text INTO made
    FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_index x ON x.indexrelid = h.inhrelid
    WHERE h.inhparent = {literal(each.attached)}::regclass AND x.indrelid = {table}::regclass
      AND h.inhrelid <> coalesce(pg_catalog.to_regclass({literal(relation(each))}), 0);
    IF made IS NOT NULL THEN
        EXECUTE pg_catalog.format('ALTER INDEX %s RENAME TO %I', made, {literal(each.name)});
    END IF;
END
$pgparity$;"""  # noqa: S608 -- names, quoted as constants
    return [Statement(sql=sql, lock=SHARE_UPDATE_EXCLUSIVE)]


def clustered(each: Indexed, catalog: Catalog) -> Made:
    """The mark that CLUSTER goes by; without it, where no other index of the table has it."""
    table = f"ALTER TABLE {each.table_identity}"
    if each.clustered:
        return [Statement(sql=f"{table} CLUSTER ON {quote(each.name)};", lock=SHARE_UPDATE_EXCLUSIVE)]
    identity = each.table_identity or ""
    others: tuple[Indexed, ...] = (
        *catalog.indexes_by_table.get(identity, ()),
        *catalog.constraints_by_table.get(identity, ()),
    )
    if any(other.clustered for other in others):
        return []
    return [Statement(sql=f"{table} SET WITHOUT CLUSTER;", lock=SHARE_UPDATE_EXCLUSIVE)]


def identifying(each: Indexed, catalog: Catalog) -> Made:
    """The mark that its table, or materialised view, tells rows apart by it."""
    views = (view for view in catalog.views if view.identity == each.table_identity)
    owner = catalog.table_by_identity.get(each.table_identity or "") or next(views, None)
    if owner is None or owner.replica_identity != f"index {each.name}":
        return []
    return [Statement(sql=replica_identity(owner), lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,))]


def attached(now: Indexed, wanted: Indexed, sides: Sides) -> Made | None:
    """To the parent that is wanted; None where only making it again gets it there: an index is never detached."""
    if _moved(now, sides):
        return []
    if now.attached is None:
        return attach(wanted)
    if wanted.attached is not None:
        below, above = _index(sides.target, now.attached), _index(sides.source, wanted.attached)
        if below is not None and above is not None and below.definition == above.definition:
            # The parent is called otherwise.
            return []
    return None


def _moved(each: Indexed, sides: Sides) -> bool:
    """Whether its table gets into another parent or out of one, and its indexes with it."""
    here, there = (catalog.table_by_identity.get(each.table_identity or "") for catalog in (sides.target, sides.source))
    return here is not None and there is not None and parents(here) != parents(there)


def _index(catalog: Catalog, identity: str) -> Index | None:
    return next((each for each in catalog.indexes if relation(each) == identity), None)
