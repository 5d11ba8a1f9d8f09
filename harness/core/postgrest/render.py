"""From the request model back to a query string: the inverse of the grammar."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote as percent_encoded

from harness.core.postgrest.model import (
    STAR,
    Comparison,
    Condition,
    Distinct,
    Field,
    Filter,
    FullText,
    Logic,
    Membership,
    OrderTerm,
    Placed,
    Query,
    RowRange,
    SelectField,
    SelectItem,
    Truth,
)
from harness.core.postgrest.names import is_name_character

# words that mean something by themselves: a column or resource that is called so goes in quotes
_WORDS = frozenset({"and", "columns", "count", "limit", "not", "offset", "on_conflict", "or", "order", "select"})


def quoted(text: str) -> str:
    """A text in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def name(text: str) -> str:
    """A name, in quotes where it needs them."""
    bare = text != "" and text == text.strip() and all(map(is_name_character, text))
    return text if bare and text not in _WORDS else quoted(text)


def field(column: Field) -> str:
    """A column with its JSON path."""
    steps = "".join(
        ("->>" if step.as_text else "->")
        + (str(step.operand) if isinstance(step.operand, int) else quoted(step.operand))
        for step in column.path
    )
    return name(column.name) + steps


def select_item(item: SelectItem) -> str:
    """One item of `select=`."""
    alias = f"{name(item.alias)}:" if item.alias is not None else ""
    if isinstance(item, SelectField):
        column = "*" if item.field == Field("*") else field(item.field)
        cast = f"::{item.cast}" if item.cast is not None else ""
        aggregate = f".{item.aggregate}()" if item.aggregate is not None else ""
        after = f"::{item.aggregate_cast}" if item.aggregate_cast is not None else ""
        if column == "*" and item.aggregate == "count":
            return f"{alias}count(){after}"
        return f"{alias}{column}{cast}{aggregate}{after}"
    hint = f"!{quoted(item.hint)}" if item.hint is not None else ""
    join = f"!{item.join}" if item.join is not None else ""
    spread = "..." if item.spread else ""
    return f"{spread}{alias}{name(item.name)}{hint}{join}({select(item.items)})"


def select(items: Iterable[SelectItem]) -> str:
    """The value of `select=`."""
    return ",".join(map(select_item, items))


def _operation(condition: Filter, *, in_tree: bool) -> str:
    def value(text: str) -> str:
        return quoted(text) if in_tree else text

    match condition.operation:
        case Comparison(operator, text, quantifier):
            asked = f"{operator}({quantifier})" if quantifier else operator
            said = f"{asked}.{value(text)}"
        case Membership(values):
            said = "in.()" if values == ("",) else f"in.({','.join(map(quoted, values))})"
        case Truth(word):
            said = f"is.{word}"
        case Distinct(text):
            said = f"isdistinct.{value(text)}"
        case FullText(operator, text, language):
            said = f"{operator}({language}).{value(text)}" if language else f"{operator}.{value(text)}"
    return f"not.{said}" if condition.negated else said


def condition_in_tree(condition: Condition) -> str:
    """A condition as a member of `and=(…)` or `or=(…)`."""
    if isinstance(condition, Filter):
        return f"{field(condition.field)}.{_operation(condition, in_tree=True)}"
    negation = "not." if condition.negated else ""
    return f"{negation}{condition.operator}{_members(condition)}"


def _members(logic: Logic) -> str:
    return f"({','.join(map(condition_in_tree, logic.members))})"


def order_term(term: OrderTerm) -> str:
    """One term of `order=`."""
    column = field(term.field)
    target = f"{name(term.relation)}({column})" if term.relation is not None else column
    direction = f".{term.direction}" if term.direction else ""
    return target + direction + (f".nulls{term.nulls}" if term.nulls else "")


def _key(path: tuple[str, ...], last: str) -> str:
    return ".".join([*map(name, path), last])


def _condition(placed: Placed[Condition]) -> tuple[str, str]:
    condition = placed.value
    if isinstance(condition, Filter):
        return _key(placed.path, field(condition.field)), _operation(condition, in_tree=False)
    word = f"not.{condition.operator}" if condition.negated else condition.operator
    return _key(placed.path, word), _members(condition)


def _range(path: tuple[str, ...], rows: RowRange) -> Iterable[tuple[str, str]]:
    if rows.offset:
        yield _key(path, "offset"), str(rows.offset)
    if rows.limit is not None:
        yield _key(path, "limit"), str(rows.limit)


def query_pairs(query: Query, rows: RowRange | None = None) -> list[tuple[str, str]]:
    """The parameters of a query, not yet percent-encoded; `rows` is the range of the root."""
    pairs: list[tuple[str, str]] = []
    if query.select != STAR:
        pairs.append(("select", select(query.select)))
    pairs += [(name(key), value) for key, value in query.arguments]
    pairs += map(_condition, query.conditions)
    pairs += [(_key(at.path, "order"), ",".join(map(order_term, at.value))) for at in query.order]
    for at in (*query.ranges, *([Placed((), rows)] if rows is not None else [])):
        pairs += _range(at.path, at.value)
    if query.columns is not None:
        pairs.append(("columns", ",".join(map(quoted, query.columns))))
    if query.on_conflict is not None:
        pairs.append(("on_conflict", ",".join(map(quoted, query.on_conflict))))
    return pairs


def query_string(query: Query, rows: RowRange | None = None) -> str:
    """The query string, percent-encoded."""
    return "&".join(
        f"{percent_encoded(key, safe='')}={percent_encoded(value, safe='')}" for key, value in query_pairs(query, rows)
    )
