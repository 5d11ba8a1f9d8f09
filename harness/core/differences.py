"""Differences of two catalogs; this knows objects, keys, signatures and attributes, and no kind of object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Literal

from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address, CatalogObject

NAME = "name"
"""The attribute of a change that says: the same object, called otherwise"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference as found: the objects of both sides, and the attribute where both exist."""

    source: CatalogObject | None = None
    target: CatalogObject | None = None
    attribute: str | None = None
    source_value: Any = None
    target_value: Any = None
    equivalence: str | None = None
    """The class of harmless difference that it was recognised as"""

    @property
    def change(self) -> Literal["added", "removed", "altered"]:
        """added: on the target only; removed: on the source only; altered: on both."""
        if self.source is None:
            return "added"
        return "removed" if self.target is None else "altered"

    @property
    def object(self) -> CatalogObject:
        """The source's object, the target's where the source has none."""
        found = self.source or self.target
        if found is None:
            raise ValueError("a difference is about an object")
        return found

    def as_equivalent(self, equivalence: str) -> Difference:
        """The same difference, recognised as one of a class of harmless ones."""
        return replace(self, equivalence=equivalence)


def differences(source: Catalog, target: Catalog) -> list[Difference]:
    """Every difference of the compared objects, also of the parts of an object that is missing as a whole.

    Objects with different names are the same where both belong to one table and have equal signatures; their names are
    then one difference of the class `name`.
    """
    ours, theirs = map(_families, unshared(source, target))
    found: list[Difference] = []
    for family in sorted({*ours, *theirs}):
        found += _of_family(ours.get(family, []), theirs.get(family, []))
    return found


def unshared(source: Catalog, target: Catalog) -> tuple[list[CatalogObject], list[CatalogObject]]:
    """The objects of both sides, but for those that are one and the same in both catalogs."""
    ours, theirs = list(source.objects()), list(target.objects())
    shared = set(map(id, ours)) & set(map(id, theirs))
    if not shared:
        return ours, theirs
    return [each for each in ours if id(each) not in shared], [each for each in theirs if id(each) not in shared]


def without_parts(found: Iterable[Difference]) -> list[Difference]:
    """The differences as people want them told.

    What comes and goes with a missing object is not listed beside it, nor what happens to a copy as to its original.
    """
    found = list(found)
    told = {(each.object.address, *_happening(each)) for each in found}
    found = [each for each in found if not any((one, *_happening(each)) in told for one in each.object.copy_of)]
    absent: set[Address] = {each.object.address for each in found if each.attribute is None}
    return [
        each
        for each in found
        if each.attribute is not None or (each.object.told_whole and absent.isdisjoint(each.object.part_of))
    ]


def _happening(each: Difference) -> tuple[Any, ...]:
    return (each.change, each.attribute, each.source_value, each.target_value)


def _families(objects: Iterable[CatalogObject]) -> dict[str, list[CatalogObject]]:
    families: dict[str, list[CatalogObject]] = defaultdict(list)
    for each in objects:
        if each.compared:
            families[each.kind].append(each)
    return families


def _of_family(ours: list[CatalogObject], theirs: list[CatalogObject]) -> list[Difference]:
    """The differences among objects of one kind.

    They are paired by key and signature first, then by signature alone, then by key alone: of two objects that trade
    names the definition tells which is which.
    """
    found: list[Difference] = []
    for matched_by in (_whole, _signature, attrgetter("key")):
        pairs, ours, theirs = _paired(ours, theirs, matched_by)
        for mine, its in pairs:
            found += _of_pair(mine, its)
    found += (Difference(source=each) for each in ours)
    found += (Difference(target=each) for each in theirs)
    return found


def _whole(each: CatalogObject) -> Any:
    return (each.key, each.signature)


def _signature(each: CatalogObject) -> Any:
    """None for what only its name tells apart."""
    return None if each.signature is None else (each.table_identity, each.signature)


def _paired(
    ours: Iterable[CatalogObject], theirs: Collection[CatalogObject], matched_by: Callable[[CatalogObject], Any]
) -> tuple[list[tuple[CatalogObject, CatalogObject]], list[CatalogObject], list[CatalogObject]]:
    """Pairs with equal marks, in order where several have one mark, and what remains of both sides."""
    waiting: dict[Any, list[CatalogObject]] = defaultdict(list)
    for each in theirs:
        waiting[matched_by(each)].append(each)
    pairs: list[tuple[CatalogObject, CatalogObject]] = []
    rest: list[CatalogObject] = []
    for each in ours:
        mark = matched_by(each)
        if mark is not None and waiting.get(mark):
            pairs.append((each, waiting[mark].pop(0)))
        else:
            rest.append(each)
    taken = {id(its) for _, its in pairs}
    return pairs, rest, [each for each in theirs if id(each) not in taken]


def _of_pair(mine: CatalogObject, its: CatalogObject) -> list[Difference]:
    found: list[Difference] = []
    if mine.key != its.key:
        found.append(
            Difference(
                source=mine,
                target=its,
                attribute=NAME,
                source_value=mine.key[-1],
                target_value=its.key[-1],
                equivalence=NAME,
            )
        )
    if mine == its:
        return found
    other = its.attributes()
    for attribute, value in mine.attributes().items():
        # What one side cannot tell is no difference.
        if attribute in other and value != other[attribute]:
            found.append(
                Difference(
                    source=mine,
                    target=its,
                    attribute=attribute,
                    source_value=value,
                    target_value=other[attribute],
                )
            )
    return found
