"""DDL of statistics objects."""

from __future__ import annotations

from harness.core.align.ddl.kind import SHARE_UPDATE_EXCLUSIVE, Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.statistics import StatisticsObject


def named(each: StatisticsObject) -> str:
    """STATISTICS schema.name."""
    return f"STATISTICS {each.identity}"


def create(each: StatisticsObject, _: Catalog) -> Made:
    """CREATE STATISTICS as PostgreSQL deparses it, and its target."""
    made: Made = [Statement(sql=f"{each.definition.rstrip()};", lock=SHARE_UPDATE_EXCLUSIVE)]
    return made if each.statistics is None else [*made, _target(each)]


def alter(_: StatisticsObject, wanted: StatisticsObject, attributes: frozenset[str], __: Sides) -> Made | None:
    """The target; all else is made again, which costs an ANALYZE."""
    return [_target(wanted)] if attributes == {"statistics"} else None


def _target(each: StatisticsObject) -> Statement:
    target = -1 if each.statistics is None else each.statistics
    return Statement(sql=f"ALTER STATISTICS {each.identity} SET STATISTICS {target};", lock=SHARE_UPDATE_EXCLUSIVE)


DDL = {
    StatisticsObject.kind: Ddl(
        named=named, create=create, drop=plain_drop(named, lock=SHARE_UPDATE_EXCLUSIVE), alter=alter
    )
}
