"""DDL of constraints, indexes, triggers and policies."""

from __future__ import annotations

from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import quote


def create_constraint(constraint: Constraint, *, name: str | None = None) -> str:
    """ALTER TABLE … ADD CONSTRAINT, under another `name` where its own is taken."""
    words = [constraint.definition]
    if constraint.deferrable:
        words.append("DEFERRABLE INITIALLY DEFERRED" if constraint.deferred else "DEFERRABLE")
    if not constraint.enforced:
        words.append("NOT ENFORCED")
    elif not constraint.validated:
        words.append("NOT VALID")
    own_name = quote(name or constraint.name)
    return f"ALTER TABLE {constraint.table_identity} ADD CONSTRAINT {own_name} {' '.join(words)};"


def drop_constraint(constraint: Constraint) -> str:
    """ALTER TABLE … DROP CONSTRAINT."""
    return f"ALTER TABLE {constraint.table_identity} DROP CONSTRAINT {quote(constraint.name)};"


def create_index(index: Index, *, name: str | None = None) -> str:
    """CREATE INDEX, under another `name` where its own is taken."""
    head = "CREATE UNIQUE INDEX ON " if index.unique else "CREATE INDEX ON "
    rest = index.definition.removeprefix(head).removeprefix("ONLY ")
    return f"{head[:-3]}{quote(name or index.name)} ON {rest};"


def use_as_replica_identity(each: Constraint | Index) -> str:
    """ALTER TABLE … REPLICA IDENTITY USING INDEX."""
    return f"ALTER TABLE {each.table_identity} REPLICA IDENTITY USING INDEX {quote(each.name)};"


_ENABLE = {"replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS", "disabled": "DISABLE"}


def create_trigger(trigger: Trigger) -> list[str]:
    """CREATE TRIGGER, and its state where that is not the usual one."""
    kind = "CONSTRAINT TRIGGER" if trigger.constraint else "TRIGGER"
    statements = [f"CREATE {kind} {quote(trigger.name)} {trigger.definition};"]
    if trigger.enabled in _ENABLE:
        statements.append(
            f"ALTER TABLE {trigger.table_identity} {_ENABLE[trigger.enabled]} TRIGGER {quote(trigger.name)};"
        )
    return statements


def drop_trigger(trigger: Trigger) -> str:
    """DROP TRIGGER."""
    return f"DROP TRIGGER {quote(trigger.name)} ON {trigger.table_identity};"


def create_policy(policy: Policy) -> str:
    """CREATE POLICY."""
    roles = ", ".join("PUBLIC" if role == "public" else quote(role) for role in policy.roles)
    text = (
        f"CREATE POLICY {quote(policy.name)} ON {policy.table_identity}"
        f" AS {'PERMISSIVE' if policy.permissive else 'RESTRICTIVE'} FOR {policy.command} TO {roles}"
    )
    if policy.using is not None:
        text += f" USING ({policy.using})"
    if policy.check is not None:
        text += f" WITH CHECK ({policy.check})"
    return text + ";"


def drop_policy(policy: Policy) -> str:
    """DROP POLICY."""
    return f"DROP POLICY {quote(policy.name)} ON {policy.table_identity};"
