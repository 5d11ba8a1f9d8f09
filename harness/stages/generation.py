"""Cases for every method, found by calling the source: arguments that find rows, then everything around them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from harness.core.generation import names
from harness.core.generation.anchors import anchors
from harness.core.generation.arguments import row_values
from harness.core.generation.binding import Known
from harness.core.generation.calls import Base, Call, Lane, call
from harness.core.generation.changes import below_zero, beside, by_chance, lanes, misused
from harness.core.generation.choosing import budget, by_turns, chosen
from harness.core.generation.learning import learned, rows_found
from harness.core.generation.planning import Path, Plan, plan_of
from harness.core.generation.sampled import Row, Sampled
from harness.core.generation.signatures import MethodSignature
from harness.core.model.catalog import Catalog
from harness.core.observations import Observation
from harness.core.outcomes import Case
from harness.core.statements import CapturedStatement
from harness.postgres.samples import sample_tables
from harness.stages.stand import Stand

Explore = Callable[[Case], tuple[Observation, tuple[CapturedStatement, ...]]]
"""Calls the source alone, as it is after a reset where it wrote before"""

_CALLS = 24
"""Calls that are made at most to find arguments for a method; each takes a few milliseconds"""
_WRITES = 4
"""The same of calls that write: the clone is made anew after each"""
_ROWS_FOR_WRITES = 20
"""Rows that are tried, until a call writes"""
_WIDE = (1000, 500, 100)
"""Limits above all rows, the first that is not refused"""
_LESSONS = 4
"""Calls under one reading, while each of them tells more"""
_STYLES = 6
_UPDATES = frozenset({"update", "set", "change", "patch", "edit", "mark", "rename"})
_BESIDE = 3
"""Changes of each argument of the second base: those that tell most"""


def sample(stand: Stand, catalog: Catalog, tables: Sequence[str], *, seed: int = 0) -> Sampled:
    """Rows of the tables in scope, from the stand's clone, which is as its template is."""
    connection = stand.server.connect(stand.slot.name, purpose="samples")
    try:
        return sample_tables(connection, catalog, tables, seed=seed)
    finally:
        connection.close()


def generated_cases(
    signatures: Mapping[str, MethodSignature],
    rows: Sampled,
    catalog: Catalog,
    explore: Explore,
    *,
    each: int,
    seed: int,
) -> tuple[Case, ...]:
    """Cases for every method, `each` of them or up to twice as many where a method takes much.

    The same databases and the same seed give the same cases. What `explore` raises passes through.
    """
    made: list[Case] = []
    for name in sorted(signatures):
        search = _Search(replace(signatures[name], name=name), rows, catalog, explore, _chance(seed, name))
        made += search.cases(each)
    return tuple(made)


def _chosen_columns(plan: Plan) -> list[tuple[Path, str]]:
    """The columns of the parameters that were not read in their likeliest sense."""
    return [(place.path, place.binding.column) for place in plan.places if place.path[0] in plan.choice]


