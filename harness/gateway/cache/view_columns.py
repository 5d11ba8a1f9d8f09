"""Follows the columns of views, through views of views, to the columns of base tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.gateway.cache.relationships import ViewOfTable

if TYPE_CHECKING:
    from harness.gateway.cache.schema_cache import Name
    from harness.gateway.cache.view_definitions import ColumnOrigin


@dataclass(frozen=True, slots=True)
class View:
    """A view: its OID, the names of its columns by number, and where they come from."""

    oid: int
    name: Name
    columns: Sequence[str]
    origins: Sequence[ColumnOrigin]


def follow(views: Iterable[View], key_columns: Mapping[tuple[int, int], tuple[Name, str]]) -> list[ViewOfTable]:
    """What each view shows of each base table, as far as keys are concerned.

    :param views: the views that may be followed; a column of any other view ends there.
    :param key_columns: (OID of the table, number of the column) to names, of all columns that are part of keys.
    """
    known = list(views)
    origins = {(view.oid, one.number): (one.relation, one.column) for view in known for one in view.origins}
    found: list[ViewOfTable] = []
    for view in known:
        shown: dict[Name, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for number, name in enumerate(view.columns, start=1):
            origin, seen = origins.get((view.oid, number)), {view.oid}
            # views cannot go in circles; a catalog that was changed by hand must not hang the gateway
            while origin in origins and origin[0] not in seen:
                seen.add(origin[0])
                origin = origins[origin]
            if origin is not None and origin in key_columns:
                table, column = key_columns[origin]
                shown[table][column].append(name)
        found += [
            ViewOfTable(view.name, table, {column: tuple(names) for column, names in columns.items()})
            for table, columns in shown.items()
        ]
    return found
