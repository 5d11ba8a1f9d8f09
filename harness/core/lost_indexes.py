"""Indexes that statements use on the source and that nothing on the target replaces, as PostgreSQL's own plans show.

Both plans were made with every way around an index disabled (harness.postgres.preparing), so that they do not depend on
how many rows there are: a plan that reads a table whole has no index that serves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.core.contract_gaps import SHOWN, STAGE, told, user
from harness.core.faults import UsedStatement
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.lookup import Lookup
from harness.core.model.rules import Index
from harness.core.names import qualified, quote, split
from harness.core.prepared import Access, Plan, PreparedPair
from harness.core.record import Severity, Side
from harness.core.sql.text import TextError, tokens
from harness.core.statement_columns import StatementColumns
from harness.core.statements import CapturedStatement

MANY_ROWS = 1_000
"""Rows of a table from which on reading it whole for one statement is a risk"""


@dataclass(slots=True)
class _Lost:
    """An index of the source that statements miss on the target."""

    index: Index
    table: str
    """Identity on the target"""
    filters: bool = False
    """It answers a filter; else it gives an order alone"""
    whole: bool = False
    """Without it the target reads the whole table; else a weaker index is left"""
    lookup: bool = False
    """A statement looks one row up by it"""
    plans: tuple[Plan, Plan] | None = None
    users: dict[CapturedStatement, None] = field(default_factory=dict)


def lost_indexes(
    statements: Iterable[UsedStatement],
    prepared: Mapping[CapturedStatement, PreparedPair],
    columns: StatementColumns,
) -> list[Finding]:
    """CTR011, one for each index of the source that a statement uses there and nothing replaces on the target."""
    found: dict[str, _Lost] = {}
    for each in statements:
        pair = prepared.get(each.statement)
        if pair is None or pair.source.plan is None or pair.target.plan is None:
            continue
        for lost in _lost(pair, columns):
            known = found.setdefault(qualified(lost.index.schema, lost.index.name), lost)
            known.users[each.statement] = None
            known.lookup = known.lookup or lost.lookup
            if (lost.filters, lost.whole) > (known.filters, known.whole):
                known.filters, known.whole, known.plans = lost.filters, lost.whole, lost.plans
    return [_finding(lost, columns) for lost in found.values()]


def _lost(pair: PreparedPair, columns: StatementColumns) -> Iterator[_Lost]:
    source, target = pair.source.plan, pair.target.plan
    if source is None or target is None:
        return
    for access in source.accesses:
        index = _index(columns.source, access)
        if index is None or not access.condition:
            continue
        keys = _keys(access, index)
        table = columns.table_on(Side.TARGET, Side.SOURCE, access.relation)
        if not keys or not columns.target.has_relation(table) or _has(columns, index, table):
            continue
        there = [each for each in target.accesses if each.relation == table and each.condition]
        if any(_serves(keys, each, columns) for each in there):
            continue
        unique = index.unique and keys >= set(index.columns)
        yield _Lost(index, table, filters=True, whole=not there, lookup=unique, plans=(source, target))
    yield from _lost_orders(pair, columns)


def _lost_orders(pair: PreparedPair, columns: StatementColumns) -> Iterator[_Lost]:
    """An order that an index of the source gives, and that has to be sorted on the target."""
    source = _unsorted(pair.source.plan, pair.source.ordered)
    target = _unsorted(pair.target.plan, pair.target.ordered)
    if source is None or target is not None or pair.target.ordered is None:
        return
    for access in source.accesses:
        index = _index(columns.source, access)
        table = columns.table_on(Side.TARGET, Side.SOURCE, access.relation)
        if index is None or not columns.target.has_relation(table) or _has(columns, index, table):
            continue
        there = any(each.relation == table and each.condition for each in pair.target.ordered.accesses)
        yield _Lost(index, table, whole=not there, plans=(source, pair.target.ordered))


def _unsorted(plan: Plan | None, ordered: Plan | None) -> Plan | None:
    """A plan that sorts nothing, where there is one."""
    return next((each for each in (plan, ordered) if each is not None and not each.sorts), None)


def _index(lookup: Lookup, access: Access) -> Index | None:
    return next((each for each in lookup.indexes(access.relation) if each.name == access.index), None)


def _has(columns: StatementColumns, index: Index, table: str) -> bool:
    """Whether the target has the same index, whatever its name: then the plans differ for another reason."""
    return any(each.valid and _tail(each) == _tail(index) for each in columns.target.indexes(table))


def _tail(index: Index) -> str:
    """Method, keys, classes and predicate: what makes an index serve a statement."""
    return index.definition.partition(" USING ")[2]


def _serves(keys: frozenset[str], access: Access, columns: StatementColumns) -> bool:
    """Whether an access of the target finds rows by as many keys, or by a key that belongs to one row."""
    index = _index(columns.target, access)
    if index is None:
        return True
    there = _keys(access, index)
    return there >= keys or (index.unique and there >= set(index.columns))


def _keys(access: Access, index: Index) -> frozenset[str]:
    """The keys of an index that a condition names: columns, and expressions all of whose names it has."""
    named = _names(access.condition, access.alias)
    return frozenset(key for key in index.columns if (_names(key, "") if key.startswith("(") else {key}) <= named)


def _names(text: str, alias: str) -> frozenset[str]:
    """The names in an expression, but those that another table qualifies."""
    try:
        found = list(tokens(text))
    except TextError:
        return frozenset()
    names = set()
    for at, token in enumerate(found):
        behind = found[at + 1].text if at + 1 < len(found) else ""
        before = found[at - 2].identifier if at >= 2 and found[at - 1].text == "." else None
        is_type = at > 0 and found[at - 1].text == "::"
        if token.identifier is None or behind == "." or is_type or (before is not None and alias and before != alias):
            continue
        names.add(token.identifier)
    return frozenset(names)


def _finding(lost: _Lost, columns: StatementColumns) -> Finding:
    index, users = lost.index, list(lost.users)
    source_table = qualified(index.schema, index.table)
    rows = next((each.estimated_rows for each in columns.source.catalog.tables if each.identity == source_table), -1)
    matters = lost.whole and (lost.lookup or not 0 <= rows < MANY_ROWS)
    what = "a filter" if lost.filters else "an order"
    left = "reads the whole table" if lost.whole else "a weaker index is left" if lost.filters else "sorts the rows"
    plans = lost.plans or (Plan(), Plan())
    return Finding(
        code="CTR011",
        severity=Severity.RISK if matters else Severity.COSMETIC,
        stage=STAGE,
        object=FoundObject(kind="index", identity=qualified(*split(lost.table), index.name)),
        table=lost.table,
        title=f"Index {index.name} answers {what} of the data layer on the source; on the target nothing does: {left}",
        evidence=(
            Evidence(label="Index", source=index.definition, target=_indexes(columns.target, lost.table)),
            Evidence(label="Plan", source="\n".join(plans[0].lines), target="\n".join(plans[1].lines)),
            Evidence(label="Rows of the source's table", text="not known" if rows < 0 else f"about {rows:,}"),
            *tuple(dict.fromkeys(Evidence(label=user(each), text=told(each)) for each in users))[:SHOWN],
        ),
        breaks=tuple(dict.fromkeys(map(user, users))),
        fix=_fix(lost, columns),
    )


def _indexes(lookup: Lookup, table: str) -> str:
    return "; ".join(each.definition for each in lookup.indexes(table)) or "none"


def _fix(lost: _Lost, columns: StatementColumns) -> Fix:
    index = lost.index
    if index.constraint is not None:
        return Fix(text="Add the constraint that the index belongs to, as the plans of the align stage do.")
    taken = {each.name for each in columns.target.catalog.indexes}
    name = "" if index.name in taken else f"{quote(index.name)} "
    kind = "UNIQUE INDEX" if index.unique else "INDEX"
    return Fix(
        text="Create the index on the target.",
        sql=f"CREATE {kind} CONCURRENTLY {name}ON {lost.table} USING {_tail(index)};",
        safe=not index.unique,
    )
