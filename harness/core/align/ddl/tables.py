"""DDL of tables: plain and partitioned ones, partitions, heirs and typed tables, with every attribute."""

from __future__ import annotations

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.align.parameters import changes
from harness.core.align.relations import (
    ancestors,
    create_table,
    parents,
    partition_attached,
    partition_detached,
    partition_parent,
    replica_identity,
    row_security,
)
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.model.rules import Constraint
from harness.core.names import quote
from harness.core.plan import Hazard

_ACCESS_METHOD_SINCE = 150000
_PARTITIONED_ACCESS_METHOD_SINCE = 170000
_LATE = frozenset({"replica_identity", "partition_of", "inherits"})


def _create(table: Table, catalog: Catalog) -> Made:
    locked = bool(parents(table))
    return [
        Statement(sql=sql, lock=ACCESS_EXCLUSIVE if locked else None, hazards=(Hazard.LOCK,) if locked else ())
        for sql in [*create_table(table, catalog), *row_security(table)]
    ]


def _drop(table: Table, catalog: Catalog) -> Made:
    above = ancestors(table, catalog)
    referenced = any(each.references in above for each in catalog.constraints) if above else False
    return [
        # A foreign key to the whole stops a partition from being dropped, and lets one go that holds nothing it needs.
        *(
            [_statement(partition_detached(table.identity, table.partition_of))]
            if referenced and table.partition_of
            else []
        ),
        Statement(
            sql=f"DROP TABLE {table.identity};",
            lock=ACCESS_EXCLUSIVE,
            hazards=(Hazard.LOCK, Hazard.DATA_LOSS),
        ),
    ]


def _alter_table(now: Table, wanted: Table, attributes: frozenset[str], sides: Sides) -> Made | None:
    if _made_again(now, wanted, attributes, sides):
        return None
    made = _identified_meanwhile(now, wanted, sides) if "replica_identity" in attributes else []
    if "access_method" in attributes:
        changed = _access_method(now, wanted, sides)
        if changed is None:
            return None
        made += changed
    if "partition_of" in attributes and now.partition_of:
        made.append(_statement(partition_detached(now.identity, now.partition_of)))
        made += (_alter(now, f"DROP CONSTRAINT {quote(each.name)}") for each in _copies(now, sides.target))
    if "inherits" in attributes:
        leaves = _let_go(now, wanted, sides)
        made += [_alter(wanted, f"NO INHERIT {parent}") for parent in reversed(leaves)]
        if leaves:
            made += (_alter(now, f"DROP CONSTRAINT {quote(each.name)}") for each in _copies(now, sides.target))
    if attributes & {"partition_of", "inherits"}:
        made += _not_null_names(wanted, sides)
    if "of" in attributes:
        made.append(_alter(wanted, f"OF {wanted.of}" if wanted.of else "NOT OF"))
    if "persistence" in attributes:
        word = "UNLOGGED" if wanted.persistence == "unlogged" else "LOGGED"
        made.append(_alter(wanted, f"SET {word}", hazards=(Hazard.LOCK, Hazard.REWRITE)))
    if "tablespace" in attributes:
        place = quote(wanted.tablespace) if wanted.tablespace else "pg_default"
        made.append(_alter(wanted, f"SET TABLESPACE {place}", hazards=(Hazard.LOCK, Hazard.REWRITE)))
    made += _row_security(wanted, attributes)
    if "options" in attributes:
        made += (
            _alter(wanted, change, lock=SHARE_UPDATE_EXCLUSIVE, hazards=())
            for change in changes(now.options, wanted.options)
        )
    return made


def _copies(table: Table, catalog: Catalog) -> list[Constraint]:
    """What it has because its parents have it: its own for a while, when it has left them."""
    return [each for each in catalog.constraints_by_table.get(table.identity, ()) if each.copied]


def _identified_meanwhile(now: Table, wanted: Table, sides: Sides) -> Made:
    """A column of the index that rows are told apart by cannot lose its NOT NULL; by whole rows they always can be."""
    strict = {each.name for each in sides.source.columns_by_table.get(wanted.identity, ()) if each.not_null}
    columns = sides.target.columns_by_table.get(now.identity, ())
    if not now.replica_identity.startswith("index ") or not any(x.not_null and x.name not in strict for x in columns):
        return []
    return [_alter(now, "REPLICA IDENTITY FULL")]


def _made_again(now: Table, wanted: Table, attributes: frozenset[str], sides: Sides) -> bool:
    """Whether no ALTER makes the one of the other; its rows are kept."""
    if "partition_key" in attributes or _new_bound(now, wanted, attributes):
        return True
    return "inherits" in attributes and _comes_anew(now, wanted, sides)


def _row_security(wanted: Table, attributes: frozenset[str]) -> Made:
    made: Made = []
    if "row_security" in attributes:
        made.append(_alter(wanted, f"{'ENABLE' if wanted.row_security else 'DISABLE'} ROW LEVEL SECURITY"))
    if "force_row_security" in attributes:
        made.append(_alter(wanted, f"{'FORCE' if wanted.force_row_security else 'NO FORCE'} ROW LEVEL SECURITY"))
    return made


