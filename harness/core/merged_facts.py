"""What several documents say of the same thing, laid together: stages, coverage, scope, rows, methods, findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import TypeVar

from harness.core.coverage import Coverage, Skipped, StageStatus
from harness.core.deltas import TableRows
from harness.core.document import RunDocument, ScopeTable, StageRecord
from harness.core.findings import Finding
from harness.core.history import same_database
from harness.core.ledger import Ledger, MovedLargeObjects, MovedTable
from harness.core.mapping import Mapping as ColumnsAndTables
from harness.core.mapping import TableMapping
from harness.core.merged_methods import merged_method
from harness.core.outcomes import Attestation, MethodResult
from harness.core.record import Record
from harness.core.verdict import PATH
from harness.errors import DocumentError

_SCOPES = ("compared", "unnamed", "target only", "excluded")
_COUNTED = ("introspect", "diff", "align")
"""Stages whose items are counts of objects, as in `tables: 7`, and no names"""
_ROWS = ("differs", "incomplete", "drift", "identical")
AnyRecord = TypeVar("AnyRecord", bound=Record)


def stages(documents: Sequence[RunDocument]) -> tuple[StageRecord, ...]:
    """Each stage once, in the order of a run."""
    groups: dict[str, list[StageRecord]] = {}
    for document in documents:
        for stage in document.stages:
            groups.setdefault(stage.name, []).append(stage)
    order = {name: place for place, name in enumerate(PATH)}
    names = sorted(groups, key=lambda name: order.get(name, len(PATH)))
    return tuple(_stage(groups[name]) for name in names)


def _stage(records: Sequence[StageRecord]) -> StageRecord:
    status = merged_status([each.status for each in records])
    begun = [each.started_at for each in records if each.started_at]
    # What was left out in one part and done in another is told by the other.
    told = [each.summary for each in records if each.status != "excluded" or status == "excluded"]
    return records[0].model_copy(
        update={
            "status": status,
            "summary": "; ".join(dict.fromkeys(told)),
            "started_at": min(begun, default=None),
            "seconds": round(sum(each.seconds for each in records), 3),
        }
    )


def merged_status(statuses: Sequence[StageStatus]) -> StageStatus:
    """The status of a stage that had these in several runs: what one of them left undone keeps it from being passed."""
    present = set(statuses)
    if "failed" in present:
        return "failed"
    if "incomplete" in present or {"not run", "passed"} <= present:
        return "incomplete"
    if "not run" in present:
        return "not run"
    return "passed" if "passed" in present else "excluded"


def coverage(documents: Sequence[RunDocument]) -> tuple[Coverage, ...]:
    """What all runs checked and left out, a stage each."""
    groups: dict[str, list[tuple[RunDocument, Coverage]]] = {}
    for document in documents:
        for each in document.coverage:
            groups.setdefault(each.stage, []).append((document, each))
    return tuple(_coverage(each) for each in groups.values())


def asked_alike(documents: Sequence[RunDocument]) -> list[RunDocument]:
    """The documents, each with the stages of all: one that a run was not asked for stands there as left out."""
    stages_of_all = dict.fromkeys(each.stage for document in documents for each in document.coverage)
    return [_with_stages(document, stages_of_all) for document in documents]


def _with_stages(document: RunDocument, stages_of_all: Iterable[str]) -> RunDocument:
    own = {each.stage for each in document.coverage}
    reason = f"the run {document.title} was not asked for it"
    missing = tuple(
        Coverage(
            stage=stage,
            unit="stage",
            checked=0,
            skipped=(Skipped(item=f"stage {stage}", reason=reason, decided=True),),
        )
        for stage in stages_of_all
        if stage not in own
    )
    return document.model_copy(update={"coverage": document.coverage + missing}) if missing else document


def _coverage(parts: Sequence[tuple[RunDocument, Coverage]]) -> Coverage:
    """Counts are added where the names show that each run checked something else; else the highest one stands.

    What is counted and not named may be the same objects: the items are those of the run that checked most of them,
    for each target of its own. A gap of one run stays a gap. What a person left out of one run, and another run
    checked, was checked: a whole stage only as far as the other run was about the same tables and schemas.
    """
    all_of_stage = [each for _, each in parts]
    largest = max(all_of_stage, key=lambda each: each.checked)
    counted = [each for each in all_of_stage if each.checked]
    apart = all(each.items for each in counted) and all(
        set(one.items).isdisjoint(other.items) and one.unit == other.unit for one, other in combinations(counted, 2)
    )
    told = all_of_stage
    if largest.stage in _COUNTED and same_database(parts[0][0].target, parts[-1][0].target):
        apart, told = False, [largest]
    items = tuple(dict.fromkeys(item for each in told for item in each.items))
    whole_stage = f"stage {largest.stage}"
    done = {name for document, each in parts if each.checked for name in _asked(document, each.stage)}
    skipped: list[Skipped] = []
    for document, each in parts:
        for item in each.skipped:
            if not (item.decided and counted):
                skipped.append(item)
            elif item.item == whole_stage:
                left = [name for name in _asked(document, each.stage) if name not in done]
                skipped += (item.model_copy(update={"item": name}) for name in left)
            elif item.item not in items:
                skipped.append(item)
    return Coverage(
        stage=largest.stage,
        unit=largest.unit,
        checked=sum(each.checked for each in counted) if apart else largest.checked,
        items=items,
        skipped=distinct(skipped),
    )


def _compared(document: RunDocument) -> tuple[str, ...]:
    return tuple(each.table for each in document.scope if each.scope == "compared")


def _asked(document: RunDocument, stage: str) -> tuple[str, ...]:
    """What a stage of the run was about: the tables in scope, and where it reads whole schemas those."""
    return (*_compared(document), *(document.schemas if stage in _COUNTED else ()))


def scope(documents: Sequence[RunDocument]) -> tuple[ScopeTable, ...]:
    """Each table once, as the run has it that compared it, where one did; with the rows that were counted."""
    found: dict[str, ScopeTable] = {}
    for document in documents:
        for each in document.scope:
            known = found.get(each.table)
            if known is None or _place(each) < _place(known):
                found[each.table] = each
    return tuple(found[name] for name in sorted(found))


def _place(table: ScopeTable) -> tuple[int, bool]:
    return _SCOPES.index(table.scope), table.source_rows is None


def table_rows(documents: Sequence[RunDocument]) -> tuple[TableRows, ...]:
    """The rows of each table once: of several comparisons the one with the worse end, then the one that found more."""
    found: dict[str, TableRows] = {}
    for document in documents:
        for each in document.rows:
            known = found.get(each.table)
            if known is None or _badness(each) > _badness(known):
                found[each.table] = each
    return tuple(found.values())


def _badness(rows: TableRows) -> tuple[int, bool, int]:
    """A sample proves less than a comparison of all rows."""
    found = rows.missing_on_source + rows.missing_on_target + rows.different + rows.drifting
    return -_ROWS.index(rows.status), rows.sample is not None, found


def method_results(documents: Sequence[RunDocument]) -> tuple[MethodResult, ...]:
    """Each method once, with the cases of all runs."""
    groups: dict[str, list[MethodResult]] = {}
    for document in documents:
        for each in document.methods:
            groups.setdefault(each.method, []).append(each)
    return tuple(merged_method(groups[name]) for name in sorted(groups))


def distinct_findings(documents: Sequence[RunDocument]) -> list[Finding]:
    """Each finding once: the same code about the same object in the same words; the worst severity stands."""
    found: dict[tuple[str, ...], Finding] = {}
    for document in documents:
        here: dict[tuple[str, ...], int] = {}
        for each in document.findings:
            words = (each.code, each.object.kind, each.object.identity, each.title)
            # One run may say the same twice, of two places; that is not said once because of another run.
            number = here[words] = here.get(words, 0) + 1
            key = (*words, str(number))
            if key not in found or each.severity.rank < found[key].severity.rank:
                found[key] = each
    return list(found.values())


def servers(documents: Sequence[RunDocument]) -> tuple[Attestation, ...]:
    """Every server that was seen to answer, with what it was asked in all."""
    seen: dict[tuple[str, ...], Attestation] = {}
    for document in documents:
        for each in document.servers:
            key = (each.side, each.address, each.database, each.system_identifier)
            number = each.exchanges + (seen[key].exchanges if key in seen else 0)
            seen[key] = each.model_copy(update={"exchanges": number})
    return tuple(seen[key] for key in sorted(seen))


def mapping(documents: Sequence[RunDocument]) -> ColumnsAndTables:
    """All rules together; DocumentError where two runs had different ones for a table: they compared other things."""
    rules: dict[str, TableMapping] = {}
    for document in documents:
        for name, rule in document.mapping.tables.items():
            if rules.setdefault(name, rule) != rule:
                raise DocumentError(
                    f"two of the runs map the columns of {name} in different ways",
                    hint="Merge runs that were made with one configuration.",
                )
    return ColumnsAndTables(tables=rules)


def ledger(documents: Sequence[RunDocument]) -> Ledger | None:
    """What all runs moved: each table as the run has it that met an error or, else, moved the most of it."""
    ledgers = [each.migration for each in documents if each.migration is not None]
    if not ledgers:
        return None
    tables: dict[str, MovedTable] = {}
    for each in (table for one in ledgers for table in one.tables):
        known = tables.get(each.table)
        if known is None or (each.error is not None, each.rows) > (known.error is not None, known.rows):
            tables[each.table] = each
    snapshots = {each.snapshot for each in ledgers}
    return Ledger(
        migration=", ".join(dict.fromkeys(each.migration for each in ledgers)),
        snapshot=snapshots.pop() if len(snapshots) == 1 else None,
        tables=tuple(tables.values()),
        chunks=distinct(chunk for each in ledgers for chunk in each.chunks),
        large_objects=_large_objects([each.large_objects for each in ledgers if each.large_objects is not None]),
    )


def _large_objects(found: Sequence[MovedLargeObjects]) -> MovedLargeObjects | None:
    """Those of the run that did not verify them, where there is one, else of the run that met the most."""
    return min(found, key=lambda each: (each.verified, -each.objects), default=None)


def distinct(records: Iterable[AnyRecord]) -> tuple[AnyRecord, ...]:
    """Each record once, in the order of their first appearance."""
    return tuple({each.to_json(): each for each in records}.values())
