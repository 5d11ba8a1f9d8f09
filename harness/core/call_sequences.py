"""Sequences of calls: which calls belong together, how values of one reach the next, and where a sequence diverges."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.core.likeness import opened
from harness.core.method_results import JudgedPair
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.pairs import Comparison
from harness.core.statements import CapturedStatement

_CALLS_OF_A_METHOD = 2
"""Cases of one method that take part in the sequences about one table"""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A case that both sides answered alike when it was called alone, and what it touches."""

    case: Case
    writes: frozenset[str]
    """Identities of the tables that it left changed"""
    touches: frozenset[str]
    """Those, and the tables that the method's statements name"""
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Calls about one table: what writes to it, what reads it, and what fails on it."""

    table: str
    writes: tuple[Case, ...]
    reads: tuple[Case, ...]
    failures: tuple[Case, ...]

    def without(self, methods: Iterable[str]) -> Topic:
        """The same without the calls of some methods."""
        left_out = frozenset(methods)
        writes, reads, failures = (
            tuple(case for case in cases if case.method not in left_out)
            for cases in (self.writes, self.reads, self.failures)
        )
        return Topic(table=self.table, writes=writes, reads=reads, failures=failures)

    @property
    def methods(self) -> frozenset[str]:
        """The methods that are called."""
        return frozenset(case.method for case in (*self.writes, *self.reads, *self.failures))


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a sequence. Two steps are equal when they call the same with the same."""

    key: str
    """The case and what its arguments were aligned with"""
    case: Case = field(compare=False)
    earlier: int | None = None
    """The step whose answer gives arguments, where it holds a value of that name: each side's own value"""


Plan = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """A sequence whose last call is not answered alike, or leaves other rows behind."""

    plan: Plan
    calls: tuple[tuple[Observation, Observation], ...]
    """Source and target of each step"""
    found: Comparison

    @property
    def method(self) -> str:
        """The method that was called last."""
        return self.plan[-1].case.method


def known_cases(
    cases: Iterable[Case], pairs: Iterable[JudgedPair], statements: Iterable[CapturedStatement], tables: Iterable[str]
) -> tuple[KnownCase, ...]:
    """The cases that can take part: alike alone, of methods that no case tells apart.

    What follows a method that is known to differ differs because of it, and says nothing new. `tables` are identities
    (schema.table) of the source; a method touches those that its statements name.
    """
    judged = {each.pair.case: each for each in pairs}
    apart = {each.pair.method for each in judged.values() if each.pair.verdict == "different"}
    named = _tables_named(statements, tables)
    known = []
    for case in cases:
        pair = judged.get(case.id)
        if pair is None or pair.found.void or case.method in apart:
            continue
        writes = frozenset(what.rpartition(" ")[0] for what in (*pair.pair.source.effects, *pair.pair.target.effects))
        failed = pair.pair.source.error is not None or pair.pair.target.error is not None
        touches = writes | named.get(case.method, frozenset())
        known.append(KnownCase(case=case, writes=writes, touches=touches, failed=failed))
    return tuple(known)


def _tables_named(statements: Iterable[CapturedStatement], tables: Iterable[str]) -> dict[str, frozenset[str]]:
    by_name: dict[str, set[str]] = {}
    for identity in tables:
        by_name.setdefault(identity.rpartition(".")[2].strip('"'), set()).add(identity)
    named: dict[str, set[str]] = {}
    for each in statements:
        text = each.sql or (f"{each.request.path} {each.request.query}" if each.request else "")
        for word in set(_WORD.findall(text)) & by_name.keys():
            named.setdefault(each.origin, set()).update(by_name[word])
    return {method: frozenset(identities) for method, identities in named.items()}


def topics(known: Sequence[KnownCase], *, seed: int) -> tuple[Topic, ...]:
    """Calls by the table that they are about, most writing methods first; one topic of all where nothing writes."""
    chance = random.Random(seed)  # noqa: S311 - equal seeds give equal sequences
    written = sorted(frozenset[str]().union(*(each.writes for each in known)))
    if not written:
        reads = [each.case for each in known if not each.failed]
        failures = [each.case for each in known if each.failed]
        every = Topic(table="", writes=(), reads=_few(reads, {}, chance), failures=_few(failures, {}, chance))
        return (every,) if every.reads else ()
    found = []
    for table in written:
        members = [each for each in known if table in each.touches]
        writes = [each for each in members if table in each.writes and not each.failed]
        if not writes:
            continue
        anchor = chance.choice(writes).case.kwargs
        found.append(
            Topic(
                table=table,
                writes=_few([each.case for each in writes], anchor, chance),
                reads=_few([each.case for each in members if not each.writes and not each.failed], anchor, chance),
                failures=_few([each.case for each in members if each.failed], anchor, chance),
            )
        )
    return tuple(sorted(found, key=lambda each: (-len({case.method for case in each.writes}), each.table)))


