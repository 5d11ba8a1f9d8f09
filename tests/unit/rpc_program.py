"""A program in the tests that serves a data layer over JSON-RPC: as another language's would, and as a broken one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

METHODS: list[dict[str, Any]] = [
    {"name": "echo", "parameters": [{"name": "value", "type": "any"}]},
    {"name": "fail", "parameters": [{"name": "kind", "type": "text"}, {"name": "code", "type": "text?"}]},
    {
        "name": "misbehave",
        "parameters": [
            {"name": "how", "type": {"enum": ["exit", "print", "sleep", "child"]}},
            {"name": "pipe", "default": ""},
        ],
    },
    {"name": "told"},
    {"name": "_hidden"},
    {"name": "close"},
]


def call(method: str, given: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    if method == "echo":
        return {"answer": given["value"]}
    if method == "fail":
        return {"error": {"kind": given["kind"], "code": given.get("code")}}
    if method == "told":
        return {"answer": {**context, "own": [name for name in os.environ if name.startswith("PGPARITY_")]}}
    how = given["how"]
    if how == "exit":
        sys.exit(3)
    if how == "print":
        print("a line of a careless print()", flush=True)
    if how == "sleep":
        time.sleep(3600)
    if how == "child":
        child = subprocess.Popen(["sleep", "3600"], stdout=open(given["pipe"], "wb"))  # noqa: SIM115
        return {"answer": child.pid}
    return {"answer": None}


def main(start: str) -> None:
    if start == "exit":
        sys.exit(2)
    if start == "print":
        print("listening", flush=True)
    context: dict[str, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        result: dict[str, Any] = {}
        if asked["method"] == "initialize":
            context = asked["params"]
            result = {"methods": METHODS if start != "no methods" else None}
        if asked["method"] == "call":
            result = call(asked["params"]["method"], asked["params"]["arguments"], context)
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}), flush=True)
        if asked["method"] == "close":
            print("closed", file=sys.stderr, flush=True)


main(sys.argv[1] if len(sys.argv) > 1 else "")
