"""Who asks: from the apikey and Authorization headers to a database role and its claims."""

from __future__ import annotations

import hmac
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from harness.core.postgrest.errors import RequestError
from harness.gateway.access import tokens
from harness.gateway.access.role_path import RolePath
from harness.gateway.access.token_keys import token_keys
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


def _bearer(headers: Mapping[str, str]) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class Authenticator:
    """Settles who asks, by one set of settings.

    Tokens whose signature was verified once are remembered, `jwt_cache_max_entries` of them; the claims are looked
    at every time (https://docs.postgrest.org/en/v16/references/auth.html#jwt-cache).

    :raises ConfigurationError: where jwt-secret or jwt-role-claim-key cannot be used.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._settings = settings
        self._keys = token_keys(settings.jwt_secret, is_base64=settings.jwt_secret_is_base64)
        self._role_path = RolePath(settings.jwt_role_claim_key)
        self._verified: OrderedDict[str, Mapping[str, object]] = OrderedDict()
        self.asked = 0
        self.remembered = 0
        self.forgotten = 0

    def identify(self, headers: Mapping[str, str]) -> Identity:
        """The identity behind a request's headers (by lower-case name).

        The bearer token decides; without one the API key does, as in front of a hosted project; without both it is
        the anonymous role.

        :raises RequestError: PGRST300 to PGRST303.
        """
        settings = self._settings
        token = _bearer(headers)
        if token is None and (settings.anon_key or settings.service_role_key):
            token = headers.get("apikey")
        claims = self._claims(token) if token is not None else {}
        role = self._role(claims)
        if role is None:
            raise RequestError(401, "PGRST302", "Anonymous access is disabled")
        return Identity(role, {**claims, "role": role}, role == settings.db_anon_role)

    def check_api_key(self, headers: Mapping[str, str]) -> None:
        """What stands before PostgREST on a hosted project: every request must carry a known apikey.

        A token that is signed with the project's secret passes as well, so that tests may act as any role.

        :raises ApiKeyRefused: where keys are configured and the request has none of them.
        """
        if self._settings.anon_key is None and self._settings.service_role_key is None:
            return
        key = headers.get("apikey")
        if not key:
            raise ApiKeyRefused("No API key found in request", "No `apikey` request header or url param was found.")
        if self._plain_key_role(key) is not None:
            return
        try:
            self._claims(key)
        except RequestError:
            hint = "Double check your Supabase `anon` or `service_role` API key."
            raise ApiKeyRefused("Invalid API key", hint) from None

    def _plain_key_role(self, token: str) -> str | None:
        """The role of a configured key; a key need not be a token."""
        if _same(token, self._settings.service_role_key):
            return "service_role"
        return (self._settings.db_anon_role or "anon") if _same(token, self._settings.anon_key) else None

    def _claims(self, token: str) -> Mapping[str, object]:
        if token.count(".") != 2 or self._keys is None:
            role = self._plain_key_role(token)
            if role is not None:
                return {"role": role}
        self.asked += 1
        claims = self._verified.get(token)
        if claims is None:
            claims = tokens.decode(token, self._keys)
            if self._settings.jwt_cache_max_entries > 0:
                while len(self._verified) >= self._settings.jwt_cache_max_entries:
                    self._verified.popitem(last=False)
                    self.forgotten += 1
                self._verified[token] = claims
        else:
            self.remembered += 1
            self._verified.move_to_end(token)
        tokens.check_claims(claims, self._settings.jwt_aud)
        return claims

    def _role(self, claims: Mapping[str, object]) -> str | None:
        """The role that the claims name; the anonymous one where they name none.

        A role that is no string is written as JSON: no such role will exist.
        """
        found = self._role_path.first(claims)
        if found is None:
            return self._settings.db_anon_role
        return found[0] if isinstance(found[0], str) else json.dumps(found[0], separators=(",", ":"))
