"""The database itself, its settings and those of roles in it, and its large objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.core.model.objects import CatalogObject, measured

THIS = "-"
"""The identity of the database: there is one on either side, whatever its name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(CatalogObject):
    """What belongs to the database as a whole."""

    kind: ClassVar[str] = "database"
    key_fields: ClassVar[tuple[str, ...]] = ()
    name: str = measured("")
    connection_limit: int = -1
    """-1: no limit"""
    comment: str | None = None
    owner: str = ""

    @property
    def identity(self) -> str:
        """The same on both sides."""
        return THIS


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSetting(CatalogObject):
    """A configuration parameter that sessions in the database start with (ALTER DATABASE … SET)."""

    kind: ClassVar[str] = "database setting"
    name: str
    value: str = ""
    secret: bool = measured(False)
    """Its name says that it is a secret: `value` is a digest of it"""

    @property
    def identity(self) -> str:
        """The parameter as PostgreSQL spells it."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSetting(CatalogObject):
    """A configuration parameter that a role's sessions in the database start with (ALTER ROLE … IN DATABASE … SET)."""

    kind: ClassVar[str] = "role setting"
    key_fields: ClassVar[tuple[str, ...]] = ("name", "role")
    name: str
    role: str
    value: str = ""
    secret: bool = measured(False)
    absent: bool = measured(False)
    """The target's server lacks the role"""

    @property
    def identity(self) -> str:
        """work_mem of role reader"""
        return f"{self.name} of role {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeObject(CatalogObject):
    """A large object, which a database knows by its number."""

    kind: ClassVar[str] = "large object"
    name: str
    """Its number"""
    content: str | None = None
    """A digest of its first bytes; None where the role may not read it"""
    comment: str | None = None
    owner: str = ""

    @property
    def identity(self) -> str:
        """The number."""
        return self.name
