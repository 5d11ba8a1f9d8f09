"""The diff stage: what differs between the two schemas, within the scope, and the statements that mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.core.align.plans import align
from harness.core.change import Change, tally
from harness.core.column_order import column_order
from harness.core.configuration import Configuration
from harness.core.coverage import Coverage, Skipped
from harness.core.diff import Settle, compare
from harness.core.differences import unshared
from harness.core.findings import Evidence, Finding, FoundObject, worst_first
from harness.core.managed_parts import unmanaged
from harness.core.model.catalog import Catalog, Unmodelled
from harness.core.model.objects import CatalogObject
from harness.core.names import qualified, split
from harness.core.nouns import NOUNS
from harness.core.platform_dependencies import dependency_findings, platform_dependencies
from harness.core.record import Severity, Side
from harness.core.renames import Samples, no_samples, suggest_renames
from harness.core.rules import Rules
from harness.core.schema_findings import findings
from harness.core.scope import scope_of
from harness.core.sequence_values import sequence_findings, values_unknown
from harness.core.settled_texts import settled
from harness.core.soundness import soundness_findings
from harness.core.unmodelled import NEVER_COMPARED, SidedUnmodelled
from harness.errors import PlanRefused
from harness.stages.diff_artifact import DiffArtifact as DiffArtifact
from harness.stages.policy import policy_of
from harness.stages.result import StageResult


def diff_stage(
    source: Catalog,
    target: Catalog,
    configuration: Configuration,
    *,
    offered: Mapping[str, str] | None = None,
    samples: Samples = no_samples,
    settle: Settle = settled,
) -> StageResult[DiffArtifact]:
    """Compare two catalogs. What a decision leaves out is counted, with its reason.

    `offered`: the extensions that the target's server can install. `samples` gives evidence on values for renames.
    `settle` takes out texts that mean the same: by their syntax alone, or as a server reads them (replaying).
    ConfigurationError or TableMissing: the configuration names what does not exist.
    """
    policy = policy_of(configuration.schema_.policy)
    dependencies = platform_dependencies(source, target, policy, offered=offered) if policy else ()
    parts = unmanaged(source, target, policy)
    source, target = parts.source, parts.target
    rules = Rules.of(configuration.schema_)
    outside = tables_out_of_scope(source, target, configuration)
    comparison = compare(source, target, rules, settle=settle)
    kept = [change for change in comparison.changes if change.table not in outside]
    filtered = Counter(dict(comparison.filtered)) + Counter(parts.filtered)
    filtered.update(outside[change.table or ""] for change in comparison.changes if change.table in outside)
    unmodelled = [
        SidedUnmodelled.of(side, each)
        for side, catalog in ((Side.SOURCE, source), (Side.TARGET, target))
        for each in catalog.unmodelled
    ]
    artifact = DiffArtifact(
        changes=tuple(kept),
        renames=suggest_renames(comparison.source, target, kept, samples=samples),
        column_order=tuple(each for each in column_order(comparison.source, target) if each.table not in outside),
        unmodelled=tuple(each.line for each in unmodelled),
        filtered=dict(sorted(filtered.items())),
        dependencies=dependencies,
    )
    found = [
        *findings(
            kept,
            comparison.source,
            target,
            renames=artifact.renames,
            orders=artifact.column_order,
            fixes=_fixes(comparison.source, target, kept, outside),
        ),
        *soundness_findings(comparison.source, target, kept, outside),
        *sequence_findings(source, Side.SOURCE, outside),
        *sequence_findings(target, Side.TARGET, outside),
        *_unmodelled_findings(unmodelled),
        *dependency_findings(dependencies),
    ]
    return StageResult(
        artifact=artifact,
        coverage=_coverage(comparison.source, target, artifact.filtered, unmodelled, rules, outside),
        findings=tuple(worst_first(found)),
        summary=_summary(kept),
    )


def tables_out_of_scope(source: Catalog, target: Catalog, configuration: Configuration) -> dict[str, str]:
    """Tables whose changes do not count, with the reason: excluded by name, or not among those that are listed."""
    scope = scope_of(source, target, configuration.scope, configuration.mapping)
    outside = {each.table: each.reason or "" for each in scope if each.scope in ("excluded", "unnamed")}
    outside |= {each.table: each.reason for each in scope if each.scope == "target only" and each.reason}
    # A declared rename is compared under the target's name, and decided about under the source's.
    return outside | {
        configuration.schema_.renames[name]: reason
        for name, reason in outside.items()
        if name in configuration.schema_.renames
    }


def _fixes(
    source: Catalog, target: Catalog, changes: Sequence[Change], outside: Mapping[str, str]
) -> dict[tuple[str, str], str]:
    """The statements that add what is missing, by object; none where no order of them can be found."""
    if not changes:
        return {}
    try:
        plan = align(source, target, changes, "add-missing", out_of_scope=outside)
    except PlanRefused:
        return {}
    fixes: dict[tuple[str, str], str] = {}
    for step in plan.steps:
        key = (step.kind, step.identity)
        fixes[key] = f"{fixes[key]}\n{step.sql}" if key in fixes else step.sql
    return fixes


def _unmodelled_findings(unmodelled: Iterable[SidedUnmodelled]) -> list[Finding]:
    """One finding a kind and side; whether it is a gap is the coverage's affair."""
    kinds: dict[tuple[Side, str, str], list[str]] = {}
    for each in unmodelled:
        kinds.setdefault((each.side, each.kind, each.reason), []).append(each.identity)
    return [
        Finding(
            code="UNM001",
            severity=Severity.COSMETIC,
            stage="diff",
            object=FoundObject(kind=kind, identity=f"{kind} ({side})"),
            title=f"{kind} of the {side} were not compared: {reason}",
            evidence=(Evidence(label=f"on the {side}", text=", ".join(identities)),),
        )
        for (side, kind, reason), identities in kinds.items()
    ]


