"""Statements: each action of an exact plan becomes the steps that do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Made, Statement
from harness.core.align.ddl.online import chosen
from harness.core.align.ddl.privileges import reset
from harness.core.align.ddl.registry import KINDS
from harness.core.align.exact.decisions import Alteration, Decisions
from harness.core.align.exact.nodes import Node, tables
from harness.core.align.exact.retyping import loosened, retyped
from harness.core.align.exact.rows import Kept
from harness.core.align.prechecks import for_constraint
from harness.core.align.relations import parents, partition_attached, partition_detached
from harness.core.differences import NAME
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address, CatalogObject
from harness.core.model.relations import Column, Table
from harness.core.model.rules import Constraint, Index
from harness.core.names import literal, qualified, quote, split
from harness.core.owners import follows, new_owner
from harness.core.plan import Hazard, Precheck, Step

NAME_BYTES = 50
"""Room for what PostgreSQL appends to a name that it makes"""
ASIDE = "pgparity_aside"
"""What an object is called while its name is needed by another one"""


@dataclass
class Writer:
    """Writes steps in the order that they are asked for, and collects what is said at the end."""

    decisions: Decisions
    taken: set[str] = field(default_factory=set)
    """Identities of the target's objects that have to give up their name for another one's"""
    rows: Mapping[Address, Kept] = field(default_factory=dict)
    """The rows of tables that are made again"""
    online: bool = False
    """Whether writers of tables that are there already shall go on"""

    def saved(self) -> Iterator[Step]:
        """What keeps rows, before anything else."""
        for kept in self.rows.values():
            yield from self._told(kept.save, kept.table, "its rows are kept while it is made again")

    def steps(self, node: Node) -> Iterator[Step]:
        """The steps of one action."""
        action, address = node
        decisions = self.decisions
        target = decisions.sides.target
        match action:
            case "drop":
                each = decisions.drops[address]
                yield from self._told(KINDS[each.kind].drop(each, target), each, self._why("drop", address))
            case "create":
                yield from self._created(decisions.creates[address])
            case "sketch" | "blank":
                yield from self._sketched(address, new=action == "sketch")
            case "alter":
                yield from self._altered(decisions.alters[address], address)
            case "aside":
                each = decisions.drops[address]
                yield from self._told(self._renamed(each, _aside(each)), each, self._why("drop", address))
            case "forget":
                each = decisions.drops[address]
                made = KINDS[each.kind].drop(_called(each, _aside(each)), target)
                yield from self._told(made, each, "no column uses the former type any more")
            case "loosen" | "retype":
                yield from self._column_type(address, back=action == "retype")
            case "restore":
                kept = self.rows[address]
                yield from self._told(kept.restore, kept.table, "its rows come back into the new table")
            case "release" | "fill":
                yield from self._default(address, back=action == "fill")
            case "detach" | "attach":
                yield from self._inheritance(address, back=action == "attach")

    def last(self, created: list[Address], altered: list[Address]) -> Iterator[Step]:
        """What is said when all else is there."""
        decisions = self.decisions
        said: set[str] = set()
        for address in created:
            each = decisions.creates[address]
            made = KINDS[each.kind].afterwards(each, decisions.sides.source)
            said |= {statement.sql for statement in made}
            yield from self._told(made, each, self._why("create", address))
        for address in altered:
            alteration = decisions.alters[address]
            ddl = KINDS[alteration.now.kind]
            made = []
            late = ddl.late & alteration.attributes
            if late and ddl.late_alter is not None:
                made = ddl.late_alter(alteration.now, alteration.wanted, late, decisions.sides)
            elif late:
                made = ddl.afterwards(alteration.wanted, decisions.sides.source)
            if NAME in alteration.attributes and alteration.wanted.address[1] in self.taken:
                named = self._renamed(alteration.now, alteration.wanted.key[-1], aside=True)
                made = [*named, *alteration.made, *self.marks(alteration.wanted, alteration.now), *made]
            made = [statement for statement in made if statement.sql not in said]
            yield from self._told(made, alteration.wanted, self._why("alter", address))

    @cached_property
    def _first(self) -> Catalog:
        """The source's catalog as objects are created from it: without the defaults that are set later."""
        source = self.decisions.sides.source
        if not self.decisions.later:
            return source
        return replace(source, columns=tuple(map(self._without_later, source.columns)))

    def _without_later(self, column: Column) -> Column:
        return replace(column, default=None) if column.address in self.decisions.later else column

    def _as_created(self, each: CatalogObject) -> CatalogObject:
        """Without what comes later: a default, and the parent of an index whose table is attached at the end."""
        if isinstance(each, Column):
            return self._without_later(each)
        table = self.decisions.alters.get((RELATION, each.table_identity or ""))
        if isinstance(each, Constraint | Index) and table is not None and "partition_of" in table.attributes:
            return replace(each, attached=None)
        return each

    def _created(self, each: CatalogObject) -> Iterator[Step]:
        ddl, why = KINDS[each.kind], self._why("create", each.address)
        made: Made | None = ddl.create(self._as_created(each), self._first)
        if each.address in self.decisions.sketched:
            made = ddl.alter(each, each, frozenset({"definition"}), self.decisions.sides)
        yield from self._told(made or [], each, why)
        yield from self._told([*self.marks(each, None), *reset(each, self.decisions.sides)], each, why)

    def completed(self, each: CatalogObject) -> Iterator[Step]:
        """What is said of an object that came with another one's CREATE."""
        why = self._why("create", each.address)
        made = KINDS[each.kind].complete(self._as_created(each), self._first)
        yield from self._told([*made, *self.marks(each, None), *reset(each, self.decisions.sides)], each, why)

    def _altered(self, alteration: Alteration, address: Address) -> Iterator[Step]:
        now, wanted = alteration.now, alteration.wanted
        made = self._without_default(alteration) if address in self.decisions.defaults else list(alteration.made)
        made = [each for each in made if each.about not in self.decisions.drops]
        if NAME in alteration.attributes and wanted.address[1] in self.taken:
            # All else is said when it has its name.
            yield from self._told(self._renamed(now, _aside(now)), wanted, self._why("alter", address))
            return
        if NAME in alteration.attributes:
            made = [*self._renamed(now, wanted.key[-1]), *made]
        made += self.marks(wanted, now)
        yield from self._told(made, wanted, self._why("alter", address))

    def _without_default(self, alteration: Alteration) -> Made:
        """What is altered in a column whose default is gone meanwhile and comes back later."""
        now, wanted = alteration.now, alteration.wanted
        if isinstance(now, Column) and isinstance(wanted, Column):
            now, wanted = replace(now, default=None), replace(wanted, default=None)
        own = alteration.own - {"default"}
        made = KINDS[now.kind].alter(now, wanted, own, self.decisions.sides) if own else []
        return list(alteration.made) if made is None else made

    def marks(self, each: CatalogObject, now: CatalogObject | None) -> Made:
        """Owner and comment, where they are not what they are already; `now` is None for a created object."""
        named = KINDS[each.kind].named(each)
        made: Made = []
        owner = new_owner(now, each, self.decisions.sides.source, self.decisions.sides.target)
        if KINDS[each.kind].owned and owner is not None:
            if follows(now):
                made.append(Statement(sql=f"ALTER {named} OWNED BY NONE;"))
            made.append(Statement(sql=f"ALTER {named} OWNER TO {quote(owner)};", lock=ACCESS_EXCLUSIVE))
        text = getattr(each, "comment", None)
        if text != getattr(now, "comment", None):
            made.append(Statement(sql=f"COMMENT ON {named} IS {'NULL' if text is None else literal(text)};"))
        return made

    def _renamed(self, each: CatalogObject, name: str, *, aside: bool = False) -> Made:
        ddl = KINDS[each.kind]
        now = each
        if aside:
            now = _called(each, _aside(each))
        if ddl.rename is not None:
            return ddl.rename(now, name)
        return [Statement(sql=f"ALTER {ddl.named(now)} RENAME TO {quote(name)};", lock=ACCESS_EXCLUSIVE)]

    def _column_type(self, address: Address, *, back: bool) -> Iterator[Step]:
        column, kind = self.decisions.theirs[address], self.decisions.retyped[address]
        if not isinstance(column, Column):
            return
        if back:
            yield from self._told(retyped(self.decisions, column), column, f"takes the new type {kind[1]}")
        else:
            made = loosened(self.decisions, column)
            yield from self._told(made, column, f"holds text while {kind[1]} is made again")

    def _sketched(self, address: Address, *, new: bool) -> Iterator[Step]:
        sides = self.decisions.sides
        each = (self.decisions.creates if new else self.decisions.drops)[address]
        sketch = KINDS[each.kind].sketch
        if sketch is not None:
            made = sketch(each, sides.source if new else sides.target)
            yield from self._told(made, each, "stands in for itself, since it and another object need each other")

    def _default(self, address: Address, *, back: bool) -> Iterator[Step]:
        column = self.decisions.partner(address) if back else self.decisions.theirs[address]
        if not isinstance(column, Column) or (back and column.default is None) or address in self.decisions.retyped:
            return
        change = f"SET DEFAULT {column.default}" if back else "DROP DEFAULT"
        # Of this table alone: what inherits the column has a default of its own.
        sql = f"ALTER TABLE ONLY {column.table_identity} ALTER COLUMN {quote(column.name)} {change};"
        why = "its default comes back" if back else "its default makes room for what it calls"
        yield from self._told([Statement(sql=sql, lock=ACCESS_EXCLUSIVE)], column, why)

    def _inheritance(self, address: Address, *, back: bool) -> Iterator[Step]:
        table = self.decisions.partner(address) if back else self.decisions.theirs[address]
        if not isinstance(table, Table):
            return
        made: Made = []
        for parent in parents(table):
            if table.partition_of is None:
                sql = f"ALTER TABLE {table.identity} {'INHERIT' if back else 'NO INHERIT'} {parent};"
            else:
                written = partition_attached if back else partition_detached
                sql = written(table.identity, table.partition_of)
            made.append(Statement(sql=sql, lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,)))
        yield from self._told(made, table, "its parent is made again")

    def _prechecks(self, each: CatalogObject, statement: Statement) -> tuple[Precheck, ...]:
        """Those of which the target has, before the plan, what they would look at."""
        if not statement.prechecks or self._there(each, tables(each)):
            return statement.prechecks
        if isinstance(each, Constraint) and each.references and self._there(each, (each.table_identity or "",)):
            # The table that it refers to comes with the plan, and is empty.
            return tuple(for_constraint(each, {}, None))
        return ()

    def _there(self, each: CatalogObject, named: Iterable[str]) -> bool:
        there = self.decisions.theirs
        columns = getattr(each, "columns", ()) if isinstance(each, Constraint | Index) else ()
        own = (
            qualified(*split(each.table_identity or ""), name) for name in columns if name and not name.startswith("(")
        )
        return all((RELATION, table) in there for table in named) and all((Column.kind, name) in there for name in own)

    def _why(self, action: str, address: Address) -> str:
        return self.decisions.reasons.get((action, address), "")

    def _told(self, made: Made, each: CatalogObject, why: str) -> Iterator[Step]:
        for statement in chosen(made) if self.online else made:
            yield Step(
                sql=statement.sql,
                why=why,
                kind=each.kind,
                identity=each.identity,
                hazards=statement.hazards,
                lock=statement.lock,
                transactional=statement.transactional,
                prechecks=self._prechecks(each, statement),
            )


def _aside(each: CatalogObject) -> str:
    """What a type is called until no column uses it, and what waits for its name; several may wait in one schema."""
    return f"{ASIDE}_{each.key[-1]}".encode()[:NAME_BYTES].decode(errors="ignore")


def _called(each: CatalogObject, name: str) -> CatalogObject:
    return replace(each, **{each.key_fields[-1]: name})
