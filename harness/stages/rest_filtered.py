"""Conditions on the rows of a table whose source is REST alone: what the project is asked, and the target's SQL."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.model.catalog import Catalog
from harness.core.projection import TableProjection
from harness.core.rest_filter import NotForRest, Term, rest_condition, sql_condition, terms_of
from harness.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class FilteredTable:
    """A table, with its conditions as SQL, and the source's as PostgREST is asked it."""

    sides: TableProjection
    asked: str | None


def filtered(projection: TableProjection, served: Catalog, configuration: Configuration) -> FilteredTable:
    """The conditions of [rows.tables] on both sides' rows.

    What holds for both is asked of the project and of the target in the same terms. ConfigurationError: the source's
    condition is more than REST can be asked.
    """
    identity = projection.source.identity
    rules = configuration.rows.tables.get(identity, TableRowsSection())
    columns = {column.name: column.type for column in served.columns_by_table.get(identity, ())}
    on_both = _terms(identity, "where", rules.where, columns)
    on_source = _terms(identity, "source_where", rules.source_where, columns)
    on_target = [sql_condition(on_both, str)] if on_both else []
    on_target += [rules.target_where] if rules.target_where else []
    sides = dataclasses.replace(
        projection,
        source_where=sql_condition((*on_both, *on_source), str) or None,
        # A line of its own for each: a condition may end in a comment.
        target_where=" AND ".join(f"({each}\n)" for each in on_target) or None,
    )
    return FilteredTable(sides, rest_condition((*on_both, *on_source)))


def _terms(identity: str, place: str, condition: str | None, columns: dict[str, str]) -> tuple[Term, ...]:
    if not condition:
        return ()
    try:
        return terms_of(condition, columns)
    except NotForRest as refused:
        raise ConfigurationError(
            f"rows.tables.{identity!r}.{place} cannot be asked through REST: {refused.reason}",
            hint="Write columns compared with literals, joined by AND, as company_id = 900100 AND seen >= '…+00'; or"
            " compare over a DSN.",
        ) from None
