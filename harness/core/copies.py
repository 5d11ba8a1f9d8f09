"""Copies: what a table has because its parent has it is told at the parent, unless it deviates from the parent's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from harness.core.differences import NAME, Difference
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address, CatalogObject
from harness.core.model.rules import Constraint, Index, Trigger

Rule = Constraint | Index | Trigger


def told(found: Iterable[Difference], source: Catalog, target: Catalog) -> list[Difference]:
    """The differences without those that only repeat the parent's, with what PostgreSQL copies told as altered."""
    view = _View(tuple(found), source, target)
    return [each for one in view.found for each in view.told(one)]


@dataclass(frozen=True)
class _View:
    found: tuple[Difference, ...]
    source: Catalog
    target: Catalog

    def told(self, each: Difference) -> list[Difference]:
        if not isinstance(each.object, Rule):
            return [each]
        if each.attribute is None:
            return self._whole(each)
        if self._repeats(each):
            return []
        if isinstance(each.object, Trigger) and each.attribute == NAME and self._order_changes(each.object):
            return [replace(each, equivalence=None)]
        if each.attribute == "index_comment":
            return [self._of_index(each)]
        return [each]

    def _whole(self, each: Difference) -> list[Difference]:
        """What one side has on its own, where the other side may have a copy of the parent's in its place."""
        mine, its = each.source, each.target
        there = self.target if mine is not None else self.source
        other = self._objects(there).get(each.object.address)
        if other is None:
            other = self._same_rule(each.object, there)
        if not isinstance(other, Rule) or not other.parents or other.compared:
            return [each]
        if any(("", *self._mark(each, parent)) in self._whole_marks for parent in other.parents):
            # The parent's own line says that it is missing.
            return []
        attribute = "enabled" if isinstance(other, Trigger) else "inherited"
        source, target = (mine or other), (its or other)
        return [
            Difference(
                source=source,
                target=target,
                attribute=attribute,
                source_value=getattr(source, attribute),
                target_value=getattr(target, attribute),
            )
        ]

    @staticmethod
    def _mark(each: Difference, parent: str) -> Address:
        return (each.object.kind, parent)

    @cached_property
    def _whole_marks(self) -> frozenset[tuple[str, str, str]]:
        return frozenset(("", each.object.kind, each.object.identity) for each in self.found if each.attribute is None)

    @staticmethod
    def _same_rule(each: CatalogObject, there: Catalog) -> CatalogObject | None:
        """The copy of a foreign key that PostgreSQL may have called otherwise."""
        if not isinstance(each, Constraint):
            return None
        rules = there.constraints_by_table.get(each.table_identity or "", ())
        return next((rule for rule in rules if rule.copied and rule.signature == each.signature), None)

    def _repeats(self, each: Difference) -> bool:
        """Whether the parents' own lines say it."""
        parents = {parent for side in (each.source, each.target) for parent in getattr(side, "parents", ())}
        if not parents:
            return False
        if isinstance(each.object, Trigger) and each.attribute != "enabled":
            return True
        if each.attribute == "attached":
            differing = {one.object.identity for one in self._of_kind(each) if one.attribute in (None, NAME)}
            named = {
                one.target.identity for one in self._of_kind(each) if one.attribute == NAME and one.target is not None
            }
            return bool(parents & (differing | named))
        if each.attribute == NAME and not (isinstance(each.object, Constraint) and each.object.type == "check"):
            return False
        return any(
            one.attribute == each.attribute and parents & {side.identity for side in (one.source, one.target) if side}
            for one in self._of_kind(each)
        )

    def _of_kind(self, each: Difference) -> Iterable[Difference]:
        """An index may be a partition of a constraint's."""
        kinds = {each.object.kind} if each.object.kind == "trigger" else {"constraint", "index"}
        return (one for one in self.found if one.object.kind in kinds)

    @cached_property
    def _by_address(self) -> dict[int, dict[Address, CatalogObject]]:
        return {
            id(catalog): {each.address: each for each in catalog.objects() if isinstance(each, Rule)}
            for catalog in (self.source, self.target)
        }

    def _objects(self, catalog: Catalog) -> dict[Address, CatalogObject]:
        return self._by_address[id(catalog)]

    def _order_changes(self, trigger: Trigger) -> bool:
        """Triggers of one table fire in the order of their names."""
        ours, theirs = (
            [each.signature for each in sorted(catalog.triggers, key=lambda each: each.name)
             if each.table_identity == trigger.table_identity]
            for catalog in (self.source, self.target)
        )  # fmt: skip
        both = set(ours) & set(theirs)
        return [each for each in ours if each in both] != [each for each in theirs if each in both]

    def _of_index(self, each: Difference) -> Difference:
        """The comment on a constraint's index is told of the index."""
        index, its = (
            next(
                (
                    index
                    for index in catalog.indexes_by_table.get(each.object.table_identity or "", ())
                    if isinstance(side, Constraint) and index.constraint == side.name
                ),
                None,
            )
            for catalog, side in ((self.source, each.source), (self.target, each.target))
        )
        if index is None or its is None:
            return each
        return replace(each, source=index, target=its, attribute="comment")
