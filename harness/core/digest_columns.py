"""Digest columns: which columns a recorded side is hashed by, which are its key, and which are left out, and why."""

from __future__ import annotations

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.keys import unique_keys
from harness.core.model.catalog import Catalog
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.errors import ConfigurationError


def key_of(catalog: Catalog, table: str, names: list[str], rules: TableRowsSection) -> tuple[str, ...]:
    """A declared key, else the first unique one whose columns are hashed; sorted, as columns are."""
    if rules.key:
        for name in rules.key:
            if name not in names:
                raise ConfigurationError(
                    f"{table} has no column {name} that is hashed, and its key is declared to have one",
                    hint=f"Columns: {', '.join(names[:8])}.",
                )
        return tuple(sorted(rules.key))
    found = (key.columns for key in unique_keys(catalog, table) if set(key.columns) <= set(names))
    return tuple(sorted(next(found, ())))


def not_chosen(table: str, names: list[str], key: tuple[str, ...], rules: TableRowsSection) -> dict[str, str]:
    """Columns that are not among those that the configuration wants compared; the key's always are."""
    if not rules.columns:
        return {}
    wanted = {*rules.columns, *key}
    return {name: f"rows.tables of {table} does not name it" for name in names if name not in wanted}


def left_out_by(projection: TableProjection, side: Side, configuration: Configuration) -> dict[str, str]:
    """Columns that the configuration decided about, and on the source those that the mapping drops."""
    table = projection.source.identity
    dropped = configuration.mapping.table(table).drop if side is Side.SOURCE else {}
    ignored = configuration.rows.ignore_columns
    found = {
        column.name: ignored[identity_of(projection, column.name)]
        for column in projection.columns
        if identity_of(projection, column.name) in ignored
    }
    return found | dict(dropped)


def identity_of(projection: TableProjection, column: str) -> str:
    """A column by the name that the configuration knows it by: the source's table and the target's column."""
    return qualified(projection.source.schema, projection.source.name, column)
