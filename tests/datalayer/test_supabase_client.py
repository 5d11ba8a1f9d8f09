"""The client that the data layer uses is supabase-py as its authors published it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

import postgrest
import pytest
import supabase

from harness.datalayer.supabase import client as supabase_client

NOT_WITH_A_REPOSITORY = ("supabase", "sentry_sdk", "prometheus_client")


@pytest.mark.parametrize("distribution", ["supabase", "postgrest"])
def test_every_module_of_the_client_has_the_digest_that_its_wheel_was_published_with(distribution: str) -> None:
    checked = 0
    for file in files(distribution) or ():
        if file.hash is not None and file.suffix == ".py":
            digest = hashlib.new(file.hash.mode, Path(file.locate()).read_bytes()).digest()
            assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value, file
            checked += 1
    assert checked > 5


def test_the_classes_are_the_librarys_own_and_nothing_of_them_was_replaced() -> None:
    client = supabase_client.supabase_client("http://127.0.0.1:1", "key")
    awaited = asyncio.run(supabase_client.async_supabase_client("http://127.0.0.1:1", "key"))
    assert (type(client), type(awaited)) == (supabase.Client, supabase.AsyncClient)
    builder = type(client.table("clients").select("*"))
    assert builder is postgrest.SyncSelectRequestBuilder
    for kind in (supabase.Client, supabase.AsyncClient, builder, *builder.__mro__[1:-2]):
        for name, member in vars(kind).items():
            code = getattr(member, "__code__", None)
            assert code is None or "/site-packages/" in code.co_filename.replace("\\", "/"), (kind, name)
    supabase_client.close(client)
    asyncio.run(supabase_client.close_async(awaited))


def test_the_time_limits_and_retries_are_those_that_were_asked_for() -> None:
    client = supabase_client.supabase_client("http://127.0.0.1:1", "key", connect_seconds=1, read_seconds=2)
    session = client.postgrest.session
    assert (session.timeout.connect, session.timeout.read, session.timeout.write) == (1, 2, 2)
    assert client.options.postgrest_client_retry is False
    supabase_client.close(client)
    client = supabase_client.supabase_client("http://127.0.0.1:1", "key")
    assert (client.postgrest.session.timeout.connect, client.postgrest.session.timeout.read) == (10, 30)
    supabase_client.close(client)
    assert client.postgrest.session.is_closed


def test_a_repository_on_postgresql_imports_no_library_of_another_backend() -> None:
    asked = "import sys, harness.datalayer.postgres.repository as _; "
    asked += f"print([n for n in {NOT_WITH_A_REPOSITORY} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
