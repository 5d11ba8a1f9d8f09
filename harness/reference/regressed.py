"""The mended repository layer with one planted regression, for showing that a comparison finds it and points at it."""

from __future__ import annotations

from harness.datalayer.envelope import answered
from harness.datalayer.filters import OrderBy, eq, like
from harness.datalayer.validation import NAME, ROW_LIMIT, checked, escaped_like
from harness.reference.context import LayerContext
from harness.reference.query_inputs import CLIENTS_FOUND_BY_DEFAULT, company
from harness.reference.repository_layer import RepositoryLayer, connected


class Regressed(RepositoryLayer):
    """One method differs from the mended layer, in one word of its statement."""

    @answered
    def search_clients_by_name(self, company_id: int, name: str, limit: int = CLIENTS_FOUND_BY_DEFAULT) -> object:
        """Planted: LIKE instead of ILIKE, so that a name in another case is no longer found."""
        pattern = f"%{escaped_like(checked(NAME, 'name', name))}%"
        return self._clients.base.find_many(
            [eq("company_id", company(company_id)), like("name", pattern)],
            order_by=[OrderBy("last_visit_date", descending=True, nulls_first=True), OrderBy("id")],
            limit=checked(ROW_LIMIT, "limit", limit),
        )


def create(context: LayerContext) -> Regressed:
    """The regressed layer on the database of `context.dsn`."""
    return Regressed(connected(context))
