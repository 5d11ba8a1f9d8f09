"""Platform dependencies: what of a user's schema needs a platform, what breaks without it, the ways out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import Field

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.model.privileges import DefaultPrivilege, Privilege
from harness.core.model.programs import Extension, Routine
from harness.core.model.rules import Constraint, Trigger
from harness.core.model.rules import Policy as RowPolicy
from harness.core.names import quote, split
from harness.core.platform_mentions import Mention, mentions, texts_of
from harness.core.policy import ManagedPolicy, schema_in
from harness.core.record import Record, Severity

FUNCTION, FOREIGN_KEY, TABLE_PART, PUBLICATION = "PLT001", "PLT002", "PLT003", "PLT004"
ROLE, EXTENSION, RELATION = "PLT005", "PLT006", "PLT007"


class PlatformDependency(Record):
    """One object of the user's that needs one thing of the platform's."""

    code: str = Field(pattern=r"^PLT[0-9]{3}$")
    kind: str = Field(description="Kind of the user's object")
    identity: str = Field(description="The user's object")
    needs: str = Field(description="What of the platform it needs: function auth.uid, table auth.users, role anon, …")
    how: str = Field(description="Where it is seen: uses it, or mentioned in the body")
    on_target: bool | None = Field(default=None, description="Whether the target has it; null: not looked at there")
    breaks: str = Field(description="What does not work on a target without it")
    ways_out: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """Nothing breaks where the target has it; a role without which a grant is empty breaks nothing by itself."""
        if self.on_target:
            return Severity.COSMETIC
        return Severity.RISK if self.on_target is None or self.code in (ROLE, PUBLICATION) else Severity.BLOCKER


@dataclass(frozen=True, slots=True)
class _Target:
    """What the target has of what may be needed."""

    catalog: Catalog
    extensions: Mapping[str, str] | None
    """Extensions that its server offers, with their default versions; None: not asked"""
    names: frozenset[tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(_names(self.catalog)))

    def has(self, schema: str, name: str) -> bool | None:
        scope = self.catalog.scope
        if (schema, name) in self.names:
            return True
        return False if scope is None or schema in scope else None

    def has_role(self, role: str) -> bool:
        return role in self.catalog.server.platform_roles or role in self.catalog.server.roles

    def has_extension(self, name: str) -> bool:
        return any(each.name == name for each in self.catalog.extensions)


def _names(catalog: Catalog) -> Iterator[tuple[str, ...]]:
    for each in catalog.objects():
        if each.key_fields[:2] == ("schema", "name"):
            yield tuple(str(part) for part in each.key[:2])


def platform_dependencies(
    source: Catalog, target: Catalog, policy: ManagedPolicy, *, offered: Mapping[str, str] | None = None
) -> tuple[PlatformDependency, ...]:
    """Every dependency of the source's own objects on what the policy says is the platform's.

    Both catalogs are whole, with the managed parts in them. `offered`: the extensions that the target's server can
    install, where it was asked.
    """
    there = _Target(target, offered)
    found: set[PlatformDependency] = set()
    for each in source.objects():
        if policy.decision(each) is None:
            found.update(_of(each, policy, there))
    found.update(_grants(source, policy, there))
    found.update(_publications(source, policy, there))
    found.update(_extensions(source, policy, there))
    return tuple(sorted(found, key=lambda each: (each.severity.rank, each.code, each.needs, each.kind, each.identity)))


def _of(each: CatalogObject, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    yield from _roles(each, policy, there)
    if isinstance(each, RowPolicy | Trigger) and policy.users_part(each):
        yield _table_part(each, there)
    if isinstance(each, Constraint) and each.references and policy.manages_schema(schema_in(each.references)):
        yield _foreign_key(each, there)
        return
    own = (getattr(each, "schema", ""), getattr(each, "table", ""))
    for mention in mentions(texts_of(each), policy):
        if not mention.called and (mention.schema, mention.name) == own:
            continue
        yield _mentioned(each, mention, policy, there)


def _mentioned(each: CatalogObject, mention: Mention, policy: ManagedPolicy, there: _Target) -> PlatformDependency:
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
            on_target=there.has(mention.schema, mention.name),
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
        on_target=there.has(mention.schema, mention.name),
        breaks=_without_function(each, name),
        ways_out=(
            f"create a function {name} on the target" + (f" that gives {stands_in}" if stands_in else ""),
            f"replace it in {each.kind} {each.identity}" + (f": {stands_in}" if stands_in else ""),
            f"drop {each.kind} {each.identity} with consent",
        ),
    )


def _without_function(each: CatalogObject, name: str) -> str:
    if each.kind == "policy":
        return (
            f"the policy cannot be made: rows are hidden from all without it, or shown to all if {name} is cut out"
        )
    if each.kind == "column":
        return "the default cannot be made: inserts that leave the column out get NULL, or fail"
    if each.kind == "routine":
        return f"calls fail with 42883: {name} does not exist"
    return f"{each.kind} {each.identity} cannot be made"


def _foreign_key(each: Constraint, there: _Target) -> PlatformDependency:
    references = each.references or ""
    schema, name = split(references)[:2]
    return PlatformDependency(
        code=FOREIGN_KEY,
        kind=each.kind,
        identity=each.identity,
        needs=f"table {references}",
        how="foreign key",
        on_target=there.has(schema, name),
        breaks="the foreign key cannot be made: rows may name users that do not exist, and cascades do not happen",
        ways_out=(
            f"create a table {references} on the target with its key, and move the keys that are referenced",
            "point the foreign key to a table of users of your own",
            f"drop the constraint with consent: ALTER TABLE {each.table_identity} DROP CONSTRAINT {quote(each.name)}",
        ),
    )


def _table_part(each: RowPolicy | Trigger, there: _Target) -> PlatformDependency:
    table = each.table_identity or ""
    is_policy = isinstance(each, RowPolicy)
    return PlatformDependency(
        code=TABLE_PART,
        kind=each.kind,
        identity=each.identity,
        needs=f"table {table}",
        how=f"{each.kind} on it",
        on_target=there.has(each.schema, each.table),
        breaks="who may read and write the platform's rows is nobody's affair on the target"
        if is_policy
        else f"what the trigger does when {table} changes does not happen (a profile for a new user, for instance)",
        ways_out=(
            "put the rule into the service that takes the platform's place",
            f"create a table {table} on the target, and the {each.kind} on it",
            "leave it behind with consent",
        ),
    )


def _roles(each: CatalogObject, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    for role, what in _named_roles(each):
        if policy.manages_role(role):
            yield _role(each.kind, each.identity, role, what, there)


def _role(kind: str, identity: str, role: str, what: str, there: _Target) -> PlatformDependency:
    return PlatformDependency(
        code=ROLE,
        kind=kind,
        identity=identity,
        needs=f"role {role}",
        how=what,
        on_target=there.has_role(role),
        breaks="statements that name the role fail with 42704: policies for it, grants to it, objects that it owns",
        ways_out=(
            f"create the role: CREATE ROLE {quote(role)} NOLOGIN{' BYPASSRLS' if role == 'service_role' else ''}",
            "name a role of your own in its place",
            "leave it behind with consent: nobody is in the role on the target",
        ),
    )


def _named_roles(each: CatalogObject) -> Iterator[tuple[str, str]]:
    if isinstance(each, RowPolicy):
        yield from ((role, "policy for it") for role in each.roles)
    owner = getattr(each, "owner", None)
    if isinstance(owner, str):
        yield owner, "owned by it"


def _grants(source: Catalog, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    """What the platform's roles may do with the user's objects, all privileges on one object together."""
    granted: dict[tuple[str, str, str], list[str]] = {}
    listed: list[tuple[Privilege | DefaultPrivilege, str, str]] = [
        *((each, each.object_kind, each.object) for each in source.privileges),
        *(
            (each, "default privileges", f"{each.creator} {each.in_schema or '-'} {each.object_type}")
            for each in source.default_privileges
        ),
    ]
    for each, kind, identity in listed:
        if each.compared and policy.decision(each) is None and policy.manages_role(each.grantee):
            granted.setdefault((kind, identity, each.grantee), []).append(each.privilege)
    for (kind, identity, role), privileges in granted.items():
        yield _role(kind, identity, role, f"granted {', '.join(sorted(privileges))}", there)


def _publications(source: Catalog, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    here = {each.identity for each in there.catalog.objects() if each.kind == "publication"}
    for each in source.publications:
        if policy.reason("publications", each.name) is None:
            continue
        for table in each.tables:
            if policy.manages_schema(schema_in(table)):
                continue
            yield PlatformDependency(
                code=PUBLICATION,
                kind="table",
                identity=table,
                needs=f"publication {each.identity}",
                how="published by it",
                on_target=each.identity in here,
                breaks=f"subscribers of {table} hear of no change any more, and no error says so",
                ways_out=(
                    f"create it for what takes the platform's place: CREATE PUBLICATION {each.identity} FOR TABLE {table}",
                    "tell of changes by triggers and pg_notify",
                    "leave it behind, if no client subscribes",
                ),
            )


def _extensions(source: Catalog, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    """Extensions that the target has not; those of the platform only where the user's objects need them."""
    needing: dict[str, list[tuple[str, str]]] = {}
    own = {(each.kind, each.identity) for each in source.objects() if policy.decision(each) is None}
    for each in source.dependencies:
        if each.on_kind == Extension.kind and (each.kind, each.identity) in own:
            needing.setdefault(each.on_identity, []).append((each.kind, each.identity))
    for extension in source.extensions:
        users = needing.get(extension.identity, [])
        if there.has_extension(extension.name) or (not users and policy.decision(extension) is not None):
            continue
        for kind, identity in users or [(extension.kind, extension.identity)]:
            yield _extension(extension, kind, identity, there.extensions)


