"""DDL of indexes, of partitioned tables and their partitions too."""

from __future__ import annotations

from harness.core.align import prechecks, rules
from harness.core.align.ddl import online, storage
from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE, SHARE_UPDATE_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.model.catalog import Catalog
from harness.core.model.rules import Index
from harness.core.names import literal, qualified, quote
from harness.core.plan import Hazard


def named(each: Index) -> str:
    """INDEX schema.name."""
    return f"INDEX {storage.relation(each)}"


def create(each: Index, catalog: Catalog) -> Made:
    """CREATE INDEX; on a partitioned table without its partitions, which get their own and attach them."""
    made: Made = [
        Statement(
            sql=rules.create_index(each, only=True),
            lock=SHARE,
            hazards=(Hazard.LOCK,),
            prechecks=tuple(prechecks.for_index(each, {})),
            online=online.create_concurrently(each),
        )
    ]
    if each.tablespace is not None:
        made += storage.move(each)
    made += storage.attach(each)
    if each.clustered:
        made += storage.clustered(each, catalog)
    return made + _targets((), each)


def complete(each: Index, catalog: Catalog) -> Made:
    """Of an index that came with a new partition: its name, and what the parent's does not say."""
    made = storage.called(each)
    if each.tablespace is not None:
        made += storage.move(each)
    if each.clustered:
        made += storage.clustered(each, catalog)
    return made + _targets((), each)


def drop(each: Index, _: Catalog) -> Made:
    """DROP INDEX."""
    sql = f"DROP INDEX {storage.relation(each)};"
    return [
        Statement(sql=sql, lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,), online=online.drop_concurrently(each)),
    ]


def alter(now: Index, wanted: Index, attributes: frozenset[str], sides: Sides) -> Made | None:
    """What ALTER INDEX can do, and REINDEX for one that is not valid; None for another definition."""
    made: Made = []
    if "definition" in attributes:
        if now.partitioned or without_options(now) != without_options(wanted):
            return None
        made += storage.set_options(now, wanted)
    if "attached" in attributes:
        moved = _attached(now, wanted, sides)
        if moved is None:
            return None
        made += moved
    if "valid" in attributes:
        if now.partitioned:
            # Once all its partitions are attached it is valid, and then it cannot cease to be.
            if not wanted.valid:
                return None
        elif wanted.valid:
            sql = f"REINDEX INDEX {storage.relation(wanted)};"
            made.append(Statement(sql=sql, lock=SHARE, hazards=(Hazard.LOCK,)))
    if "tablespace" in attributes:
        made += storage.move(wanted)
    if "clustered" in attributes:
        made += storage.clustered(wanted, sides.source)
    if "statistics" in attributes:
        made += _targets(now.statistics, wanted)
    return made


def _attached(now: Index, wanted: Index, sides: Sides) -> Made | None:
    """Its place in the parent's index; None where only making it again gives it that."""
    twin = _twin(now, wanted, sides)
    if twin is not None:
        return _traded(now, twin)
    if _taken_by_twin(now, wanted, sides):
        return []
    moved = storage.attached(now, wanted, sides)
    return _parent_again(now, sides) if moved is None else moved


def without_options(each: Index) -> str:
    """The definition but for the storage parameters."""
    return each.definition.replace(f" WITH ({_options_as_deparsed(each)})", "", 1) if each.options else each.definition


def _options_as_deparsed(each: Index) -> str:
    """As pg_get_indexdef writes them: a value that is no identifier stands in quotes."""
    parts = (option.partition("=") for option in each.options)
    return ", ".join(f"{quote(name)}={value if quote(value) == value else literal(value)}" for name, _, value in parts)


def _targets(now: tuple[str, ...], wanted: Index) -> Made:
    """ALTER INDEX … ALTER COLUMN … SET STATISTICS, for those that differ."""
    before, after = (dict(each.split("=") for each in side) for side in (now, wanted.statistics))
    return [
        Statement(
            sql=f"ALTER INDEX {storage.relation(wanted)} ALTER COLUMN {number}"
            f" SET STATISTICS {after.get(number, '-1')};",
            lock=SHARE_UPDATE_EXCLUSIVE,
        )
        for number in sorted({*before, *after}, key=int)
        if before.get(number) != after.get(number)
    ]


def _twin(now: Index, wanted: Index, sides: Sides) -> Index | None:
    """The equal index of the same partition that has the place in the parent's which this one is to have."""
    if now.attached is not None or wanted.attached is None:
        return None
    there = sides.target.indexes_by_table.get(now.table_identity or "", ())
    return next(
        (each for each in there if each.attached == wanted.attached and each.definition == wanted.definition), None
    )


def _taken_by_twin(now: Index, wanted: Index, sides: Sides) -> bool:
    """Whether an equal index of the partition takes the place in the parent's that this one gives up."""
    if now.attached is None or wanted.attached is not None:
        return False
    ours = sides.source.indexes_by_table.get(now.table_identity or "", ())
    theirs = {each.name for each in sides.target.indexes_by_table.get(now.table_identity or "", ())}
    return any(
        each.attached == now.attached and each.definition == now.definition and each.name in theirs for each in ours
    )


def _parent_again(now: Index, sides: Sides) -> Made | None:
    """The parent's index with all its partitions, of which this one is to be none any more; None where the parent's is
    made again for a reason of its own."""
    before, after = (
        next((each for each in catalog.indexes if each.identity in now.parents), None)
        for catalog in (sides.target, sides.source)
    )
    if before is None or after is None or after.constraint is not None:
        return None
    if (before.valid, before.definition) != (after.valid, after.definition):
        return None
    children = {each.identity: each.attached for each in sides.target.indexes if before.identity in each.parents}
    kept = [each for each in sides.source.indexes if each.identity in children]
    leaving = [each.identity for each in kept if before.identity not in each.parents]
    if not leaving or now.identity != min(leaving):
        return []
    made = [*drop(before, sides.target), *create(after, sides.source)]
    for each in kept:
        made += create(each, sides.source)
    made += (
        Statement(sql=f"COMMENT ON {named(each)} IS {literal(each.comment)};")
        for each in (after, *kept)
        if each.comment is not None
    )
    return made


def _traded(now: Index, twin: Index) -> Made:
    """An index is never detached, but the two are equal: they trade names."""
    aside = quote("pgparity_twin")
    steps = (
        (storage.relation(twin), aside),
        (storage.relation(now), quote(twin.name)),
        (qualified(now.schema, "pgparity_twin"), quote(now.name)),
    )
    return [Statement(sql=f"ALTER INDEX {old} RENAME TO {new};", lock=SHARE_UPDATE_EXCLUSIVE) for old, new in steps]


DDL = {
    Index.kind: Ddl(
        named=named,
        create=create,
        drop=drop,
        alter=alter,
        complete=complete,
        afterwards=storage.identifying,
        owned=False,
    )
}