def _chance(seed: int, name: str) -> random.Random:
    """Chance of each method's own: another method that comes or goes changes nothing for it."""
    return random.Random(f"{seed} {name}")  # noqa: S311


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one call came to."""

    rows: int
    error: bool
    wrote: bool
    asked: bool
    """A server was"""


@dataclass(slots=True)
class _Tried:
    """A call that was made to find arguments."""

    base: Base
    call: Call
    error: bool
    wrote: bool

    @property
    def worth(self) -> int:
        """Rows above all, then an answer without them."""
        return 0 if self.error else 1 + self.base.rows + 1000 * self.wrote


@dataclass(slots=True)
class _Search:
    """One method: arguments for it are looked for, then changed."""

    signature: MethodSignature
    sampled: Sampled
    catalog: Catalog
    explore: Explore
    rng: random.Random
    known: Known = field(default_factory=Known)
    tried: list[_Tried] = field(default_factory=list)
    seen: dict[str, _Seen] = field(default_factory=dict)

    def cases(self, each: int) -> tuple[Case, ...]:
        """The method's cases."""
        method = self.signature.name
        if not self.signature.parameters:
            return chosen(method, [Call("called", {})], (), iter(()), 1)
        plan = self._reading()
        bases = self._bases(plan)
        if not bases:
            return ()
        main = self._counted([tried.base for tried in bases[:3]])
        # The calls with every argument told more of them than was known when the plan was made.
        plan = replace(main.plan, known=replace(main.plan.known, sought=self.known.sought))
        limited = replace(main, plan=plan)
        around = lanes(limited, self.rng)
        more = [iter([tried.call for tried in bases[3:]]), self._refused(limited)]
        if len(bases) > 1:
            more.append(beside(bases[1].base, self.rng, _BESIDE))
        calls = chain(by_turns(around.leading, until=around.first), by_turns((*around.following, *more)))
        writes_rows = bool(plan.records) or bool(self.known.stored)
        sought = sum((place.binding.table, place.binding.column) in self.known.sought for place in plan.places)
        number = budget(each, len(plan.places) + sought, writes_rows=writes_rows)
        first = [tried.call for tried in bases[:3]]
        return chosen(method, first, calls, by_chance(limited, self.rng), number)

    def _reading(self) -> Plan:
        """The reading of the signature under which a call finds rows, or at least succeeds."""
        for choice, style in self._readings():
            plan = plan_of(self.signature, self.sampled, self.known, choice=choice, style=style)
            for lesson in range(_LESSONS):
                before = self.known
                self._try(plan, anchors(plan, self.rng, 1)[0], full=bool(self.known.written))
                if self.known == before or (lesson and self._best() > 1) or self._spent():
                    break
                plan = plan_of(self.signature, self.sampled, self.known, choice=choice, style=style)
            if self._best() > 1:
                break
            for row in anchors(plan, self.rng, 3)[1:]:
                self._try(plan, row, full=True)
                if self._best() > 1:
                    break
            if self._best() > 1 or self._spent():
                break
        return max(self.tried, key=lambda each: each.worth).base.plan if self.tried else plan

    def _readings(self) -> Iterator[tuple[dict[str, int], int]]:
        yield {}, 0
        undeclared = any(each.fields is None for tried in self.tried for each in tried.base.plan.containers.values())
        if self.tried and (undeclared or all(each.error for each in self.tried)):
            for style in range(1, _STYLES + 1):
                yield {}, style
        for at in (1, 2):
            for parameter in self.signature.parameters:
                yield {parameter.name: at}, 0

    def _spent(self) -> bool:
        return self._spent_writes() or len(self.seen) >= _CALLS

    def _spent_writes(self) -> bool:
        return sum(each.wrote for each in self.seen.values()) >= _WRITES

    def _best(self) -> int:
        return max((each.worth for each in self.tried), default=0)

    def _bases(self, plan: Plan) -> list[_Tried]:
        """Calls that differ in what they find: most rows first, then one with a single row, then others."""
        before, plan = plan, self._again(plan)
        self.tried = [
            replace(each, base=replace(each.base, plan=plan, values=row_values(plan, each.base.row)))
            for each in self.tried
            if (each.base.plan.choice, each.base.plan.style) == (before.choice, before.style)
        ]
        if not self.known.written:
            for row in anchors(plan, self.rng, 5):
                for full in (False, True):
                    self._try(plan, row, full=full)
        else:
            for at, row in enumerate(anchors(plan, self.rng, _ROWS_FOR_WRITES)):
                if at > 1 and (self._spent() or any(each.wrote for each in self.tried)):
                    break
                self._try(plan, row, full=True)
        own = sorted(self.tried, key=lambda each: -each.worth)
        single = next((each for each in own[1:] if each.base.rows == 1), None)
        anchored = next((each for each in own[1:] if each.base.row is not own[0].base.row), None)
        refused = [each for each in own[1:] if each.error]
        ordered = [*own[:1], *([single] if single else []), *([anchored] if anchored else []), *refused, *own[1:]]
        return list({id(each): each for each in ordered}.values())

    def _refused(self, base: Base) -> Lane:
        """Misuse that the layer itself refuses, numbers that it or its server does: its twin has to refuse them too."""
        numbers = ((made, True) for made in below_zero(base))
        for made, of_server in chain(numbers, ((made, False) for made in misused(base))):
            if self._spent_writes():
                return
            seen = self._seen(made)
            if seen.error and (of_server or not seen.asked):
                yield made

    def _again(self, plan: Plan) -> Plan:
        """The reading anew, by what is known now: what was the second likeliest may be the likeliest since."""
        for choice in ({}, plan.choice) if plan.choice else ():
            made = plan_of(self.signature, self.sampled, self.known, choice=choice, style=plan.style)
            columns = {place.path: place.binding.column for place in made.places}
            if all(columns.get(path) == column for path, column in _chosen_columns(plan)):
                return made
        if plan.choice and self._best() > 1:
            return replace(plan, known=self.known)
        return plan_of(self.signature, self.sampled, self.known, choice=plan.choice, style=plan.style)

    def _counted(self, bases: Sequence[Base]) -> Base:
        """The base of most rows, with the number of them that there are when no limit hides them."""
        limit = next((each for each in bases[0].plan.places if each.binding.role == "limit"), None)
        if limit is None:
            return bases[0]
        counted = []
        for base in bases:
            wide = (made for number in _WIDE for made in call(base, "all rows", {limit.path: number}))
            seen = next((seen for made in wide if not (seen := self._seen(made)).error), None)
            counted.append(base if seen is None else replace(base, rows=max(base.rows, seen.rows)))
        return max(counted, key=lambda base: base.rows)

    def _try(self, plan: Plan, row: Row, *, full: bool) -> None:
        updates = bool(set(names.words(self.signature.name)) & _UPDATES)
        bases = [Base(plan=plan, row=row, values=row_values(plan, row), full=full, fresh=not updates)]
        if plan.records and bases[0].fresh and row:
            bases.append(replace(bases[0], fresh=False))
        for base in bases:
            self._try_base(base)
            if self.tried and self.tried[-1].worth > 1:
                return

    def _try_base(self, base: Base) -> None:
        words = "a row that is new" if base.plan.records and base.fresh else "arguments of one row"
        words += ", all given" if base.full else ""
        for made in call(base, words, {}):
            seen = self._seen(made)
            self.tried.append(_Tried(replace(base, rows=seen.rows), made, seen.error, seen.wrote))

    def _seen(self, made: Call) -> _Seen:
        """What the call comes to; no call is made twice."""
        key = repr(sorted(made.arguments.items()))
        if key not in self.seen:
            observation, asked = self._observe(made)
            self.seen[key] = _Seen(
                rows_found(observation), observation.error is not None, observation.effects.touched, asked
            )
        return self.seen[key]

    def _observe(self, made: Call) -> tuple[Observation, bool]:
        case = Case(id="exploration", method=self.signature.name, kwargs=dict(made.arguments), origin="generated")
        observation, statements = self.explore(case)
        self.known = learned(self.known, observation, made.arguments, statements, self.sampled, self.catalog)
        return observation, bool(statements) or observation.exchanges > 0
