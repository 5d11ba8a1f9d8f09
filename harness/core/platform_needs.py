"""Platform needs: one object of a user's that needs one thing of a platform's, what breaks without it, the ways out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Extension, Routine
from harness.core.model.rules import Constraint, Trigger
from harness.core.model.rules import Policy as RowPolicy
from harness.core.names import quote
from harness.core.platform_dependency import (
    EXTENSION,
    FOREIGN_KEY,
    FUNCTION,
    PUBLICATION,
    RELATION,
    ROLE,
    TABLE_PART,
    PlatformDependency,
)
from harness.core.platform_mentions import Mention
from harness.core.policy import ManagedPolicy


def by_need(found: Iterable[PlatformDependency]) -> dict[tuple[str, str], list[PlatformDependency]]:
    """All that needs one thing, by code and thing, in the order in which they were found."""
    groups: dict[tuple[str, str], list[PlatformDependency]] = {}
    for each in found:
        groups.setdefault((each.code, each.needs), []).append(each)
    return groups


def of_mention(
    each: CatalogObject, mention: Mention, policy: ManagedPolicy, *, on_target: bool | None
) -> PlatformDependency:
    """A function that is called, a relation that is read or a type that is used in a text of the object."""
    name = f"{mention.schema}.{mention.name}"
    how = f"its {mention.place}"
    if isinstance(each, Routine) and mention.attribute == "body":
        how = "mentioned in the body"
    if mention.quoted:
        how += ", inside a text"
    if not mention.called:
        return PlatformDependency(
            code=RELATION,
            kind=each.kind,
            identity=each.identity,
            needs=f"relation or type {name}",
            how=how,
            on_target=on_target,
            breaks=f"{each.kind} {each.identity} cannot be made, or fails when it runs: {name} is not there",
            ways_out=(
                f"create a table or view {name} with the columns that are read, and fill it",
                f"change {each.kind} {each.identity} to read a table of your own",
                "drop it, if nothing uses it",
            ),
        )
    stands_in = policy.reason("functions", name)
    return PlatformDependency(
        code=FUNCTION,
        kind=each.kind,
        identity=each.identity,
        needs=f"function {name}",
        how=how,
        on_target=on_target,
        breaks=_without_function(each, name),
        ways_out=(
            f"create a function {name} on the target" + (f" that gives {stands_in}" if stands_in else ""),
            f"replace it in {each.kind} {each.identity}" + (f": {stands_in}" if stands_in else ""),
            f"drop {each.kind} {each.identity} with consent",
        ),
    )


def _without_function(each: CatalogObject, name: str) -> str:
    if each.kind == "policy":
        return f"the policy cannot be made: rows are hidden from all without it, or shown to all if {name} is cut out"
    if each.kind == "column":
        return "the default cannot be made: inserts that leave the column out get NULL, or fail"
    if each.kind == "routine":
        return f"calls fail with 42883: {name} does not exist"
    return f"{each.kind} {each.identity} cannot be made"


def of_foreign_key(each: Constraint, *, on_target: bool | None) -> PlatformDependency:
    """The table that a foreign key points to."""
    references = each.references or ""
    return PlatformDependency(
        code=FOREIGN_KEY,
        kind=each.kind,
        identity=each.identity,
        needs=f"table {references}",
        how="foreign key",
        on_target=on_target,
        breaks="the foreign key cannot be made: rows may name users that do not exist, and cascades do not happen",
        ways_out=(
            f"create a table {references} on the target with its key, and move the keys that are referenced",
            "point the foreign key to a table of users of your own",
            f"drop the constraint with consent: ALTER TABLE {each.table_identity} DROP CONSTRAINT {quote(each.name)}",
        ),
    )


def of_table_part(each: RowPolicy | Trigger, *, on_target: bool | None) -> PlatformDependency:
    """The table that a policy or trigger stands on."""
    table = each.table_identity or ""
    is_policy = isinstance(each, RowPolicy)
    return PlatformDependency(
        code=TABLE_PART,
        kind=each.kind,
        identity=each.identity,
        needs=f"table {table}",
        how=f"{each.kind} on it",
        on_target=on_target,
        breaks="who may read and write the platform's rows is nobody's affair on the target"
        if is_policy
        else f"what the trigger does when {table} changes does not happen (a profile for a new user, for instance)",
        ways_out=(
            "put the rule into the service that takes the platform's place",
            f"create a table {table} on the target, and the {each.kind} on it",
            "leave it behind with consent",
        ),
    )


def of_role(kind: str, identity: str, role: str, how: str, *, on_target: bool) -> PlatformDependency:
    """A role that an object names."""
    return PlatformDependency(
        code=ROLE,
        kind=kind,
        identity=identity,
        needs=f"role {role}",
        how=how,
        on_target=on_target,
        breaks="statements that name the role fail with 42704: policies for it, grants to it, objects that it owns",
        ways_out=(
            f"create the role: CREATE ROLE {quote(role)} NOLOGIN{' BYPASSRLS' if role == 'service_role' else ''}",
            "name a role of your own in its place",
            "leave it behind with consent: nobody is in the role on the target",
        ),
    )


def of_publication(table: str, publication: str, *, on_target: bool) -> PlatformDependency:
    """The platform's publication that a table is in."""
    return PlatformDependency(
        code=PUBLICATION,
        kind="table",
        identity=table,
        needs=f"publication {publication}",
        how="published by it",
        on_target=on_target,
        breaks=f"subscribers of {table} hear of no change any more, and no error says so",
        ways_out=(
            f"create it for what takes its place: CREATE PUBLICATION {publication} FOR TABLE {table}",
            "tell of changes by triggers and pg_notify",
            "leave it behind, if no client subscribes",
        ),
    )


def of_extension(each: Extension, kind: str, identity: str, offered: Mapping[str, str] | None) -> PlatformDependency:
    """An extension that the target has not; `offered`: those that its server can install, None where not asked."""
    if offered is None:
        state, can = "whether the target's server offers it was not asked", None
    elif each.name in offered:
        state, can = f"the target's server offers version {offered[each.name] or 'unknown'}", True
    else:
        state, can = "the target's server does not offer it", False
    ways = [f"find another way to what {each.name} gives, and drop what uses it with consent"]
    if can is not False:
        ways.insert(
            0, f"CREATE EXTENSION {quote(each.name)} SCHEMA {quote(each.schema)}, in a schema that is there first"
        )
    else:
        ways.insert(0, f"install {each.name} on the target's machine, or choose a provider that has it")
    return PlatformDependency(
        code=EXTENSION,
        kind=kind,
        identity=identity,
        needs=f"extension {each.name} {each.version} in schema {each.schema}",
        how="uses it" if kind != Extension.kind else "installed",
        on_target=False,
        breaks=f"what {each.name} gives (types, functions, operators) is not there; {state}",
        ways_out=tuple(ways),
    )
