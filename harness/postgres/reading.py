"""Reading: the rows of the introspection's queries become objects, and what two databases have alike is kept once."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from harness.core.model.catalog import Dependency
from harness.core.model.objects import CatalogObject
from harness.core.names import qualified
from harness.postgres.connect import Connection
from harness.postgres.queries import query

Row = dict[str, Any]
Found = TypeVar("Found", bound=CatalogObject)
Values = tuple[Any, ...]

_NAMES = (
    "collation", "sequence", "of", "references", "owned_by", "function", "support", "sfunc", "finalfunc", "combinefunc",
    "serialfunc", "deserialfunc", "msfunc", "minvfunc", "mfinalfunc", "attached", "on_table",
)  # fmt: skip
"""Columns of the queries that hold the parts of one name; an identity is made of them here, since what quote_ident
quotes depends on the server's version."""
_NAME_LISTS = ("inherits", "inherited_from", "depends_on", "parents")
_UNORDERED = ("options", "roles", "exposed_to", "platform_roles", "settings")
_CHUNK = 500
"""Rows that are taken from a result at once"""


class Alike:
    """What databases that are read at the same time have alike, so that it is made and kept once.

    Objects of two catalogs that are one and the same need no comparison. A family is forgotten when all have read it.
    """

    def __init__(self, sides: int = 2) -> None:
        self._sides = sides
        self._lock = threading.Lock()
        self._families: dict[str, dict[Any, Any]] = {}
        self._done: dict[str, int] = {}

    @contextlib.contextmanager
    def family(self, name: str) -> Iterator[dict[Any, Any]]:
        """What is known of one family, by what it was made of."""
        with self._lock:
            known = self._families.setdefault(name, {})
        yield known
        with self._lock:
            self._done[name] = self._done.get(name, 0) + 1
            if self._done[name] == self._sides:
                del self._families[name]


class Reader:
    """Runs the queries and remembers which object each oid stands for, which the dependencies speak of."""

    def __init__(self, connection: Connection, parameters: Mapping[str, Any], alike: Alike) -> None:
        self._connection = connection
        self._parameters = parameters
        self._alike = alike
        self._known: dict[str, dict[int, CatalogObject]] = {}

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of one query file, with identities made and lists as tuples."""
        labels, found = self._read(name)
        return (dict(zip(labels, values, strict=True)) for values in found)

    def objects(self, family: type[Found], name: str, catalog: str) -> tuple[Found, ...]:
        """A family whose query gives its fields, behind `oid` and for some `part`."""
        labels, rows = self._read(name)
        first = 2 if labels[1:2] == ("part",) else 1
        names = labels[first:]
        usual = _defaults(family)
        defaults = [(place, usual[label]) for place, label in enumerate(names) if label in usual]
        by_oid = self._known.setdefault(catalog, {})
        made: list[Found] = []
        with self._alike.family(name) as known:
            for values in rows:
                key = tuple(values[first:])
                each = known.get(key)
                if each is None:
                    kept = list(key)
                    for place, default in defaults:
                        if kept[place] is None:
                            kept[place] = default
                    each = known.setdefault(key, family(**dict(zip(names, kept, strict=True))))
                by_oid[_number(values[0], values[1] if first == 2 else 0)] = each
                made.append(each)
        return tuple(made)

    def made(self, family: type[Found], rows: Iterable[Row], name: str, catalog: str) -> tuple[Found, ...]:
        """A family from rows that were prepared."""
        usual = _defaults(family)
        by_oid = self._known.setdefault(catalog, {})
        made: list[Found] = []
        with self._alike.family(name) as known:
            for row in rows:
                oid, part = row.pop("oid"), row.pop("part", 0)
                each = family(**{key: value for key, value in row.items() if value is not None or key not in usual})
                each = known.setdefault(each, each)
                by_oid[_number(oid, part)] = each
                made.append(each)
        return tuple(made)

    def dependencies(self) -> tuple[Dependency, ...]:
        """Who needs whom, as far as both are in the catalog."""
        names = {
            int(oid): str(name)
            for oid, name in self._connection.execute(
                "SELECT c.oid::bigint, c.relname::text FROM pg_catalog.pg_class c"
                " WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r'"
            )
        }
        told: dict[int, tuple[str, str]] = {}
        found: set[tuple[str, str, str, str]] = set()
        _, rows = self._read("dependencies")
        for on, object_, part, on_class, on_object, on_part in rows:
            holder = self._object(names[on], object_, part)
            needed = self._object(names[on_class], on_object, on_part)
            if holder is None or needed is None or holder is needed:
                continue
            for each in (holder, needed):
                if id(each) not in told:
                    told[id(each)] = (each.kind, each.identity)
            found.add((*told[id(holder)], *told[id(needed)]))
        with self._alike.family("dependencies") as known:
            return tuple(
                known.get(each)
                or known.setdefault(
                    each, Dependency(kind=each[0], identity=each[1], on_kind=each[2], on_identity=each[3])
                )
                for each in sorted(found)
            )

    def _object(self, catalog: str, oid: int, part: int) -> CatalogObject | None:
        """A column where it is one of a table; the columns of views are the view itself."""
        by_oid = self._known.get(catalog, {})
        return by_oid.get(_number(oid, part)) or by_oid.get(_number(oid, 0))

    def _read(self, name: str) -> tuple[tuple[str, ...], Iterator[list[Any]]]:
        """Labels and rows of one query file."""
        cursor = self._connection.execute(query(name), self._parameters)
        columns = cursor.description or ()
        types = self._connection.adapters.types
        making: list[tuple[int, Callable[[Any], Any]]] = []
        for place, column in enumerate(columns):
            known = types.get(column.type_code)
            listed = known is not None and known.array_oid == column.type_code
            if (make := _making(column.name, listed=listed)) is not None:
                making.append((place, make))
        return tuple(column.name for column in columns), _made_of(iter(lambda: cursor.fetchmany(_CHUNK), []), making)


def _made_of(chunks: Iterator[list[Values]], making: list[tuple[int, Callable[[Any], Any]]]) -> Iterator[list[Any]]:
    for chunk in chunks:
        for record in chunk:
            values = list(record)
            for place, make in making:
                values[place] = make(values[place])
            yield values


def _making(label: str, *, listed: bool) -> Callable[[Any], Any] | None:
    """What a column's values are made into; None: they stay."""
    if label in _NAMES:
        return lambda parts: qualified(*parts) if parts else None
    if label in _NAME_LISTS:
        return lambda names: tuple(qualified(*parts) for parts in names) if names else ()
    if label in _UNORDERED:
        return lambda values: tuple(sorted(values)) if values else ()
    return (lambda values: None if values is None else tuple(values)) if listed else None


def _defaults(family: type[CatalogObject]) -> dict[str, Any]:
    """What fields are that the catalog leaves empty, where that is not None."""
    return {
        item.name: item.default
        for item in dataclasses.fields(family)
        if item.default is not dataclasses.MISSING and item.default is not None
    }


def _number(oid: int, part: int) -> int:
    """One number for both."""
    return (oid << 32) + part
