"""How long a request's first line and headers may be: PostgREST's HTTP server refuses more, before all else."""

from __future__ import annotations

from starlette.types import Scope

from harness.gateway.answers.responses import Answer

MOST_BYTES = 50 * 1024
"""Warp's default, which PostgREST leaves as it is. Hosted projects refuse earlier: see docs/gateway.md"""
REFUSED = Answer(400, (("Content-Type", "text/plain; charset=utf-8"),), b"Bad Request")


def is_too_long(scope: Scope) -> bool:
    """Whether the head of an HTTP request is longer than PostgREST reads."""
    target = len(scope.get("raw_path", scope["path"].encode())) + len(scope["query_string"])
    line = len(scope["method"]) + target + len(" ? HTTP/1.1\r\n")
    return line + sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"]) > MOST_BYTES
