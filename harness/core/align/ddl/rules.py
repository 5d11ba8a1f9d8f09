"""DDL of rewrite rules."""

from __future__ import annotations

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.align.rules import STATES
from harness.core.model.catalog import Catalog
from harness.core.model.views import Rule
from harness.core.names import quote
from harness.core.plan import Hazard


def _named(rule: Rule) -> str:
    return f"RULE {quote(rule.name)} ON {rule.table_identity}"


def _locking(sql: str) -> Statement:
    return Statement(sql=sql, lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,))


def _state(rule: Rule) -> Statement:
    return _locking(f"ALTER TABLE {rule.table_identity} {STATES[rule.enabled]} RULE {quote(rule.name)};")


def _create(rule: Rule, _: Catalog) -> Made:
    made = [_locking(f"CREATE RULE {quote(rule.name)} AS\n{rule.definition};")]
    return made if rule.enabled == "origin" else [*made, _state(rule)]


def _drop(rule: Rule, _: Catalog) -> Made:
    return [_locking(f"DROP {_named(rule)};")]


def _alter(now: Rule, wanted: Rule, attributes: frozenset[str], _: Sides) -> Made:
    """CREATE OR REPLACE RULE leaves the state as it is. It finds the rule by its name, which is still that of `now`."""
    made: Made = []
    if "definition" in attributes:
        made.append(_locking(f"CREATE OR REPLACE RULE {quote(now.name)} AS\n{wanted.definition};"))
    if "enabled" in attributes:
        sql = f"ALTER TABLE {now.table_identity} {STATES[wanted.enabled]} RULE {quote(now.name)};"
        made.append(_locking(sql))
    return made


DDL: dict[str, Ddl] = {Rule.kind: Ddl(named=_named, create=_create, drop=_drop, alter=_alter, owned=False)}
