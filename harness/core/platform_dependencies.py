"""Platform dependencies: finds what of a user's schema needs what a platform manages, and whether the target has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.model.privileges import DefaultPrivilege, Privilege
from harness.core.model.programs import Extension
from harness.core.model.rules import Constraint, Trigger
from harness.core.model.rules import Policy as RowPolicy
from harness.core.names import split
from harness.core.platform_dependency import EXTENSION, PlatformDependency
from harness.core.platform_mentions import mentions, texts_of
from harness.core.platform_needs import (
    by_need,
    of_extension,
    of_foreign_key,
    of_mention,
    of_publication,
    of_role,
    of_table_part,
)
from harness.core.policy import ManagedPolicy, schema_in


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
        yield of_table_part(each, on_target=there.has(each.schema, each.table))
    if isinstance(each, Constraint) and each.references and policy.manages_schema(schema_in(each.references)):
        yield of_foreign_key(each, on_target=there.has(*split(each.references)[:2]))
        return
    own = (getattr(each, "schema", ""), getattr(each, "table", ""))
    for mention in mentions(texts_of(each), policy):
        if not mention.called and (mention.schema, mention.name) == own:
            continue
        yield of_mention(each, mention, policy, on_target=there.has(mention.schema, mention.name))


def _roles(each: CatalogObject, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    for role, how in _named_roles(each):
        if policy.manages_role(role):
            yield of_role(each.kind, each.identity, role, how, on_target=there.has_role(role))


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
        how = f"granted {', '.join(sorted(privileges))}"
        yield of_role(kind, identity, role, how, on_target=there.has_role(role))


def _publications(source: Catalog, policy: ManagedPolicy, there: _Target) -> Iterator[PlatformDependency]:
    here = {each.identity for each in there.catalog.objects() if each.kind == "publication"}
    for each in source.publications:
        if policy.reason("publications", each.name) is None:
            continue
        for table in each.tables:
            if policy.manages_schema(schema_in(table)):
                continue
            yield of_publication(table, each.identity, on_target=each.identity in here)


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
            yield of_extension(extension, kind, identity, there.extensions)


def dependency_findings(found: Iterable[PlatformDependency]) -> tuple[Finding, ...]:
    """A finding for each thing of the platform that is needed, with all that needs it."""
    return tuple(_finding(code, needs, each) for (code, needs), each in by_need(found).items())


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
