"""DDL of constraints, indexes, triggers and policies."""

from __future__ import annotations

from harness.core.align.parameters import said
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import quote

STATES = {"origin": "ENABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "disabled": "DISABLE"}
"""What ALTER says for the state of a trigger, a rewrite rule or an event trigger"""


def create_constraint(constraint: Constraint, *, name: str | None = None, only: bool = False) -> str:
    """ALTER TABLE … ADD CONSTRAINT, under another `name` where its own is taken; `only`: and not for partitions."""
    words = [constraint.definition]
    if constraint.options and constraint.type in ("primary key", "unique"):
        words.append(f"WITH ({said(constraint.options)})")
    if constraint.deferrable:
        words.append("DEFERRABLE INITIALLY DEFERRED" if constraint.deferred else "DEFERRABLE")
    if not constraint.enforced:
        words.append("NOT ENFORCED")
    elif not constraint.validated:
        words.append("NOT VALID")
    own_name = quote(name or constraint.name)
    table = f"{'ONLY ' if only else ''}{constraint.table_identity}"
    return f"ALTER TABLE {table} ADD CONSTRAINT {own_name} {' '.join(words)};"


def drop_constraint(constraint: Constraint) -> str:
    """ALTER TABLE … DROP CONSTRAINT."""
    return f"ALTER TABLE {constraint.table_identity} DROP CONSTRAINT {quote(constraint.name)};"


def create_index(index: Index, *, name: str | None = None, only: bool = False) -> str:
    """CREATE INDEX, under another `name` where its own is taken; `only`: as it is written, and not for partitions."""
    head = "CREATE UNIQUE INDEX ON " if index.unique else "CREATE INDEX ON "
    rest = (index.written or index.definition).removeprefix(head)
    if not only:
        rest = rest.removeprefix("ONLY ")
    return f"{head[:-3]}{quote(name or index.name)} ON {rest};"


def use_as_replica_identity(each: Constraint | Index) -> str:
    """ALTER TABLE … REPLICA IDENTITY USING INDEX."""
    return f"ALTER TABLE {each.table_identity} REPLICA IDENTITY USING INDEX {quote(each.name)};"


def create_trigger(trigger: Trigger) -> list[str]:
    """CREATE TRIGGER, and its state where that is not the usual one."""
    kind = "CONSTRAINT TRIGGER" if trigger.constraint else "TRIGGER"
    statements = [f"CREATE {kind} {quote(trigger.name)} {trigger.written or trigger.definition};"]
    if trigger.enabled != "origin":
        statements.append(enable_trigger(trigger, trigger.enabled))
    return statements


def enable_trigger(trigger: Trigger, state: str) -> str:
    """ALTER TABLE … ENABLE or DISABLE TRIGGER; of a partitioned table for all its partitions."""
    return f"ALTER TABLE {trigger.table_identity} {STATES[state]} TRIGGER {quote(trigger.name)};"


def drop_trigger(trigger: Trigger) -> str:
    """DROP TRIGGER."""
    return f"DROP TRIGGER {quote(trigger.name)} ON {trigger.table_identity};"


def create_policy(policy: Policy) -> str:
    """CREATE POLICY."""
    text = (
        f"CREATE POLICY {quote(policy.name)} ON {policy.table_identity}"
        f" AS {'PERMISSIVE' if policy.permissive else 'RESTRICTIVE'} FOR {policy.command}{policy_words(policy)}"
    )
    return text + ";"


def policy_words(policy: Policy) -> str:
    """What CREATE POLICY and ALTER POLICY say alike: to whom, and under which conditions."""
    text = " TO " + ", ".join("PUBLIC" if role == "public" else quote(role) for role in policy.roles)
    if policy.using is not None:
        text += f" USING ({policy.using})"
    if policy.check is not None:
        text += f" WITH CHECK ({policy.check})"
    return text


def drop_policy(policy: Policy) -> str:
    """DROP POLICY."""
    return f"DROP POLICY {quote(policy.name)} ON {policy.table_identity};"
