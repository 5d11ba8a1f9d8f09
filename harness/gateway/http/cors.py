"""Cross-origin requests from browsers (https://docs.postgrest.org/en/v16/references/api/cors.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Headers = tuple[tuple[str, str], ...]

_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "HEAD")
_ALWAYS_ALLOWED = ("Accept", "Accept-Language", "Content-Language")
_EXPOSED = (
    "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding,"
    " Range-Unit"
)
_ONE_DAY = 24 * 3600


def _origin(headers: Mapping[str, str], allowed_origins: Sequence[str]) -> Headers | None:
    """What is said of the origin; None where it is not allowed, or there is none."""
    origin = headers.get("origin")
    if origin is None or (allowed_origins and origin not in allowed_origins):
        return None
    if not allowed_origins:
        return (("Access-Control-Allow-Origin", "*"),)
    return (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"))


def preflight(method: str, headers: Mapping[str, str], allowed_origins: Sequence[str]) -> Headers | None:
    """The headers of the answer to a preflight request; None where a request is none, or its origin not allowed.

    :param headers: of the request, by lower-case name.
    :param allowed_origins: empty where every origin is.
    """
    about_origin = _origin(headers, allowed_origins)
    if method != "OPTIONS" or about_origin is None or headers.get("access-control-request-method") not in _METHODS:
        return None
    made = [*about_origin, ("Access-Control-Allow-Methods", ", ".join(_METHODS))]
    asked = headers.get("access-control-request-headers")
    if asked is not None:
        names = dict.fromkeys(("Authorization", *(name.strip() for name in asked.split(",")), *_ALWAYS_ALLOWED))
        made.append(("Access-Control-Allow-Headers", ", ".join(name for name in names if name)))
    made.append(("Access-Control-Max-Age", str(_ONE_DAY)))
    return tuple(made)


def simple(method: str, headers: Mapping[str, str], allowed_origins: Sequence[str]) -> Headers:
    """The headers to add to the answer of any other request; none where it has no allowed origin."""
    about_origin = _origin(headers, allowed_origins)
    if about_origin is None or method == "OPTIONS":
        return ()
    return (*about_origin, ("Access-Control-Expose-Headers", _EXPOSED))
