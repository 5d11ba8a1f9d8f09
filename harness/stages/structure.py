"""The structure of both sides, which every run begins with: catalogs, scope, and the rights that the roles need."""

from __future__ import annotations

from collections.abc import Collection

from harness.core.record import Side
from harness.core.scope import compared
from harness.postgres.connect import server_facts, session, snapshot
from harness.postgres.privileges import require
from harness.stages.introspect import introspect_stage
from harness.stages.journal import Journal
from harness.stages.learned import Learned, RunRequest
from harness.stages.scope import scope_stage


def learn_structure(
    request: RunRequest, journal: Journal, *, asked: bool = False, families: Collection[str] | None = None
) -> Learned:
    """introspect and scope: both catalogs, each in one snapshot, and which tables the run is about.

    `asked`: they were asked for by name for this run alone. `families` of catalog objects: no others are read.
    """
    with (
        session(request.source, purpose="introspect") as source,
        session(request.target, purpose="introspect") as target,
        snapshot(source),
        snapshot(target),
    ):
        sides = server_facts(source, request.source), server_facts(target, request.target)
        catalogs = journal.require(
            "introspect", lambda: introspect_stage(source, target, request.configuration, families=families)
        )
        scope = journal.require(
            "scope", lambda: scope_stage(source, target, catalogs, request.configuration, asked=asked)
        )
        tables = compared(scope)
        require(source, Side.SOURCE, tables)
        require(
            target,
            Side.TARGET,
            [request.configuration.mapping.target_of(table) for table in tables],
            write=request.consent,
        )
    if families is None:
        source_facts, target_facts = (
            facts.model_copy(update={"catalog_fingerprint": catalog.fingerprint})
            for facts, catalog in zip(sides, catalogs, strict=True)
        )
        sides = source_facts, target_facts
    return Learned(sides=sides, catalogs=catalogs, scope=scope)
