"""Load order: tables after the tables that their foreign keys point to, found as strongly connected components."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.model.rules import Constraint


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadGroup:
    """Tables that are loaded together: one table, or those of a cycle of foreign keys."""

    tables: tuple[str, ...]
    """In the order to load them"""
    deferred: tuple[str, ...] = ()
    """Deferrable foreign keys that close a cycle: the group is loaded in one transaction that defers them"""
    refused: str | None = None
    """A foreign key that closes a cycle and cannot be deferred: the group cannot be loaded row by row"""
    self_referencing: bool = False
    """A foreign key of the only table points to the table itself: one statement has to write all of its rows"""

    @property
    def one_transaction(self) -> bool:
        """Whether the tables must become visible to each other's foreign keys at once."""
        return bool(self.deferred)


def load_order(tables: Sequence[str], constraints: Iterable[Constraint]) -> tuple[LoadGroup, ...]:
    """The groups in the order to load them; among equals the order of `tables` is kept.

    `constraints` are the target's; foreign keys to tables that are not loaded, and those that are not enforced, do not
    count.
    """
    position = {table: number for number, table in enumerate(dict.fromkeys(tables))}
    edges: dict[str, list[Constraint]] = {table: [] for table in position}
    for constraint in constraints:
        table = constraint.table_identity
        if _checked(constraint) and table in position and constraint.references in position:
            edges[table].append(constraint)
    targets = {table: {str(each.references) for each in found} for table, found in edges.items()}
    components = connected(targets)
    number = {table: index for index, component in enumerate(components) for table in component}
    before = {
        index: {number[other] for table in component for other in targets[table]} - {index}
        for index, component in enumerate(components)
    }
    first = {index: min(position[table] for table in component) for index, component in enumerate(components)}
    return tuple(_group(components[index], edges, position) for index in _topological(before, first))


def dependents(tables: Sequence[str], constraints: Iterable[Constraint], failed: str) -> frozenset[str]:
    """The tables whose rows need rows of `failed`, directly or through others."""
    known = set(tables)
    pointing: dict[str, set[str]] = {}
    for constraint in constraints:
        if _checked(constraint) and constraint.table_identity in known and constraint.references in known:
            pointing.setdefault(str(constraint.references), set()).add(str(constraint.table_identity))
    found: set[str] = set()
    waiting = [failed]
    while waiting:
        for table in pointing.get(waiting.pop(), set()) - found - {failed}:
            found.add(table)
            waiting.append(table)
    return frozenset(found)


def _checked(constraint: Constraint) -> bool:
    return constraint.type == "foreign key" and not constraint.definition.upper().endswith("NOT ENFORCED")


def _group(
    component: Sequence[str], edges: Mapping[str, Sequence[Constraint]], position: Mapping[str, int]
) -> LoadGroup:
    members = set(component)
    inner = [each for table in component for each in edges[table] if each.references in members]
    between = [each for each in inner if each.references != each.table_identity]
    if not between:
        return LoadGroup(tables=tuple(component), self_referencing=bool(inner))
    firm = {table: set[str]() for table in component}
    for constraint in between:
        if not constraint.deferrable:
            firm[str(constraint.table_identity)].add(str(constraint.references))
    deferred = tuple(sorted(each.identity for each in between if each.deferrable))
    remaining = [part for part in connected(firm) if len(part) > 1]
    ordered = sorted(component, key=position.__getitem__)
    if remaining:
        cycle = set(remaining[0])
        closing = sorted(
            each.identity
            for each in between
            if not each.deferrable and each.table_identity in cycle and each.references in cycle
        )
        return LoadGroup(tables=tuple(ordered), refused=closing[0])
    indexes = {table: index for index, table in enumerate(ordered)}
    before = {indexes[table]: {indexes[other] for other in firm[table]} for table in ordered}
    order = _topological(before, {index: index for index in before})
    return LoadGroup(tables=tuple(ordered[index] for index in order), deferred=deferred)


def _topological(before: Mapping[int, set[int]], rank: Mapping[int, int]) -> list[int]:
    """Kahn's algorithm; of those that are ready the one with the lowest rank comes first."""
    waiting = {node: set(needed) for node, needed in before.items()}
    after: dict[int, list[int]] = {}
    for node, needed in waiting.items():
        for each in needed:
            after.setdefault(each, []).append(node)
    ready = [(rank[node], node) for node, needed in waiting.items() if not needed]
    heapq.heapify(ready)
    order: list[int] = []
    while ready:
        node = heapq.heappop(ready)[1]
        order.append(node)
        for each in after.get(node, ()):
            waiting[each].discard(node)
            if not waiting[each]:
                heapq.heappush(ready, (rank[each], each))
    return order


def connected(targets: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components by Tarjan's algorithm, each after those that it points to.

    `targets` has every node. Without recursion: a chain may be thousands long.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_stack: set[str] = set()
    stack: list[str] = []
    components: list[list[str]] = []
    for root in targets:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        path = [(root, iter(sorted(targets[root])))]
        while path:
            node, rest = path[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    path.append((other, iter(sorted(targets[other]))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    component: list[str] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    components.append(component)
    return components
