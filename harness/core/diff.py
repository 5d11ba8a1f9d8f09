"""Diff: two catalogs and the rules of a configuration become the list of changes, with what each does at a cutover."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.core.change import Change
from harness.core.classify import consequence
from harness.core.copies import told
from harness.core.differences import Difference, differences, without_parts
from harness.core.equivalence import recognised
from harness.core.implied import without_implied
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.privileges import comparable_privileges, settled_access, told_access
from harness.core.record import Consequence, JsonValue
from harness.core.rules import Rules, with_target_names
from harness.core.settled_texts import settled
from harness.core.versions import without_what_the_target_lacks

Settle = Callable[[Iterable[Difference]], list[Difference]]

DECLARED = "declared"
"""The class of a rename that the configuration declares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A diff with what it was made from."""

    source: Catalog
    """The source's catalog under the target's names, where renames are declared"""
    target: Catalog
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...] = ()
    """All that a plan has to settle: the parts of missing objects too, and what is recognised as harmless"""
    filtered: tuple[tuple[str, int], ...] = ()
    """Reason of an ignore rule and how many changes it took out"""


def diff(source: Catalog, target: Catalog, rules: Rules | None = None) -> tuple[Change, ...]:
    """Every difference between two catalogs, by object; nothing for equal ones.

    ConfigurationError: a rename of the rules speaks of what is not there.
    """
    return compare(source, target, rules).changes


def compare(source: Catalog, target: Catalog, rules: Rules | None = None, *, settle: Settle = settled) -> Comparison:
    """The diff, with the catalogs as they were compared and the count of what rules left out.

    `settle` takes out the differences that are none: of texts that mean the same.
    """
    rules = rules or Rules()
    source, renamed = with_target_names(source, target, rules.renames)
    source, target = comparable_privileges(*without_what_the_target_lacks(source, target))
    differing = settled_access(settle(differences(source, target)), source, target)
    found = recognised(
        told_access(without_implied(told(without_parts(differing), source, target)), source, target), source, target
    )
    dependents = _dependents(source, target) if found else {}
    changes = [_change(each, source, target, dependents) for each in found]
    changes += (
        Change(
            kind=each.kind,
            identity=each.source,
            attribute="name",
            change="renamed",
            source=each.source,
            target=each.target,
            consequence=Consequence.COSMETIC,
            equivalence=DECLARED,
        )
        for each in renamed
    )
    kept: list[Change] = []
    filtered: Counter[str] = Counter()
    for change in changes:
        reason = rules.reason_to_ignore(change)
        if reason is None:
            kept.append(change)
        else:
            filtered[reason] += 1
    kept.sort(key=lambda each: (each.table or each.identity, each.kind, each.identity, each.attribute or ""))
    return Comparison(
        source=source,
        target=target,
        changes=tuple(kept),
        differences=tuple(differing),
        filtered=tuple(sorted(filtered.items())),
    )


def _change(each: Difference, source: Catalog, target: Catalog, dependents: dict[tuple[str, str], set[str]]) -> Change:
    whole = each.attribute is None
    return Change(
        kind=each.object.told_as or each.object.kind,
        identity=each.object.identity,
        attribute=each.attribute,
        change=each.change,
        source=described(each.source) if whole else _json(each.source_value),
        target=described(each.target) if whole else _json(each.target_value),
        consequence=consequence(each, source, target),
        equivalence=each.equivalence,
        table=each.object.table_identity,
        dependents=tuple(sorted(dependents.get((each.object.kind, each.object.identity), ()))),
    )


def described(each: CatalogObject | None) -> JsonValue:
    """What is told of a whole object: its attributes, the empty ones left out; None for no object."""
    if each is None:
        return None
    return {name: _json(value) for name, value in each.attributes().items() if value not in (None, (), "", False)}


def _json(value: object) -> JsonValue:
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"an attribute of a catalog object is no JSON value: {type(value).__name__}")


def _dependents(*catalogs: Catalog) -> dict[tuple[str, str], set[str]]:
    """What needs each object, on either side."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for catalog in catalogs:
        for each in catalog.dependencies:
            found[each.on_kind, each.on_identity].add(each.identity)
    return found
