"""Steps: one object to create becomes the statements that create it, with lock, hazards and prechecks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from harness.core.align import prechecks, relations, rules
from harness.core.align.ddl.kind import Made, Sides, Statement
from harness.core.align.ddl.privileges import reset
from harness.core.align.ddl.registry import KINDS
from harness.core.align.marks import comment_on, given_to
from harness.core.model.catalog import Catalog
from harness.core.model.foreign import ForeignTable
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.relations import Column, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy
from harness.core.plan import Precheck, Step

NAME_BYTES = 63
"""NAMEDATALEN - 1"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object to create, the catalog that describes it, and why."""

    object: CatalogObject
    catalog: Catalog
    why: str


@dataclass(frozen=True)
class StepMaker:
    """Makes steps for a target from which `gone` was dropped and to which all of `wanted` comes.

    `brought`: whether another object's CREATE brings one along; `parts`: what belongs to one.
    """

    target: Catalog
    gone: set[Address]
    wanted: Mapping[Address, Wanted]
    leave_open: Callable[[str], bool]
    brought: Callable[[Wanted], bool]
    parts: Callable[[Wanted], Iterable[CatalogObject]]

    def steps(self, wanted: Wanted) -> list[Step]:
        """The statements that create one object, with its owner and comment, and nobody's privileges by default."""
        each, sides = wanted.object, Sides(source=wanted.catalog, target=self.target)
        if self.brought(wanted):
            made = KINDS[each.kind].complete(each, wanted.catalog)
            return told(each, [*made, *_unlocked([*comment_on(each), *reset(each, sides)])], wanted.why)
        made = self._made(self._named_freely(each), each, wanted.catalog)
        if not self._on_existing(each):
            made = _unlocked(made, asked=isinstance(each, Policy))
        marks = [*self._owner(each, sides), *comment_on(each), *reset(each, sides)]
        return told(each, [*made, *_unlocked(marks)], wanted.why)

    def _owner(self, each: CatalogObject, sides: Sides) -> Made:
        """What was dropped keeps the owner that it had."""
        former = self._dropped.get(each.address)
        if former is None:
            return given_to(each, None, sides)
        return given_to(former, None, Sides(source=self.target, target=self.target))

    @cached_property
    def _dropped(self) -> Mapping[Address, CatalogObject]:
        return {each.address: each for each in self.target.objects() if each.address in self.gone} if self.gone else {}

    def last(self, wanted: Wanted) -> list[Step]:
        """What is said when all else is there."""
        each, catalog = wanted.object, wanted.catalog
        made: list[Step] = []
        if isinstance(each, Table | Column):
            for sequence in self.parts(wanted):
                if isinstance(sequence, Sequence) and sequence.address not in self.wanted:
                    made += told(sequence, _unlocked(KINDS[sequence.kind].afterwards(sequence, catalog)), wanted.why)
        # What a table says of its indexes is said with them, under the names that they get.
        if isinstance(each, Table):
            return made
        return [*made, *told(each, _unlocked(KINDS[each.kind].afterwards(each, catalog)), wanted.why)]

    def _made(self, each: CatalogObject, original: CatalogObject, catalog: Catalog) -> Made:
        """The statements of the kind itself; `original` has the name that the source has for it."""
        made = KINDS[each.kind].create(each, catalog)
        match each:
            case Table():
                secured = [] if self.leave_open(each.identity) else relations.row_security(each)
                return [replace(made[0], sql=sql) for sql in [*relations.create_table(each, catalog), *secured]]
            case Column():
                return self._column(each, made, catalog)
            case Constraint():
                sql, checks = rules.create_constraint(each), self._constraint_checks(each)
            case Index():
                sql = rules.create_index(each)
                checks = prechecks.for_index(each, self._new_columns(each.table_identity))
            case _:
                return made
        # Of a partitioned table with all its partitions, whose own are left to it.
        made = [replace(made[0], sql=sql, prechecks=tuple(checks)), *made[1:]]
        table = catalog.table_by_identity.get(each.table_identity or "")
        if table is not None and table.replica_identity == f"index {original.key[-1]}":
            made.append(Statement(sql=rules.use_as_replica_identity(each)))
        return made

    def _column(self, column: Column, made: Made, catalog: Catalog) -> Made:
        """ADD COLUMN, whose sequence gets a name that is free; of a typed table the type brings it."""
        table = catalog.table_by_identity.get(column.table_identity or "")
        if table is not None and table.of:
            return made
        sql = relations.add_column(column, catalog, taken=self._relations)
        return [replace(made[0], sql=sql), *made[1:]]

    def _on_existing(self, each: CatalogObject) -> bool:
        """Whether it is part of a table that the target has and keeps."""
        if isinstance(each, Table):
            return any(map(self._existing, relations.parents(each)))
        if isinstance(each, View | Sequence | ForeignTable):
            return False
        return each.table_identity is None or self._existing(each.table_identity)

    def _existing(self, table: str | None) -> bool:
        address = (RELATION, table or "")
        return address in self.target.addresses and address not in self.gone

    @cached_property
    def _relations(self) -> frozenset[str]:
        """Names that relations of the target keep."""
        return frozenset(identity for space, identity in self.target.addresses - self.gone if space == RELATION)

    def _new_columns(self, table: str | None) -> prechecks.NewColumns:
        return self._columns.get(table or "", {})

    @cached_property
    def _columns(self) -> Mapping[str, prechecks.NewColumns]:
        """Columns that come to each table."""
        found: dict[str, prechecks.NewColumns] = {}
        for wanted in self.wanted.values():
            if isinstance(wanted.object, Column):
                found.setdefault(wanted.object.table_identity or "", {})[wanted.object.name] = wanted.object
        return found

    def _constraint_checks(self, constraint: Constraint) -> list[Precheck]:
        referenced: list[str] | None = None
        if constraint.references and self._existing(constraint.references):
            referenced = list(self._new_columns(constraint.references))
        return prechecks.for_constraint(constraint, self._new_columns(constraint.table_identity), referenced)

    def _named_freely(self, each: CatalogObject) -> CatalogObject:
        """Under its own name, or one beside it where the target uses that for something else."""
        if not isinstance(each, Constraint | Index):
            return each
        taken = self._names[each.schema] | self._names[each.table_identity or ""]
        name, number = each.name, 0
        while name in taken:
            number += 1
            suffix = f"_{number}"
            stem = each.name.encode()[: NAME_BYTES - len(suffix)].decode(errors="ignore")
            name = stem + suffix
        return replace(each, name=name)

    @cached_property
    def _names(self) -> Mapping[str, set[str]]:
        """Names of indexes by schema, and of constraints by table, that the target keeps."""
        found: dict[str, set[str]] = defaultdict(set)
        for rule in (*self.target.constraints, *self.target.indexes):
            gone = rule.address in self.gone or (isinstance(rule, Index) and ("constraint", rule.identity) in self.gone)
            if not gone:
                found[rule.schema if isinstance(rule, Index) else rule.table_identity or ""].add(rule.name)
        return found


def told(each: CatalogObject, made: Iterable[Statement], why: str) -> list[Step]:
    """The statements as steps."""
    return [
        Step(
            sql=statement.sql,
            why=why,
            kind=each.kind,
            identity=each.identity,
            hazards=statement.hazards,
            lock=statement.lock,
            transactional=statement.transactional,
            prechecks=statement.prechecks,
        )
        for statement in made
    ]


def _unlocked(made: Made, *, asked: bool = False) -> Made:
    """Of what the plan itself makes nobody else waits for a lock, and there are no rows to ask."""
    return [replace(each, lock=None, hazards=(), prechecks=each.prechecks if asked else ()) for each in made]
