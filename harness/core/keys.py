"""Keys: the unique columns by which rows of a table are ordered, matched and upserted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueKey:
    """Columns of one table that no two of its rows share."""

    columns: tuple[str, ...]
    not_null: bool
    """No column may be NULL, so no two rows share it indeed"""
    immediate: bool = True
    """Checked at every row: only then can ON CONFLICT name it"""
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKey:
    """Columns of the target, by name, that rows of both sides are matched by."""

    columns: tuple[str, ...]
    unique: bool
    """No two rows of either side share it: each side has the rule and no NULL in it"""


def unique_keys(catalog: Catalog, table: str) -> tuple[UniqueKey, ...]:
    """The unique keys of a table: the primary key first, then those without NULL, then those with fewer columns.

    Partial indexes, indexes over expressions and invalid indexes promise nothing about the rows.
    """
    columns = {column.name: column for column in catalog.columns_by_table.get(table, ())}
    found: dict[tuple[str, ...], UniqueKey] = {}
    constraints = {each.name: each for each in catalog.constraints_by_table.get(table, ())}
    candidates = [
        (each.columns, not each.deferrable, each.type == "primary key")
        for each in constraints.values()
        if each.type in ("primary key", "unique") and "WITHOUT OVERLAPS" not in each.definition
    ]
    for index in catalog.indexes_by_table.get(table, ()):
        owner = constraints.get(index.constraint or "")
        if index.unique and index.valid and index.predicate is None and owner is None:
            candidates.append((index.columns, index.immediate, False))
    for names, immediate, primary in candidates:
        if not names or any(name not in columns for name in names):
            continue
        key = UniqueKey(
            columns=names,
            not_null=primary or all(columns[name].not_null for name in names),
            immediate=immediate,
            primary=primary,
        )
        known = found.get(tuple(sorted(names)))
        if known is None or (key.primary, key.immediate) > (known.primary, known.immediate):
            found[tuple(sorted(names))] = key
    return tuple(sorted(found.values(), key=lambda each: (not each.primary, not each.not_null, len(each.columns))))


def chunk_key(source: Catalog, table: str) -> tuple[str, ...] | None:
    """Columns of the source by which its rows are cut into ranges; None where rows have no order of their own."""
    return next((key.columns for key in unique_keys(source, table) if key.not_null), None)


def upsert_key(projection: TableProjection, source: Catalog, target: Catalog) -> tuple[str, ...] | None:
    """Columns of the target that ON CONFLICT can name, and that are unique on the source as well."""
    on_source = {frozenset(key.columns) for key in unique_keys(source, projection.source.identity) if key.not_null}
    by_name = {column.name: column for column in projection.loaded}
    for key in unique_keys(target, projection.target.identity):
        if not key.not_null or not key.immediate or any(name not in by_name for name in key.columns):
            continue
        if frozenset(by_name[name].source or "" for name in key.columns) in on_source:
            return key.columns
    return None


def match_key(
    projection: TableProjection,
    source: Catalog,
    target: Catalog,
    *,
    declared: tuple[str, ...] = (),
    ignored: Collection[str] = (),
) -> MatchKey | None:
    """The columns that rows are matched by: unique on both sides where there are such, else on one; None: none has.

    `declared` columns are taken as they are, and trusted no further than the catalogs confirm. Columns that are
    `ignored` match nothing: rows whose numbers were given anew are not the same rows because the numbers are.
    """
    if declared:
        return MatchKey(columns=declared, unique=_unique(projection, source, target, frozenset(declared)))
    by_source = projection.by_source
    of_source = {
        frozenset(by_source[name].name for name in key.columns): key
        for key in unique_keys(source, projection.source.identity)
        if all(name in by_source for name in key.columns)
    }
    of_target = {
        frozenset(key.columns): key
        for key in unique_keys(target, projection.target.identity)
        if all(name in projection.by_name for name in key.columns)
    }
    ignored = frozenset(ignored)
    best: tuple[tuple[bool, bool, bool, bool, int], MatchKey] | None = None
    for columns in {**of_target, **of_source}:
        if columns & ignored:
            continue
        left, right = of_source.get(columns), of_target.get(columns)
        key = left or right
        if key is None:
            continue
        unique = left is not None and right is not None and left.not_null and right.not_null
        names = key.columns if left is None else tuple(by_source[name].name for name in left.columns)
        rank = (not unique, not key.not_null, left is None, not key.primary, len(names))
        if best is None or rank < best[0]:
            best = (rank, MatchKey(columns=names, unique=unique))
    return best[1] if best else None


def _unique(projection: TableProjection, source: Catalog, target: Catalog, columns: frozenset[str]) -> bool:
    """Whether both sides promise that no two rows share a part of these columns, or all of them."""
    by_source = projection.by_source
    of_source = (
        frozenset(by_source[name].name for name in key.columns)
        for key in unique_keys(source, projection.source.identity)
        if key.not_null and all(name in by_source for name in key.columns)
    )
    of_target = (frozenset(key.columns) for key in unique_keys(target, projection.target.identity) if key.not_null)
    return any(key <= columns for key in of_source) and any(key <= columns for key in of_target)
