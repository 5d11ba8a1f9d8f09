"""The settings of the gateway, under PostgREST's names, and Supabase's kind of API keys."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Literal

from harness.gateway import tokens

_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """What the gateway serves, and to whom (https://docs.postgrest.org/en/v16/references/configuration.html).

    `anon_key` and `service_role_key` are Supabase's way to name a role; where either is set, requests below
    `/rest/v1` must carry an `apikey` header. `safe_update` refuses an UPDATE or DELETE without a filter, as the
    extension safeupdate does on hosted projects. `db_uri` is a libpq URI of a role that may become the others.
    """

    db_uri: str = field(repr=False)
    db_schemas: tuple[str, ...] = ("public",)
    db_extra_search_path: tuple[str, ...] = ("public",)
    db_anon_role: str | None = "anon"
    db_max_rows: int | None = 1000
    jwt_secret: str | None = field(default=None, repr=False)
    anon_key: str | None = field(default=None, repr=False)
    service_role_key: str | None = field(default=None, repr=False)
    safe_update: bool = False
    db_aggregates_enabled: bool = False
    db_pre_request: str | None = None
    db_tx_end: Literal["commit", "commit-allow-override", "rollback", "rollback-allow-override"] = "commit"
    db_pool: int = 4
    db_pool_acquisition_timeout: float = 10.0


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
