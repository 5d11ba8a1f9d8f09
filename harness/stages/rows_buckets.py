"""The buckets of a table with no key: by which columns rows are told apart, and the rows of those that differ alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

from harness.core.bucket_columns import ColumnSpread, bucket_columns
from harness.core.segments import Segments
from harness.postgres.failures import blaming
from harness.postgres.queries import query
from harness.postgres.row_hash import narrowed
from harness.stages.table_comparison import TableComparison


def with_bucket_columns(comparison: TableComparison) -> TableComparison:
    """The same, with the columns that number the buckets of a table with no key, as the source's statistics suggest.

    Without them every row is hashed once more, in the form of equal values, each time it is read. StatementFailed.
    """
    if comparison.key is not None:
        return comparison
    table, side = comparison.projection.source, comparison.source
    with blaming(side.endpoint, side.connection):
        spreads = {
            name: ColumnSpread(*facts)
            for name, *facts in side.connection.execute(query("column_spread"), (table.schema, table.name))
        }
    by_target = {each.name: spreads[each.source] for each in comparison.projection.columns if each.source in spreads}
    types = {
        name: each.known_name
        for name, each in comparison.source.types.items()
        if each.known_name == comparison.target.types[name].known_name and not each.element
    }
    chosen = bucket_columns(comparison.forms, types, by_target, comparison.estimated_rows)
    return dataclasses.replace(
        comparison,
        source=dataclasses.replace(comparison.source, bucket=chosen),
        target=dataclasses.replace(comparison.target, bucket=chosen),
    )


def of_unequal_buckets(comparison: TableComparison, segments: Segments, unequal: Collection[int]) -> TableComparison:
    """The comparison of the rows in unequal buckets alone: with no key, each further reading scans the table, and the
    columns that number the buckets are hashed sooner than all.
    """
    if not comparison.source.bucket:
        return comparison
    return dataclasses.replace(
        comparison,
        source=narrowed(comparison.source, segments, unequal),
        target=narrowed(comparison.target, segments, unequal),
    )
