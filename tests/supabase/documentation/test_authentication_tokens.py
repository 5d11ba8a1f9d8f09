"""Authentication, its tokens (https://docs.postgrest.org/en/v16/references/auth.html).

Sections: JWT Signature Verification, JWT Claims Validation, JWT Cache.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from harness.errors import ConfigurationError
from harness.gateway.access import tokens
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.supabase.documentation.conftest import SECRET, Serve, Served
from tests.supabase.documentation.till import DDL, ask, refusal


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    """A salon whose till only service_role may see."""
    return serve(DDL, grants=False, db_schemas=("api",))


@pytest.fixture
def gateways(served: Served) -> Iterator[Any]:
    """Starts gateways over the salon with other settings; their URLs."""
    running: list[GatewayServer] = []

    def start(**settings: Any) -> str:
        chosen = GatewaySettings(db_uri=served.dsn, db_schemas=("api",), **settings)
        running.append(GatewayServer.start(chosen))
        return running[-1].url

    yield start
    for one in running:
        one.stop()


# JWT Signature Verification


def _encoded(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_without_a_secret_a_token_is_pgrst300(gateways: Any) -> None:
    url = gateways()
    answer = ask(url, tokens.sign({"role": "authenticated"}, SECRET))
    assert refusal(answer) == (500, "PGRST300", "Server lacks JWT secret", None)
    assert ask(url, None).json() == "anon"


SIGNED = tokens.sign({"role": "authenticated"}, SECRET)
UNREADABLE = [
    "x.y.z",
    "salon.of.hair",
    "salon+.e30.e30",
    f"{_encoded(b'no json')}.e30.e30",
    f"{_encoded([1])}.e30.e30",
    f"{_encoded({'typ': 'JWT'})}.e30.e30",
    f"{_encoded({'alg': ['HS256']})}.e30.e30",
    f"{_encoded({'alg': 'XX1'})}.e30.e30",
    f"{_encoded({'alg': 'HS256', 'enc': 'A128GCM'})}.e30.e30",
    f"{_encoded({'alg': 'HS256', 'kid': 7})}.e30.e30",
    f"{_encoded({'alg': 'none'})}.a.",
    f"{_encoded({'alg': 'HS256'})}.a.e30",
    f"{SIGNED}==",
    f"{SIGNED}ab",
]
UNDECODABLE = [
    ("", "Empty JWT is sent in Authorization header", None),
    ("x.y", "Expected 3 parts in JWT; got 2", None),
    ("a.b.c.d", "Expected 3 parts in JWT; got 4", None),
    *((token, "JWT cryptographic operation failed", None) for token in UNREADABLE),
    (
        f"{_encoded({'alg': 'none'})}.{_encoded({'role': 'service_role'})}.",
        "Wrong or unsupported encoding algorithm",
        "JWT is unsecured but expected 'alg' was not 'none'",
    ),
    (
        tokens.sign({"role": "authenticated"}, "another secret that is long enough"),
        "No suitable key or wrong key type",
        "None of the keys was able to decode the JWT",
    ),
    (f"{SIGNED}x", "No suitable key or wrong key type", "None of the keys was able to decode the JWT"),
    (
        jwt.encode({"role": "authenticated"}, SECRET * 2, algorithm="HS512"),
        "No suitable key or wrong key type",
        "No suitable key was found to decode the JWT",
    ),
]


@pytest.mark.parametrize(("token", "message", "details"), UNDECODABLE)
def test_what_no_key_has_signed_is_pgrst301(served: Served, token: str, message: str, details: str | None) -> None:
    answer = served.http.get("/bookings", headers={"Authorization": f"Bearer {token}".strip()})
    assert refusal(answer) == (401, "PGRST301", message, details)
    assert answer.headers["www-authenticate"] == f'Bearer error="invalid_token", error_description="{message}"'
    assert answer.headers["proxy-status"] == "PostgREST; error=PGRST301"


def _signed_parts(claims: bytes) -> str:
    signed = jwt.api_jws.PyJWS().encode(claims, SECRET, algorithm="HS256")
    return signed if isinstance(signed, str) else signed.decode()


@pytest.mark.parametrize("claims", [b"[1]", b"not json", b'"role"'])
def test_claims_that_are_no_object_are_pgrst303(served: Served, claims: bytes) -> None:
    answer = served.http.get("/bookings", headers={"Authorization": f"Bearer {_signed_parts(claims)}"})
    assert refusal(answer) == (401, "PGRST303", "Parsing claims failed", None)


def _private_keys() -> Mapping[str, Any]:
    return {
        "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
    }


KEYS = _private_keys()


def _public_jwk(algorithm: str, **more: object) -> dict[str, Any]:
    of_type: Any = {"R": RSAAlgorithm, "E": ECAlgorithm}[algorithm[0]] if algorithm != "EdDSA" else OKPAlgorithm
    return {**json.loads(of_type.to_jwk(KEYS[algorithm].public_key())), **more}


@pytest.mark.parametrize("algorithm", sorted(KEYS))
def test_asymmetric_keys_as_jwk(gateways: Any, algorithm: str) -> None:
    url = gateways(jwt_secret=json.dumps(_public_jwk(algorithm, alg=algorithm, use="sig")))
    assert ask(url, jwt.encode({"role": "authenticated"}, KEYS[algorithm], algorithm=algorithm)).json() == (
        "authenticated"
    )
    forged = jwt.encode({"role": "service_role"}, _private_keys()[algorithm], algorithm=algorithm)
    assert refusal(ask(url, forged))[:2] == (401, "PGRST301")
    # the public key as a symmetric secret: an algorithm that the key does not suit
    assert refusal(ask(url, tokens.sign({"role": "service_role"}, SECRET)))[3] == (
        "No suitable key was found to decode the JWT"
    )


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_symmetric_keys_as_jwk(gateways: Any, algorithm: str) -> None:
    secret = SECRET * 2
    key = {"kty": "oct", "k": _encoded(secret.encode())}
    token = jwt.encode({"role": "authenticated"}, secret, algorithm=algorithm)
    assert ask(gateways(jwt_secret=json.dumps(key)), token).json() == "authenticated"
    other = "HS512" if algorithm != "HS512" else "HS256"
    assert refusal(ask(gateways(jwt_secret=json.dumps({**key, "alg": other})), token))[:2] == (401, "PGRST301")


def test_a_set_of_keys_is_tried_one_by_one(gateways: Any) -> None:
    key_set = {"keys": [_public_jwk("ES256"), _public_jwk("RS256"), {"kty": "unheard-of"}]}
    url = gateways(jwt_secret=json.dumps(key_set))
    for algorithm in ("ES256", "RS256"):
        token = jwt.encode({"role": "authenticated"}, KEYS[algorithm], algorithm=algorithm)
        assert ask(url, token).json() == "authenticated"


def test_kid_verification(gateways: Any) -> None:
    url = gateways(jwt_secret=json.dumps({"keys": [_public_jwk("RS256", kid="one"), _public_jwk("ES256")]}))

    def status(algorithm: str, kid: str | None) -> int:
        headers = {} if kid is None else {"kid": kid}
        token = jwt.encode({"role": "authenticated"}, KEYS[algorithm], algorithm=algorithm, headers=headers)
        return ask(url, token).status_code

    assert (status("RS256", "one"), status("RS256", None), status("ES256", None)) == (200, 200, 200)
    assert (status("RS256", "two"), status("ES256", "one"), status("ES256", "two")) == (401, 401, 401)


def test_a_key_for_encryption_verifies_nothing(gateways: Any) -> None:
    url = gateways(jwt_secret=json.dumps(_public_jwk("RS256", use="enc")))
    assert ask(url, jwt.encode({"role": "anon"}, KEYS["RS256"], algorithm="RS256")).status_code == 401


def test_rsassa_pss_is_no_algorithm_of_postgrests(gateways: Any) -> None:
    url = gateways(jwt_secret=json.dumps(_public_jwk("RS256")))
    answer = ask(url, jwt.encode({"role": "anon"}, KEYS["RS256"], algorithm="PS256"))
    assert refusal(answer)[:2] == (401, "PGRST301")


def test_a_secret_in_base64(gateways: Any) -> None:
    raw = bytes(range(200, 240))
    url = gateways(jwt_secret=base64.b64encode(raw).decode(), jwt_secret_is_base64=True)
    assert ask(url, jwt.encode({"role": "authenticated"}, raw, algorithm="HS256")).json() == "authenticated"


def test_a_short_secret_is_refused(served: Served) -> None:
    settings = GatewaySettings(db_uri=served.dsn, jwt_secret="x" * 31)
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        GatewayServer.start(settings)


# JWT Claims Validation


def _now(seconds: int) -> int:
    return int(time.time()) + seconds


REFUSED_CLAIMS = [
    ({"exp": 1}, "JWT expired"),
    ({"exp": _now(-60)}, "JWT expired"),
    ({"nbf": _now(3600)}, "JWT not yet valid"),
    ({"iat": _now(3600)}, "JWT issued at future"),
    ({"exp": "soon"}, "The JWT 'exp' claim must be a number"),
    ({"nbf": "soon"}, "The JWT 'nbf' claim must be a number"),
    ({"iat": True}, "The JWT 'iat' claim must be a number"),
    ({"aud": {"no": "string"}}, "The JWT 'aud' claim must be a string or an array of strings"),
    ({"aud": ["salon", 1]}, "The JWT 'aud' claim must be a string or an array of strings"),
    ({"exp": 1, "nbf": "soon", "aud": 1}, "JWT expired"),
]


@pytest.mark.parametrize(("claims", "message"), REFUSED_CLAIMS)
def test_claims_that_do_not_hold_are_pgrst303(served: Served, claims: dict[str, Any], message: str) -> None:
    answer = served.as_role("authenticated", **claims).get("/bookings")
    assert refusal(answer) == (401, "PGRST303", message, None)
    assert answer.headers["www-authenticate"] == f'Bearer error="invalid_token", error_description="{message}"'


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 9999999999},
        {"exp": None, "nbf": None, "iat": None, "aud": None},
        {"iat": _now(0), "nbf": _now(0)},
        {"aud": "anything"},
        {"aud": ["this", "that"]},
        {"aud": ""},
    ],
)
def test_claims_that_hold(served: Served, claims: dict[str, Any]) -> None:
    assert served.as_role("authenticated", **claims).get("/bookings").status_code == 200


def test_clocks_may_differ_by_30_seconds(served: Served) -> None:
    for claims in ({"exp": _now(-20)}, {"nbf": _now(20)}, {"iat": _now(20)}):
        assert served.as_role("authenticated", **claims).get("/bookings").status_code == 200


def test_aud_validation(gateways: Any) -> None:
    url = gateways(jwt_secret=SECRET, jwt_aud="salon")

    def status(**claims: object) -> int:
        return ask(url, tokens.sign({"role": "authenticated", **claims}, SECRET)).status_code

    assert [status(), status(aud=None), status(aud=[]), status(aud="salon"), status(aud=["x", "salon"])] == [200] * 5
    assert [status(aud=""), status(aud="x"), status(aud=["x"]), status(aud=["x", "y"])] == [401] * 4
    answer = ask(url, tokens.sign({"aud": "x"}, SECRET))
    assert refusal(answer) == (401, "PGRST303", "JWT not in audience", None)
    assert ask(url, None).status_code == 200


# JWT Cache


def test_jwt_cache_remembers_signatures_and_not_whether_claims_hold(served: Served) -> None:
    settings = GatewaySettings(
        db_uri=served.dsn, db_schemas=("api",), jwt_secret=SECRET, jwt_cache_max_entries=2, server_timing_enabled=True
    )
    with GatewayServer.start(settings) as running:
        authenticator = running._application.gateway.authenticator
        expired = tokens.sign({"role": "authenticated", "exp": 1}, SECRET)
        for _ in range(2):
            assert ask(running.url, expired).json()["message"] == "JWT expired"
        assert (authenticator.asked, authenticator.remembered) == (2, 1)
        for number in range(4):
            assert ask(running.url, tokens.sign({"role": "authenticated", "n": number}, SECRET)).status_code == 200
        assert authenticator.forgotten == 3
        # the cache never stands in for a signature
        forged = f"{expired.rsplit('.', 1)[0]}.{tokens.sign({}, SECRET).rsplit('.', 1)[1]}"
        assert ask(running.url, forged).json()["code"] == "PGRST301"


def test_jwt_cache_may_be_off(gateways: Any) -> None:
    url = gateways(jwt_secret=SECRET, jwt_cache_max_entries=0)
    assert [ask(url, SIGNED).json() for _ in range(2)] == ["authenticated"] * 2
