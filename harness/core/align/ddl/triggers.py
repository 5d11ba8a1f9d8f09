"""DDL of triggers, and of the copies on partitions that are enabled or disabled on their own."""

from __future__ import annotations

from harness.core.align import rules
from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.model.catalog import Catalog
from harness.core.model.rules import Trigger
from harness.core.names import quote
from harness.core.plan import Hazard


def named(each: Trigger) -> str:
    """TRIGGER name ON table."""
    return f"TRIGGER {quote(each.name)} ON {each.table_identity}"


def create(each: Trigger, _: Catalog) -> Made:
    """CREATE TRIGGER with its state; a copy is there with its parent's, so that only its state is said."""
    if each.inherited:
        return [_enable(each, each.enabled)]
    return [_statement(sql) for sql in rules.create_trigger(each)]


def drop(each: Trigger, catalog: Catalog) -> Made:
    """DROP TRIGGER; a copy goes with its parent's, and what is given up of it alone is its state."""
    if not each.inherited:
        return [Statement(sql=rules.drop_trigger(each), lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,))]
    parent = next((one for one in catalog.triggers if one.identity in each.parents), None)
    return [] if parent is None else [_enable(each, parent.enabled)]


def alter(_: Trigger, wanted: Trigger, attributes: frozenset[str], sides: Sides) -> Made | None:
    """Its state; a partitioned table's is taken over by all copies, so that those that deviate are said again."""
    if wanted.inherited:
        return [_enable(wanted, wanted.enabled)] if "enabled" in attributes else []
    if attributes - {"enabled"}:
        return None
    copies = (each for each in sides.source.triggers if each.deviates and wanted.identity in each.parents)
    return [_enable(each, each.enabled) for each in (wanted, *copies)]


def rename(now: Trigger, name: str) -> Made:
    """ALTER TRIGGER … RENAME TO; copies are renamed with their parent's."""
    if now.inherited:
        return []
    return [Statement(sql=f"ALTER {named(now)} RENAME TO {quote(name)};", lock=ACCESS_EXCLUSIVE)]


def _enable(each: Trigger, state: str) -> Statement:
    return _statement(rules.enable_trigger(each, state))


def _statement(sql: str) -> Statement:
    return Statement(sql=sql, lock=SHARE_ROW_EXCLUSIVE, hazards=(Hazard.LOCK,))


DDL = {Trigger.kind: Ddl(named=named, create=create, drop=drop, alter=alter, rename=rename, owned=False)}
