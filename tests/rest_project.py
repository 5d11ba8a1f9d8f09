"""A source that is a project reached by REST alone, and a target: what tests of migrations through REST share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.core.configuration import Configuration
from harness.core.migration_plan import MigrationPlan
from harness.core.record import Side
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint
from harness.stages.crew import Stop
from harness.stages.learned import RunRequest
from harness.stages.migrate_alone import Migrated
from harness.stages.rest_migration import migrate_by_rest
from harness.stages.rest_source import RestSource
from tests.data_pair import copied_text
from tests.served_pair import ServedPair

CAP = 400


def _yes(_plan: MigrationPlan) -> bool:
    return True


class Project(ServedPair):
    """A source behind a gateway that gives 400 rows at most, and a target that is reached by a DSN."""

    def rest(self, kind: type[RestSource] = RestSource, page: int = CAP) -> Any:
        return kind(self.gateway.url, self.keys.service_role_key, page=page)

    def migrate(
        self,
        *tables: str,
        rest: RestSource | None = None,
        stop: Stop | None = None,
        decide: Callable[[MigrationPlan], bool] = _yes,
        **settings: Any,
    ) -> Migrated:
        """Without waiting for rows to settle."""
        rest = rest or self.rest()
        wanted = {"rows": {"settle_seconds": 0}, **({"scope": {"tables": tables}} if tables else {}), **settings}
        request = RunRequest(
            configuration=Configuration.model_validate(wanted),
            base=Path(),
            source=Endpoint(Side.SOURCE, "", rest.host),
            target=self.pair.target,
        )
        try:
            return migrate_by_rest(rest, request, decide, asked=bool(tables), stop=stop)
        finally:
            rest.close()

    def told(self, *tables: str, **given: Any) -> tuple[int, dict[str, tuple[int, str | None]], list[str]]:
        """The exit code; rows moved and what the comparison says, by table; the codes of the findings."""
        document = self.migrate(*tables, **given).document
        assert document is not None
        assert document.migration is not None
        said: dict[str, str] = {each.table: each.status for each in document.rows}
        rows = {each.table: (each.rows, said.get(each.table)) for each in document.migration.tables}
        return document.verdict.exit_code, rows, [each.code for each in document.findings]

    def stored_alike(self, table: str, order: str = "id") -> bool:
        return copied_text(self.pair.source_dsn, table, order) == copied_text(self.pair.target_dsn, table, order)


@contextlib.contextmanager
def project_of(server: Server, newer_server: Server) -> Iterator[Project]:
    """A new database on each server, the first one served."""
    with Project.of(server, newer_server, rows_at_most=CAP) as project:
        yield project
