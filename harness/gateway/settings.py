"""The settings of the gateway, under PostgREST's names, and Supabase's kind of API keys."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from harness.gateway.access import tokens

LogLevel = Literal["crit", "error", "warn", "info", "debug"]

# the settings of a function that its transaction takes on before it is called
ISOLATION_SETTING = "default_transaction_isolation"
HOISTED_TX_SETTINGS = ("statement_timeout", "plan_filter.statement_cost_limit", ISOLATION_SETTING)

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What the gateway serves, and to whom (https://docs.postgrest.org/en/v16/references/configuration.html).

    `anon_key` and `service_role_key` are Supabase's way to name a role; where either is set, requests below
    `/rest/v1` must carry an `apikey` header. `safe_update` refuses an UPDATE or DELETE without a filter, as the
    extension safeupdate does on hosted projects. `db_uri` is a libpq URI of a role that may become the others.
    The defaults are those of the local stack: those of PostgREST are in `configuration/sources.py`.
    """

    db_uri: str = field(repr=False)
    db_schemas: tuple[str, ...] = ("public",)
    db_extra_search_path: tuple[str, ...] = ("public",)
    db_anon_role: str | None = "anon"
    db_max_rows: int | None = 1000
    jwt_secret: str | None = field(default=None, repr=False)
    jwt_secret_is_base64: bool = False
    jwt_aud: str | None = None
    jwt_role_claim_key: str = "$.role"
    jwt_cache_max_entries: int = 1000
    anon_key: str | None = field(default=None, repr=False)
    service_role_key: str | None = field(default=None, repr=False)
    safe_update: bool = False
    db_aggregates_enabled: bool = False
    db_pre_request: str | None = None
    db_tx_end: Literal["commit", "commit-allow-override", "rollback", "rollback-allow-override"] = "commit"
    db_root_spec: str | None = None
    db_plan_enabled: bool = False
    openapi_mode: Literal["follow-privileges", "ignore-privileges", "disabled"] = "follow-privileges"
    openapi_security_active: bool = False
    openapi_server_proxy_uri: str | None = None
    url_use_legacy_target_names: bool = True
    db_hoisted_tx_settings: tuple[str, ...] = HOISTED_TX_SETTINGS
    db_prepared_statements: bool = True
    db_pool: int = 4
    db_pool_acquisition_timeout: float = 10.0
    db_pool_max_lifetime: float = 1800.0
    db_pool_max_idletime: float = 30.0
    db_channel: str = "pgrst"
    db_channel_enabled: bool = False
    db_config: bool = False
    db_pre_config: str | None = None
    app_settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    client_error_verbosity: Literal["verbose", "minimal"] = "verbose"
    server_cors_allowed_origins: tuple[str, ...] = ()
    server_timing_enabled: bool = False
    server_trace_header: str | None = None
    log_level: LogLevel = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenSettings:
    """Where the gateway's server listens; port 0 picks a free one, a Unix socket goes before host and port."""

    server_host: str = "127.0.0.1"
    server_port: int = 0
    server_unix_socket: str | None = None
    server_unix_socket_mode: int = 0o660
    admin_server_host: str | None = None
    admin_server_port: int | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """A JWT secret and the two API keys that are signed with it."""

    jwt_secret: str = field(repr=False)
    anon_key: str = field(repr=False)
    service_role_key: str = field(repr=False)


def new_keys() -> Keys:
    """A random secret and keys for the roles anon and service_role, with the claims that Supabase's keys have."""
    secret = secrets.token_hex(32)
    now = int(time.time())

    def key(role: str) -> str:
        claims = {"iss": "supabase", "ref": "local", "role": role, "iat": now, "exp": now + 10 * _YEAR}
        return tokens.sign(claims, secret)

    return Keys(secret, key("anon"), key("service_role"))
