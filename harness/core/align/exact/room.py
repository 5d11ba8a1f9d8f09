"""Room: what stands on an object that is dropped, replaced or altered, and has to step aside for a while."""

from __future__ import annotations

from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.decisions import Decisions
from harness.core.model.objects import Address, CatalogObject
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint, Index

TYPES = frozenset({"enum", "domain", "composite type", "range type", "base type"})
"""Kinds that columns hold values of"""


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


def _step_aside(decisions: Decisions, holder: Address, needed: Address) -> None:
    """Let `holder`, which needs something that goes, go as well and come back, or lean on something else meanwhile."""
    each, need = decisions.theirs.get(holder), decisions.theirs.get(needed)
    if each is None or need is None or holder in decisions.drops or not each.compared:
        return
    if isinstance(each, Column) and each.generated is None:
        if need.kind in TYPES:
            _take_anew(decisions, each, need)
        else:
            decisions.defaults.add(holder)
        return
    if isinstance(each, Table):
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
        decisions.retyped[column.address] = need.address
        if need.kind in _PUT_ASIDE:
            decisions.swapped.add(need.address)
        else:
            decisions.loosened.add(column.address)
            _free_of_rules(decisions, column, need)
        for holder in sorted(decisions.standing.get(column.address, ())):
            each = decisions.theirs.get(holder)
            if each is not None and each.kind in ("view", "rule", "policy", "trigger", "routine", "column"):
                _step_aside(decisions, holder, column.address)


def _hold_text_instead(decisions: Decisions) -> bool:
    """A type that stands on one that is really dropped cannot be put aside; whether there was any."""
    for kind in sorted(decisions.swapped):
        needs = decisions.sides.target.needs.get(kind, frozenset())
        if any(need in decisions.drops and need not in decisions.swapped for need in needs):
            decisions.swapped.discard(kind)
            for address, taken in decisions.retyped.items():
                column = decisions.theirs[address]
                if taken == kind and isinstance(column, Column):
                    decisions.loosened.add(address)
                    _free_of_rules(decisions, column, decisions.theirs[kind])
            return True
    return False


def _free_of_rules(decisions: Decisions, column: Column, need: CatalogObject) -> None:
    """Indexes and constraints whose operators a column of text has not."""
    target = decisions.sides.target
    table = column.table_identity or ""
    rules: tuple[Constraint | Index, ...] = target.constraints_by_table.get(table, ())
    for each in (*rules, *target.indexes_by_table.get(table, ())):
        if column.name in each.columns:
            _step_aside(decisions, each.address, need.address)
