"""Rows that several tests of a suite compared: a table counts once, a partition with the table that it is part of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.deltas import TableRows
from harness.core.model.catalog import Catalog
from harness.core.suite_answers import SuiteAnswer
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed
from harness.stages.large_objects_chosen import ITEM, chosen_objects
from harness.stages.rows_prepared import tables_to_compare

NO_LARGE_OBJECTS = "the comparison suite has no test of them: pgparity run compares them"
_WORST_FIRST = ("differs", "incomplete", "drift", "identical")


def apart(answers: Sequence[SuiteAnswer], parents: Mapping[str, str]) -> list[SuiteAnswer]:
    """Without partitions whose rows a test of their parent compared and found no better than they are."""
    ends = {rows.table: rows.status for each in answers for rows in each.rows if rows.table == each.item}

    def told_by_parent(answer: SuiteAnswer) -> bool:
        parent, own = ends.get(parents.get(answer.item, "")), ends.get(answer.item)
        if parent in (None, "incomplete") or own in (None, "incomplete"):
            return False
        gaps = answer.coverage.gaps if answer.coverage is not None else ()
        views_alike = all(rows.status == "identical" for rows in answer.rows if rows.table != answer.item)
        return not gaps and views_alike and _WORST_FIRST.index(parent) <= _WORST_FIRST.index(own)

    return [each for each in answers if not told_by_parent(each)]


def once_each(answers: Sequence[SuiteAnswer]) -> tuple[TableRows, ...]:
    """Each table once: each test compares the views that are asked for with its table; the worst end stands."""
    found: dict[str, TableRows] = {}
    for rows in (rows for each in answers for rows in each.rows):
        known = found.setdefault(rows.table, rows)
        if _WORST_FIRST.index(rows.status) < _WORST_FIRST.index(known.status):
            found[rows.table] = rows
    return tuple(found.values())


def large_objects_untold(
    source: tuple[Connection, Endpoint],
    tables: Sequence[str],
    catalogs: tuple[Catalog, Catalog],
    configuration: Configuration,
) -> tuple[Skipped, ...]:
    """That no test compares the large objects that a run would compare; decided where they are left behind by name.

    The session is in its snapshot.
    """
    try:
        projections = tables_to_compare(tuple(tables), catalogs, configuration).projections
        chosen = chosen_objects(source, projections.values(), configuration)
    except StatementFailed as failure:
        return (Skipped(item=ITEM, reason=f"on the {failure.side}: {failure.reason}"),)
    except PrivilegeMissing as error:
        return (Skipped(item=ITEM, reason=error.message),)
    if not chosen.oids or chosen.left is not None:
        return chosen.skipped
    return (Skipped(item=ITEM, reason=NO_LARGE_OBJECTS),)


def partitions_of(tables: Sequence[str], source: Catalog) -> dict[str, str]:
    """The parent of each partition, where both are in scope."""
    found: dict[str, str] = {}
    for name in tables:
        table = source.table_by_identity.get(name)
        bound = (table.partition_of or "") if table is not None else ""
        parent = next((each for each in tables if bound.startswith(f"{each} ")), None) if bound else None
        if parent is not None:
            found[name] = parent
    return found
