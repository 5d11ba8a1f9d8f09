"""The introspect stage: the structure of both databases, and whether the databases themselves are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.environment_findings import environment_findings
from harness.core.model.catalog import Catalog
from harness.core.nouns import NOUNS
from harness.postgres.connect import Connection
from harness.postgres.introspect import introspect
from harness.postgres.reading import Alike
from harness.stages.result import StageResult


def introspect_stage(
    source: Connection, target: Connection, configuration: Configuration, *, families: Collection[str] | None = None
) -> StageResult[tuple[Catalog, Catalog]]:
    """Read both catalogs at once, each in the transaction that its connection is in; `families`: no others of them."""
    schemas = configuration.scope.schemas
    with ThreadPoolExecutor(max_workers=1) as other:
        alike = Alike()
        reading = other.submit(introspect, target, schemas=schemas, alike=alike, families=families)
        catalogs = (introspect(source, schemas=schemas, alike=alike, families=families), reading.result())
    ours, theirs = (_count(catalog) for catalog in catalogs)
    sides = (("source", catalogs[0]), ("target", catalogs[1]))
    absent = [
        Skipped(item=f"schema {schema} on the {side}", reason="it does not exist there", decided=side == "target")
        for side, catalog in sides
        for schema in schemas
        if schema not in {each.name for each in catalog.schemas}
    ]
    total = (sum(ours.values()), sum(theirs.values()))
    return StageResult(
        artifact=catalogs,
        coverage=Coverage(
            stage="introspect",
            unit="object",
            checked=sum(total),
            items=tuple(
                f"{NOUNS.get(kind, kind)}: {ours[kind]} on the source, {theirs[kind]} on the target"
                for kind in sorted({*ours, *theirs})
            ),
            skipped=tuple(absent),
        ),
        findings=environment_findings(catalogs[0].server, catalogs[1].server),
        summary=f"{len(catalogs[0].tables)} tables and {total[0]} objects on the source"
        f" (PostgreSQL {catalogs[0].server.version}), {len(catalogs[1].tables)} and {total[1]} on the target"
        f" ({catalogs[1].server.version})",
    )


def _count(catalog: Catalog) -> Counter[str]:
    return Counter(each.kind for each in catalog.objects())
