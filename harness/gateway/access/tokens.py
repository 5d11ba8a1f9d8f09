"""JSON Web Tokens: signing them for the local stack, and believing those that a key has signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence

from harness.core.postgrest.errors import RequestError
from harness.gateway.access.token_keys import Key, token_keys

# PostgREST forgives clocks that differ by this many seconds
_LEEWAY = 30
# what cannot be held in 64 bits counts as zero, as in PostgREST
_LARGEST = 2**63
_ALGORITHMS = frozenset(f"{kind}{bits}" for kind in ("HS", "RS", "ES") for bits in (256, 384, 512)) | {"EdDSA"}
# base64 for URLs, without what would fill it up
_BASE64 = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)

Claims = Mapping[str, object]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    if _BASE64.fullmatch(text) is None or len(text) % 4 == 1:
        raise _unreadable()
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(claims: Claims, secret: str) -> str:
    """A token with these claims, signed with HS256."""
    header = _encoded(b'{"alg":"HS256","typ":"JWT"}')
    body = _encoded(json.dumps(claims, separators=(",", ":")).encode())
    signature = hmac.new(secret.encode(), f"{header}.{body}".encode("ascii"), hashlib.sha256).digest()
    return f"{header}.{body}.{_encoded(signature)}"


def _undecodable(message: str, details: str | None = None) -> RequestError:
    return RequestError(401, "PGRST301", message, details=details)


def _unreadable() -> RequestError:
    return _undecodable("JWT cryptographic operation failed")


def _refused(message: str) -> RequestError:
    return RequestError(401, "PGRST303", message)


def _header(text: str) -> dict[str, object]:
    try:
        value = json.loads(_decoded(text))
    except (ValueError, RecursionError):
        value = None
    algorithm = value.get("alg") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(algorithm, str):
        raise _unreadable()
    if algorithm == "none":
        return value
    # `enc` is of an encrypted token, which has five parts
    if algorithm not in _ALGORITHMS or "enc" in value:
        raise _unreadable()
    if not all(isinstance(value.get(name), str | None) for name in ("typ", "cty", "kid")):
        raise _unreadable()
    return value


def decode(token: str, keys: Sequence[Key] | None) -> dict[str, object]:
    """The claims of a token that one of the keys has signed; whether they hold now is `check_claims`' to say.

    :raises RequestError: PGRST300 without keys, PGRST301 for what is no such token, PGRST303 for claims that are no
        JSON object (https://docs.postgrest.org/en/v16/references/errors.html, group 3).
    """
    if keys is None:
        raise RequestError(500, "PGRST300", "Server lacks JWT secret")
    if not token:
        raise _undecodable("Empty JWT is sent in Authorization header")
    parts = token.split(".")
    if len(parts) != 3:
        raise _undecodable(f"Expected 3 parts in JWT; got {len(parts)}")
    header, body = _header(parts[0]), _decoded(parts[1])
    if header["alg"] == "none":
        details = "JWT is unsecured but expected 'alg' was not 'none'"
        raise _undecodable("Wrong or unsupported encoding algorithm", details)
    signature = _decoded(parts[2])
    suitable = [key for key in keys if key.suits(str(header["alg"]), header.get("kid"))]
    if not suitable:
        raise _undecodable("No suitable key or wrong key type", "No suitable key was found to decode the JWT")
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    if not any(key.verifies(str(header["alg"]), signed, signature) for key in suitable):
        raise _undecodable("No suitable key or wrong key type", "None of the keys was able to decode the JWT")
    try:
        claims = json.loads(body)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise _refused("Parsing claims failed")
    return claims


def _moment(claims: Claims, name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused(f"The JWT '{name}' claim must be a number")
    whole = isinstance(value, int) or value.is_integer()
    return int(value) if whole and -_LARGEST <= value < _LARGEST else 0


def check_claims(claims: Claims, audience: str | None = None) -> None:
    """Whether the claims hold now, and are for the audience.

    See https://docs.postgrest.org/en/v16/references/auth.html#jwt-claims-validation.

    :raises RequestError: PGRST303 with what is wrong.
    """
    now = int(time.time())
    expires = _moment(claims, "exp")
    if expires is not None and now - _LEEWAY > expires:
        raise _refused("JWT expired")
    begins = _moment(claims, "nbf")
    if begins is not None and now + _LEEWAY < begins:
        raise _refused("JWT not yet valid")
    issued = _moment(claims, "iat")
    if issued is not None and now + _LEEWAY < issued:
        raise _refused("JWT issued at future")
    for_whom = claims.get("aud")
    if for_whom is None:
        return
    names = for_whom if isinstance(for_whom, list) else [for_whom]
    if not all(isinstance(name, str) for name in names):
        raise _refused("The JWT 'aud' claim must be a string or an array of strings")
    if audience is not None and names and audience not in names:
        raise _refused("JWT not in audience")


def verify(token: str, secret: str | None) -> dict[str, object]:
    """The claims of a token that is signed with the secret and valid now.

    :raises RequestError: PGRST300, PGRST301 or PGRST303.
    """
    claims = decode(token, token_keys(secret))
    check_claims(claims)
    return claims
