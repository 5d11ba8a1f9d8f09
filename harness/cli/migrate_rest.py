"""`pgparity migrate` from a source that is REST alone: what it takes, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.core.migration_plan import MigrationPlan
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint
from harness.stages.crew import Stop
from harness.stages.events import Events
from harness.stages.learned import RunRequest
from harness.stages.migrate_alone import Migrated

if TYPE_CHECKING:  # The HTTP client takes longer to load than small tables take to be moved.
    from harness.stages.rest_source import RestSource


@dataclass(frozen=True, slots=True)
class SourceByRest:
    """A project that is reached by REST alone."""

    project: RestSource

    @property
    def endpoint(self) -> Endpoint:
        """What stands for the source's database, which no session is opened to."""
        return Endpoint(Side.SOURCE, "", self.project.host)

    def migrate_rows(
        self,
        request: RunRequest,
        decide: Callable[[MigrationPlan], bool],
        events: Events | None = None,
        *,
        asked: bool = False,
        stop: Stop | None = None,
        **_databases_alone: object,
    ) -> Migrated:
        """The migration; what only databases have was refused when the flags were read. Raises PgparityError."""
        from harness.stages.rest_migration import migrate_by_rest

        try:
            return migrate_by_rest(self.project, request, decide, events, asked=asked, stop=stop)
        finally:
            self.project.close()


def source_by_rest(url: str | None, api_key: str | None, others: Mapping[str, object]) -> SourceByRest | None:
    """The project; None where the source is a database. `others`: flags that mean a database, with what was given.

    ConfigurationError: no URL, no key, or one of the others.
    """
    if url is None:
        if api_key is not None:
            raise ConfigurationError("--source-api-key is given without --source-rest-url", hint="Name the URL too.")
        return None
    if others.get("--source") is not None:
        raise ConfigurationError(
            "--source and --source-rest-url are given", hint="The source is a database or REST: give one."
        )
    if others.get("--create-schema"):
        raise ConfigurationError(
            "--create-schema is given with --source-rest-url: REST does not tell the schema",
            hint="Make the target's tables first, by the project's own migrations for one.",
        )
    for flag, value in others.items():
        if value is not None and value is not False:
            raise ConfigurationError(
                f"{flag} has no effect where the source is REST", hint="Take it out, or migrate from a database."
            )
    from harness.stages.project_address import project_key
    from harness.stages.rest_source import RestSource

    return SourceByRest(RestSource(url, project_key(api_key, "--source-api-key")))
