"""The contract check: every name that a data layer uses, held against both catalogs, before any row moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.core.arbiter import Inference, infer
from harness.core.configuration import Configuration
from harness.core.faults import Fault, Judgement, UsedStatement
from harness.core.likely_names import likely
from harness.core.lookup import Lookup, Place
from harness.core.model.catalog import Catalog
from harness.core.names import qualified, split
from harness.core.record import Side
from harness.core.translation import Translation, translation
from harness.core.usage import ColumnUse, ConflictUse, FunctionUse, RelationUse


def judge(
    statements: Iterable[UsedStatement], source: Catalog, target: Catalog, configuration: Configuration | None = None
) -> Judgement:
    """Hold statements against both catalogs, with no row of either.

    A statement of the target's layer has to hold on the target. One of the source's layer works on the source today,
    and says what the target has to offer, in the target's names where the configuration knows a rename.
    """
    statements = list(statements)
    check = _Check(Lookup(source), Lookup(target), translation(configuration or Configuration()), statements)
    for each in statements:
        check.statement(each)
    return check.judgement


class _Check:
    def __init__(self, source: Lookup, target: Lookup, names: Translation, statements: Iterable[UsedStatement]) -> None:
        self.judgement = Judgement()
        self._source, self._target, self._names = source, target, names
        self._temporary = {(each.side, name) for each in statements for name in each.usage.creates}

    def statement(self, each: UsedStatement) -> None:
        """Judge all names of one statement."""
        usage = each.usage
        functions = [use for use in usage.functions if self._is_known(use)]
        relations = [use for use in usage.relations if not self._is_temporary(each.side, use.relation)]
        if not relations and not functions:
            return
        self.judgement.judged.append(each)
        absent = {use.relation for use in relations if not self._relation(each, use)}
        for column in usage.columns:
            if not absent.intersection(column.relations) and not self._any_temporary(each.side, column):
                self._column(each, column)
        for conflict in usage.conflicts:
            if conflict.relation not in absent and not self._is_temporary(each.side, conflict.relation):
                self._conflict(each, conflict)
        for relation in usage.writes_unseen:
            if relation not in absent:
                self._unseen(each, relation)
        for function in functions:
            self._function(each, function)

    # Names of both sides -----------------------------------------------------------------------------------------

    def _on(self, side: Side, each: UsedStatement, relation: str) -> str:
        """What a relation of the statement is called on a side."""
        if side is each.side:
            return relation
        return self._names.target_table(relation) if side is Side.TARGET else self._names.source_table(relation)

    def _column_on(self, side: Side, each: UsedStatement, relation: str, column: str) -> str:
        """What a column of a statement's relation is called on a side."""
        if side is each.side:
            return column
        mine = self._on(Side.SOURCE, each, relation)
        by = self._names.target_column if side is Side.TARGET else self._names.source_column
        return by(mine, column)

    def _is_temporary(self, side: Side, relation: str) -> bool:
        return (side, split(relation)[-1]) in self._temporary

    def _any_temporary(self, side: Side, use: ColumnUse) -> bool:
        return any(self._is_temporary(side, relation) for relation in use.relations)

    # Relations -----------------------------------------------------------------------------------------------------

    def _relation(self, each: UsedStatement, use: RelationUse) -> bool:
        """Judge a relation; whether its columns can be judged."""
        mine, its = self._on(Side.SOURCE, each, use.relation), self._on(Side.TARGET, each, use.relation)
        if self._target.has_relation(its):
            return True
        known = self._source.has_relation(mine)
        schema = split(its)[0]
        if not known and use.role == "embedded":
            self.judgement.gap(each.statement.origin, f"it embeds {split(use.relation)[-1]}, which is no table")
        elif not known and schema not in self._source.schemas | self._target.schemas:
            self.judgement.gap(each.statement.origin, f"it uses {use.relation}, whose schema is not in scope")
        elif known or use.role != "row type":
            fault = Fault(code="CTR001", source_relation=mine, target_relation=its)
            self.judgement.blame(each, fault)
        return False

    # Columns -----------------------------------------------------------------------------------------------------

    def _place(self, side: Side, each: UsedStatement, use: ColumnUse) -> Place | None:
        """Where the column is on a side; each relation may have its own name for it there."""
        lookup = self._source if side is Side.SOURCE else self._target
        for number, level in enumerate(use.levels):
            for relation in level:
                name = self._column_on(side, each, relation, use.name)
                if lookup.place(((self._on(side, each, relation),),), name) is not None:
                    return Place(relation, number)
        return None

    def _column(self, each: UsedStatement, use: ColumnUse) -> None:
        on_target, on_source = self._place(Side.TARGET, each, use), self._source_place(each, use)
        if on_target is not None:
            if on_source is not None and on_source.level < on_target.level:
                self._captured(each, use, on_source, on_target)
            return
        if use.elsewhere:
            reason = f"{use.name} is no column of {', '.join(use.relations)}; it may be one of a function's rows"
            self.judgement.gap(each.statement.origin, reason)
            return
        relation = on_source.relation if on_source is not None else self._likeliest(each, use)
        mine = self._on(Side.SOURCE, each, relation)
        others = tuple(self._on(Side.TARGET, each, other) for other in use.relations if other != relation)
        fault = Fault(
            code="CTR002" if on_source is not None else "CTR003",
            source_relation=mine,
            target_relation=self._on(Side.TARGET, each, relation),
            columns=(use.name,),
            others=others if on_source is None else (),
        )
        if each.side is Side.SOURCE:
            fault = replace(fault, decided=self._names.dropped.get((mine, use.name), ""))
        elif on_source is not None and self._names.target_column(mine, use.name) != use.name:
            fault = replace(fault, detail=f"the target calls it {self._names.target_column(mine, use.name)}")
        self.judgement.blame(each, fault)

    def _source_place(self, each: UsedStatement, use: ColumnUse) -> Place | None:
        """Where the source has it. Code for the target may still have the source's name for a renamed column."""
        found = self._place(Side.SOURCE, each, use)
        if found is not None or each.side is Side.SOURCE:
            return found
        levels = tuple(tuple(self._names.source_table(name) for name in level) for level in use.levels)
        place = self._source.place(levels, use.name)
        return place and Place(self._names.target_table(place.relation), place.level)

    def _captured(self, each: UsedStatement, use: ColumnUse, inner: Place, outer: Place) -> None:
        """A column that the inner query's table lacks on the target is silently taken from the query around it."""
        outer_table = self._on(Side.TARGET, each, outer.relation)
        fault = Fault(
            code="CTR002",
            source_relation=self._on(Side.SOURCE, each, inner.relation),
            target_relation=self._on(Side.TARGET, each, inner.relation),
            columns=(use.name,),
            detail=f"PostgreSQL would silently take {outer_table}.{use.name} of the query around it instead",
        )
        self.judgement.blame(each, fault)

    def _likeliest(self, each: UsedStatement, use: ColumnUse) -> str:
        """Which of several tables the author of an unknown name had in mind: the one with the likest column."""
        if len(use.relations) == 1:
            return use.relations[0]
        scores = {
            relation: max(
                (score for _, score in likely(use.name, self._columns_of(each, relation))),
                default=0.0,
            )
            for relation in use.relations
        }
        return max(use.relations, key=lambda relation: scores[relation])

    def _columns_of(self, each: UsedStatement, relation: str) -> frozenset[str]:
        return self._target.columns(self._on(Side.TARGET, each, relation))

    def _unseen(self, each: UsedStatement, relation: str) -> None:
        """A write whose columns stand in its body. What the source takes can only miss what the target lacks."""
        mine, its = self._on(Side.SOURCE, each, relation), self._on(Side.TARGET, each, relation)
        here = self._source.columns(mine) if each.side is Side.SOURCE else frozenset[str]()
        missing = sorted(
            name for name in here if self._names.target_column(mine, name) not in self._target.columns(its)
        )
        if missing:
            self.judgement.gap(
                each.statement.origin,
                f"which columns it writes to {its} stands in the body; the target has no {', '.join(missing)}",
            )

    # ON CONFLICT ---------------------------------------------------------------------------------------------------

    def _conflict(self, each: UsedStatement, use: ConflictUse) -> None:
        mine, its = self._on(Side.SOURCE, each, use.relation), self._on(Side.TARGET, each, use.relation)
        if use.primary_key:
            # PostgREST takes the primary key of the side that it serves; the target has to have the same arbiter.
            columns = (self._source if each.side is Side.SOURCE else self._target).primary_key(use.relation)
            if not columns:
                return
            use = replace(use, columns=columns, primary_key=False)
        on_source = self._conflict_on(Side.SOURCE, each, use, mine)
        on_target = self._conflict_on(Side.TARGET, each, use, its)
        if any(column not in self._target.columns(its) for column in on_target.columns) and not self._target.is_view(
            its
        ):
            return  # 42703 comes before 42P10, and has its own fault
        fault = Fault(
            code="CTR005",
            source_relation=mine,
            target_relation=its,
            columns=use.columns,
            conflict=on_target,
            source_conflict=on_source,
        )
        inferred = infer(self._target, on_target)
        if inferred.status == "found":
            return
        fault = replace(fault, detail=inferred.reason)
        if inferred.status == "unproved":
            self.judgement.blame(each, replace(fault, code="CTR007"), unproved=True)
            return
        elsewhere = self._source_inference(on_source)
        self.judgement.blame(each, replace(fault, code="CTR005" if elsewhere.status == "none" else "CTR004"))

    def _conflict_on(self, side: Side, each: UsedStatement, use: ConflictUse, relation: str) -> ConflictUse:
        columns = tuple(self._column_on(side, each, use.relation, column) for column in use.columns)
        return replace(use, relation=relation, columns=columns)

    def _source_inference(self, use: ConflictUse) -> Inference:
        if not self._source.has_relation(use.relation):
            return Inference(status="none")
        return infer(self._source, use)

    # Functions -----------------------------------------------------------------------------------------------------

    def _is_known(self, use: FunctionUse) -> bool:
        """Whether a function is a user's: one that either catalog has, or must have, since the schema is named."""
        in_scope = use.schema is not None and use.schema in self._source.schemas | self._target.schemas
        return in_scope or self._source.has_function(use) or self._target.has_function(use)

    def _function(self, each: UsedStatement, use: FunctionUse) -> None:
        name = qualified(*filter(None, (use.schema, use.name)))
        if self._target.has_function(use):
            return
        if self._source.has_function(use):
            self.judgement.blame(each, Fault(code="CTR006", function=name))
        else:
            self.judgement.gap(each.statement.origin, f"it calls {name}, which neither catalog has")


def tables_of(statements: Iterable[UsedStatement]) -> Iterator[str]:
    """Identities of the tables that statements use, each once."""
    yield from dict.fromkeys(use.relation for each in statements for use in each.usage.relations)
