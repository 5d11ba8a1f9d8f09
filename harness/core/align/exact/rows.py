"""Rows: what a table that is dropped and made again has in it is kept aside, and comes back into the new one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.core.align import prechecks
from harness.core.align.ddl import column_types
from harness.core.align.ddl.kind import Made, Statement
from harness.core.align.exact.decisions import Decisions
from harness.core.align.relations import partition_parent, sequence_of
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address
from harness.core.model.relations import Column, Table
from harness.core.names import literal, qualified, quote
from harness.core.plan import Hazard

_LONGEST = 63
"""Bytes of a name"""


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows of one table."""

    table: Table
    save: Made
    """Before anything else"""
    restore: Made
    """When the new table and its partitions are there"""


def kept_rows(decisions: Decisions) -> dict[Address, Kept]:
    """Tables that are dropped and created again, with what keeps their rows; those of a partition go with its root."""
    again = {
        address: (now, wanted)
        for address, now in decisions.drops.items()
        if isinstance(now, Table) and isinstance(wanted := decisions.creates.get(address), Table)
    }
    found: dict[Address, Kept] = {}
    for address, (now, wanted) in again.items():
        above = _ancestors(now, decisions.sides.target)
        if not any((RELATION, each) in again for each in above):
            found[address] = _kept(now, wanted, decisions)
    return found


def _ancestors(table: Table, catalog: Catalog) -> list[str]:
    """The partitioned tables that it is a partition of, nearest first."""
    found: list[str] = []
    each: Table | None = table
    while each is not None and each.partition_of:
        found.append(partition_parent(each.partition_of)[0])
        each = catalog.table_by_identity.get(found[-1])
    return found


def _kept(now: Table, wanted: Table, decisions: Decisions) -> Kept:
    sides = decisions.sides
    aside = _aside(now, "rows")
    theirs = {each.name: each for each in sides.target.columns_by_table.get(now.identity, ())}
    pairs = [
        (theirs[mine.name], mine)
        for mine in sides.source.columns_by_table.get(wanted.identity, ())
        if mine.name in theirs and mine.generated is None
    ]
    only = "" if now.partition_key else "ONLY "
    save = [_step(f"CREATE TABLE {aside} AS SELECT * FROM {only}{now.identity};")]  # noqa: S608
    names = ", ".join(quote(mine.name) for _, mine in pairs)
    values = ", ".join(_value(its, mine) for its, mine in pairs)
    into = (*_ancestors(wanted, sides.source)[-1:], wanted.identity)[0]
    restore: Made = []
    if pairs:
        # S608: every name goes through core.names.
        text = f"INSERT INTO {into} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {aside};"  # noqa: S608
        new_columns = (each for each in sides.source.columns_by_table[wanted.identity] if each.name not in theirs)
        checks = tuple(check for each in new_columns for check in prechecks.for_column(each))
        restore.append(replace(_step(text), prechecks=checks))
    restore.append(_step(f"DROP TABLE {aside};"))
    for its, mine in pairs:
        former, new = sequence_of(its, sides.target), sequence_of(mine, sides.source)
        if former is None or new is None:
            continue
        numbers = _aside(now, f"numbers_of_{its.name}")
        save.append(_step(f"CREATE TABLE {numbers} AS SELECT last_value, is_called FROM {former.identity};"))  # noqa: S608
        call = f"pg_catalog.setval({literal(new.identity)}, last_value, is_called)"
        restore.append(_step(f"SELECT {call} FROM {numbers};"))  # noqa: S608
        restore.append(_step(f"DROP TABLE {numbers};"))
    return Kept(now, save, restore)


def _value(its: Column, mine: Column) -> str:
    return (column_types.using(its, mine) if its.type != mine.type else None) or quote(its.name)


def _aside(table: Table, what: str) -> str:
    name = f"pgparity_{what}_of_{table.name}".encode()[:_LONGEST].decode(errors="ignore")
    return qualified(table.schema, name)


def _step(sql: str) -> Statement:
    return Statement(sql=sql, hazards=(Hazard.REWRITE,) if sql.startswith(("CREATE", "INSERT")) else ())
