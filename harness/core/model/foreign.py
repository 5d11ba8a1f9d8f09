"""Foreign data: wrappers, servers, user mappings and foreign tables. Options are name=value, secret values masked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.names import quote

MASK = "masked:"
"""How the value of a secret option begins in a catalog; the rest only tells it from another value"""
_SECRET = re.compile(r"passw|pwd|secret|token|credential|(api|access|private)_?key|authorization", re.IGNORECASE)


def secret_name(name: str) -> bool:
    """Whether an option of this name holds what nobody is to read."""
    return _SECRET.search(name) is not None


def secret(option: str) -> bool:
    """Whether the value of an option is masked."""
    return option.partition("=")[2].startswith(MASK)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignDataWrapper(CatalogObject):
    """A foreign data wrapper."""

    kind: ClassVar[str] = "foreign data wrapper"
    name: str
    handler: str | None = None
    validator: str | None = None
    """Identities of functions, without arguments"""
    options: tuple[str, ...] = ()
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignServer(CatalogObject):
    """A foreign server."""

    kind: ClassVar[str] = "foreign server"
    name: str
    foreign_data_wrapper: str = ""
    """Its name"""
    type: str | None = None
    version: str | None = None
    options: tuple[str, ...] = ()
    owner: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMapping(CatalogObject):
    """As whom a role comes to a foreign server; it comes and goes with the server."""

    kind: ClassVar[str] = "user mapping"
    key_fields: ClassVar[tuple[str, ...]] = ("user", "server")
    user: str
    """Name of the role; empty: PUBLIC, everybody who has none of his own"""
    server: str
    options: tuple[str, ...] | None = None
    """None: not for the introspecting role to read"""

    @property
    def identity(self) -> str:
        """reader on partner_server."""
        return f"{quote(self.user) if self.user else 'PUBLIC'} on {quote(self.server)}"

    @property
    def part_of(self) -> tuple[Address, ...]:
        """The server."""
        return ((ForeignServer.kind, quote(self.server)),)

    def attributes(self) -> dict[str, Any]:
        """The compared attributes; options that were not read are no attribute."""
        told = CatalogObject.attributes(self)
        return told if self.options is not None else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTable(CatalogObject):
    """A foreign table; its columns, constraints and triggers are those of any table."""

    kind: ClassVar[str] = "foreign table"
    namespace: ClassVar[str] = RELATION
    key_fields: ClassVar[tuple[str, ...]] = ("schema", "name")
    schema: str
    name: str
    server: str = ""
    """Its name"""
    options: tuple[str, ...] = ()
    partition_of: str | None = None
    """Identity of the parent and bound, as pg_get_expr deparses it"""
    inherits: tuple[str, ...] = ()
    owner: str = ""
    comment: str | None = None

    @property
    def table_identity(self) -> str | None:
        """Itself."""
        return self.identity
