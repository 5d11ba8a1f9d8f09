"""Publications and subscriptions of logical replication; they belong to the database and to no schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core.model.objects import CatalogObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(CatalogObject):
    """A publication: what of which tables is sent to those who subscribe."""

    kind: ClassVar[str] = "publication"
    name: str
    all_tables: bool = False
    tables: tuple[str, ...] = ()
    """Identities of the tables that it names"""
    columns: tuple[str, ...] = ()
    """'table (column, column)' of each that is published in part"""
    row_filter: tuple[str, ...] = ()
    """'table WHERE (condition)'"""
    schemas: tuple[str, ...] = ()
    """Names of the schemas whose tables are published, all of them"""
    publish: tuple[str, ...] = ()
    """insert, update, delete, truncate"""
    publish_via_partition_root: bool = False
    publish_generated_columns: str = "none"
    """none or stored"""
    owner: str = ""
    comment: str | None = None


_FOR_SUPERUSERS = frozenset(
    {
        "connection", "synchronous_commit", "binary", "streaming", "two_phase", "disable_on_error",
        "password_required", "run_as_owner", "failover", "origin",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(CatalogObject):
    """A subscription. Most of it is for superusers to read; what was not read is None, and compared with nothing."""

    kind: ClassVar[str] = "subscription"
    name: str
    enabled: bool = True
    connection: str | None = None
    """Without passwords"""
    slot_name: str | None = None
    publication: tuple[str, ...] = ()
    synchronous_commit: str | None = None
    binary: str | None = None
    streaming: str | None = None
    """false, true or parallel"""
    two_phase: str | None = None
    disable_on_error: str | None = None
    password_required: str | None = None
    run_as_owner: str | None = None
    failover: str | None = None
    origin: str | None = None
    """any or none"""
    owner: str = ""
    comment: str | None = None

    def attributes(self) -> dict[str, Any]:
        """The compared attributes, without those that were not read."""
        told = CatalogObject.attributes(self)
        return {name: value for name, value in told.items() if value is not None or name not in _FOR_SUPERUSERS}
