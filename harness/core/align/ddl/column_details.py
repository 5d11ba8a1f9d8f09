"""Column details: storage, compression, statistics target and options, which only ALTER TABLE sets."""

from __future__ import annotations

from harness.core.align.ddl.foreign import changed_options
from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, Made, Sides, Statement
from harness.core.align.parameters import changes
from harness.core.model.relations import Column
from harness.core.names import quote

_COMPRESSION_SINCE = 140000


def details(column: Column, attributes: frozenset[str] | None = None, sides: Sides | None = None) -> Made:
    """The statements for those of its `attributes` that differ; None: for all that are not the usual ones."""
    made: Made = []
    if attributes is None:
        attributes = frozenset(
            name for name in ("storage", "compression", "statistics", "options") if getattr(column, name)
        )
        if column.statistics is not None:
            attributes |= {"statistics"}
    if "storage" in attributes:
        made.append(_set(column, f"SET STORAGE {(column.storage or column.usual_storage).upper()}"))
    if "compression" in attributes and not _too_old(sides):
        made.append(_set(column, f"SET COMPRESSION {column.compression or 'DEFAULT'}"))
    if "statistics" in attributes:
        target = -1 if column.statistics is None else column.statistics
        made.append(_set(column, f"SET STATISTICS {target}", lock=SHARE_UPDATE_EXCLUSIVE))
    if "options" in attributes:
        made += _options(column, sides)
    return made


def _too_old(sides: Sides | None) -> bool:
    return sides is not None and sides.target.server.version_number < _COMPRESSION_SINCE


def _options(column: Column, sides: Sides | None) -> Made:
    options = column.options
    there: tuple[str, ...] = ()
    if sides is not None:
        columns = sides.target.columns_by_table.get(column.table_identity or "", ())
        there = next((each.options for each in columns if each.name == column.name), ())
    made: Made = []
    if column.foreign:
        clauses = changed_options(*([each for each in side if not _estimate(each)] for side in (there, options)))
        if clauses:
            made.append(_set(column, clauses.strip()))
        there, options = (tuple(each for each in side if _estimate(each)) for side in (there, options))
    return [*made, *(_set(column, change, lock=SHARE_UPDATE_EXCLUSIVE) for change in changes(there, options))]


def _estimate(option: str) -> bool:
    """Whether it is one of the planner's, which every column may have."""
    return option.startswith(("n_distinct=", "n_distinct_inherited="))


def _set(column: Column, change: str, *, lock: str = ACCESS_EXCLUSIVE) -> Statement:
    return Statement(
        sql=f"ALTER TABLE ONLY {column.table_identity} ALTER COLUMN {quote(column.name)} {change};", lock=lock
    )