def _new_bound(now: Table, wanted: Table, attributes: frozenset[str]) -> bool:
    """Whether a partition gets other bounds: its rows may belong into another one by then."""
    if "partition_of" not in attributes or now.partition_of is None or wanted.partition_of is None:
        return False
    return partition_parent(now.partition_of)[0] == partition_parent(wanted.partition_of)[0]


def _comes_anew(now: Table, wanted: Table, sides: Sides) -> bool:
    """Whether a column has to be its parent's alone, which INHERIT never makes of one that is there."""
    leaves = bool(_let_go(now, wanted, sides))
    if leaves and _demanded(now, wanted, sides):
        return True
    there = {column.name: column for column in sides.target.columns_by_table.get(wanted.identity, ())}
    return any(
        column.local is False and column.name in there and (leaves or there[column.name].local is not False)
        for column in sides.source.columns_by_table.get(wanted.identity, ())
    )


def _demanded(now: Table, wanted: Table, sides: Sides) -> bool:
    """Whether parents demand something on both sides, which would stay as the table's own when they are let go."""
    checks = [
        {each.name for each in catalog.constraints_by_table.get(table.identity, ()) if each.copied}
        for table, catalog in ((now, sides.target), (wanted, sides.source))
    ]
    columns = [
        {each.name for each in catalog.columns_by_table.get(table.identity, ()) if each.not_null_inherited_name}
        for table, catalog in ((now, sides.target), (wanted, sides.source))
    ]
    return not checks[0].isdisjoint(checks[1]) or not columns[0].isdisjoint(columns[1])


def _let_go(now: Table, wanted: Table, sides: Sides) -> tuple[str, ...]:
    """Parents that it leaves: from the first one on that is not in its place, or whose column has to be its own too."""
    there = {column.name: column for column in sides.target.columns_by_table.get(now.identity, ())}
    own = {
        parent.rpartition(".")[0]
        for column in sides.source.columns_by_table.get(wanted.identity, ())
        if column.local and column.name in there and there[column.name].local is False
        for parent in there[column.name].inherited_from
    }
    same = 0
    for mine, its in zip(now.inherits, wanted.inherits, strict=False):
        if mine != its or mine in own:
            break
        same += 1
    return now.inherits[same:]


def _not_null_names(wanted: Table, sides: Sides) -> Made:
    """NOT NULL constraints keep their names when a parent comes or goes; the source's are those of its own history."""
    names = {column.name: column.not_null_called for column in sides.source.columns_by_table.get(wanted.identity, ())}
    return [
        _alter(wanted, f"RENAME CONSTRAINT {quote(column.not_null_called)} TO {quote(name)}")
        for column in sides.target.columns_by_table.get(wanted.identity, ())
        if column.not_null_called is not None
        and (name := names.get(column.name)) is not None
        and name != column.not_null_called
    ]


def _access_method(now: Table, wanted: Table, sides: Sides) -> Made | None:
    since = _PARTITIONED_ACCESS_METHOD_SINCE if wanted.partition_key else _ACCESS_METHOD_SINCE
    if sides.target.server.version_number < since:
        return None
    word = "DEFAULT" if wanted.partition_key else "heap"
    if wanted.access_method:
        word = quote(wanted.access_method)
    hazards = (Hazard.LOCK,) if now.partition_key else (Hazard.LOCK, Hazard.REWRITE)
    return [_alter(wanted, f"SET ACCESS METHOD {word}", hazards=hazards)]


def _late(now: Table, wanted: Table, attributes: frozenset[str], sides: Sides) -> Made:
    """What needs its columns, its indexes or its parent to be as they are wanted."""
    made: Made = []
    if "partition_of" in attributes and wanted.partition_of:
        made += (
            _alter(wanted, f"ADD CONSTRAINT {quote(each.name)} {each.definition}")
            for each in _copies(wanted, sides.source)
            if each.type == "check"
        )
        made.append(_statement(partition_attached(wanted.identity, wanted.partition_of)))
    if "inherits" in attributes:
        kept = len(now.inherits) - len(_let_go(now, wanted, sides))
        made += [_alter(wanted, f"INHERIT {parent}") for parent in wanted.inherits[kept:]]
    if "replica_identity" in attributes:
        made.append(_statement(replica_identity(wanted)))
    return made


def _alter(
    table: Table, change: str, *, lock: str = ACCESS_EXCLUSIVE, hazards: tuple[Hazard, ...] = (Hazard.LOCK,)
) -> Statement:
    return _statement(f"ALTER TABLE {table.identity} {change};", lock=lock, hazards=hazards)


def _statement(sql: str, *, lock: str = ACCESS_EXCLUSIVE, hazards: tuple[Hazard, ...] = (Hazard.LOCK,)) -> Statement:
    return Statement(sql=sql, lock=lock, hazards=hazards)


DDL: dict[str, Ddl] = {
    Table.kind: Ddl(
        named=lambda table: f"TABLE {table.identity}",
        create=_create,
        drop=_drop,
        alter=_alter_table,
        late=_LATE,
        late_alter=_late,
    ),
}
