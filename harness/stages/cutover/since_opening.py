"""Since the opening: what happened on the target that no mapping carries back, found by what the source kept of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.cutover.fence_facts import Opening
from harness.core.cutover.way_back import CHOSEN, WayBack
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.record import Side
from harness.errors import CutoverFailed, PgparityError
from harness.postgres.sentinel import note_opening_begins, read_sentinel
from harness.postgres.written import Mark, current_snapshot, holds_rows, tables_there, written_since
from harness.stages.cutover.request import CutoverRequest, Situation
from harness.stages.learned import Learned, RunRequest
from harness.stages.rows import rows_stage, whole


def note_opening(situation: Situation) -> bool:
    """Keep on the source what is so now, before the target may be written; False where it may not be opened.

    What an earlier process kept stays where this one has not compared: the target may have been open since.
    """
    request = situation.request
    known = read_sentinel(request.source, situation.cutover)
    if known is None:
        return False
    if known.opening is not None and not situation.rows:
        return True
    opening = Opening(
        mapping=mapping_fingerprint(request.configuration),
        source_rows={each.table: each.source_rows for each in situation.rows},
        target_rows={each.table: each.target_rows for each in situation.rows},
        target_snapshot=current_snapshot(request.target),
        target_tables=tables_there(request.target),
    )
    return note_opening_begins(request.source, situation.cutover, opening, consent=True)


def mapping_fingerprint(configuration: Configuration) -> str:
    """What the rows went through, in short."""
    text = json.dumps(configuration.mapping.to_data(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def ensure_as_opened(request: CutoverRequest, cutover: str, learned: Learned, fenced: tuple[str, ...]) -> None:
    """CutoverFailed where the configuration is about other tables, or another mapping, than when the target was opened:
    what it leaves out now would not be carried, and nobody would say so.
    """
    hint = "Put [scope] and [mapping] back as they were at the cutover, then run it again."
    kept = read_sentinel(request.source, cutover)
    opening = kept.opening if kept is not None else None
    there = learned.catalogs[0].table_by_identity
    before = dict.fromkeys((*fenced, *(opening.source_rows if opening is not None else ())))
    missing = [name for name in before if name in there and name not in learned.tables]
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise CutoverFailed(f"the cutover was about tables that the configuration leaves out now: {shown}", hint=hint)
    if opening is not None and opening.mapping != mapping_fingerprint(request.configuration):
        raise CutoverFailed("[mapping] has changed since the target was opened", hint=hint)


def opening_of(request: RunRequest, cutover: str) -> Opening | None:
    """What the source kept."""
    kept = read_sentinel(request.source, cutover)
    return kept.opening if kept is not None else None


def new_tables(request: RunRequest, learned: Learned, opening: Opening) -> Iterator[str]:
    """Tables that were made on the target since, and have rows: the source has no place for them."""
    mapping, excluded = request.configuration.mapping, request.configuration.scope.exclude
    looked_at = {mapping.target_of(table) for table in learned.tables}
    for table in tables_there(request.target):
        if table in opening.target_tables or table in looked_at or table in excluded:
            continue
        has = _has_rows(request, table)
        if has is False:
            continue
        told = "and has rows" if has else "and cannot be read"
        yield (
            f"{table}: made on the {Side.TARGET} since it was opened, {told}: no table of the source takes them"
            " (scope.exclude with the reason where they may stay behind)"
        )


def _has_rows(request: RunRequest, table: str) -> bool | None:
    """None where the role may not see it."""
    schema, name = split(table)
    try:
        return holds_rows(request.target, schema, name)
    except PgparityError:
        return None


def behind_conditions(
    request: RunRequest, way: WayBack, target: Catalog, opening: Opening | None
) -> Iterator[tuple[str, bool]]:
    """Of tables of which [rows] compares only some rows: what was written, and whether that stands in the way."""
    configuration = request.configuration
    asked = {}
    for table, reason in way.tables.items():
        rules = configuration.rows.tables.get(table, TableRowsSection())
        other = target.table_by_identity.get(configuration.mapping.target_of(table))
        if reason == CHOSEN and (rules.where or rules.source_where or rules.target_where) and other is not None:
            asked[table] = other
    if not asked:
        return
    if opening is None:
        yield from ((f"{table}: what was written outside its condition is not known", True) for table in asked)
        return
    marks = [(other, Mark(snapshot=opening.target_snapshot)) for other in asked.values()]
    found = written_since(request.target, marks)
    for table, other in asked.items():
        if other.identity in found:
            yield f"{table}: {found[other.identity]} on the target since it was opened: {CHOSEN}", True
        else:
            yield f"{table}: rows that were deleted outside its condition are not looked for", False


def uncompared_columns(request: RunRequest, learned: Learned, way: WayBack) -> Iterator[str]:
    """Columns that the configuration leaves out of the comparison: which they are, and how many rows differ there."""
    asked = tuple(table for table in way.uncompared if table in way.carried)
    if not asked:
        return
    stage = rows_stage(
        request.source, request.target, *learned.catalogs, asked, whole(_all_columns(request.configuration, asked))
    )
    found: Mapping[str, int | None] = {
        each.table: None if each.status == "incomplete" else each.different for each in stage.artifact
    }
    for table in asked:
        rows = found.get(table)
        differ = "how many rows differ is not known" if rows is None else f"{rows:,} rows hold something else"
        told = f"{table}: {', '.join(way.uncompared[table])}: not compared by decision, and carried for new rows alone"
        yield told if rows == 0 else f"{told}; {differ} on the source"


def _all_columns(configuration: Configuration, tables: tuple[str, ...]) -> Configuration:
    rules = dict(configuration.rows.tables)
    for table in tables:
        rules[table] = rules.get(table, TableRowsSection()).model_copy(update={"columns": (), "tolerances": {}})
    rows = configuration.rows.model_copy(update={"tables": rules, "ignore_columns": {}, "checks": ()})
    return configuration.model_copy(update={"rows": rows})
