"""Room: what stands on an object that is dropped, replaced or altered, and has to step aside for a while."""

from __future__ import annotations

from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.decisions import Decisions
from harness.core.align.exact.standing import WORD
from harness.core.align.exact.values import TYPES
from harness.core.align.relations import ancestors
from harness.core.model.objects import Address, CatalogObject
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint, Index
from harness.core.names import quote

_PUT_ASIDE = frozenset({"enum", "domain", "composite type"})
"""Types that can be called otherwise for a while; the others have functions or types of their own beside them"""


def make_room(decisions: Decisions) -> None:
    """Extend the decisions until nothing that stays stands on anything that goes."""
    standing = decisions.standing
    done: set[tuple[Address, bool]] = set()
    while True:
        waiting = [(address, True) for address in decisions.drops if (address, True) not in done]
        waiting += [(address, False) for address in decisions.alters if (address, False) not in done]
        if not waiting:
            if not _hold_text_instead(decisions):
                return
            continue
        for address, dropped in waiting:
            done.add((address, dropped))
            if dropped:
                _of_references(decisions, address)
                for holder in sorted(standing.get(address, ())):
                    _step_aside(decisions, holder, address)
            elif address in decisions.alters:
                alteration = decisions.alters[address]
                kinds = KINDS[alteration.now.kind].disturbs(
                    alteration.now, alteration.wanted, alteration.own, decisions.sides
                )
                for holder in sorted(standing.get(address, ()) if kinds else ()):
                    each = decisions.theirs.get(holder)
                    if each is not None and kinds & {each.kind, getattr(each, "type", "")}:
                        _step_aside(decisions, holder, address)


def _of_references(decisions: Decisions, address: Address) -> None:
    """Let foreign keys to a partitioned table make room while one of its partitions is made again with its rows."""
    table = decisions.theirs.get(address)
    if isinstance(table, Table) and table.partition_of and address in decisions.creates:
        above = ancestors(table, decisions.sides.target)
        for each in decisions.sides.target.constraints:
            if each.references in above and each.type == "foreign key":
                _step_aside(decisions, each.address, address)


def _step_aside(decisions: Decisions, holder: Address, needed: Address) -> None:
    """Let `holder`, which needs something that goes, go as well and come back, or lean on something else meanwhile."""
    each, need = decisions.theirs.get(holder), decisions.theirs.get(needed)
    if each is None or need is None or holder in decisions.drops or not each.compared:
        return
    if decisions.leaves(each):
        return
    if isinstance(each, Column) and each.generated is None:
        if need.kind in TYPES:
            _take_anew(decisions, each, need)
        else:
            decisions.defaults.add(holder)
        return
    if isinstance(each, Table) and each.of != need.identity and not _cut_anew(decisions, need):
        if isinstance(need, Table) and holder in decisions.ours and need.address in decisions.creates:
            decisions.detached[holder] = needed
        return
    kept = decisions.partner(holder)
    why = f"makes room for {need.kind} {need.identity}"
    if kept is None:
        decisions.drop(each, why)
    else:
        decisions.replace(each, kept, why)


def _take_anew(decisions: Decisions, column: Column, need: CatalogObject) -> None:
    """A column whose type is replaced keeps its values, unless it takes another type on its own or the type goes."""
    alteration = decisions.alters.get(column.address)
    if alteration is not None and "type" in alteration.attributes:
        return
    if decisions.partner(need.address) is not None:
        if tree := _cut_by(decisions, column):
            for table in tree:
                decisions.replace(table, decisions.partner(table.address) or table, f"its key is of {need.identity}")
            return
        decisions.retyped[column.address] = need.address
        if need.kind in _PUT_ASIDE:
            decisions.swapped.add(need.address)
        else:
            decisions.loosened.add(column.address)
            _free_of_rules(decisions, column, need)
        _free_of_references(decisions, column)
        for holder in sorted(decisions.standing.get(column.address, ())):
            each = decisions.theirs.get(holder)
            if each is not None and each.kind in ("view", "rule", "policy", "trigger", "routine", "column"):
                _step_aside(decisions, holder, column.address)


def _hold_text_instead(decisions: Decisions) -> bool:
    """A type that stands on one that is really dropped cannot be put aside; whether there was any."""
    for kind in sorted(decisions.swapped):
        needs = decisions.sides.target.needs.get(kind, frozenset())
        going = [need for need in sorted(needs) if need in decisions.drops and need not in decisions.swapped]
        if going and all(_can_wait(decisions, need) for need in going):
            decisions.swapped.update(going)
            return True
        if going:
            decisions.swapped.discard(kind)
            for address, taken in decisions.retyped.items():
                column = decisions.theirs[address]
                if taken == kind and isinstance(column, Column):
                    decisions.loosened.add(address)
                    _free_of_rules(decisions, column, decisions.theirs[kind])
            return True
    return False


def _can_wait(decisions: Decisions, address: Address) -> bool:
    """Whether a type that is made again can be put aside together with one that is made of it."""
    return decisions.drops[address].kind in _PUT_ASIDE and decisions.partner(address) is not None


def _cut_by(decisions: Decisions, column: Column) -> list[Table]:
    """The tables of a partitioned one, where it is cut by this column: no other type for such a column."""
    target = decisions.sides.target
    table = target.table_by_identity.get(column.table_identity or "")
    above = [] if table is None else [table.identity, *ancestors(table, target)]
    keys = [key for each in above if (key := target.table_by_identity[each].partition_key)]
    if not any(quote(column.name) in WORD.findall(key) for key in keys):
        return []
    return [
        each
        for each in target.tables
        if above[-1] in (each.identity, *ancestors(each, target)) and decisions.partner(each.address) is not None
    ]


def _cut_anew(decisions: Decisions, need: CatalogObject) -> bool:
    """Whether rows go into other partitions than before, so that no partition can stay as it is."""
    wanted = decisions.partner(need.address)
    if not isinstance(need, Table) or not isinstance(wanted, Table):
        return False
    return need.partition_key is not None and need.partition_key != wanted.partition_key


def _free_of_references(decisions: Decisions, column: Column) -> None:
    """Foreign keys between columns of which one has the former type and one the new one for a while."""
    for each in decisions.sides.target.constraints:
        own = each.table_identity == column.table_identity and column.name in each.columns
        other = each.references == column.table_identity and column.name in each.references_columns
        if each.type == "foreign key" and (own or other):
            _step_aside(decisions, each.address, column.address)


def _free_of_rules(decisions: Decisions, column: Column, need: CatalogObject) -> None:
    """Indexes and constraints whose operators a column of text has not."""
    target = decisions.sides.target
    table = column.table_identity or ""
    rules: tuple[Constraint | Index, ...] = target.constraints_by_table.get(table, ())
    for each in (*rules, *target.indexes_by_table.get(table, ())):
        if column.name in each.columns:
            _step_aside(decisions, each.address, need.address)
