"""What every modelled object of a catalog has: a kind, a key, an identity, and attributes that are compared."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, ClassVar

from harness.core.names import qualified

RELATION = "relation"
"""The namespace that tables, views and sequences share"""

NOT_COMPARED = {"compared": False}
"""Metadata of a field that is a measurement or a local number and takes no part in a diff."""


Address = tuple[str, str]
"""(namespace, identity)"""


def measured(default: Any) -> Any:
    """A field that is carried along and never compared."""
    return field(default=default, metadata=NOT_COMPARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogObject:
    """An object of a database. Subclasses add attributes; those without NOT_COMPARED are what a diff looks at."""

    kind: ClassVar[str] = ""
    namespace: ClassVar[str] = ""
    """What its name is unique in, where several kinds share one; empty: the kind"""
    key_fields: ClassVar[tuple[str, ...]] = ("name",)
    told_as: ClassVar[str] = ""
    """The kind that people are told, where it is another one: a column of a view is a column to them"""
    told_whole: ClassVar[bool] = True
    """Whether it is told when one side alone has it; of the columns of a view the view itself tells that"""

    @property
    def key(self) -> tuple[str, ...]:
        """What an object is matched by."""
        return _values_of(self.key_fields)(self)

    @property
    def identity(self) -> str:
        """The name a person reads: schema.table.column, quoted where SQL needs it."""
        return qualified(*self.key)

    @property
    def address(self) -> Address:
        """What tells it from every other object of the catalog: an identity alone may be a column's and a rule's."""
        return (self.namespace or self.kind, self.identity)

    @property
    def table_identity(self) -> str | None:
        """Identity of the table that the object belongs to, where it belongs to one."""
        return None

    @property
    def part_of(self) -> tuple[Address, ...]:
        """Addresses of the objects that it comes and goes with."""
        return ()

    @property
    def copy_of(self) -> tuple[Address, ...]:
        """Addresses of the objects that it follows: what happens to both alike is told of those."""
        return ()

    @property
    def compared(self) -> bool:
        """Whether a diff looks at it; what another object stands for is left to that one."""
        return True

    @property
    def signature(self) -> str | None:
        """What makes it the same as an object of another name (an index's definition); None: only its name."""
        return None

    def attributes(self) -> dict[str, Any]:
        """The compared attributes, by name, keys left out."""
        names = _compared(type(self))  # type: ignore[arg-type]  # mypy takes the hash of an object for its class's
        return dict(zip(names, _values_of(names)(self), strict=True))


@functools.cache
def _values_of(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """What reads so many attributes of an object."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda each: tuple(getattr(each, name) for name in names)


@functools.cache
def _compared(family: type[CatalogObject]) -> tuple[str, ...]:
    """Names of the attributes that a diff looks at."""
    return tuple(
        item.name
        for item in fields(family)
        if item.name not in family.key_fields and item.metadata.get("compared", True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart(CatalogObject):
    """An object that belongs to one table."""

    schema: str
    table: str
    name: str
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "table", "name")

    @property
    def table_identity(self) -> str | None:
        """Identity of the table."""
        return qualified(self.schema, self.table)

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The table."""
        return ((RELATION, qualified(self.schema, self.table)),)
