"""Steps: one object to create becomes the statements that create it, with lock, hazards and prechecks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.core.align import prechecks, programs, relations, rules
from harness.core.align.comments import comment_on
from harness.core.align.ddl import routines as routine_ddl
from harness.core.align.ddl import views as view_ddl
from harness.core.align.ddl.registry import KINDS
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject, TablePart
from harness.core.model.programs import Enum, Extension, Routine
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.plan import Hazard, Precheck, Step

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
SHARE = "SHARE"
NAME_BYTES = 63
"""NAMEDATALEN - 1"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object to create, the catalog that describes it, and why."""

    object: CatalogObject
    catalog: Catalog
    why: str


@dataclass(frozen=True, slots=True)
class _Made:
    statements: list[str]
    lock: str | None = None
    checks: tuple[Precheck, ...] = ()
    hazards: tuple[Hazard, ...] = ()


@dataclass(frozen=True, slots=True)
class StepMaker:
    """Makes steps for a target from which `gone` was dropped and to which all of `wanted` comes."""

    target: Catalog
    gone: set[Address]
    wanted: Mapping[Address, Wanted]
    leave_open: Callable[[str], bool]

    def steps(self, wanted: Wanted) -> list[Step]:
        """The statements that create one object, its comment included."""
        each, catalog = wanted.object, wanted.catalog
        made = self._part(each, catalog) if isinstance(each, TablePart) else self._whole(each, catalog)
        on_existing = isinstance(each, TablePart) and self._existing(each.table_identity)
        hazards = (Hazard.LOCK, *made.hazards) if on_existing and made.lock else ()
        return [
            Step(
                sql=sql,
                why=wanted.why,
                kind=each.kind,
                identity=each.identity,
                hazards=hazards,
                lock=made.lock if on_existing else None,
                prechecks=made.checks if place == 0 else (),
            )
            for place, sql in enumerate((*made.statements, *comment_on(each)))
        ]

    def _whole(self, each: CatalogObject, catalog: Catalog) -> _Made:
        """An object that stands alone."""
        match each:
            case Schema():
                return _Made([relations.create_schema(each)])
            case Extension():
                return _Made([programs.create_extension(each)], checks=tuple(prechecks.for_extension(each)))
            case Enum():
                return _Made([programs.create_enum(each)])
            case Sequence():
                return _Made([relations.create_sequence(each)])
            case Routine():
                return _Made([routine_ddl.create_routine(each)])
            case View():
                return _Made([view_ddl.create_view(each)])
            case Table():
                return _Made(self._table(each, catalog))
        return _Made([statement.sql for statement in KINDS[each.kind].create(each, catalog)])

    def _part(self, each: TablePart, catalog: Catalog) -> _Made:
        """A part of a table; the lock counts where the table is there already."""
        checks: list[Precheck] = []
        existing = self._existing(each.table_identity)
        match each:
            case Column():
                hazards = (Hazard.REWRITE,) if relations.adding_rewrites(each) else ()
                checks = prechecks.for_column(each)
                return _Made(self._column(each, catalog), ACCESS_EXCLUSIVE, tuple(checks), hazards)
            case Constraint():
                statements = [rules.create_constraint(each, name=self._free_name(each))]
                lock = SHARE_ROW_EXCLUSIVE if each.type == "foreign key" else ACCESS_EXCLUSIVE
                checks = self._constraint_checks(each) if existing else []
                return _Made([*statements, *self._replica_identity(each, catalog)], lock, tuple(checks))
            case Index():
                statements = [rules.create_index(each, name=self._free_name(each))]
                checks = prechecks.for_index(each, self._new_columns(each.table_identity)) if existing else []
                return _Made([*statements, *self._replica_identity(each, catalog)], SHARE, tuple(checks))
            case Trigger():
                return _Made(rules.create_trigger(each), SHARE_ROW_EXCLUSIVE)
            case Policy():
                return _Made([rules.create_policy(each)], ACCESS_EXCLUSIVE, tuple(prechecks.for_policy(each)))
        made = KINDS[each.kind].create(each, catalog)
        return _Made([statement.sql for statement in made], next((each.lock for each in made), None))

    def _existing(self, table: str | None) -> bool:
        address = (RELATION, table or "")
        return address in self.target.addresses and address not in self.gone

    def _table(self, table: Table, catalog: Catalog) -> list[str]:
        statements = relations.create_table(table, catalog)
        for sequence in catalog.sequences:
            if table.address in sequence.part_of and not sequence.identity_sequence:
                statements.append(relations.own_sequence(sequence))
        if not self.leave_open(table.identity):
            statements += relations.row_security(table)
        for column in catalog.columns_by_table.get(table.identity, ()):
            statements += comment_on(column)
        return statements

    def _column(self, column: Column, catalog: Catalog) -> list[str]:
        taken = [identity for space, identity in self.target.addresses - self.gone if space == RELATION]
        statements = [relations.add_column(column, catalog, taken=taken)]
        for sequence in catalog.sequences:
            if sequence.owned_by == column.identity and not sequence.identity_sequence:
                statements.append(relations.own_sequence(sequence))
        return statements

    def _new_columns(self, table: str | None) -> prechecks.NewColumns:
        return {
            wanted.object.name: wanted.object
            for wanted in self.wanted.values()
            if isinstance(wanted.object, Column) and wanted.object.table_identity == table
        }

    def _constraint_checks(self, constraint: Constraint) -> list[Precheck]:
        referenced: list[str] | None = None
        if constraint.references and self._existing(constraint.references):
            referenced = list(self._new_columns(constraint.references))
        return prechecks.for_constraint(constraint, self._new_columns(constraint.table_identity), referenced)

    def _replica_identity(self, each: Constraint | Index, catalog: Catalog) -> list[str]:
        table = catalog.table_by_identity.get(each.table_identity or "")
        if table is None or table.replica_identity != f"index {each.name}":
            return []
        return [rules.use_as_replica_identity(each)]

    def _free_name(self, each: Constraint | Index) -> str:
        """Its own name, or one beside it where the target uses that for something else."""
        taken = {
            rule.name
            for rule in (*self.target.constraints, *self.target.indexes)
            if rule.schema == each.schema
            and rule.address not in self.gone
            and (isinstance(rule, Index) or rule.table_identity == each.table_identity)
            and not (isinstance(rule, Index) and ("constraint", rule.identity) in self.gone)
        }
        name, number = each.name, 0
        while name in taken:
            number += 1
            suffix = f"_{number}"
            stem = each.name.encode()[: NAME_BYTES - len(suffix)].decode(errors="ignore")
            name = stem + suffix
        return name
