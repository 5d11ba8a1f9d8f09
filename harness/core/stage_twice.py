"""A stage twice: what one stage checked and skipped in a newer run and in an older one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from harness.core.coverage import LARGE_OBJECTS, Coverage, Skipped, of_check
from harness.core.document import RunDocument
from harness.core.findings import Finding
from harness.core.method_coverage import IGNORED_FIELD

_UNNAMED = re.compile(r"(\d+) changes?$")
_JOINT = re.compile(r"[.(:]")
"""Ends what holds the rest: public.clients.name, public.total(integer); `get: one` is a case of get"""


@dataclass
class StageTwice:
    """What one stage checked and skipped in both runs; of several targets, for the one whose mark names end with."""

    name: str
    mark: str
    newer: RunDocument
    older: RunDocument
    now: list[Coverage] = field(init=False)
    then: list[Coverage] = field(init=False)

    def __post_init__(self) -> None:
        self.now = [_of_one_target(each, self.mark) for each in self.newer.coverage if each.stage == self.name]
        self.then = [_of_one_target(each, self.mark) for each in self.older.coverage if each.stage == self.name]

    def why_skipped(self, finding: Finding) -> str:
        """That what was found, what holds it or a part of it was skipped; a part that always was says nothing."""
        if (whole := self._skipped.get(f"stage {self.name}")) is not None:
            return _told(whole)
        if (item := self._skipped.get(_name_in_coverage(finding, self.mark))) is not None:
            return _told(item)
        identity = finding.object.identity.removesuffix(self.mark)
        for name in filter(None, (identity, (finding.table or "").removesuffix(self.mark))):
            for holder in _holders(name):
                if (item := self._skipped.get(holder)) is not None:
                    return _told(item)
        for item, whole_name in self._mentioned.get(identity, ()):
            if whole_name or item.item not in self._skipped_then:
                return _told(item)
        return self._field_left_out(finding)

    def _field_left_out(self, finding: Finding) -> str:
        """That a field is ignored now, where the older run does not say that others alone differed."""
        if self.name != "methods":
            return ""
        methods = (each for each in self.older.methods if each.method == finding.object.identity)
        paths = [field.path for each in methods for field in each.fields]
        for item in self._skipped.values():
            name = item.item.removeprefix(IGNORED_FIELD)
            if name != item.item and (not paths or any(name in path for path in paths)):
                return _told(item)
        return ""

    def unnamed_now(self, finding: Finding) -> str:
        """What was named as checked then and is not now: a table, a method, the place of a statement."""
        names = (finding.object.identity, finding.table or "", *finding.breaks)
        lost = self._lost & {name.removesuffix(self.mark) for name in names}
        return f"{min(lost)} was checked then, and not now" if lost else ""

    def not_named(self, finding: Finding) -> str:
        """What coverage names whenever it was checked, and does not name now."""
        name = _name_in_coverage(finding, self.mark)
        if not name or any(name in each.items for each in self.now):
            return ""
        return f"{name} {'were not compared' if name == LARGE_OBJECTS else 'was not compared'}"

    @cached_property
    def left_unnamed(self) -> str:
        """Changes that a rule leaves out are counted, and not named: where they are more, it may be one of them."""
        before = _by_reason(self.then)
        for reason, number in _by_reason(self.now).items():
            if number > before.get(reason, 0):
                return f"{number - before.get(reason, 0)} more changes are left out by a rule now: {reason}"
        return ""

    @cached_property
    def _lost(self) -> set[str]:
        return {item for each in self.then for item in each.items} - {item for each in self.now for item in each.items}

    @cached_property
    def _skipped(self) -> dict[str, Skipped]:
        """What a person left out of both runs for one reason was no part of what the older run looked at either."""
        always = {item for each in self.then for item in each.skipped if item.decided}
        return {item.item: item for each in self.now for item in each.skipped if item not in always}

    @cached_property
    def _skipped_then(self) -> set[str]:
        return {item.item for each in self.then for item in each.skipped}

    @cached_property
    def _mentioned(self) -> dict[str, list[tuple[Skipped, bool]]]:
        """By each name in an item, and by what holds it: the item, and whether it is the name itself."""
        found: dict[str, list[tuple[Skipped, bool]]] = {}
        for item in self._skipped.values():
            # In words, as in `rows of public.clients on the source`; names with blanks as a whole.
            for word in {item.item, *item.item.split()}:
                for holder in _holders(word):
                    found.setdefault(holder, []).append((item, holder == word))
        return found


def _name_in_coverage(finding: Finding, mark: str) -> str:
    """What coverage calls the object of a finding, where that is not the object's own name; else ''."""
    match finding.stage, finding.object.kind:
        case "rows", "check":
            return of_check(finding.object.identity.removesuffix(mark))
        case "rows" | "migrate", "large object":
            return LARGE_OBJECTS
    return ""


def _of_one_target(coverage: Coverage, mark: str) -> Coverage:
    """Its items and what it skipped of one of several targets, without the target's mark."""
    if not mark:
        return coverage
    return coverage.model_copy(
        update={
            "items": tuple(each.removesuffix(mark) for each in coverage.items if each.endswith(mark)),
            "skipped": tuple(
                each.model_copy(update={"item": each.item.removesuffix(mark)})
                for each in coverage.skipped
                if each.item.endswith(mark)
            ),
        }
    )


def _holders(name: str) -> Iterator[str]:
    """A name, and the names that it begins with: public.clients.name, public.clients, public."""
    yield name
    for joint in _JOINT.finditer(name):
        yield name[: joint.start()]


def _told(item: Skipped) -> str:
    return f"{item.item}: {item.reason}"


def _by_reason(coverages: Iterable[Coverage]) -> dict[str, int]:
    return {
        item.reason: int(match[1])
        for coverage in coverages
        for item in coverage.skipped
        if (match := _UNNAMED.match(item.item))
    }
