"""Reads sqlglot's trees: the children that matter here, independent of what its versions call them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sqlglot import exp

from harness.core.names import qualified
from harness.core.sql.text import folded

Node = TypeVar("Node", bound=exp.Expression)

_FUNCTION_COLUMNS = {
    "generate_series": (),
    "unnest": (),
    "json_object_keys": (),
    "jsonb_object_keys": (),
    "regexp_matches": (),
    "regexp_split_to_table": (),
    "string_to_table": (),
    "generate_subscripts": (),
    "jsonb_path_query": (),
    "json_array_elements": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
}
"""Built-in functions that stand in FROM and the names of their columns; those of one column are called as the function
or its alias. https://www.postgresql.org/docs/current/functions-srf.html"""

ROW_TYPE_FUNCTIONS = frozenset(
    {"json_populate_record", "json_populate_recordset", "jsonb_populate_record", "jsonb_populate_recordset"}
)
"""Their rows are of the type of their first argument."""

_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast", "pg_temp"})


def name_of(identifier: object) -> str:
    """An identifier as PostgreSQL reads it: folded to lower case unless quoted; "" for none."""
    if isinstance(identifier, exp.Identifier):
        return str(identifier.this) if identifier.args.get("quoted") else folded(str(identifier.this))
    return folded(identifier) if isinstance(identifier, str) else ""


def child(node: exp.Expression, kind: type[Node]) -> Node | None:
    """The first direct child of a kind."""
    return next((value for value in node.args.values() if isinstance(value, kind)), None)


def children(node: exp.Expression) -> Iterator[exp.Expression]:
    """The direct children, in the order of the text as far as sqlglot keeps it."""
    for value in node.args.values():
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, exp.Expression):
                yield each


def listed(node: exp.Expression, argument: str) -> list[exp.Expression]:
    """The expressions of a list argument."""
    return [each for each in node.args.get(argument) or [] if isinstance(each, exp.Expression)]


def relation_name(table: exp.Table) -> tuple[str | None, str]:
    """Schema (None where it is not said) and name of a table."""
    return name_of(table.args.get("db")) or None, name_of(table.this)


def is_system(schema: str | None, name: str) -> bool:
    """Whether a relation is PostgreSQL's own or a session's, and no matter of the two schemas."""
    return schema in _SYSTEM_SCHEMAS or (schema is None and name.startswith("pg_"))


def alias_of(node: exp.Expression) -> tuple[str, frozenset[str]]:
    """The alias of something in FROM, and the names that it gives to columns."""
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return "", frozenset()
    names = (each.this if isinstance(each, exp.ColumnDef) else each for each in alias.args.get("columns") or [])
    return name_of(alias.this), frozenset(filter(None, map(name_of, names)))


def function_name(node: exp.Expression) -> str:
    """The name of a function that stands in FROM, as far as it is one of those with known columns; else ""."""
    if isinstance(node, exp.Anonymous):
        return folded(str(node.this))
    if isinstance(node, exp.Unnest):
        return "unnest"
    if type(node).__name__ in ("GenerateSeries", "ExplodingGenerateSeries"):
        return "generate_series"
    return ""


def function_columns(name: str, alias: str) -> frozenset[str] | None:
    """The columns of a function's rows; None where they are not known."""
    columns = _FUNCTION_COLUMNS.get(name)
    return None if columns is None else frozenset((*columns, alias or name))


def row_type(call: exp.Expression, schema: str) -> str | None:
    """The identity of the type that NULL::type, the first argument of json_populate_recordset, names."""
    cast = call.expressions[0] if call.expressions else None
    if not isinstance(cast, exp.Cast):
        return None
    kind = cast.args["to"].args.get("kind")
    if isinstance(kind, exp.Dot):
        parts = [name_of(part) for part in kind.flatten()]
        return qualified(*parts) if len(parts) == 2 and all(parts) else None
    name = name_of(kind)
    return qualified(schema, name) if name else None


def output_name(projection: exp.Expression) -> str | None:
    """The name of a column of a select list; None where PostgreSQL invents one."""
    if isinstance(projection, exp.Alias):
        return name_of(projection.args.get("alias"))
    if isinstance(projection, exp.Column) and not isinstance(projection.this, exp.Star):
        return name_of(projection.this)
    if isinstance(projection, exp.Cast):
        return output_name(projection.this)
    return folded(str(projection.this)) if isinstance(projection, exp.Anonymous) else None


def is_star(projection: exp.Expression) -> bool:
    """`*` or `name.*`."""
    return isinstance(projection, exp.Star) or (
        isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)
    )
