"""Pieces of SQL: columns, conditions, order and ranges.

Identifiers go through psycopg.sql, everything else that a request brings is a numbered parameter without a type, so
that PostgreSQL resolves it as it does a literal in quotes; nothing of a request ever becomes SQL text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString

from psycopg import sql
from psycopg.sql import SQL, Composable, Composed

from harness.core.postgrest.model import (
    Comparison,
    Condition,
    Distinct,
    Field,
    Filter,
    FullText,
    JsonStep,
    Membership,
    OrderTerm,
    RowRange,
    SelectField,
    Truth,
)
from harness.gateway.cache.representations import NONE, Representations, called, each_called
from harness.gateway.cache.schema_cache import Table
from harness.gateway.queries.casts import type_name

_OPERATORS: Mapping[str, LiteralString] = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "like",
    "ilike": "ilike",
    "match": "~",
    "imatch": "~*",
    "cs": "@>",
    "cd": "<@",
    "ov": "&&",
    "sl": "<<",
    "sr": ">>",
    "nxr": "&<",
    "nxl": "&>",
    "adj": "-|-",
}
_TRUTHS: Mapping[str, LiteralString] = {
    "null": "NULL",
    "not_null": "NOT NULL",
    "true": "TRUE",
    "false": "FALSE",
    "unknown": "UNKNOWN",
}
_FULL_TEXT: Mapping[str, LiteralString] = {
    "fts": "to_tsquery",
    "plfts": "plainto_tsquery",
    "phfts": "phraseto_tsquery",
    "wfts": "websearch_to_tsquery",
}
_AGGREGATES: Mapping[str, LiteralString] = {"avg": "avg", "count": "count", "max": "max", "min": "min", "sum": "sum"}
_JSON_TYPES = frozenset({"json", "jsonb"})


@dataclass(slots=True)
class Parameters:
    """The parameters of a statement, in the order of their numbers."""

    values: list[object] = field(default_factory=list)

    def add(self, value: object) -> Composable:
        """Take a value in; what stands for it in the statement."""
        self.values.append(value)
        return SQL(f"${len(self.values)}")


def identifier(*parts: str) -> sql.Identifier:
    """A name in quotes. Like PostgREST, it ends before a NUL: no name in PostgreSQL has one."""
    return sql.Identifier(*(part.partition("\0")[0] for part in parts))


def commas(parts: Sequence[Composable]) -> Composable:
    """The parts, separated by commas."""
    return SQL(", ").join(parts)


def spaced(*parts: Composable | None) -> Composed:
    """The parts that are there, separated by blanks."""
    return SQL(" ").join([part for part in parts if part is not None])


def array_literal(values: Sequence[str]) -> str:
    """A PostgreSQL array in text form, every element in quotes: never NULL, never more elements than values."""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in escaped) + "}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean in one part of a statement: the qualifier of its columns, their types, its embedded resources.

    `embeds` gives the condition that an embedded resource has rows, for those that may be filtered by `is.null`.
    """

    qualifier: tuple[str, ...]
    table: Table | None
    parameters: Parameters
    embeds: Mapping[str, Callable[[], Composable]] = field(default_factory=dict)

    def column(self, name: str) -> Composable:
        """A column by its qualified name; `*` is all of them."""
        if name == "*":
            return SQL("{}.*").format(identifier(*self.qualifier))
        return identifier(*self.qualifier, name)

    def type_of(self, name: str, *, base: bool = False) -> str | None:
        """The type of a column, or None where the cache does not know it."""
        column = self.table.columns.get(name) if self.table is not None else None
        if column is None:
            return None
        return column.base_type if base else column.type

    def representations(self, name: str) -> Representations:
        """How values of a column are shown and taken."""
        column = self.table.columns.get(name) if self.table is not None else None
        return NONE if column is None else column.representations

    def answered(self, column: Field) -> Composable:
        """A column as it is answered: as its domain is shown in JSON."""
        to_json = self.representations(column.name).to_json
        return self.field(column) if to_json is None else called(to_json, self.field(column))

    def field(self, column: Field) -> Composable:
        """A column and the JSON path into it."""
        plain = self.column(column.name)
        if not column.path:
            return plain
        if self.type_of(column.name) not in _JSON_TYPES:
            plain = SQL("to_jsonb({})").format(plain)
        return SQL("").join([plain, *map(self._step, column.path)])

    def joined_field(self, column: Field) -> Composable:
        """A column of a joined subquery and the path into it: its type is not known, so PostgREST converts nothing."""
        return SQL("").join([self.column(column.name), *map(self._step, column.path)])

    def _step(self, step: JsonStep) -> Composable:
        arrow = SQL("->>") if step.as_text else SQL("->")
        if isinstance(step.operand, int):
            return SQL("{}{}::int").format(arrow, self.parameters.add(str(step.operand)))
        return SQL("{}{}").format(arrow, self.parameters.add(step.operand))

    def select_item(self, item: SelectField) -> Composable:
        """A column of the answer."""
        if item.aggregate == "count" and item.field == Field("*"):
            value: Composable = SQL("count(*)")
        else:
            value = _cast(self.answered(item.field), item.cast)
            if item.aggregate is not None:
                value = SQL("{}({})").format(SQL(_AGGREGATES[item.aggregate]), value)
        value = _cast(value, item.aggregate_cast)
        return value if item.alias is None else SQL("{} AS {}").format(value, identifier(item.alias))

    def condition(self, condition: Condition) -> Composable:
        """A filter or a tree of them."""
        if isinstance(condition, Filter):
            return self._filter(condition)
        joint = SQL(" AND ") if condition.operator == "and" else SQL(" OR ")
        inside = SQL("({})").format(joint.join([self.condition(member) for member in condition.members]))
        return SQL("NOT {}").format(inside) if condition.negated else inside

    def where(self, conditions: Sequence[Condition], further: Sequence[Composable] = ()) -> Composable | None:
        """All conditions together, or nothing."""
        all_of = [*map(self.condition, conditions), *further]
        return SQL("WHERE {}").format(SQL(" AND ").join(all_of)) if all_of else None

    def _filter(self, condition: Filter) -> Composable:
        asked = condition.operation
        has_rows = self.embeds.get(condition.field.name)
        if has_rows is not None and not condition.field.path and asked == Truth("null"):
            return has_rows() if condition.negated else SQL("NOT {}").format(has_rows())
        negation = SQL("NOT ") if condition.negated else SQL("")
        column = self._searched(condition.field, asked) if isinstance(asked, FullText) else self.field(condition.field)
        from_text = self.representations(condition.field.name).from_text
        match asked:
            case Comparison():
                test = self._comparison(asked, from_text)
            case Membership(("",)):
                test = SQL("= ANY ('{}')")
            case Membership(values):
                array = self.parameters.add(array_literal(values))
                test = SQL("= ANY ({})").format(array if from_text is None else each_called(from_text, array))
            case Truth(word):
                test = SQL("IS {}").format(SQL(_TRUTHS[word]))
            case Distinct(value):
                test = SQL("IS DISTINCT FROM {}").format(self.parameters.add(value))
            case FullText(operator, value, language):
                words = [self.parameters.add(text) for text in (language, value) if text is not None]
                test = SQL("@@ {}({})").format(SQL(_FULL_TEXT[operator]), commas(words))
        return SQL("{}{} {}").format(negation, column, test)

    def _comparison(self, asked: Comparison, from_text: str | None) -> Composable:
        pattern = asked.operator in ("like", "ilike")
        value = self.parameters.add(asked.value.replace("*", "%") if pattern else asked.value)
        if from_text is not None and not pattern:
            value = called(from_text, value)
        if asked.quantifier is not None:
            value = SQL("{}({})").format(SQL("ANY") if asked.quantifier == "any" else SQL("ALL"), value)
        return SQL("{} {}").format(SQL(_OPERATORS[asked.operator]), value)

    def _searched(self, column: Field, asked: FullText) -> Composable:
        """What full-text search looks into: text and JSON become a tsvector first, a computed field stays as it is."""
        plain = self.field(column)
        if self.type_of(column.name, base=True) in (None, "tsvector"):
            return plain
        language = [self.parameters.add(asked.language)] if asked.language is not None else []
        return SQL("to_tsvector({})").format(commas([*language, plain]))

    def order(self, terms: Sequence[OrderTerm], related: Mapping[str, str]) -> Composable | None:
        """ORDER BY; `related` gives the label of an embedded resource by its name."""
        return SQL("ORDER BY {}").format(commas([self._term(term, related) for term in terms])) if terms else None

    def _term(self, term: OrderTerm, related: Mapping[str, str]) -> Composable:
        if term.relation is None:
            value = self.field(term.field)
        else:
            value = Scope((related[term.relation],), None, self.parameters).joined_field(term.field)
        direction = {"asc": SQL("ASC"), "desc": SQL("DESC"), None: None}[term.direction]
        nulls = {"first": SQL("NULLS FIRST"), "last": SQL("NULLS LAST"), None: None}[term.nulls]
        return spaced(value, direction, nulls)

    def limit(self, rows: RowRange) -> Composable | None:
        """LIMIT and OFFSET, or nothing where all rows are asked for."""
        if rows == RowRange():
            return None
        limit = SQL("ALL") if rows.limit is None else self.parameters.add(str(rows.limit))
        return SQL("LIMIT {} OFFSET {}").format(limit, self.parameters.add(str(rows.offset)))


def _cast(value: Composable, cast: str | None) -> Composable:
    return value if cast is None else SQL("CAST({} AS {})").format(value, type_name(cast))
