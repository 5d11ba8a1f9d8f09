"""A source that is reached through a gateway, as a project is, and a target that is reached by a DSN."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Self

from harness.embedded.server import Server
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings, Keys, new_keys
from tests.api_roles import API_ROLES
from tests.data_pair import Pair, pair_of

_GRANTS = (
    "GRANT USAGE ON SCHEMA public TO service_role, anon",
    "GRANT ALL ON ALL TABLES IN SCHEMA public TO service_role, anon",
)


class ServedPair:
    """Both databases, and the gateway of the first."""

    def __init__(self, pair: Pair, gateway: GatewayServer, keys: Keys) -> None:
        self.pair = pair
        self.gateway = gateway
        self.keys = keys

    def emptied(self) -> Self:
        """Both without a table."""
        self.pair.emptied()
        return self

    def ready(self, *statements: str, rows: tuple[str, ...] = ()) -> None:
        """The same on both sides, rows on the source, served."""
        self.pair.on_both(*statements)
        self.serve(*rows)

    def serve(self, *statements: str) -> None:
        """Statements on the source, and all its tables served."""
        self.pair.on_source(*statements, *_GRANTS)
        self.gateway.reload_schema_cache()

    @classmethod
    @contextlib.contextmanager
    def of(cls, server: Server, newer_server: Server, *, rows_at_most: int) -> Iterator[Self]:
        """A new database on each server, the first one served."""
        with pair_of(server, newer_server) as pair:
            pair.on_source(API_ROLES)
            keys = new_keys()
            settings = GatewaySettings(
                db_uri=pair.source_dsn,
                db_schemas=("public",),
                db_max_rows=rows_at_most,
                jwt_secret=keys.jwt_secret,
                anon_key=keys.anon_key,
                service_role_key=keys.service_role_key,
            )
            with GatewayServer.start(settings) as gateway:
                yield cls(pair, gateway, keys)
