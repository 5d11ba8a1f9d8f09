"""Both schemas: the target's against the source's, and the source's against what it was when the watch began."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.core.configuration import Configuration, SchemaSection
from harness.core.coverage import Skipped
from harness.core.diff import Settle
from harness.core.findings import Finding
from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.record import Side
from harness.core.scope import identity_of
from harness.core.snapshot import read_snapshot
from harness.core.soundness import NOT_CHECKED, NOT_NAMED, NOT_USED
from harness.core.watch.history import Baseline, SchemaDifference, SchemaLook
from harness.errors import DocumentError
from harness.postgres.connect import Endpoint
from harness.stages.diff import diff_stage
from harness.stages.replay import replaying
from harness.stages.run_folders import replace_file
from harness.stages.sides import opened

_KEPT: Final = 300
"""Differences of a side that are listed in the history; the number is of all"""
_OF_ROWS: Final = frozenset({"SEQ003", "UNM001"})
"""Findings that come and go with what an application writes, and what is said in the coverage"""
_OF_ONE_SIDE: Final = frozenset({NOT_CHECKED, NOT_NAMED, NOT_USED})
"""What is unsound by itself, and was so at the beginning"""
_IN_TIME: Final = (
    ("is missing on the target", "is gone"),
    ("exists on the target only", "is new"),
    (" on the source only", " no longer"),
    (" on the target only", " now"),
    (" on the target", " now"),
    (" on the source", " at the beginning"),
)
"""What differs between two sides in words, and the same of one side between two moments"""


@dataclass(frozen=True, slots=True)
class SchemasFound:
    """What was read and compared."""

    looks: tuple[SchemaLook, ...]
    skipped: tuple[Skipped, ...]
    source: Catalog
    """The source's, as it is now"""
    lost: str = ""
    """Why the source cannot be compared with its beginning; empty: it was, or this is it"""


@dataclass(slots=True)
class SchemaReader:
    """Reads and compares; catalogs that are as they were are not compared again, which may take a scratch server."""

    source: Endpoint
    target: Endpoint
    configuration: Configuration
    folder: Path
    """Of the history, and of the catalog of the beginning"""
    _known: dict[tuple[str, str, str], tuple[SchemaLook, tuple[Skipped, ...]]] = field(default_factory=dict)

    def __call__(self, baseline: Baseline | None) -> SchemasFound:
        """Both schemas, each read in one snapshot. PgparityError: a side cannot be asked."""
        with opened(self.source, self.target, scope=self.configuration.scope.schemas) as (ours, theirs):
            source, target = ours.catalog, theirs.catalog
        pair, skipped = self._compared(Side.TARGET, source, target, self.configuration)
        if baseline is None:
            return SchemasFound((pair,), skipped, source)
        try:
            then = read_snapshot((self.folder / baseline.source_catalog).read_bytes(), baseline.source_catalog)
        except (OSError, DocumentError) as error:
            told = error.message if isinstance(error, DocumentError) else f"{baseline.source_catalog} is not there"
            gap = Skipped(item="schema of the source against its beginning", reason=told)
            return SchemasFound((pair,), (*skipped, gap), source, lost=f"{told}; --new-baseline begins anew")
        own, _ = self._compared(Side.SOURCE, then, source, _of_itself(self.configuration, then, source))
        return SchemasFound((pair, own), skipped, source)

    def _compared(
        self, side: Side, left: Catalog, right: Catalog, configuration: Configuration
    ) -> tuple[SchemaLook, tuple[Skipped, ...]]:
        # What is not modelled has no part in the fingerprint, and is told in the coverage.
        key = (side, left.fingerprint + repr(left.unmodelled), right.fingerprint + repr(right.unmodelled))
        if key not in self._known:
            for known in [each for each in self._known if each[0] == side]:
                del self._known[known]
            settle: Settle = replaying(left, right, configuration.schema_.renames)
            result = diff_stage(left, right, configuration, settle=settle)
            unlike = [each for each in result.findings if each.code not in _OF_ROWS]
            if side is Side.SOURCE:
                listed = tuple(
                    _since_then(each, self.configuration) for each in unlike if each.code not in _OF_ONE_SIDE
                )
            else:
                listed = tuple(_difference(each) for each in unlike)
            look = SchemaLook(
                side=side, objects=result.coverage.checked, differences=len(listed), listed=listed[:_KEPT]
            )
            self._known[key] = look, result.coverage.skipped
        return self._known[key]


def write_baseline(folder: Path, name: str, catalog: Catalog) -> str:
    """The catalog of the beginning beside the history; the name of its file."""
    file = f"{name}.source-{catalog.fingerprint[:8]}.json"
    replace_file(folder / file, catalog.to_json())
    return file


def _of_itself(configuration: Configuration, *catalogs: Catalog) -> Configuration:
    """A database against what it was has no mapping, no declared renames, and no list of tables: who migrates wants to
    know of a change in any, but those that are excluded with a reason.
    """
    schema = configuration.schema_
    own = SchemaSection(ignore=schema.ignore, policy=schema.policy)
    there = {identity for each in catalogs for identity in each.table_by_identity}
    excluded = {name: why for name, why in configuration.scope.exclude.items() if identity_of(name) in there}
    scope = configuration.scope.model_copy(update={"tables": (), "exclude": excluded})
    return configuration.model_copy(update={"schema_": own, "mapping": Mapping(), "scope": scope})


def _difference(finding: Finding) -> SchemaDifference:
    return SchemaDifference(
        code=finding.code,
        severity=finding.severity,
        kind=finding.object.kind,
        identity=finding.object.identity,
        title=finding.title,
    )


def _since_then(finding: Finding, configuration: Configuration) -> SchemaDifference:
    title = in_time(finding.title)
    listed = {identity_of(name) for name in configuration.scope.tables}
    if listed and finding.table is not None and finding.table not in listed:
        title += ", of a table that is not in scope"
    return _difference(finding).model_copy(update={"title": title})


def in_time(title: str) -> str:
    """What differs between two sides, in words, as the same of one side between its beginning and now."""
    beside, since = next(((one, other) for one, other in _IN_TIME if one in title), ("", ""))
    return title.replace(beside, since) if beside else title
