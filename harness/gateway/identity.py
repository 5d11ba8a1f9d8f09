"""Who asks: from the apikey and Authorization headers to a database role and its claims."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from harness.core.postgrest.errors import RequestError
from harness.gateway import tokens
from harness.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Identity:
    """The role that a transaction takes on, and the claims that it may read in `request.jwt.claims`."""

    role: str
    claims: Mapping[str, object]
    anonymous: bool


class ApiKeyRefused(Exception):
    """Supabase's front door refuses: no apikey, or one that it does not know."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def _same(one: str, other: str | None) -> bool:
    return other is not None and hmac.compare_digest(one.encode(), other.encode())


def _plain_key_role(token: str, settings: GatewaySettings) -> str | None:
    """The role of a configured key; a key need not be a token."""
    if _same(token, settings.service_role_key):
        return "service_role"
    return (settings.db_anon_role or "anon") if _same(token, settings.anon_key) else None


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _claims(token: str, settings: GatewaySettings) -> Mapping[str, object]:
    role = _plain_key_role(token, settings)
    if role is not None and token.count(".") != 2:
        return {"role": role}
    return tokens.verify(token, settings.jwt_secret)


def identify(headers: Mapping[str, str], settings: GatewaySettings) -> Identity:
    """The identity behind a request's headers (by lower-case name).

    The bearer token decides; without one the API key does, as in front of a hosted project; without both it is the
    anonymous role.

    :raises RequestError: PGRST300 to PGRST303.
    """
    token = _bearer(headers)
    if token is None and (settings.anon_key or settings.service_role_key):
        token = headers.get("apikey")
    claims = _claims(token, settings) if token is not None else {}
    role = claims.get("role", settings.db_anon_role)
    if role is None:
        raise RequestError(401, "PGRST302", "Anonymous access is disabled")
    if not isinstance(role, str):
        raise RequestError(401, "PGRST303", "Parsing claims failed")
    return Identity(role, {"role": role, **claims}, role == settings.db_anon_role)


def check_api_key(headers: Mapping[str, str], settings: GatewaySettings) -> None:
    """What stands before PostgREST on a hosted project: every request must carry a known apikey.

    A token that is signed with the project's secret passes as well, so that tests may act as any role.

    :raises ApiKeyRefused: where keys are configured and the request has none of them.
    """
    if settings.anon_key is None and settings.service_role_key is None:
        return
    key = headers.get("apikey")
    if not key:
        raise ApiKeyRefused("No API key found in request", "No `apikey` request header or url param was found.")
    if _plain_key_role(key, settings) is not None:
        return
    try:
        tokens.verify(key, settings.jwt_secret)
    except RequestError:
        hint = "Double check your Supabase `anon` or `service_role` API key."
        raise ApiKeyRefused("Invalid API key", hint) from None
