"""The words of the contract check: faults of statements as findings, one for each name that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.conflict_fixes import (
    duplicates_query,
    missing_everywhere,
    missing_on_target,
    nearest_arbiter,
    target_text,
)
from harness.core.contract_gaps import SHOWN, STAGE, told, user
from harness.core.faults import Fault, Judgement, UsedStatement
from harness.core.findings import Evidence, Finding, Fix, FoundObject, worst_first
from harness.core.likely_names import likely
from harness.core.lookup import Lookup
from harness.core.model.catalog import Catalog
from harness.core.names import literal, qualified, quote, split
from harness.core.record import Severity
from harness.core.sql.text import masked
from harness.core.usage import ConflictUse

_ABSENT = "absent"
_AS_LIKELY = 0.1
"""Likeness to a wrong name by which a second name may differ from the likest and be meant as well"""
_COLUMNS_QUERY = (
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
    " WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped"
)
_FUNCTION_QUERY = "SELECT oid::regprocedure FROM pg_proc WHERE proname = {}"


def findings(judgement: Judgement, source: Catalog, target: Catalog) -> tuple[Finding, ...]:
    """The faults as findings, one for each code, table and column or ON CONFLICT target."""
    words = _Words(Lookup(source), Lookup(target))
    grouped: dict[tuple[str, ...], list[tuple[Fault, UsedStatement]]] = {}
    for fault, users in (*judgement.faults.items(), *judgement.unproved.items()):
        grouped.setdefault(_subject(fault), []).extend((fault, each) for each in users)
    return tuple(worst_first([words.finding(pairs) for pairs in grouped.values()]))


def _subject(fault: Fault) -> tuple[str, ...]:
    conflict = fault.conflict
    if conflict is None:
        return fault.code, fault.target_relation, fault.function, *fault.columns
    parts = (
        *sorted(conflict.columns),
        *sorted(conflict.expressions),
        conflict.predicate or "",
        conflict.constraint or "",
    )
    return fault.code, fault.target_relation, *parts


class _Words:
    def __init__(self, source: Lookup, target: Lookup) -> None:
        self._source, self._target = source, target

    def finding(self, pairs: Sequence[tuple[Fault, UsedStatement]]) -> Finding:
        """One finding of all faults of one subject."""
        fault = next((fault for fault, _ in pairs if not fault.decided), pairs[0][0])
        users = list(dict.fromkeys(each.statement for _, each in pairs))
        write = {
            "CTR001": self._relation,
            "CTR002": self._column,
            "CTR003": self._column,
            "CTR004": self._conflict,
            "CTR005": self._conflict,
            "CTR006": self._function,
            "CTR007": self._conflict,
        }[fault.code]
        found: Finding = write(fault)
        shown = tuple(dict.fromkeys(Evidence(label=user(each), text=told(each)) for each in users))
        return found.model_copy(
            update={
                "evidence": (*found.evidence, *self._said(fault), *shown[:SHOWN]),
                "breaks": tuple(dict.fromkeys(map(user, users))),
            }
        )

    @staticmethod
    def _said(fault: Fault) -> list[Evidence]:
        return [
            *([Evidence(label="Besides", text=fault.detail)] if fault.detail else []),
            *([Evidence(label="Left out by decision", text=fault.decided)] if fault.decided else []),
        ]

    @staticmethod
    def _severity(fault: Fault) -> Severity:
        """A name that only the source's layer uses, and that a person decided to leave out, fails nothing."""
        return Severity.COSMETIC if fault.decided else Severity.BLOCKER

    def _relation(self, fault: Fault) -> Finding:
        on_source = self._source.has_relation(fault.source_relation)
        where = "does not exist on the target" if on_source else "exists on neither side"
        near = [name for name, _ in likely(split(fault.target_relation)[-1], self._relation_names())]
        return Finding(
            code=fault.code,
            severity=self._severity(fault),
            stage=STAGE,
            object=FoundObject(kind="table", identity=fault.target_relation),
            table=fault.target_relation,
            title=f"{fault.target_relation}, which the data layer uses, {where}",
            evidence=(
                Evidence(label="Relation", source="present" if on_source else _ABSENT, target=_ABSENT),
                *_meant(near),
            ),
            fix=Fix(text="Create it on the target, as the plans of the align stage do, or change the code."),
            query=f"SELECT to_regclass({literal(fault.target_relation)})",
        )

    def _relation_names(self) -> set[str]:
        return {table.name for table in self._target.catalog.tables} | {
            view.name for view in self._target.catalog.views
        }

    def _column(self, fault: Fault) -> Finding:
        name, relation = fault.columns[0], fault.target_relation
        scored = likely(name, self._target.columns(relation))
        near = [each for each, _ in scored]
        best = " or ".join(each for each, likeness in scored[:2] if scored[0][1] - likeness < _AS_LIKELY)
        on_source = fault.code == "CTR002"
        here = self._described(self._source, fault.source_relation, name) if on_source else _ABSENT
        captured = on_source and "silently" in fault.detail
        if captured:
            title = f"Column {name} of {relation} is not on the target, and no error says so"
        elif on_source:
            title = f"Column {name} of {relation} exists on the source and not on the target"
        else:
            title = f"{relation} has no column {name}, on neither side" + (f": {best} may be meant" if best else "")
        return Finding(
            code=fault.code,
            severity=self._severity(fault),
            stage=STAGE,
            object=FoundObject(kind="column", identity=qualified(*split(relation), name)),
            table=relation,
            title=title,
            evidence=(
                Evidence(label="Column", source=here, target=_ABSENT),
                *([] if captured else [Evidence(label="Consequence", text=f'column "{name}" does not exist (42703)')]),
                *_meant([self._with_type(relation, each) for each in near]),
                *([Evidence(label="Or a column of", text=", ".join(fault.others))] if fault.others else []),
            ),
            fix=self._column_fix(fault, name, best),
            query=_COLUMNS_QUERY.format(literal(relation)),
        )

    def _column_fix(self, fault: Fault, name: str, best: str) -> Fix:
        if fault.code == "CTR003":
            if best:
                return Fix(text=f"Write {best} in the code, if that is meant; neither database knows {name}.")
            return Fix(text="Take the name out of the code: neither database knows it, nor one that is like it.")
        if fault.detail.startswith("the target calls it"):
            return Fix(text=f"Use the target's name in the code: {fault.detail}.")
        type_ = self._type(self._source, fault.source_relation, name)
        return Fix(
            text="Add the column to the target, as the plans of the align stage do; or, where another column replaces "
            "it, name that in the mapping and change the code.",
            sql=f"ALTER TABLE {fault.target_relation} ADD COLUMN {quote(name)} {type_};" if type_ else None,
        )

    @staticmethod
    def _type(lookup: Lookup, relation: str, name: str) -> str:
        columns = lookup.catalog.columns_by_table.get(relation, ())
        return next((column.type for column in columns if column.name == name), "")

    def _described(self, lookup: Lookup, relation: str, name: str) -> str:
        return f"present, {kind}" if (kind := self._type(lookup, relation, name)) else "present"

    def _with_type(self, relation: str, name: str) -> str:
        kind = self._type(self._target, relation, name)
        return f"{name} ({kind})" if kind else name

    def _conflict(self, fault: Fault) -> Finding:
        use, relation = fault.conflict or ConflictUse(relation=fault.target_relation), fault.target_relation
        source_use = fault.source_conflict or use
        clause = masked(target_text(use))
        proved = fault.code != "CTR007"
        if not proved:
            title = f"Whether {relation} has an arbiter for {clause} on the target could not be proved"
        elif fault.code == "CTR004":
            title = f"{relation} has no unique index for {clause} on the target; the source has one"
        else:
            title = f"{relation} has no unique index for {clause}, on neither side"
        return Finding(
            code=fault.code,
            severity=self._severity(fault) if proved else Severity.RISK,
            stage=STAGE,
            object=FoundObject(kind="conflict target", identity=f"{relation} {clause.removeprefix('ON CONFLICT ')}"),
            table=relation,
            title=title,
            evidence=(
                Evidence(
                    label="Unique indexes that are there",
                    source=_unique_indexes(self._source, fault.source_relation),
                    target=_unique_indexes(self._target, relation),
                ),
                *([Evidence(label="Consequence", text=_consequence(use, fault))] if proved else []),
            ),
            fix=self._conflict_fix(fault, use, source_use),
            query=duplicates_query(self._to_be_unique(fault, use, source_use), relation),
        )

    def _conflict_fix(self, fault: Fault, use: ConflictUse, source_use: ConflictUse) -> Fix:
        if fault.code == "CTR007":
            return Fix(text="Run the statement on an empty copy of the target, or write the index's own expressions.")
        mend = missing_on_target if fault.code == "CTR004" else missing_everywhere
        return mend(use, source_use, self._source, self._target)

    def _to_be_unique(self, fault: Fault, use: ConflictUse, source_use: ConflictUse) -> ConflictUse:
        """What the fix would make unique: that is what has to be searched for duplicates."""
        near = nearest_arbiter(source_use, self._source, source_use.relation) if fault.code == "CTR005" else None
        return use if near is None else ConflictUse(relation=use.relation, columns=near.columns)

    def _function(self, fault: Fault) -> Finding:
        name = split(fault.function)[-1]
        definitions = [each.definition for each in self._source.catalog.routines if each.name == name]
        return Finding(
            code=fault.code,
            severity=self._severity(fault),
            stage=STAGE,
            object=FoundObject(kind="function", identity=fault.function),
            title=f"Function {fault.function}, which the data layer calls, does not exist on the target",
            evidence=(
                Evidence(label="Function", source="present", target=_ABSENT),
                Evidence(label="Consequence", text=f"function {name} does not exist (42883)"),
            ),
            fix=Fix(
                text="Create it on the target, and what it needs.",
                sql="\n".join(f"{each.rstrip().rstrip(';')};" for each in definitions if each) or None,
            ),
            query=_FUNCTION_QUERY.format(literal(name)),
        )


def _meant(names: Sequence[str]) -> list[Evidence]:
    return [Evidence(label="Did you mean", text=", ".join(names))] if names else []


def _consequence(use: ConflictUse, fault: Fault) -> str:
    if "deferrable" in fault.detail:
        return "ON CONFLICT does not support deferrable unique constraints as arbiters (55000)"
    if use.constraint is not None:
        return f'constraint "{use.constraint}" does not exist (42704)'
    return "there is no unique or exclusion constraint matching the ON CONFLICT specification (42P10)"


def _unique_indexes(lookup: Lookup, relation: str) -> str:
    if not lookup.has_relation(relation):
        return "no such table"
    found = [
        f"{index.name}: {index.definition}" + ("" if index.valid else " (not valid)")
        for index in lookup.indexes(relation)
        if index.unique
    ]
    return "; ".join(found) or "none"
