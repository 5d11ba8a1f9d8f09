"""DDL of row-level security policies."""

from __future__ import annotations

from harness.core.align import prechecks, rules
from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.model.catalog import Catalog
from harness.core.model.rules import Policy
from harness.core.names import quote
from harness.core.plan import Hazard, Precheck


def named(each: Policy) -> str:
    """POLICY name ON table."""
    return f"POLICY {quote(each.name)} ON {each.table_identity}"


def create(each: Policy, _: Catalog) -> Made:
    """CREATE POLICY."""
    return [_statement(rules.create_policy(each), *prechecks.for_policy(each))]


def drop(each: Policy, _: Catalog) -> Made:
    """DROP POLICY."""
    return [_statement(rules.drop_policy(each))]


def alter(now: Policy, wanted: Policy, attributes: frozenset[str], _: Sides) -> Made | None:
    """ALTER POLICY; None where another command is meant, or a condition is taken away."""
    if attributes & {"command", "permissive"} or now.name != wanted.name:
        return None
    if (now.using and not wanted.using) or (now.check and not wanted.check):
        return None
    return [_statement(f"ALTER {named(wanted)}{rules.policy_words(wanted)};", *prechecks.for_policy(wanted))]


def _statement(sql: str, *questions: Precheck) -> Statement:
    return Statement(sql=sql, lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,), prechecks=questions)


DDL = {Policy.kind: Ddl(named=named, create=create, drop=drop, alter=alter, owned=False)}
