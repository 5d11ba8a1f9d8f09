"""The keys that jwt-secret holds: a secret, a JSON Web Key or a set of them, and which token each may verify."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from jwt.algorithms import Algorithm, get_default_algorithms

from harness.errors import ConfigurationError

_SHORTEST = 32
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_ALGORITHM_OF_CURVE = {curve: algorithm for algorithm, curve in _CURVES.items()}
_KINDS = {"oct": "HS", "RSA": "RS", "EC": "ES", "OKP": "Ed"}
_ALGORITHMS: Mapping[str, Algorithm] = get_default_algorithms()


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its type (`kty`), what it is for (`alg`, `use`, `kid`, `crv`), and the key itself."""

    type: str
    material: Any = field(repr=False)
    algorithm: str | None = None
    use: str | None = None
    id: str | None = None
    curve: str | None = None

    def suits(self, algorithm: str, key_id: object) -> bool:
        """Whether a token with this algorithm and key id may be verified by this key.

        A token that names no key may be tried with all of them
        (https://docs.postgrest.org/en/v16/references/auth.html#kid-verification).
        """
        return (
            algorithm.startswith(_KINDS[self.type])
            and self.algorithm in (None, algorithm)
            and self.use != "enc"
            and (key_id is None or key_id == self.id)
            and (self.type != "EC" or self.curve == _CURVES[algorithm])
        )

    def verifies(self, algorithm: str, signed: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's."""
        return bool(_ALGORITHMS[algorithm].verify(signed, self.material, signature))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _material(jwk: Mapping[str, Any], type_: str) -> Any:
    if type_ == "oct":
        secret = str(jwk["k"])
        return base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
    name = {"RSA": "RS256", "EC": _ALGORITHM_OF_CURVE.get(str(jwk.get("crv")), "ES256"), "OKP": "EdDSA"}[type_]
    material = type(_ALGORITHMS[name]).from_jwk(dict(jwk))
    return material.public_key() if hasattr(material, "private_bytes") else material


def _key(jwk: object) -> Key | None:
    """The key that a JSON Web Key describes; None for what is none, or of a type that signs no tokens here."""
    if not isinstance(jwk, dict) or jwk.get("kty") not in _KINDS:
        return None
    try:
        material = _material(jwk, jwk["kty"])
    except (jwt.PyJWTError, KeyError, ValueError, binascii.Error):
        return None
    names = (_text(jwk.get(name)) for name in ("alg", "use", "kid", "crv"))
    return Key(jwk["kty"], material, *names)


def _of_json(text: str) -> tuple[Key, ...] | None:
    """The keys of a JSON Web Key (set); None for what is neither."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict) and isinstance(value.get("keys"), list):
        # a set may hold keys of types that are unknown here: they are left out (RFC 7517, section 5)
        return tuple(key for key in map(_key, value["keys"]) if key is not None)
    one = _key(value)
    return None if one is None else (one,)


def _decoded(secret: str) -> bytes:
    standard = secret.strip().replace("_", "/").replace("-", "+").replace(".", "=")
    if re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", standard) is None or len(standard) % 4 != 0:
        raise ConfigurationError(
            "jwt-secret is not base64, as jwt-secret-is-base64 says it is",
            hint="Give it in base64 without line breaks, or set jwt-secret-is-base64 to false.",
        )
    return base64.b64decode(standard)


def token_keys(secret: str | None, *, is_base64: bool = False) -> Sequence[Key] | None:
    """The keys that the setting jwt-secret holds; None where it is not set.

    :raises ConfigurationError: where the secret is too short, or no base64 though it should be.
    """
    if secret is None:
        return None
    raw = _decoded(secret) if is_base64 else secret.encode()
    keys = _of_json(raw.decode("utf-8", errors="replace"))
    if keys is not None:
        return keys
    if len(raw) < _SHORTEST:
        raise ConfigurationError(
            "The JWT secret must be at least 32 characters long.",
            hint="Give jwt-secret (or PGRST_JWT_SECRET) a longer secret, or a JSON Web Key.",
        )
    return (Key("oct", raw, "HS256"),)
