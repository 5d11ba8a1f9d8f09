"""What would mend an ON CONFLICT target: the unique index that it needs, or the one that it should name instead."""

from __future__ import annotations

from collections.abc import Iterable

from harness.core.arbiter import infer
from harness.core.findings import Fix
from harness.core.lookup import Lookup
from harness.core.model.rules import Index
from harness.core.names import qualified, quote
from harness.core.sql.text import tokens
from harness.core.usage import ConflictUse


def target_text(use: ConflictUse) -> str:
    """The ON CONFLICT target as a statement has it."""
    if use.constraint is not None:
        return f"ON CONFLICT ON CONSTRAINT {quote(use.constraint)}"
    where = f" WHERE {use.predicate}" if use.predicate is not None else ""
    return f"ON CONFLICT ({_keys(use)}){where}"


def _keys(use: ConflictUse) -> str:
    expressions = (text if text.startswith("(") else f"({text})" for text in use.expressions)
    return ", ".join((*map(quote, use.columns), *expressions))


def arbiters(indexes: Iterable[Index]) -> list[Index]:
    """The unique indexes that a statement could conflict on: valid, immediate, of columns alone."""
    return [
        index
        for index in indexes
        if index.unique and index.valid and index.immediate and not any(key.startswith("(") for key in index.columns)
    ]


def nearest_arbiter(use: ConflictUse, lookup: Lookup, relation: str) -> Index | None:
    """The arbiter that shares most columns with the target, where one shares any that is not in nearly all of them."""
    wanted = set(use.columns)
    near = [index for index in arbiters(lookup.indexes(relation)) if wanted & set(index.columns)]
    near = [index for index in near if wanted < set(index.columns) or wanted > set(index.columns)]
    return max(near, key=lambda index: (len(wanted & set(index.columns)), -len(index.columns)), default=None)


def duplicates_query(use: ConflictUse, relation: str) -> str | None:
    """A query that shows the rows that a unique index of the target would refuse; NULLs are no duplicates."""
    if use.constraint is not None or not (use.columns or use.expressions) or _holds_values(use):
        return None
    keys = [quote(column) for column in use.columns] + list(use.expressions)
    conditions = [f"{key} IS NOT NULL" for key in keys] + ([f"({use.predicate})"] if use.predicate else [])
    parts = ("SELECT", ", ".join(keys) + ", count(*)", "FROM", relation, "WHERE", " AND ".join(conditions))
    return " ".join((*parts, "GROUP BY", ", ".join(keys), "HAVING count(*) > 1"))


def missing_on_target(use: ConflictUse, source_use: ConflictUse, source: Lookup, target: Lookup) -> Fix:
    """The fix where the source has the arbiter and the target has not."""
    inferred = infer(target, use)
    invalid = [
        index for index in target.indexes(use.relation) if not index.valid and set(index.columns) == set(use.columns)
    ]
    if inferred.status == "deferrable":
        return Fix(text="Make the constraint NOT DEFERRABLE: drop it and add it again without the word.")
    if invalid:
        name = qualified(invalid[0].schema, invalid[0].name)
        return Fix(text="Build the index again.", sql=f"REINDEX INDEX CONCURRENTLY {name};")
    if use.constraint is not None:
        return _named_fix(use, source_use, source, target)
    return Fix(
        text="Add the unique index to the target, once the query finds no duplicates there.",
        sql=_statement(use, _free_name(infer(source, source_use).index, target)),
    )


def missing_everywhere(use: ConflictUse, source_use: ConflictUse, source: Lookup, target: Lookup) -> Fix:
    """The fix where neither side has the arbiter: the code is to name one that is there, or a new one is wanted."""
    here, there = (
        nearest_arbiter(use, target, use.relation),
        nearest_arbiter(source_use, source, source_use.relation),
    )
    near = there or here
    if near is None:
        text = (
            "Conflict on columns that are unique. Only where these are meant to be: add a unique index, once the query "
            "finds no duplicates."
        )
        return Fix(text=text, sql=_statement(use, None))
    columns = ", ".join(map(quote, near.columns))
    narrower = set(use.columns) < set(near.columns)
    warning = (
        f" A unique index on ({_keys(use)}) alone would refuse rows that the source accepts."
        if there and narrower
        else ""
    )
    if there is None or infer(target, ConflictUse(relation=use.relation, columns=near.columns)).status == "found":
        return Fix(text=f"Conflict on ({columns}), which is unique.{warning}")
    wanted = ConflictUse(relation=use.relation, columns=near.columns)
    return Fix(
        text=f"Conflict on ({columns}), which is unique on the source, and add that to the target.{warning}",
        sql=_statement(wanted, _free_name(near.constraint or near.name, target)),
    )


def _named_fix(use: ConflictUse, source_use: ConflictUse, source: Lookup, target: Lookup) -> Fix:
    """The fix for ON CONSTRAINT: the same rule under another name, or none at all."""
    theirs = source.constraint(source_use.relation, source_use.constraint or "")
    if theirs is None:
        return Fix(text="Name the columns instead of a constraint.")
    same = next(
        (
            each
            for each in target.catalog.constraints_by_table.get(use.relation, ())
            if each.signature == theirs.signature
        ),
        None,
    )
    wanted = quote(use.constraint or "")
    if same is not None:
        return Fix(
            text="The target has the same constraint under another name: rename it, or name the columns instead.",
            sql=f"ALTER TABLE {use.relation} RENAME CONSTRAINT {quote(same.name)} TO {wanted};",
        )
    return Fix(
        text="Add the constraint to the target, once no duplicates are found there.",
        sql=f"ALTER TABLE {use.relation} ADD CONSTRAINT {wanted} {theirs.definition};",
    )


def _free_name(name: str | None, target: Lookup) -> str | None:
    """The source's name for it, where nothing on the target has that name."""
    taken = {index.name for index in target.catalog.indexes} | {each.name for each in target.catalog.constraints}
    return None if name in taken else name


def _holds_values(use: ConflictUse) -> bool:
    """Whether a constant of the code stands in it, which is not for a report."""
    return any(token.kind == "string" for text in (*use.expressions, use.predicate or "") for token in tokens(text))


def _statement(use: ConflictUse, name: str | None) -> str | None:
    if _holds_values(use):
        return None
    if use.expressions or use.predicate:
        where = f" WHERE {use.predicate}" if use.predicate else ""
        return f"CREATE UNIQUE INDEX {quote(name) + ' ' if name else ''}ON {use.relation} ({_keys(use)}){where};"
    constraint = f"CONSTRAINT {quote(name)} " if name else ""
    return f"ALTER TABLE {use.relation} ADD {constraint}UNIQUE ({_keys(use)});"
