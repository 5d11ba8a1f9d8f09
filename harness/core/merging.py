"""Merging: several run documents of one source as one, whose verdict is never better than that of its worst part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from harness.core.document import Environment, RunDocument, ServerFacts
from harness.core.findings import worst_first
from harness.core.history import same_database, summary_of
from harness.core.merged_facts import (
    asked_alike,
    coverage,
    distinct,
    distinct_findings,
    ledger,
    mapping,
    method_results,
    scope,
    servers,
    stages,
    table_rows,
)
from harness.core.record import Severity
from harness.core.target_names import is_of_several_targets, names_of_targets, of_target
from harness.core.verdict import Status, Verdict, decide
from harness.errors import DocumentError

_WORST = (Status.NO_GO, Status.INCOMPLETE, Status.GO)


def merge_runs(documents: Sequence[RunDocument]) -> RunDocument:
    """One document of several runs: parts of one comparison, or comparisons of one source with several targets.

    Runs of one target are laid together: what each of them checked, found and left out. Of several targets, the name
    of every object carries the target that it is of, as in `public.clients [staging]`; their plans stay in their own
    documents. A run counts once that is given twice, or beside a merge that holds it. DocumentError: the runs are of
    different sources, or two merges hold the same run beside others.
    """
    parts = sorted(_each_once(documents), key=lambda each: (each.started_at, each.id))
    if not parts:
        raise DocumentError("there is no run to merge", hint="Give the run.json of several runs.")
    if len(parts) == 1:
        return parts[0]
    _ensure_one_source(parts)
    groups = _by_target(asked_alike(parts))
    if len(groups) == 1:
        return _merged(groups[0], parts, parts[0].target)
    names = names_of_targets([group[0].target for group in groups])
    laid = [_merged(group, group, group[0].target) if len(group) > 1 else group[0] for group in groups]
    named = [of_target(document, name) for document, name in zip(laid, names, strict=True)]
    return _merged(named, parts, _all_targets([each.target for each in laid], names))


def _each_once(documents: Sequence[RunDocument]) -> list[RunDocument]:
    """The documents without those whose runs are all in another one of them."""
    runs = {each.id: frozenset(part.id for part in each.parts) or frozenset({each.id}) for each in documents}
    kept: list[RunDocument] = []
    for each in sorted(documents, key=lambda each: (-len(runs[each.id]), each.started_at, each.id)):
        holder = next((other for other in kept if runs[other.id] & runs[each.id]), None)
        if holder is None:
            kept.append(each)
        elif not runs[each.id] <= runs[holder.id]:
            shared = min(runs[each.id] & runs[holder.id])
            raise DocumentError(
                f"the run {shared} is in both of the merged runs {holder.id} and {each.id}",
                hint="Merge the runs that they were made of.",
            )
    return kept


def _ensure_one_source(parts: Sequence[RunDocument]) -> None:
    for part in parts:
        if not same_database(parts[0].source, part.source):
            raise DocumentError(
                f"the runs {parts[0].id} and {part.id} are of different sources",
                hint="Merge runs of one source; `pgparity report NEW --compare OLD` sets any two runs side by side.",
            )
        if is_of_several_targets(part):
            raise DocumentError(
                f"the run {part.id} is itself merged from runs of several targets",
                hint="Merge the runs that it was made of.",
            )


def _by_target(parts: Sequence[RunDocument]) -> list[list[RunDocument]]:
    groups: list[list[RunDocument]] = []
    for part in parts:
        group = next((each for each in groups if same_database(each[0].target, part.target)), None)
        if group is None:
            groups.append([part])
        else:
            group.append(part)
    return groups


def _merged(documents: Sequence[RunDocument], parts: Sequence[RunDocument], target: ServerFacts) -> RunDocument:
    """Lay documents together whose names of objects mean the same; `parts` are the runs that they were made of."""
    first = documents[0]
    findings = worst_first(distinct_findings(documents))
    records = stages(documents)
    limit = max((each.verdict.fail_on for each in parts), key=lambda severity: severity.rank)
    told = tuple(summary for each in parts for summary in (each.parts or (summary_of(each),)))
    identity = hashlib.sha256("\n".join(sorted(each.id for each in told)).encode()).hexdigest()[:12]
    return RunDocument(
        id=identity,
        title=" + ".join(dict.fromkeys(each.title for each in parts)),
        started_at=min(each.started_at for each in parts),
        finished_at=max(each.finished_at for each in parts),
        seconds=round(sum(each.seconds for each in parts), 3),
        verdict=_verdict(
            decide(findings, ((each.name, each.status, each.summary) for each in records), fail_on=limit), parts, limit
        ),
        source=first.source.model_copy(update={"snapshot": None}),
        target=target.model_copy(update={"snapshot": None}),
        schemas=tuple(dict.fromkeys(name for each in documents for name in each.schemas)),
        scope=scope(documents),
        stages=records,
        coverage=coverage(documents),
        findings=tuple(findings),
        changes=distinct(change for each in documents for change in each.changes),
        renames=distinct(rename for each in documents for rename in each.renames),
        unmodelled=tuple(dict.fromkeys(name for each in documents for name in each.unmodelled)),
        plans=distinct(plan for each in documents for plan in each.plans),
        mapping=mapping(documents),
        migration=ledger(documents),
        rows=table_rows(documents),
        methods=method_results(documents),
        outcomes=distinct(pair for each in documents for pair in each.outcomes),
        servers=servers(documents),
        parts=told,
        environment=_environment([each.environment for each in parts]),
    )


def _verdict(decided: Verdict, parts: Sequence[RunDocument], limit: Severity) -> Verdict:
    """What follows from everything together, unless a part came to a worse end."""
    worst = min(parts, key=lambda part: _WORST.index(part.verdict.status))
    if _WORST.index(decided.status) <= _WORST.index(worst.verdict.status):
        return decided
    reasons = tuple(f"{worst.title}: {reason}" for reason in worst.verdict.reasons)
    status = worst.verdict.status
    return Verdict(status=status, exit_code=status.exit_code, fail_on=limit, reasons=reasons)


def _all_targets(targets: Sequence[ServerFacts], names: Sequence[str]) -> ServerFacts:
    return ServerFacts(
        label=", ".join(names),
        address=_joined(each.address for each in targets),
        database=_joined(each.database for each in targets),
        role=_joined(each.role for each in targets),
        version=_joined(each.version for each in targets),
        encoding=_joined(each.encoding for each in targets),
        collation=_joined(each.collation for each in targets),
    )


def _environment(environments: Sequence[Environment]) -> Environment:
    names = sorted({name for each in environments for name in each.packages})
    return Environment(
        pgparity=_joined(each.pgparity for each in environments),
        python=_joined(each.python for each in environments),
        platform=_joined(each.platform for each in environments),
        packages={
            name: _joined(each.packages[name] for each in environments if name in each.packages) for name in names
        },
    )


def _joined(values: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(values))