def _coverage(
    source: Catalog,
    target: Catalog,
    filtered: Mapping[str, int],
    unmodelled: Iterable[SidedUnmodelled],
    rules: Rules,
    outside: Mapping[str, str],
) -> Coverage:
    ours, theirs = unshared(source, target)
    rest = {id(each) for each in ours}
    shared = (each for each in source.objects() if id(each) not in rest)
    once = {each.address: each for each in (*ours, *theirs) if _counts(each, outside)}
    compared = Counter(each.kind for each in shared if _counts(each, outside))
    compared.update(each.kind for each in once.values())
    skipped = [
        Skipped(item="1 change" if count == 1 else f"{count} changes", reason=reason, decided=True)
        for reason, count in filtered.items()
    ]
    skipped += (_unmodelled(each, rules, outside) for each in unmodelled)
    skipped += (
        Skipped(item=f"values of sequence {sequence.identity} on the {side}", reason=reason)
        for side, catalog in (("source", source), ("target", target))
        for sequence, reason in values_unknown(catalog)
        if sequence.table_identity not in outside
    )
    skipped += (
        Skipped(item=item, reason=f"not compared by this version: {reason}", decided=True)
        for item, reason in NEVER_COMPARED
    )
    return Coverage(
        stage="diff",
        unit="object",
        checked=sum(compared.values()),
        items=tuple(f"{NOUNS.get(kind, kind)}: {count}" for kind, count in sorted(compared.items())),
        skipped=tuple(skipped),
    )


def _counts(each: CatalogObject, outside: Mapping[str, str]) -> bool:
    return each.compared and (not outside or each.table_identity not in outside)


def _unmodelled(each: SidedUnmodelled, rules: Rules, outside: Mapping[str, str]) -> Skipped:
    ignored = rules.reason_to_ignore(Unmodelled(kind=each.kind, identity=each.identity))
    reason = ignored or _outside(each.identity, outside)
    if reason:
        return Skipped(item=each.line, reason=reason, decided=True)
    reason = each.reason
    if not each.gap:
        reason += "; it is on the target, and what the source needs of the kind is listed on its own"
    return Skipped(item=each.line, reason=reason, decided=not each.gap)


def _outside(identity: str, outside: Mapping[str, str]) -> str | None:
    """The reason where the object is part of a table that is out of scope."""
    try:
        return outside.get(qualified(*split(identity)[:2]))
    except ValueError:
        return None


def _summary(changes: Sequence[Change]) -> str:
    if not changes:
        return "the schemas are the same"
    return f"{len(changes)} change{'s' if len(changes) > 1 else ''} ({tally(changes)})"
