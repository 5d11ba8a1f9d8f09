"""Large objects chosen: which of the source's belong to a migration or a comparison, and whether they can be read."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.core.configuration import Configuration
from harness.core.coverage import LARGE_OBJECTS, Skipped
from harness.core.findings import Finding
from harness.core.ledger import MovedLargeObjects
from harness.core.migration_plan import PlannedLargeObjects
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.errors import PrivilegeMissing
from harness.postgres import large_objects, ledger_large_objects
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import blaming

ITEM = LARGE_OBJECTS
"""What coverage calls them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenObjects:
    """The large objects of the source that a run is about."""

    oids: array[int] = field(default_factory=lambda: array("I"))
    """Ascending"""
    columns: tuple[str, ...] | None = None
    """Those that these columns refer to; None: all of the database"""
    left: str | None = None
    """Why they stay behind; None: they do not"""

    def named(self, migration: str) -> str:
        """A migration of just these, as the ledger names it: one of the same tables may move all, or only theirs."""
        return migration if self.columns is None else f"{migration} {' '.join(self.columns)}"

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """That they stay behind, where that was decided and there are some."""
        if self.left is None or not self.oids:
            return ()
        told = f"{len(self.oids):,} of the source are not moved: {self.left}"
        return (Skipped(item=ITEM, reason=told, decided=True),)


@dataclass(frozen=True, slots=True)
class ObjectsMoved:
    """What came of them; `found` is None where there were none."""

    found: MovedLargeObjects | None = None
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def items(self) -> tuple[str, ...]:
        """What coverage has of them."""
        return (ITEM,) if self.found is not None and not self.skipped else ()


def chosen_objects(
    source: tuple[Connection, Endpoint], projections: Iterable[TableProjection], configuration: Configuration
) -> ChosenObjects:
    """The objects, in the snapshot of the session, whose transaction is open.

    PrivilegeMissing where the role may not read some of those that are to move, before anything does.
    """
    connection, endpoint = source
    wanted = configuration.migrate.large_objects
    everything = wanted == "all" or (wanted == "auto" and not configuration.scope.tables)
    # A savepoint: what fails must not cost others the snapshot.
    with blaming(endpoint, connection), connection.transaction():
        if not large_objects.any_there(connection):
            return ChosenObjects(columns=None if everything else (), left=configuration.migrate.leave_large_objects)
        columns = None if everything else large_objects.referring_columns(connection, projections)
        found = ChosenObjects(
            oids=large_objects.numbers(connection, columns),
            columns=None if columns is None else tuple(_named(*each) for each in columns),
            left=configuration.migrate.leave_large_objects,
        )
        count, first = large_objects.unreadable(connection, found.oids) if found.left is None else (0, None)
    if count:
        more = f" and {count - 1:,} more" if count > 1 else ""
        raise PrivilegeMissing(
            f"the {endpoint.side} role {connection.info.user} may not read large object {first}{more}",
            hint=f"GRANT SELECT ON LARGE OBJECT {first} TO the role, use their owner or a superuser, or leave them "
            "behind: migrate.leave_large_objects says why.",
        )
    return found


def planned_objects(
    source: tuple[Connection, Endpoint],
    target: tuple[Connection, Endpoint],
    migration: str,
    origin: str,
    projections: Mapping[str, TableProjection],
    configuration: Configuration,
) -> PlannedLargeObjects | None:
    """What a plan says of them; None: there are none to move. Raises what `chosen_objects` raises."""
    chosen = chosen_objects(source, projections.values(), configuration)
    if not chosen.oids:
        return None
    with blaming(source[1], source[0]):
        size = large_objects.stored_bytes(source[0])
    with blaming(target[1], target[0]):
        finished = ledger_large_objects.finished(target[0], chosen.named(migration))
        taken = ledger_large_objects.of_others(target[0], origin, chosen.oids)
    return PlannedLargeObjects(
        objects=len(chosen.oids),
        bytes=size,
        columns=chosen.columns,
        finished=finished,
        taken=taken,
        left=chosen.left,
    )


def _named(projection: TableProjection, column: str) -> str:
    return qualified(projection.source.schema, projection.source.name, column)
