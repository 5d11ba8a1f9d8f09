"""JSON web tokens with HS256: signing them, and PostgREST's rules for believing them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from harness.core.postgrest.errors import RequestError

# PostgREST forgives clocks that differ by this many seconds
_LEEWAY = 30


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _signature(signed: str, secret: str) -> bytes:
    return hmac.new(secret.encode(), signed.encode("ascii"), hashlib.sha256).digest()


def sign(claims: Mapping[str, object], secret: str) -> str:
    """A token with these claims, signed with HS256."""
    header = _encoded(b'{"alg":"HS256","typ":"JWT"}')
    body = _encoded(json.dumps(claims, separators=(",", ":")).encode())
    return f"{header}.{body}.{_encoded(_signature(f'{header}.{body}', secret))}"


def _undecodable(message: str, details: str | None = None) -> RequestError:
    return RequestError(401, "PGRST301", message, details=details)


def _refused(message: str) -> RequestError:
    return RequestError(401, "PGRST303", message)


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(_decoded(text))
    except (ValueError, binascii.Error, RecursionError):
        raise _undecodable("JWT couldn't be decoded") from None
    if not isinstance(value, dict):
        raise _undecodable("JWT couldn't be decoded")
    return value


def _moment(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"The JWT '{name}' claim must be a number")
    return float(value)


def _check_times(claims: Mapping[str, object]) -> None:
    now = time.time()
    expires, begins, issued = (_moment(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is not None and now > expires + _LEEWAY:
        raise _refused("JWT expired")
    if begins is not None and now < begins - _LEEWAY:
        raise _refused("JWT not yet valid")
    if issued is not None and now < issued - _LEEWAY:
        raise _refused("JWT issued at future")


def verify(token: str, secret: str | None) -> dict[str, object]:
    """The claims of a token that is signed with the secret and valid now.

    :raises RequestError: PGRST300 without a secret, PGRST301 for what is no such token, PGRST303 for its times
        (https://docs.postgrest.org/en/v16/references/errors.html, group 3).
    """
    if not token:
        raise _undecodable("Empty JWT is sent in Authorization header")
    if secret is None:
        raise RequestError(500, "PGRST300", "Server lacks JWT secret")
    parts = token.split(".")
    if len(parts) != 3:
        raise _undecodable(f"Expected 3 parts in JWT; got {len(parts)}")
    header, body, signature = parts
    if not token.isascii():
        raise _undecodable("JWT couldn't be decoded")
    if _object(header).get("alg") != "HS256":
        raise _undecodable("Wrong or unsupported encoding algorithm")
    try:
        signed_with_it = hmac.compare_digest(_decoded(signature), _signature(f"{header}.{body}", secret))
    except (ValueError, binascii.Error):
        signed_with_it = False
    if not signed_with_it:
        details = "None of the keys was able to decode the JWT"
        raise _undecodable("No suitable key or wrong key type", details)
    claims = _object(body)
    _check_times(claims)
    return claims
