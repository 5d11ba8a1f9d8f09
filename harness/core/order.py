"""Order: which of many things comes first, when some need others."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar

Node = TypeVar("Node", bound=Hashable)

__all__ = ["CycleError", "ordered"]


def ordered(needs: Mapping[Node, Iterable[Node]], rank: Callable[[Node], Any]) -> list[Node]:
    """The nodes, each behind all that it needs; among those that are free to come next, the least `rank` first.

    Needs that are no nodes themselves are passed over. CycleError: some need each other.
    """
    sorter: TopologicalSorter[Node] = TopologicalSorter(
        {node: [need for need in wanted if need in needs and need != node] for node, wanted in needs.items()}
    )
    sorter.prepare()
    free: list[tuple[Any, int, Node]] = []
    result: list[Node] = []
    count = 0
    while sorter.is_active():
        for node in sorter.get_ready():
            count += 1
            heapq.heappush(free, (rank(node), count, node))
        _, _, node = heapq.heappop(free)
        result.append(node)
        sorter.done(node)
    return result
