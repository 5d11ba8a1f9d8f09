"""Reads EXPLAIN (VERBOSE, FORMAT JSON): which indexes a plan uses with which conditions, and what it sorts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.core.names import qualified
from harness.core.prepared import Access, Plan
from harness.core.sql.text import masked

_SORTS = frozenset({"Sort", "Incremental Sort"})


def read_plan(explained: Any) -> Plan:
    """The plan of EXPLAIN's JSON, a list of one object. https://www.postgresql.org/docs/current/sql-explain.html"""
    root: Mapping[str, Any] = explained[0]["Plan"]
    nodes = list(_nodes(root, 0, root))
    return Plan(
        accesses=tuple(
            Access(
                relation=_relation(table),
                alias=str(table.get("Alias", "")),
                index=str(node["Index Name"]),
                condition=str(node.get("Index Cond") or node.get("Order By") or ""),
            )
            for node, _, table in nodes
            if "Index Name" in node
        ),
        sorts=any(node["Node Type"] in _SORTS for node, _, _ in nodes),
        lines=tuple("  " * depth + _line(node) for node, depth, _ in nodes),
    )


def _nodes(
    node: Mapping[str, Any], depth: int, table: Mapping[str, Any]
) -> Iterator[tuple[Mapping[str, Any], int, Mapping[str, Any]]]:
    """Each node, its depth, and the node that names its table: a bitmap index scan does not say it itself."""
    table = node if "Relation Name" in node else table
    yield node, depth, table
    for inner in node.get("Plans", ()):
        yield from _nodes(inner, depth + 1, table)


def _relation(node: Mapping[str, Any]) -> str:
    return qualified(str(node.get("Schema", "")), str(node["Relation Name"])) if "Relation Name" in node else ""


def _line(node: Mapping[str, Any]) -> str:
    words = [str(node["Node Type"])]
    if "Index Name" in node:
        words.append(f"using {node['Index Name']}")
    if "Relation Name" in node:
        words.append(f"on {_relation(node)}")
    line = " ".join(words)
    conditions = [f"{key}: {masked(str(node[key]))}" for key in ("Index Cond", "Order By", "Filter") if key in node]
    if "Sort Key" in node:
        conditions.append(f"Sort Key: {masked(', '.join(map(str, node['Sort Key'])))}")
    return ", ".join((line, *conditions))
