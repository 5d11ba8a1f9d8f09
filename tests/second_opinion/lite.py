"""Starts npm's `@supabase/lite` over a database, on a free port of 127.0.0.1, and ends it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from harness.embedded.server import free_port

VARIABLE = "PGPARITY_SECOND_OPINION"
"""Names the folder that `npm install` filled; `make second-opinion` sets it"""
_SECONDS = 60.0


class LiteError(Exception):
    """The server did not start."""


def _configuration(dsn: str, port: int, keys: dict[str, str], schemas: tuple[str, ...]) -> str:
    """supabase/config.toml; JSON's way to write texts and lists is TOML's too."""
    return "\n".join(
        (
            "[api]",
            f"port = {port}",
            f"schemas = {json.dumps(schemas)}",
            "max_rows = 1000",
            "[db]",
            'driver = "postgres"',
            f"url = {json.dumps(dsn)}",
            "[auth]",
            "enabled = true",
            f"jwt_secret = {json.dumps(secrets.token_hex(32))}",
            f"publishable_key = {json.dumps(keys['anon'])}",
            f"secret_key = {json.dumps(keys['service_role'])}",
            "",
        )
    )


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, key: str, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/rest/v1/skills", headers={"apikey": key}, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise LiteError(f"@supabase/lite does not answer; it said:\n{log.read_text('utf-8', errors='replace')[-2000:]}")


@contextmanager
def lite_server(dsn: str, folder: Path, schemas: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The URL of a running server and its keys by role.

    It reads the schema when it starts: tables have to be there. The folder gets its configuration and its log.
    """
    node = shutil.which("node")
    if node is None:
        raise LiteError("node is not installed")
    command = Path(os.environ[VARIABLE]) / "node_modules" / "@supabase" / "lite" / "dist" / "cli" / "index.js"
    keys = {
        "anon": f"sb_publishable_{secrets.token_hex(16)}",
        "service_role": f"sb_secret_{secrets.token_hex(16)}",
    }
    port = free_port()
    (folder / "supabase").mkdir()
    (folder / "supabase" / "config.toml").write_text(_configuration(dsn, port, keys, schemas), "utf-8")
    log = folder / "lite.log"
    environment = {**os.environ, "DO_NOT_TRACK": "1", "LITE_TELEMETRY": "0"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [node, str(command), "start", "--no-admin"], cwd=folder, env=environment, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_answers(process, url, keys["service_role"], log)
        yield url, keys
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
