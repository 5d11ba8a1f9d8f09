"""DDL of constraints: keys, foreign keys, checks and exclusions, of partitioned tables and their partitions too."""

from __future__ import annotations

from harness.core.align import prechecks, rules
from harness.core.align.ddl import online, storage
from harness.core.align.ddl.kind import (
    ACCESS_EXCLUSIVE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    Ddl,
    Made,
    Sides,
    Statement,
)
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.model.rules import Constraint
from harness.core.names import literal, quote
from harness.core.plan import Hazard

_KEYS = frozenset({"primary key", "unique", "exclusion"})
"""Those that have an index"""


def named(each: Constraint) -> str:
    """CONSTRAINT name ON table."""
    return f"CONSTRAINT {quote(each.name)} ON {each.table_identity}"


def create(each: Constraint, catalog: Catalog) -> Made:
    """ADD CONSTRAINT; a key of a partitioned table without its partitions, which add their own and attach them."""
    table = catalog.table_by_identity.get(each.table_identity or "")
    # PostgreSQL attaches no index of an exclusion constraint: the parent's makes those of the partitions.
    only = each.type in ("primary key", "unique") and table is not None and table.partition_key is not None
    made: Made = [
        Statement(
            sql=rules.create_constraint(each, only=only),
            lock=SHARE_ROW_EXCLUSIVE if each.type == "foreign key" else ACCESS_EXCLUSIVE,
            hazards=(Hazard.LOCK,),
            prechecks=tuple(prechecks.for_constraint(each, {}, ())),
            online=online.add_constraint(each, catalog),
        )
    ]
    if each.type not in _KEYS:
        return made
    if each.type == "exclusion" and each.options:
        bare = Constraint(**{name: getattr(each, name) for name in ("schema", "table", "name", "type", "definition")})
        made += storage.set_options(bare, each)
    if each.tablespace is not None:
        made += storage.move(each)
    made += storage.attach(each)
    if each.clustered:
        made += storage.clustered(each, catalog)
    if each.index_comment is not None:
        made += _comment(each)
    return made


def complete(each: Constraint, catalog: Catalog) -> Made:
    """Of a key that came with a new partition, or a constraint with the parent's: its name and its marks."""
    if each.type not in _KEYS:
        return []
    made = storage.called(each)
    if each.clustered:
        made += storage.clustered(each, catalog)
    return made if each.index_comment is None else made + _comment(each)


def _comment(each: Constraint) -> Made:
    text = "NULL" if each.index_comment is None else literal(each.index_comment)
    return [Statement(sql=f"COMMENT ON INDEX {storage.relation(each)} IS {text};")]


def drop(each: Constraint, _: Catalog) -> Made:
    """DROP CONSTRAINT."""
    return [Statement(sql=rules.drop_constraint(each), lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,))]


def alter(now: Constraint, wanted: Constraint, attributes: frozenset[str], sides: Sides) -> Made | None:
    """What ALTER TABLE and ALTER INDEX can do; None for another definition, and for a check that is given up."""
    made: Made = []
    if attributes & {"type", "definition"}:
        return None
    if attributes & {"deferrable", "deferred", "enforced", "validated"}:
        if now.name != wanted.name:
            return None
        trust = _trust(now, wanted, attributes)
        if trust is None:
            return None
        made += trust
    if "attached" in attributes:
        moved = storage.attached(now, wanted, sides)
        if moved is None:
            return None
        made += moved
    if "options" in attributes:
        table = sides.target.table_by_identity.get(now.table_identity or "")
        if table is not None and table.partition_key is not None:
            return None
        made += storage.set_options(now, wanted)
    if "tablespace" in attributes:
        made += storage.move(wanted)
    if "clustered" in attributes:
        made += storage.clustered(wanted, sides.source)
    if "index_comment" in attributes:
        made += _comment(wanted)
    return made


def _trust(now: Constraint, wanted: Constraint, attributes: frozenset[str]) -> Made | None:
    """When it is checked, whether it is, and whether the rows that are there were."""
    made: Made = []
    head = f"ALTER TABLE {wanted.table_identity}"
    if attributes & {"deferrable", "deferred", "enforced"}:
        if wanted.type != "foreign key":
            return None
        words = ""
        if attributes & {"deferrable", "deferred"}:
            words = " NOT DEFERRABLE"
            if wanted.deferrable:
                words = f" DEFERRABLE INITIALLY {'DEFERRED' if wanted.deferred else 'IMMEDIATE'}"
        if "enforced" in attributes:
            if wanted.enforced and not wanted.validated:
                return None
            words += " ENFORCED" if wanted.enforced else " NOT ENFORCED"
        orphans = tuple(prechecks.for_constraint(wanted, {}, ())) if wanted.enforced and not now.enforced else ()
        made.append(
            Statement(
                sql=f"{head} ALTER CONSTRAINT {quote(wanted.name)}{words};",
                lock=ACCESS_EXCLUSIVE,
                hazards=(Hazard.LOCK,),
                prechecks=orphans,
            )
        )
    if "validated" in attributes and now.enforced and wanted.enforced:
        if not wanted.validated:
            return None
        made.append(
            Statement(
                sql=f"{head} VALIDATE CONSTRAINT {quote(wanted.name)};",
                lock=SHARE_UPDATE_EXCLUSIVE,
                prechecks=tuple(prechecks.for_constraint(wanted, {}, ())),
            )
        )
    return made


def rename(now: Constraint, name: str) -> Made:
    """RENAME CONSTRAINT; one that is merged with the parent's is renamed there."""
    if now.parents and now.type == "check":
        return []
    sql = f"ALTER TABLE {now.table_identity} RENAME CONSTRAINT {quote(now.name)} TO {quote(name)};"
    return [Statement(sql=sql, lock=ACCESS_EXCLUSIVE)]


def comes_with(each: Constraint, _: Catalog) -> tuple[Address, ...]:
    """The parent's check, foreign key or exclusion constraint, of which PostgreSQL makes the copies."""
    copied = each.copied or (each.inherited and each.type == "exclusion")
    return tuple((each.kind, parent) for parent in each.parents) if copied else ()


DDL = {
    Constraint.kind: Ddl(
        named=named,
        create=create,
        drop=drop,
        alter=alter,
        rename=rename,
        comes_with=comes_with,
        complete=complete,
        afterwards=storage.identifying,
        owned=False,
    )
}
