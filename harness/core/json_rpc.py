"""JSON-RPC 2.0 as pgparity speaks it to a program: one JSON object a line.

https://www.jsonrpc.org/specification; the methods that are asked for are in docs/json-rpc.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness.tagged_values import WrongTag, untagged

PROTOCOL: Final = 1


class ProtocolBroken(ValueError):
    """A line is not what the protocol asks for; the message says what it is, and holds no value of it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What the program answers in place of a result: the error object of JSON-RPC, without its texts."""

    code: int


def request(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    """A request as a line."""
    text = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}, allow_nan=False)
    return text.encode("ascii") + b"\n"


def response(line: bytes, number: int) -> dict[str, Any] | Failure:
    """The result of the request with this number. ProtocolBroken where the line is no answer to it."""
    try:
        said = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise ProtocolBroken("a line that is not UTF-8") from None
    except (ValueError, RecursionError):
        raise ProtocolBroken("a line that is not JSON") from None
    if not isinstance(said, dict) or said.get("jsonrpc") != "2.0":
        raise ProtocolBroken('a line that is no answer of JSON-RPC 2.0 (an object with "jsonrpc": "2.0")')
    failed = said.get("error")
    if failed is not None:
        code = failed.get("code") if isinstance(failed, dict) else None
        return Failure(code if isinstance(code, int) else 0)
    if said.get("id") != number or isinstance(said.get("id"), bool):
        raise ProtocolBroken("an answer to another request")
    result = said.get("result")
    if not isinstance(result, dict):
        raise ProtocolBroken("a result that is no object")
    return result


def meant(value: Any) -> Any:
    """A value with its tags read. ProtocolBroken where one cannot be."""
    try:
        return untagged(value)
    except WrongTag as error:
        raise ProtocolBroken(str(error)) from None
