"""Detects relationships: from foreign keys, through views to the keys of their base tables, through junctions, and
from functions that compute the related rows
(https://docs.postgrest.org/en/v16/references/api/resource_embedding.html).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal

from harness.gateway.cache.relationships import ForeignKey, Junction, Pairs, Relationship, ViewOfTable

if TYPE_CHECKING:
    from harness.gateway.cache.schema_cache import Name

# the order in which an ambiguity lists them
_KINDS = ("one-to-many", "many-to-one", "one-to-one", "many-to-many")


def _swapped(pairs: Pairs) -> Pairs:
    return tuple((there, here) for here, there in pairs)


def _shown(views: Iterable[ViewOfTable], columns: Sequence[str]) -> Iterator[tuple[Name, tuple[str, ...]]]:
    """Each view that shows all these columns of a table, once for every choice among columns it shows twice."""
    for view in views:
        for chosen in product(*(view.columns.get(column, ()) for column in columns)):
            yield view.view, chosen


def through_views(keys: Iterable[ForeignKey], views: Iterable[ViewOfTable]) -> list[ForeignKey]:
    """The foreign keys, and each again as it holds between views of the two tables."""
    by_table: dict[Name, list[ViewOfTable]] = defaultdict(list)
    for view in views:
        by_table[view.table].append(view)
    found: list[ForeignKey] = []
    for key in keys:
        columns, referenced = [here for here, _ in key.pairs], [there for _, there in key.pairs]
        here = [(key.table, tuple(columns)), *_shown(by_table.get(key.table, ()), columns)]
        there = [(key.foreign, tuple(referenced)), *_shown(by_table.get(key.foreign, ()), referenced)]
        found += [
            ForeignKey(table, foreign, key.constraint, tuple(zip(names, others, strict=True)), key.unique)
            for (table, names), (foreign, others) in product(here, there)
        ]
    return found


def primary_keys_of_views(
    primary_keys: Mapping[Name, Sequence[str]], views: Iterable[ViewOfTable]
) -> dict[Name, tuple[str, ...]]:
    """The columns of views that show the whole primary key of a base table; of several base tables all of them.

    Of a column that a view shows twice the first counts.
    """
    by_view: dict[Name, list[ViewOfTable]] = defaultdict(list)
    for view in views:
        by_view[view.view].append(view)
    found: dict[Name, tuple[str, ...]] = {}
    for name, parts in by_view.items():
        columns: list[str] = []
        for part in parts:
            key = primary_keys.get(part.table, ())
            if key and all(column in part.columns for column in key):
                columns += [part.columns[column][0] for column in key]
        if columns:
            found[name] = tuple(columns)
    return found


def _directs(keys: Iterable[ForeignKey]) -> Iterator[Relationship]:
    for key in keys:
        there: Literal["one-to-one", "many-to-one"] = "one-to-one" if key.unique else "many-to-one"
        back: Literal["one-to-one", "one-to-many"] = "one-to-one" if key.unique else "one-to-many"
        yield Relationship(key.table, key.foreign, there, key.constraint, key.pairs)
        yield Relationship(key.foreign, key.table, back, key.constraint, _swapped(key.pairs), is_parent=True)


def _through_junctions(
    keys: Iterable[ForeignKey], primary_keys: Mapping[Name, Collection[str]]
) -> Iterator[Relationship]:
    """Many-to-many: two foreign keys of one relation, of which every column is part of its primary key."""
    by_table: dict[Name, list[tuple[ForeignKey, Pairs]]] = defaultdict(list)
    for key in keys:
        primary_key = primary_keys.get(key.table, ())
        if not key.unique and primary_key and all(column in primary_key for column, _ in key.pairs):
            by_table[key.table].append((key, _swapped(key.pairs)))
    for table, here in by_table.items():
        for (one, source), (other, target) in product(here, here):
            if one.constraint != other.constraint:
                junction = Junction(table, (one.constraint, other.constraint), source, target)
                yield Relationship(one.foreign, other.foreign, "many-to-many", "", (), junction)


def _order(one: Relationship) -> tuple[object, ...]:
    function = (one.function.schema, one.function.name) if one.function is not None else ()
    middle: tuple[object, ...] = ()
    if one.junction is not None:
        table, pairs = one.junction.table, (one.junction.source_pairs, one.junction.target_pairs)
        middle = (table.schema, table.name, *one.junction.constraints, *pairs)
    to = (one.foreign.schema, one.foreign.name)
    return (function, to, _KINDS.index(one.kind), one.constraint, one.pairs, middle, one.is_parent)


def detect(
    keys: Iterable[ForeignKey],
    primary_keys: Mapping[Name, Collection[str]],
    views: Iterable[ViewOfTable] = (),
    computed: Sequence[Relationship] = (),
) -> dict[Name, list[Relationship]]:
    """Every relationship, by the relation it starts from, in the order in which ambiguities list them.

    :param primary_keys: of tables and views.
    :param computed: the functions from one row type to another; one that is named like a relation of its own schema
        replaces what foreign keys say between that and the function's argument.
    """
    overridden = {(one.table, one.function) for one in computed}
    everywhere = through_views(keys, views)
    by_origin: dict[Name, list[Relationship]] = defaultdict(list)
    for found in (_directs(everywhere), _through_junctions(everywhere, primary_keys)):
        for one in found:
            if (one.table, one.foreign) not in overridden:
                by_origin[one.table].append(one)
    for one in computed:
        by_origin[one.table].append(one)
    return {origin: sorted(found, key=_order) for origin, found in by_origin.items()}


def exposed(
    detected: Mapping[Name, Sequence[Relationship]], schemas: Collection[str]
) -> dict[Name, tuple[Relationship, ...]]:
    """Those whose relations are all in exposed schemas."""

    def is_exposed(one: Relationship) -> bool:
        return one.foreign.schema in schemas and (one.junction is None or one.junction.table.schema in schemas)

    return {
        origin: tuple(one for one in found if is_exposed(one))
        for origin, found in detected.items()
        if origin.schema in schemas
    }


def origins(detected: Mapping[Name, Sequence[Relationship]], schemas: Collection[str]) -> frozenset[tuple[Name, str]]:
    """The exposed relations that something leads away from, and the schemas where it leads to.

    That counts also where a junction is not exposed: such a relation is known, it only has nothing to be embedded.
    """
    return frozenset(
        (origin, one.leads_to) for origin, found in detected.items() if origin.schema in schemas for one in found
    )


def all_relationships(
    keys: Iterable[ForeignKey], primary_keys: Mapping[Name, Collection[str]], schemas: Collection[str]
) -> dict[Name, tuple[Relationship, ...]]:
    """Every relationship by foreign keys between tables of the exposed schemas."""
    return exposed(detect(keys, primary_keys), schemas)
