"""`pgparity stack` prints one JSON line, serves until it is told to end, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from tests.cli.conftest import environment

API_ROLES = {"anon", "authenticated", "service_role"}


@contextmanager
def started(tmp_path: Path, *arguments: str, stdin: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
    """The stack in a folder for temporary files of its own, so that what it leaves can be seen."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o777)
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "stack", "--json", *arguments],
        env=environment(TMPDIR=str(folder)),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def facts_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, process.communicate()[1]
    facts: dict[str, Any] = json.loads(line)
    return facts


def gone(facts: dict[str, Any]) -> bool:
    """Whether both servers refuse connections."""
    for side in ("source", "target"):
        try:
            psycopg.connect(facts[side], connect_timeout=2).close()
        except psycopg.OperationalError:
            continue
        return False
    return True


def wait_until_gone(facts: dict[str, Any]) -> None:
    deadline = time.monotonic() + 15
    while not gone(facts):
        assert time.monotonic() < deadline, "a server is still running"
        time.sleep(0.1)


@pytest.mark.long
def test_the_reference_application_answers_over_sql_and_rest(tmp_path: Path) -> None:
    with started(tmp_path, "--target", "aligned") as process:
        facts = facts_of(process)
        assert set(facts) == {"source", "target", "rest_url", "anon_key", "service_role_key"}
        with psycopg.connect(facts["source"]) as source, psycopg.connect(facts["target"]) as target:
            assert source.execute("SELECT count(*) FROM public.clients").fetchone() == (1299,)
            assert target.execute("SELECT count(*) FROM public.clients").fetchone() == (0,)
            query = (
                "SELECT pg_get_userbyid(datdba) = current_user, pg_encoding_to_char(encoding), datcollate,"
                " current_setting('TimeZone') FROM pg_database WHERE datname = current_database()"
            )
            both = [side.execute(query).fetchone() for side in (source, target)]
            assert both[0] == both[1]
            assert both[0] is not None
            assert both[0][:2] == (True, "UTF8")
            assert both[0][3] == "UTC"
            roles = {row[0] for row in source.execute("SELECT rolname FROM pg_roles")}
            assert roles >= API_ROLES
            versions = [side.info.server_version // 10000 for side in (source, target)]
            assert versions[0] < versions[1]
        with httpx.Client() as http:
            options = SyncClientOptions(httpx_client=http)
            client: Client = create_client(facts["rest_url"], facts["service_role_key"], options=options)
            assert client.table("companies").select("company_id").execute().data == [{"company_id": 900100}]
            anonymous: Client = create_client(facts["rest_url"], facts["anon_key"], options=options)
            assert anonymous.table("clients").select("phone").execute().data == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        wait_until_gone(facts)
    assert list((tmp_path / "tmp").glob("pgparity-*/")) == []


def answers_in_time(facts: dict[str, Any], table: str) -> None:
    """The gateway answers for a table that was made after it had started, within some seconds of the notification."""
    headers = {"apikey": facts["service_role_key"]}
    statuses: list[int] = []
    for _ in range(100):
        statuses.append(httpx.get(f"{facts['rest_url']}/rest/v1/{table}", headers=headers).status_code)
        if statuses[-1] == 200:
            return
        time.sleep(0.1)
    pytest.fail(f"the schema cache was not reloaded: {statuses[-1]}")


@pytest.mark.long
def test_empty_has_nothing_in_public_and_the_roles(tmp_path: Path) -> None:
    with started(tmp_path, "--empty") as process:
        facts = facts_of(process)
        for side in ("source", "target"):
            with psycopg.connect(facts[side]) as connection:
                count = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                assert connection.execute(count).fetchone() == (0,)
        with psycopg.connect(facts["source"]) as connection:
            assert {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")} >= API_ROLES
        with psycopg.connect(facts["source"], autocommit=True) as connection:
            connection.execute("CREATE TABLE made_later (id int); GRANT SELECT ON made_later TO service_role")
            connection.execute("NOTIFY pgrst, 'reload schema'")
        answers_in_time(facts, "made_later")


@pytest.mark.parametrize(
    "sent", [*(pytest.param(each, marks=pytest.mark.long) for each in (signal.SIGINT, signal.SIGTERM)), signal.SIGKILL]
)
def test_no_server_survives_the_end(tmp_path: Path, sent: signal.Signals) -> None:
    with started(tmp_path, "--empty") as process:
        facts = facts_of(process)
        process.send_signal(sent)
        process.wait(timeout=20)
        wait_until_gone(facts)


@pytest.mark.long
def test_the_end_of_a_piped_input_ends_it(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with started(tmp_path, "--empty", stdin=reading) as process:
        os.close(reading)
        facts = facts_of(process)
        assert process.poll() is None
        os.close(writing)
        assert process.wait(timeout=20) == 0
        wait_until_gone(facts)
