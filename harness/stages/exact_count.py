"""Asks a REST interface how many rows a request finds: an answer as long as the row cap may be all there is, or not."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import httpx

from harness.core.statements import RestRequest

_SECONDS = 10.0
_OF_THE_ANSWER = frozenset({"limit", "offset", "order"})


def counted_exactly(url: str, key: str, request: RestRequest) -> int | None:
    """The number of rows, by `Prefer: count=exact` and no row; None where it is not said.

    https://docs.postgrest.org/en/stable/references/api/pagination_count.html
    """
    if request.verb.upper() != "GET":
        return None
    asked = [(name, value) for name, value in parse_qsl(request.query, keep_blank_values=True)]
    query = urlencode([*((name, value) for name, value in asked if name not in _OF_THE_ANSWER), ("limit", "0")])
    headers = {"apikey": key, "Authorization": f"Bearer {key}", "Prefer": "count=exact"}
    if request.profile:
        headers["Accept-Profile"] = request.profile
    path = request.path.removeprefix("/rest/v1")
    try:
        answer = httpx.get(f"{url}{path}?{query}", headers=headers, timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return None
    total = answer.headers.get("content-range", "").rpartition("/")[2]
    return int(total) if answer.is_success and total.isdigit() else None