def _extension(each: Extension, kind: str, identity: str, offered: Mapping[str, str] | None) -> PlatformDependency:
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


def dependency_findings(found: Iterable[PlatformDependency]) -> tuple[Finding, ...]:
    """A finding for each thing of the platform that is needed, with all that needs it."""
    groups: dict[tuple[str, str], list[PlatformDependency]] = {}
    for each in found:
        groups.setdefault((each.code, each.needs), []).append(each)
    return tuple(_finding(code, needs, each) for (code, needs), each in groups.items())


def _finding(code: str, needs: str, group: list[PlatformDependency]) -> Finding:
    first = group[0]
    kind, _, identity = needs.rpartition(" ") if code != EXTENSION else ("extension", "", needs.split(" ")[1])
    there = {True: "the target has it", False: "the target has it not", None: "not looked at on the target"}
    many = f"{len(group)} object{'s' if len(group) > 1 else ''} of yours need{'' if len(group) > 1 else 's'}"
    return Finding(
        code=code,
        severity=first.severity,
        stage="diff",
        object=FoundObject(kind=kind, identity=identity),
        title=f"{many} the platform's {needs}; {there[first.on_target]}",
        evidence=tuple(Evidence(label=f"{each.kind} {each.identity}", text=each.how) for each in group),
        breaks=tuple(dict.fromkeys(each.breaks for each in group)),
        fix=None if first.on_target else Fix(text="Ways out: " + "; or ".join(first.ways_out) + "."),
    )
