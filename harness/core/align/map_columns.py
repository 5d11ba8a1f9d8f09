"""The strategy map: the target stays as it is, and rows are transformed on the way, by the data stages."""

from __future__ import annotations

from harness.core.consequences.relations import required
from harness.core.mapping import ColumnMapping, Mapping, TableMapping
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Column
from harness.core.plan import Cost, Plan


def map_columns(source: Catalog, target: Catalog) -> Plan:
    """A mapping for every table of both sides whose columns differ; what it cannot answer is in `not_covered`.

    Columns of the source alone are dropped as a declared loss, columns of the target alone are left to their defaults,
    columns of another type are cast. A rename is never assumed: put `source = "…"` there yourself.
    """
    tables: dict[str, TableMapping] = {}
    left: list[str] = []
    lost: list[str] = []
    for identity, ours in source.columns_by_table.items():
        if identity not in target.table_by_identity:
            left.append(f"table {identity} is missing on the target: its rows have nowhere to go")
            continue
        mapped = _table(ours, target.columns_by_table.get(identity, ()))
        if mapped.columns or mapped.drop:
            tables[identity] = mapped
        lost += [f"{identity}.{name}" for name in mapped.drop]
        left += [
            f"column {column.identity} has no default and needs a value: give it a constant or an expression"
            for column in target.columns_by_table.get(identity, ())
            if column.name in mapped.columns and mapped.columns[column.name].default and required(column)
        ]
    return Plan(
        strategy="map",
        source_fingerprint=source.fingerprint,
        target_fingerprint=target.fingerprint,
        mapping=Mapping(tables=tables),
        not_covered=tuple(left),
        cost=Cost(columns_lost=tuple(lost)),
    )


def _table(ours: tuple[Column, ...], theirs: tuple[Column, ...]) -> TableMapping:
    source, target = ({column.name: column for column in columns} for columns in (ours, theirs))
    columns: dict[str, ColumnMapping] = {}
    for name, column in target.items():
        mine = source.get(name)
        if column.generated is not None:
            continue
        if mine is None:
            columns[name] = ColumnMapping(default=True)
        elif mine.type != column.type:
            columns[name] = ColumnMapping(source=name, cast=column.type)
    gone = {name: "the target has no such column" for name in source if name not in target}
    return TableMapping(columns=columns, drop=gone)
