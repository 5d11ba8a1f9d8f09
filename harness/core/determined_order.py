"""What a statement or a request leaves open: which rows of its answer come first, and which come at all.

A statement determines the order of two rows where its ORDER BY tells them apart; SQL promises nothing of others
(https://www.postgresql.org/docs/current/queries-order.html), and PostgREST adds nothing to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.ordering import Ordering, SortKey, all_columns, table_keys, unsorted
from harness.core.request_order import request_orderings
from harness.core.sql.text import TextError, ready_to_parse, tokens
from harness.core.sql.tree import child, name_of
from harness.core.statements import CapturedStatement


def orderings_of(statements: Iterable[CapturedStatement], catalog: Catalog | None) -> tuple[Ordering, ...]:
    """One ordering for each query among the statements that gives rows; none for what is not understood."""
    found: dict[Ordering, None] = {}
    for statement in statements:
        if statement.sql is not None:
            found |= dict.fromkeys(_of_sql(statement.sql, catalog))
        elif statement.request is not None:
            found |= dict.fromkeys(request_orderings(statement.request, catalog))
    return tuple(found)


def _of_sql(text: str, catalog: Catalog | None) -> Iterator[Ordering]:
    try:
        found = list(tokens(text))
        tree = sqlglot.parse_one(ready_to_parse(found), read="postgres") if found else None
    except (SqlglotError, TextError, RecursionError, AttributeError, IndexError, KeyError, TypeError, ValueError):
        return
    if isinstance(tree, exp.Select | exp.SetOperation):
        yield from _of_select(tree, catalog)
    elif isinstance(tree, exp.Update | exp.Delete) and child(tree, exp.Returning) is not None:
        yield unsorted(_relation(tree.this), catalog)


def _of_select(tree: exp.Expression, catalog: Catalog | None) -> Iterator[Ordering]:
    names, every = _names(tree)
    grouped = isinstance(tree, exp.SetOperation) or any(
        child(tree, kind) is not None for kind in (exp.Group, exp.Distinct)
    )
    aggregated = any(each.find(exp.AggFunc) and not each.find(exp.Window) for each in tree.expressions)
    nested = [each for each in tree.find_all(exp.ArrayAgg, exp.JSONArrayAgg, exp.Anonymous) if _collects(each)]
    for each in nested:
        if each.find(exp.Order) is None:
            yield Ordering(every=True, place="*")
    if aggregated and not grouped:
        return
    relation = "" if grouped else _only_table(tree)
    if every:
        names, every = all_columns(names, relation, catalog)
    keys = tuple(_sort_keys(tree, names))
    equal, known = _equal_columns(tree)
    identifying = table_keys(relation, catalog)
    told = equal | {key.column for key in keys}
    distinct = child(tree, exp.Distinct)
    yield Ordering(
        relation=relation,
        keys=keys,
        names=tuple(names.items()),
        every=every,
        equal=equal,
        conditions_known=known,
        limited=any(child(tree, kind) is not None for kind in (exp.Limit, exp.Fetch, exp.Offset))
        or (distinct is not None and distinct.args.get("on") is not None),
        skipped=child(tree, exp.Offset) is not None,
        grouped=grouped,
        total=any(set(key) <= told for key in identifying),
        identifying=identifying,
    )


def _collects(node: object) -> bool:
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in ("json_agg", "jsonb_agg", "array_agg", "json_arrayagg")
    return True


def _names(tree: exp.Expression) -> tuple[dict[str, str], bool]:
    """Columns that the answer holds, with the names that they have there; and whether it holds all."""
    names: dict[str, str] = {}
    every = isinstance(tree, exp.SetOperation)
    for each in tree.expressions if isinstance(tree, exp.Select) else ():
        inner = each.this if isinstance(each, exp.Alias) else each
        if isinstance(inner, exp.Star) or (isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)):
            every = True
        elif isinstance(inner, exp.Column):
            names.setdefault(name_of(inner.this), name_of(each.args.get("alias")) or name_of(inner.this))
        elif isinstance(each, exp.Alias):
            names.setdefault("(" + name_of(each.args.get("alias")), name_of(each.args.get("alias")))
    return names, every


def _sort_keys(tree: exp.Expression, names: dict[str, str]) -> Iterator[SortKey]:
    order = child(tree, exp.Order)
    aliases = {alias: column for column, alias in names.items()}
    for each in order.expressions if order is not None else ():
        term = each.this if isinstance(each, exp.Ordered) else each
        column = f"({term.sql('postgres').lower()}"
        if isinstance(term, exp.Column):
            column = name_of(term.this)
            column = column if term.args.get("table") else aliases.get(column, column)
        elif isinstance(term, exp.Literal) and not term.is_string and isinstance(tree, exp.Select):
            column = _by_number(tree, int(term.this))
        descending = bool(each.args.get("desc"))
        nulls_first = each.args.get("nulls_first")
        yield SortKey(
            column=column, descending=descending, nulls_first=descending if nulls_first is None else bool(nulls_first)
        )


def _by_number(tree: exp.Select, number: int) -> str:
    if not 0 < number <= len(tree.expressions):
        return f"({number}"
    inner = tree.expressions[number - 1].unalias()
    return name_of(inner.this) if isinstance(inner, exp.Column) else f"({inner.sql('postgres').lower()}"


def _only_table(tree: exp.Expression) -> str:
    source = child(tree, exp.From)
    if source is None or tree.args.get("joins") or child(tree, exp.With) is not None:
        return ""
    return _relation(source.this)


def _relation(table: object) -> str:
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        return ""
    return qualified(name_of(table.args.get("db")) or "public", name_of(table.this))


def _equal_columns(tree: exp.Expression) -> tuple[frozenset[str], bool]:
    """Columns that WHERE makes equal to a value, and whether it says nothing else."""
    where = child(tree, exp.Where)
    if where is None:
        return frozenset(), True
    found, known = set(), True
    for each in where.this.flatten() if isinstance(where.this, exp.And) else (where.this,):
        condition = each.unnest()
        sides = (condition.this, condition.expression) if isinstance(condition, exp.EQ) else ()
        columns = [side for side in sides if isinstance(side, exp.Column)]
        if len(columns) == 1 and not any(side.find(exp.Any, exp.Column) for side in sides if side is not columns[0]):
            found.add(name_of(columns[0].this))
        else:
            known = False
    return frozenset(found), known
