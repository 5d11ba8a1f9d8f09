"""Projection: a table's mapping and both catalogs become source expressions and target columns, checked first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from typing import Literal

from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column, Table
from harness.core.names import literal, quote
from harness.errors import ConfigurationError

Origin = Literal["column", "expression", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectedColumn:
    """One column of the target and what its value is made of on the source."""

    name: str
    """Of the target's column"""
    expression: str
    """SQL over a row of the source's table"""
    origin: Origin
    source: str | None = None
    """The source's column, where the value is one column as it stands"""
    source_type: str | None = None
    """As format_type gives it; None for an expression, whose type only the server knows"""
    target_type: str
    writable: bool = True
    """False for a generated column of the target: it is compared and not loaded"""
    always_identity: bool = False
    """GENERATED ALWAYS AS IDENTITY on the target: inserted by OVERRIDING SYSTEM VALUE, never updated"""
    not_null: bool = False
    """NOT NULL on the target"""

    @property
    def converted(self) -> bool:
        """Whether a column of the source is cast on the way, so that its type is not the target's."""
        return self.source is not None and self.expression != quote(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProjection:
    """How the rows of one source table become rows of one target table."""

    source: Table
    target: Table
    columns: tuple[ProjectedColumn, ...]
    dropped: Mapped[str, str]
    """Source columns that do not move, each with the reason: a declared loss"""
    defaulted: tuple[str, ...]
    """Target columns that the mapping leaves to their default"""
    target_only: tuple[str, ...]
    """Target columns that nothing is written to and the mapping does not mention"""
    missing: tuple[str, ...]
    """Source columns that have no place on the target and that nobody dropped: rows must not move"""
    required: tuple[str, ...]
    """Target columns that are NOT NULL, have no default and get no value: rows must not move"""
    source_where: str | None = None
    """SQL condition over a row of the source's table: only these rows are compared"""
    target_where: str | None = None
    """The same over a row of the target's"""

    @property
    def loaded(self) -> tuple[ProjectedColumn, ...]:
        """The columns that are written."""
        return tuple(column for column in self.columns if column.writable)

    @property
    def movable(self) -> bool:
        """Whether the target takes every column of the source."""
        return not self.missing and not self.required

    @property
    def by_name(self) -> dict[str, ProjectedColumn]:
        """The columns by their name on the target."""
        return {column.name: column for column in self.columns}

    @property
    def by_source(self) -> dict[str, ProjectedColumn]:
        """The columns that are a source column as it stands, by its name."""
        return {column.source: column for column in self.columns if column.source is not None}


def is_builtin_type(name: str) -> bool:
    """Whether a type is in pg_catalog: format_type gives others with their schema when search_path is empty."""
    return "." not in name and '"' not in name


def project(identity: str, mapping: Mapping, source: Catalog, target: Catalog) -> TableProjection:
    """The projection of one source table, which exists on both sides.

    ConfigurationError where the mapping names a table or a column that does not exist, with the nearest name that does.
    """
    if identity not in source.table_by_identity:
        raise unknown_name("source table", identity, source.table_by_identity, f"mapping.tables.{identity!r}")
    rules = mapping.table(identity)
    target_identity = mapping.target_of(identity)
    if target_identity not in target.table_by_identity:
        where = f"mapping.tables.{identity!r}.target"
        raise unknown_name("target table", target_identity, target.table_by_identity, where)
    source_columns = {column.name: column for column in source.columns_by_table.get(identity, ())}
    target_columns = {column.name: column for column in target.columns_by_table.get(target_identity, ())}
    _check(identity, rules, source_columns, target_columns)

    projected: list[ProjectedColumn] = []
    target_only: list[str] = []
    defaulted: list[str] = []
    for name, column in target_columns.items():
        rule = rules.columns.get(name)
        if rule is not None and rule.default:
            defaulted.append(name)
        elif rule is not None:
            projected.append(_mapped(column, rule, source_columns))
        elif name in source_columns and name not in rules.drop:
            projected.append(_same_name(column, source_columns[name]))
        else:
            target_only.append(name)
    used = {column.source for column in projected} | _named_in_expressions(rules)
    # A column whose twin on the target is filled otherwise was decided about by name.
    used |= {rule.source for rule in rules.columns.values()} | set(rules.columns)
    return TableProjection(
        source=source.table_by_identity[identity],
        target=target.table_by_identity[target_identity],
        columns=tuple(projected),
        dropped=dict(rules.drop),
        defaulted=tuple(defaulted),
        target_only=tuple(target_only),
        missing=tuple(name for name in source_columns if name not in used and name not in rules.drop),
        required=tuple(name for name in target_only if _needs_value(target_columns[name])),
    )


def without_partitions(tables: Sequence[str], source: Catalog) -> tuple[str, ...]:
    """The tables whose rows are their own: a partition's rows are those of the table that it is part of, where that
    one is asked for too.
    """

    def part_of(identity: str, parent: str) -> bool:
        table = source.table_by_identity.get(identity)
        return table is not None and (table.partition_of or "").startswith(f"{parent} ")

    return tuple(table for table in tables if not any(part_of(table, parent) for parent in tables))


def check_mapping(mapping: Mapping, source: Catalog, target: Catalog) -> None:
    """Check every table of the mapping, also those not asked for: a misspelt one must not be without effect."""
    for identity, rules in mapping.tables.items():
        if identity not in source.table_by_identity or rules.target or identity in target.table_by_identity:
            project(identity, mapping, source, target)


def _mapped(column: Column, rule: ColumnMapping, source_columns: Mapped[str, Column]) -> ProjectedColumn:
    if rule.source is not None and rule.cast is None:
        return _same_name(column, source_columns[rule.source])
    origin: Origin = "expression"
    if rule.source is not None:
        expression = quote(rule.source)
    elif rule.expression is not None:
        expression = f"({rule.expression})"
    else:
        origin = "constant"
        kind = column.type if is_builtin_type(column.type) else "text"
        expression = f"{literal(rule.constant or '')}::{kind}"
    if rule.cast is not None:
        expression = f"({expression})::{rule.cast}"
    return _projected(column, expression, origin)


def _same_name(column: Column, source: Column) -> ProjectedColumn:
    expression = quote(source.name)
    padded = source.type == "character" or source.type.startswith("character(")
    if padded and column.type.split("(")[0] in ("text", "character varying"):
        # COPY would carry the padding of char(n) into a type where blanks count; PostgreSQL's own cast takes it off.
        expression = f"({expression})::text"
    return _projected(column, expression, "column", source)


def _projected(column: Column, expression: str, origin: Origin, source: Column | None = None) -> ProjectedColumn:
    return ProjectedColumn(
        name=column.name,
        expression=expression,
        origin=origin,
        source=source.name if source else None,
        source_type=source.type if source else None,
        target_type=column.type,
        writable=column.generated is None,
        always_identity=column.identity_kind == "always",
        not_null=column.not_null,
    )


def _needs_value(column: Column) -> bool:
    supplied = column.default is not None or column.generated is not None or column.identity_kind is not None
    return column.not_null and not supplied


def _named_in_expressions(rules: TableMapping) -> set[str]:
    """Source columns that an expression reads: a column that is split or merged has a place on the target."""
    expressions = [rule.expression for rule in rules.columns.values() if rule.expression is not None]
    if not expressions:
        return set()
    # The parser takes longer to load than small tables take to be compared, and few mappings have an expression.
    from harness.core.named_columns import named_columns

    return {name for each in expressions for name in named_columns(each)}


def _check(
    identity: str, rules: TableMapping, source_columns: Mapped[str, Column], target_columns: Mapped[str, Column]
) -> None:
    where = f"mapping.tables.{identity!r}"
    for name, rule in rules.columns.items():
        if name not in target_columns:
            raise unknown_name("target column", name, target_columns, f"{where}.columns")
        if rule.source is not None and rule.source not in source_columns:
            raise unknown_name("source column", rule.source, source_columns, f"{where}.columns.{name}.source")
        if rule.source is not None and rule.source in rules.drop:
            raise ConfigurationError(
                f"{where}: source column {rule.source} is dropped and moved to {name}",
                hint="Keep it in one of columns and drop.",
            )
        column = target_columns[name]
        if column.generated is not None and not rule.default:
            raise ConfigurationError(
                f"{where}.columns.{name}: the target generates this column, nothing can be written to it",
                hint="Take the column out of the mapping.",
            )
        if rule.default and _needs_value(column):
            raise ConfigurationError(
                f"{where}.columns.{name}: the column is NOT NULL and has no default",
                hint="Give it a constant or an expression.",
            )
    for name in rules.drop:
        if name not in source_columns:
            raise unknown_name("source column", name, source_columns, f"{where}.drop")


def unknown_name(what: str, name: str, known: Iterable[str], where: str) -> ConfigurationError:
    """The error for a name that the configuration gives and that is not there, with the nearest ones that are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(names[:8])}" if names else ""
    return ConfigurationError(f"{where}: there is no {what} {name}", hint=hint)