def _few(cases: Sequence[Case], anchor: Mapping[str, Any], chance: random.Random) -> tuple[Case, ...]:
    """Of each method the cases whose arguments are most like the anchor's: they are about the same rows."""
    by_method: dict[str, list[Case]] = {}
    for case in cases:
        by_method.setdefault(case.method, []).append(case)
    chosen = []
    for _, of_method in sorted(by_method.items()):
        shuffled = list(of_method)
        chance.shuffle(shuffled)
        shuffled.sort(key=lambda case: -shared_arguments(case.kwargs, anchor))
        chosen += shuffled[:_CALLS_OF_A_METHOD]
    return tuple(chosen)


def shared_arguments(arguments: Mapping[str, Any], others: Mapping[str, Any]) -> int:
    """How many arguments have the name and the value of another call's."""
    return sum(name in others and _same(value, others[name]) for name, value in arguments.items())


def _same(value: Any, other: Any) -> bool:
    return type(value) is type(other) and bool(value == other)


def aligned(case: Case, anchor: Case) -> Case:
    """The case with the anchor's values for single arguments of the same name and type: about the same row."""
    changed = {
        name: anchor.kwargs[name]
        for name, value in case.kwargs.items()
        if name in anchor.kwargs
        and isinstance(value, int | str | uuid.UUID)
        and not isinstance(value, bool)
        and type(value) is type(anchor.kwargs[name])
    }
    if all(_same(case.kwargs[name], value) for name, value in changed.items()):
        return case
    purpose = f"about the row of {anchor.id}"
    changes = {"id": f"{case.id} / {anchor.id}", "kwargs": {**case.kwargs, **changed}, "purpose": purpose}
    return case.model_copy(update=changes)


def arguments_from(case: Case, answer: Any) -> dict[str, Any]:
    """The case's arguments, with values of an earlier answer's object for those of the same name and type.

    Of several objects only what all of them have in common: which of them is the first one may be chance, and each
    side would go on with another row. DELETE … RETURNING has no order at all.

    An argument that ends in `_id` takes the field `id` where there is none of its own name.
    """
    fields = _common_fields(answer)
    arguments = dict(case.kwargs)
    for name, value in case.kwargs.items():
        for field_name in (name, "id") if name == "id" or name.endswith("_id") else (name,):
            taken = _fitting(fields.get(field_name), value)
            if taken is not None:
                arguments[name] = taken
                break
    return arguments


def _common_fields(answer: Any) -> Mapping[str, Any]:
    _, content = opened(answer)
    every = [opened(each)[1] for each in content] if isinstance(content, list) else [content]
    if not every or not all(isinstance(each, dict) for each in every):
        return {}
    first, *others = every
    return {
        str(key): value
        for key, value in first.items()
        if all(key in other and _same(value, other[key]) for other in others)
    }


def _fitting(value: Any, present: Any) -> Any:
    """A value of the type that the argument has; None where it has another."""
    if isinstance(value, bool) or isinstance(present, bool):
        return None
    if isinstance(present, str) and isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(present, int | str | uuid.UUID) and type(value) is type(present):
        return value
    return None


def shorter(plan: Plan) -> Iterator[Plan]:
    """The plan without some of its steps, many at once first; its last one stays: there the sequence diverges."""
    before = len(plan) - 1
    size = before
    while size >= 1:
        for start in range(0, before, size):
            kept = _without(plan, range(start, min(start + size, before)))
            if kept is not None:
                yield kept
        size //= 2


def _without(plan: Plan, gone: range) -> Plan | None:
    """The other steps, which name earlier ones by their new places; None where one needs a step that is gone."""
    places: dict[int, int] = {}
    kept: list[Step] = []
    for position, step in enumerate(plan):
        if position in gone:
            continue
        if step.earlier is not None and step.earlier not in places:
            return None
        places[position] = len(kept)
        kept.append(Step(step.key, step.case, None if step.earlier is None else places[step.earlier]))
    return tuple(kept)
