"""The schema stages alone, as `pgparity schema` runs them: read both sides, plan, apply."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.plan import Hazard, Plan
from harness.errors import PlanRefused
from harness.postgres.apply import apply
from harness.postgres.connect import Endpoint, ensure_comparable, session, snapshot
from harness.postgres.introspect import introspect
from harness.stages.align import align_stage
from harness.stages.diff import DiffArtifact, diff_stage
from harness.stages.introspect import introspect_stage


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """Both catalogs and what differs between them."""

    source: Catalog
    target: Catalog
    diff: DiffArtifact
    configuration: Configuration


def snapshot_of(endpoint: Endpoint, configuration: Configuration) -> Catalog:
    """The catalog of one database, read in one snapshot."""
    with session(endpoint, purpose="snapshot") as connection, snapshot(connection):
        return introspect(connection, schemas=configuration.scope.schemas)


def read_schemas(source: Endpoint, target: Endpoint, configuration: Configuration) -> SchemaPair:
    """Introspect both sides and compare them."""
    ensure_comparable(source, target)
    with (
        session(source, purpose="introspect") as reading,
        session(target, purpose="introspect") as other,
        snapshot(reading),
        snapshot(other),
    ):
        catalogs = introspect_stage(reading, other, configuration).artifact
    found = diff_stage(*catalogs, configuration).artifact
    return SchemaPair(*catalogs, found, configuration)


def plan_for(pair: SchemaPair, strategy: str) -> Plan:
    """The plan of one strategy."""
    plans = align_stage(pair.source, pair.target, pair.diff.changes, pair.configuration).artifact
    chosen = next((plan for plan in plans if plan.strategy == strategy), None)
    if chosen is None:
        raise PlanRefused(f"there is no plan {strategy}", hint="Known are recreate and add-missing.")
    return chosen


def apply_to(target: Endpoint, plan: Plan, configuration: Configuration, allow: frozenset[Hazard]) -> None:
    """Apply a plan; refused where the target has changed since, or a hazard was not allowed."""
    catalog = snapshot_of(target, configuration)
    with session(target, purpose="apply", writable=True) as connection:
        apply(connection, plan, target_catalog=catalog, allow=allow)
