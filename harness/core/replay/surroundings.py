"""Surroundings: stand-ins for what a text speaks of, enough of them that a server can read the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from harness.core.align.ddl.registry import KINDS
from harness.core.align.ddl.views import typed_column
from harness.core.model.catalog import Catalog
from harness.core.model.foreign import ForeignTable
from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart
from harness.core.model.programs import Extension, Routine
from harness.core.model.relations import Column, Table, View
from harness.core.model.relations import Sequence as SequenceObject
from harness.core.model.rules import Constraint, Index
from harness.core.model.types import Domain, TypePart
from harness.core.names import qualified, quote
from harness.core.replay.texts import SCHEMA, routine_head

Statements = tuple[str, ...]

_PART = r'(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\U0010ffff][\w$]*))'
_MENTIONED = re.compile(rf'(?<![\w$."]){_PART}\.{_PART}')
_OPERATOR = re.compile(rf"OPERATOR\({_PART}\.([^\s)]+)\)")
_KEYS = re.compile(r"\bGROUP BY\b|\bON CONFLICT\b")
"""Where these stand, a text can depend on a key of a table without naming it"""
_ALWAYS = ("cast", "operator family", "operator class")
"""Kinds that a text uses without naming them; few databases have any"""

_AS_THEY_ARE = frozenset({
    "enum", "composite type", "range type", "base type", "collation", "conversion", "aggregate", "operator", "cast",
    "operator family", "operator class", "access method", "language", "text search parser", "text search template",
    "text search dictionary", "text search configuration",
})  # fmt: skip
"""Kinds that stand for themselves"""


class Names:
    """A catalog's objects by what a text calls them: a deparsed text qualifies all names but PostgreSQL's own."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[CatalogObject]]:
        found: dict[tuple[str, str], list[CatalogObject]] = defaultdict(list)
        for each in self.catalog.objects():
            if not isinstance(each, TablePart | TypePart) and each.key_fields[:2] == ("schema", "name"):
                found[each.key[0], each.key[1]].append(each)
        return found

    @cached_property
    def by_address(self) -> dict[Address, CatalogObject]:
        """Objects by address."""
        return {each.address: each for each in self.catalog.objects()}

    @cached_property
    def _by_kind(self) -> dict[str, list[CatalogObject]]:
        found: dict[str, list[CatalogObject]] = defaultdict(list)
        for each in self.catalog.objects():
            found[each.kind].append(each)
        return found

    @cached_property
    def view_columns(self) -> dict[str, list[str]]:
        """The names of the columns of each view, by identity."""
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.catalog.view_columns:
            found[str(each.table_identity)].append(each.name)
        return found

    def of_kinds(self, *kinds: str) -> Iterator[CatalogObject]:
        """All objects of these kinds."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def mentioned(self, text: str) -> Iterator[CatalogObject]:
        """What the text names; the extension whose schema it names, where nothing else has the name."""
        for match in (*_MENTIONED.finditer(text), *_OPERATOR.finditer(text)):
            parts = [part for part in match.groups() if part is not None]
            schema, name = (part.replace('""', '"') for part in parts)
            found = self._by_name.get((schema, name))
            if found is not None:
                yield from found
            else:
                yield from (each for each in self.of_kinds(Extension.kind) if getattr(each, "schema", "") == schema)


def surroundings(names: Names, objects: Iterable[CatalogObject], texts: Sequence[str]) -> tuple[Statements, ...]:
    """Groups of statements that make what the texts of these objects need, in an order that works.

    Each group stands for one object; one that fails may be tried again after the others, and may be left out: a text
    that needs it is then not read at all. Tables have no constraints but the keys that a query may lean on, views are
    columns without rows, and functions do nothing.
    """
    keys = any(_KEYS.search(text) for text in texts)
    made = _Made(names, keys)
    for each in objects:
        made.around(each)
    for text in texts:
        made.all(names.mentioned(text))
    made.all(names.of_kinds(*_ALWAYS))
    schemas = {str(each.key[0]) for each in made.objects if each.key_fields[0] == "schema"} | made.schemas
    wanted = sorted(name for name in schemas if not name.startswith("pg_"))
    return (*((f"CREATE SCHEMA IF NOT EXISTS {quote(name)}",) for name in (SCHEMA, *wanted)), *made.groups)


class _Made:
    """Stand-ins, each after what it needs itself."""

    def __init__(self, names: Names, keys: bool) -> None:
        self._names = names
        self._keys = keys
        self.objects: list[CatalogObject] = []
        self.schemas: set[str] = set()
        self.groups: list[Statements] = []
        self._met: set[Address] = set()

    def around(self, each: CatalogObject) -> None:
        """What an object is of and what PostgreSQL says that it needs."""
        relation = self._names.by_address.get((RELATION, each.table_identity or ""))
        if relation is not None and not isinstance(each, View):
            self.add(relation)
        if isinstance(each, Domain | Table):
            self.add(each)
        for address in sorted(self._names.catalog.needs.get(each.address, ())):
            self._address(address)

    def all(self, found: Iterable[CatalogObject]) -> None:
        """Several."""
        for each in found:
            self.add(each)

    def add(self, each: CatalogObject) -> None:
        """One, and first what it needs."""
        if each.address in self._met:
            return
        self._met.add(each.address)
        if isinstance(each, Extension):
            self.schemas.add(each.schema)
            self.groups.append((f"CREATE EXTENSION IF NOT EXISTS {quote(each.name)} SCHEMA {quote(each.schema)}",))
            return
        for text in self._speaks_of(each):
            self.all(self._names.mentioned(text))
        if not isinstance(each, Routine | View | SequenceObject):
            self._needs_of(each)
        self.objects.append(each)
        self.groups += (group for group in self._stand_in(each) if group)

    def _address(self, address: Address) -> None:
        needed = self._names.by_address.get(address)
        if isinstance(needed, TablePart):
            needed = self._names.by_address.get((RELATION, str(needed.table_identity)))
        if needed is not None:
            self.add(needed)

    def _needs_of(self, each: CatalogObject) -> None:
        """Of a table those of its columns, as far as their types go; of other objects all."""
        catalog = self._names.catalog
        if isinstance(each, Table | ForeignTable):
            needed = {
                address
                for column in catalog.columns_by_table.get(each.identity, ())
                for address in catalog.needs.get(column.address, ())
                if address[0] in ("type", "extension", "collation")
            }
        else:
            needed = set(catalog.needs.get(each.address, ()))
        for address in sorted(needed):
            self._address(address)

    def _speaks_of(self, each: CatalogObject) -> Iterator[str]:
        if isinstance(each, Table | ForeignTable):
            for column in self._names.catalog.columns_by_table.get(each.identity, ()):
                yield f"{column.type} {column.collation or ''}"
        elif isinstance(each, View):
            yield from each.columns
        elif isinstance(each, Routine):
            yield f"{each.parameters} {each.returns or ''}"
        elif isinstance(each, Domain):
            yield f"{each.type} {each.collation or ''}"
        else:
            for value in each.attributes().values():
                yield from (part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, str))

    def _stand_in(self, each: CatalogObject) -> list[Statements]:
        if isinstance(each, Table | ForeignTable):
            return [self._table(each), *(self._keys_of(each) if self._keys else ())]
        if isinstance(each, View):
            return [self._view(each)]
        if isinstance(each, SequenceObject):
            return [(f"CREATE SEQUENCE {each.identity}",)]
        if isinstance(each, Domain):
            collation = f" COLLATE {each.collation}" if each.collation else ""
            return [(f"CREATE DOMAIN {each.identity} AS {each.type}{collation}",)]
        if isinstance(each, Routine):
            head = f"CREATE {routine_head(each, qualified(each.schema, each.name))}"
            stand_in = (f"{head} LANGUAGE plpgsql {each.volatility if each.type != 'procedure' else ''} AS ''",)
            # Functions that take or give what no procedural language can are written for the server itself.
            return [(each.definition,), stand_in] if each.language in ("internal", "c") else [stand_in]
        if each.kind not in _AS_THEY_ARE or each.kind not in KINDS:
            return []
        kind = KINDS[each.kind]
        return [tuple(statement.sql for statement in kind.create(each, self._names.catalog))]

    def _table(self, each: Table | ForeignTable) -> Statements:
        columns = [_column(column) for column in self._names.catalog.columns_by_table.get(each.identity, ())]
        return (f"CREATE TABLE {each.identity} ({', '.join(columns)})",)

    def _keys_of(self, each: CatalogObject) -> Iterator[Statements]:
        for constraint in self._names.catalog.constraints_by_table.get(each.identity, ()):
            if isinstance(constraint, Constraint) and constraint.type in ("primary key", "unique"):
                yield (f"ALTER TABLE {each.identity} ADD CONSTRAINT {quote(constraint.name)} {constraint.definition}",)
        for index in self._names.catalog.indexes_by_table.get(each.identity, ()):
            if isinstance(index, Index) and index.unique and index.constraint is None:
                yield (index.definition,)

    def _view(self, each: View) -> Statements:
        columns = [typed_column(column, self._names.view_columns.get(each.identity, ())) for column in each.columns]
        if each.materialized:
            return (f"CREATE TABLE {each.identity} ({', '.join(f'{quote(name)} {typed}' for name, typed in columns)})",)
        values = ", ".join(f"NULL::{typed} AS {quote(name)}" for name, typed in columns)
        return (f"CREATE VIEW {each.identity} AS SELECT {values}",)


def _column(column: Column) -> str:
    collation = f" COLLATE {column.collation}" if column.collation else ""
    return f"{quote(column.name)} {column.type}{collation}"
