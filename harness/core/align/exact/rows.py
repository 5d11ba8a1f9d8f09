"""Rows: what a table that is dropped and made again has in it is kept aside, and comes back into the new one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.core.align import prechecks
from harness.core.align.ddl import column_types
from harness.core.align.ddl.kind import Made, Statement
from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.values import as_text, assisted, of_text, refused, replaced_types
from harness.core.align.relations import ancestors, sequence_of
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
        above = ancestors(now, decisions.sides.target)
        if not any((RELATION, each) in again for each in above):
            found[address] = _kept(now, wanted, decisions)
    for address, gone in decisions.drops.items():
        if isinstance(gone, Table) and gone.partition_of and address not in again:
            above = ancestors(gone, decisions.sides.target)
            if not any((RELATION, each) in decisions.drops for each in above) and _has_new_partitions(above, decisions):
                found[address] = _kept(gone, gone, decisions)
    return found


def _has_new_partitions(above: list[str], decisions: Decisions) -> bool:
    """Whether what is partitioned gets partitions into which rows of others may belong."""
    created = (each for each in decisions.creates.values() if isinstance(each, Table) and each.partition_of)
    return any(above[-1] in ancestors(each, decisions.sides.source) for each in created)


def _kept(now: Table, wanted: Table, decisions: Decisions) -> Kept:
    sides = decisions.sides
    aside = _aside(now, "rows")
    into = (*ancestors(wanted, sides.source)[-1:], wanted.identity)[0]
    gone = now.address not in decisions.creates
    theirs = {each.name: each for each in sides.target.columns_by_table.get(now.identity, ())}
    pairs = [
        (theirs[mine.name], mine)
        for mine in sides.source.columns_by_table.get(into if gone else wanted.identity, ())
        if mine.name in theirs and mine.generated is None
    ]
    held = ", ".join(_held(its, decisions) for its in sides.target.columns_by_table.get(now.identity, ()))
    read = "\nUNION ALL ".join(f"SELECT {held} FROM {each}" for each in _read(now, decisions))  # noqa: S608
    save = [_step(f"CREATE TABLE {aside} AS {read};")]
    names = ", ".join(quote(mine.name) for _, mine in pairs)
    values = ", ".join(_value(its, mine, decisions) for its, mine in pairs)
    restore: Made = []
    if pairs:
        # S608: every name goes through core.names.
        text = f"INSERT INTO {into} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {aside};"  # noqa: S608
        columns = sides.source.columns_by_table.get(wanted.identity, ())
        new_columns = (each for each in columns if each.name not in theirs)
        checks = tuple(check for each in new_columns for check in prechecks.for_column(each))
        for its, mine in pairs:
            checks += refused(decisions, its, mine)
            checks += tuple(prechecks.for_not_null(its)) if mine.not_null and not its.not_null else ()
        made = [Statement(sql=_fitting(text, into)) if gone else replace(_step(text), prechecks=checks)]
        for its, mine in pairs:
            made = assisted(its, mine.type, made)
        restore += made
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


def _read(now: Table, decisions: Decisions) -> list[str]:
    """What holds the rows that go: of a partitioned table, all of it or those of its partitions that do not stay."""
    target = decisions.sides.target
    if not now.partition_key:
        return [f"ONLY {now.identity}"]
    partitions = [each for each in target.tables if now.identity in ancestors(each, target)]
    if all(each.address in decisions.drops for each in partitions):
        return [now.identity]
    going = [each for each in partitions if each.address in decisions.drops and not each.partition_key]
    return [f"ONLY {each.identity}" for each in going] or [f"ONLY {now.identity}"]


def _held(its: Column, decisions: Decisions) -> str:
    """The column as it is kept: as text, where its type does not stay."""
    name = quote(its.name)
    return f"{as_text(decisions, its)} AS {name}" if replaced_types(decisions, its) else name


def _fitting(insert: str, root: str) -> str:
    """Of the rows of a partition that goes, those that have a place in another one by then."""
    return f"""DO $pgparity$
BEGIN
    EXECUTE {literal(insert.removesuffix(";"))} || (
        SELECT ' WHERE ' || coalesce(pg_catalog.string_agg(
            coalesce(pg_catalog.pg_get_partition_constraintdef(relid), 'true'), ' OR '), 'false')
        FROM pg_catalog.pg_partition_tree({literal(root)}) WHERE isleaf);
END
$pgparity$;"""  # noqa: S608 -- names, quoted as constants


def _value(its: Column, mine: Column, decisions: Decisions) -> str:
    if replaced_types(decisions, its):
        return of_text(decisions, its, mine.type, quote(its.name))
    return (column_types.using(its, mine) if its.type != mine.type else None) or quote(its.name)


def _aside(table: Table, what: str) -> str:
    name = f"pgparity_{what}_of_{table.name}".encode()[:_LONGEST].decode(errors="ignore")
    return qualified(table.schema, name)


def _step(sql: str) -> Statement:
    return Statement(sql=sql, hazards=(Hazard.REWRITE,) if sql.startswith(("CREATE", "INSERT")) else ())
