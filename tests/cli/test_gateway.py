"""`pgparity gateway` as another process drives it: the ready line, both paths, signals, notifications, bad input."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from harness.cli.app import run
from harness.embedded.server import Server
from harness.gateway.access import tokens
from tests.api_roles import create_api_roles
from tests.cli.conftest import environment

SECRET = "a secret that only this command's tests know"
DDL = """
CREATE TABLE staff (id int PRIMARY KEY, name text);
INSERT INTO staff VALUES (1, 'Vera'), (2, 'Gleb'), (3, 'Dina');
GRANT ALL ON staff TO anon, service_role;
CREATE SCHEMA api;
CREATE TABLE api.rooms AS SELECT 7 AS number;
GRANT USAGE ON SCHEMA api TO anon;
GRANT ALL ON api.rooms TO anon;
"""


class Running:
    """A gateway in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.log: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, self.ended()
        self.facts: dict[str, Any] = json.loads(line)
        self.http = httpx.Client(base_url=self.facts["url"], timeout=10)

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log.extend(line.rstrip("\n") for line in self.process.stderr)

    def ended(self) -> str:
        self.process.wait(timeout=20)
        self._reading.join(5)
        return "\n".join(self.log)

    def close(self) -> None:
        self.ended()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def eventually(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds: what a signal or a notification asks for is done soon, not at once."""
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline, "\n".join(self.log)
            time.sleep(0.02)


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts gateways; all have ended after the test."""
    running: list[Running] = []

    def start(*arguments: str, **variables: str) -> Running:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "gateway", *arguments],
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            running.append(Running(process))
        except BaseException:
            process.kill()
            process.communicate()
            raise
        return running[-1]

    yield start
    for one in running:
        one.http.close()
        one.process.kill()
        one.close()


@pytest.fixture
def dsn(database: str, server: Server) -> str:
    """A database with a table that anon may read."""
    create_api_roles(server)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(DDL.encode())
    return database


def _sql(dsn: str, text: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(text.encode())


def _served(dsn: str) -> list[str]:
    return ["--db-uri", dsn, "--db-anon-role", "anon", "--server-port", "0"]


@pytest.mark.long
def test_a_file_in_postgrests_format_is_served(start: Start, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "salon.conf"
    file.write_text(
        f'db-uri = "{dsn}"   # where it is\ndb-schemas = "api, public"\ndb-anon-role = "$(WHO)"\n'
        f'server-port = 0\ndb-max-rows = 2\njwt-secret = "{SECRET}"\nserver-prot = 1\n'
    )
    running = start(str(file), WHO="anon")
    assert set(running.facts) == {"url"}
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", running.facts["url"])
    assert running.http.get("/rooms").json() == [{"number": 7}]
    assert len(running.http.get("/staff", headers={"Accept-Profile": "public"}).json()) == 2
    running.process.send_signal(signal.SIGTERM)
    assert "salon.conf: there is no setting server-prot; it is ignored" in running.ended()
    assert running.process.returncode == 0
    assert running.process.stdout is not None
    assert running.process.stdout.read() == ""


def test_flags_serve_postgrests_paths_and_supabases(start: Start, dsn: str) -> None:
    running = start(*_served(dsn), "--jwt-secret", SECRET, "--anon-key", "a-key", "--service-role-key", "s-key")
    assert len(running.http.get("/staff").json()) == 3
    assert running.http.get("/rest/v1/staff").status_code == 401
    assert len(running.http.get("/rest/v1/staff", headers={"apikey": "a-key"}).json()) == 3
    token = tokens.sign({"role": "service_role"}, SECRET)
    for path in ("/staff?id=eq.1", "/rest/v1/staff?id=eq.1"):
        answer = running.http.get(path, headers={"apikey": "s-key", "Authorization": f"Bearer {token}"})
        assert answer.json() == [{"id": 1, "name": "Vera"}]
    assert re.fullmatch(r"pgparity/[0-9.]+", answer.headers["server"])


@pytest.mark.parametrize("written", [["--db-aggregates-enabled"], ["--db-aggregates-enabled", "true"]])
def test_boolean_flags_stand_alone_or_with_a_value(start: Start, dsn: str, written: list[str]) -> None:
    running = start(*written, "--safe-update=true", *_served(dsn))
    assert running.http.get("/staff?select=id.sum()").json() == [{"sum": 6}]
    assert running.http.delete("/staff").json()["code"] == "21000"


@pytest.mark.long
def test_a_bare_flag_does_not_swallow_the_file(start: Start, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "salon.conf"
    file.write_text(f'db-uri = "{dsn}"\ndb-anon-role = "anon"\nserver-port = 0\n')
    running = start("--db-aggregates-enabled", str(file))
    assert running.http.get("/staff?select=id.max()").json() == [{"max": 3}]


def test_a_flag_beats_the_environment_and_that_the_file(start: Start, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "salon.conf"
    file.write_text(f'db-uri = "{dsn}"\ndb-anon-role = "anon"\nserver-port = 1\ndb-max-rows = 1\n')
    running = start(str(file), "--server-port", "0", PGRST_DB_MAX_ROWS="2", PGRST_SERVER_PORT="1")
    assert len(running.http.get("/staff").json()) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to(start: Start, dsn: str, number: signal.Signals) -> None:
    running = start(*_served(dsn))
    assert running.http.get("/staff").status_code == 200
    running.process.send_signal(number)
    running.ended()
    assert running.process.returncode == 0
    with pytest.raises(httpx.TransportError):
        httpx.get(running.facts["url"])


@pytest.mark.long
def test_sigusr1_reloads_the_schema_cache(start: Start, dsn: str) -> None:
    running = start(*_served(dsn), "--db-channel-enabled", "false")
    _sql(dsn, "CREATE TABLE skills AS SELECT 1 AS id; GRANT SELECT ON skills TO anon")
    assert running.http.get("/skills").json()["code"] == "PGRST205"
    running.process.send_signal(signal.SIGUSR1)
    running.eventually(lambda: running.http.get("/skills").status_code == 200)


@pytest.mark.long
def test_sigusr2_reloads_the_configuration_but_not_what_is_fixed(start: Start, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "salon.conf"
    text = f'db-uri = "{dsn}"\ndb-anon-role = "anon"\nserver-port = 0\ndb-max-rows = 1\n'
    file.write_text(text)
    running = start(str(file))
    assert len(running.http.get("/staff").json()) == 1
    file.write_text(text.replace("db-max-rows = 1", "db-max-rows = 2").replace(dsn, "postgresql://nowhere/x"))
    running.process.send_signal(signal.SIGUSR2)
    running.eventually(lambda: any("Failed reloading the configuration" in line for line in running.log))
    assert len(running.http.get("/staff").json()) == 1
    file.write_text(text.replace("db-max-rows = 1", "db-max-rows = 2").replace("server-port = 0", "server-port = 1"))
    running.process.send_signal(signal.SIGUSR2)
    running.eventually(lambda: len(running.http.get("/staff").json()) == 2)


@pytest.mark.long
def test_notify_reloads_the_schema_cache_and_the_configuration(start: Start, dsn: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("another secret of thirty-two characters")
    running = start(*_served(dsn), "--jwt-secret", f"@{secret}")
    running.eventually(lambda: any('on the "pgrst" channel' in line for line in running.log))
    _sql(dsn, "CREATE TABLE skills AS SELECT 1 AS id; GRANT SELECT ON skills TO anon")
    assert running.http.get("/skills").json()["code"] == "PGRST205"
    _sql(dsn, "NOTIFY pgrst")
    running.eventually(lambda: running.http.get("/skills").status_code == 200)
    _sql(dsn, "ALTER TABLE skills ADD COLUMN title text; NOTIFY pgrst, 'reload schema'")
    running.eventually(lambda: running.http.post("/skills", json={"title": "x"}).json()["code"] == "42501")
    headers = {"Authorization": f"Bearer {tokens.sign({'role': 'anon'}, SECRET)}"}
    assert running.http.get("/staff", headers=headers).status_code == 401
    secret.write_text(SECRET)
    _sql(dsn, "NOTIFY pgrst, 'reload config'")
    running.eventually(lambda: running.http.get("/staff", headers=headers).status_code == 200)


def test_health_and_the_admin_server(start: Start, dsn: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = start(*_served(dsn), "--admin-server-port", str(port))
    assert running.facts["admin_url"] == f"http://127.0.0.1:{port}"
    assert running.http.get("/health").status_code == 200
    assert [httpx.get(f"{running.facts['admin_url']}/{path}").status_code for path in ("live", "ready", "x")] == [
        200,
        200,
        404,
    ]


@pytest.mark.long
def test_a_unix_socket_is_served_and_removed(start: Start, dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    running = start("--db-uri", dsn, "--db-anon-role", "anon", "--server-unix-socket", str(path))
    assert path.stat().st_mode & 0o777 == 0o660
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://gateway") as client:
        assert client.get("/staff?id=eq.2").json() == [{"id": 2, "name": "Gleb"}]
    running.process.terminate()
    running.ended()
    assert not path.exists()


def test_a_line_for_every_request_on_stderr_and_no_secret_in_it(start: Start, dsn: str) -> None:
    running = start(*_served(dsn), "--log", "--jwt-secret", SECRET)
    token = tokens.sign({"role": "service_role"}, SECRET)
    headers = {"Authorization": f"Bearer {token}", "User-Agent": 'a "browser"', "Referer": "http://a.example/"}
    running.http.post("/staff", json={"id": 9, "name": "hush"}, headers=headers)
    running.http.get("/staff?id=eq.1&apikey=hush", headers={"User-Agent": "curl"})
    running.process.terminate()
    lines = [line for line in running.ended().splitlines() if "HTTP/1.1" in line]
    moment = r"\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\]"
    assert re.fullmatch(
        rf'127\.0\.0\.1 - service_role {moment} "POST /staff HTTP/1\.1" 201 0 "http://a\.example/" '
        r'"a \\x22browser\\x22"',
        lines[0],
    ), lines[0]
    assert re.fullmatch(
        rf'127\.0\.0\.1 - anon {moment} "GET /staff\?id=eq\.1&apikey=\*\*\* HTTP/1\.1" 400 [0-9]+ "" "curl"', lines[1]
    ), lines[1]
    shown = "\n".join(running.log)
    assert "hush" not in shown
    assert token not in shown
    assert SECRET not in shown


BAD_INPUT = [
    ([], "db-uri is not set"),
    (["--db-uri", "postgresql://u:hush-hush@127.0.0.1:1/x"], "cannot be reached: nothing listens there"),
    (["--db-uri", "postgresql://u:hush-hu%sh@/x"], "db-uri is no connection string"),
    (["--db-uri", "x=hush-hush"], "db-uri is no connection string"),
    (["--db-uri", "x", "--jwt-secret", "hush-hush"], "The JWT secret must be at least 32 characters long."),
    (["--db-tx-end", "sometimes"], "the value of db-tx-end is not one of commit"),
    (["--server-port", "many"], "the value of server-port is not a whole number"),
    (["--db-uri", "x", "--jwt-role-claim-key", ".role"], "failed to parse jwt-role-claim-key value (.role)"),
    (["no-such-file.conf"], "the configuration file no-such-file.conf cannot be read"),
    (["--no-such-flag"], "No such option"),
]


@pytest.fixture
def refused(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Calls the command with bad input, in this process and an empty folder: its two lines on stderr."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)

    def call(*arguments: str) -> str:
        assert run(["gateway", *arguments]) == 2
        out, err = capfd.readouterr()
        assert out == ""
        error, hint = err.strip().splitlines()
        assert error.startswith("error")
        assert hint.startswith("hint: ")
        assert "hush" not in err
        return error

    return call


@pytest.mark.parametrize(("arguments", "said"), BAD_INPUT)
def test_bad_input_is_exit_code_2_and_one_line_with_what_to_do(
    refused: Callable[..., str], arguments: list[str], said: str
) -> None:
    assert said in refused(*arguments)


def test_a_wrong_line_of_the_file_is_named(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "salon.conf").write_text('db-anon-role = "anon"\ndb-uri: hush\n')
    assert "salon.conf, line 2: expected = behind db-uri" in refused("salon.conf")


def test_a_port_in_use_is_said(refused: Callable[..., str], dsn: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        error = refused("--db-uri", dsn, "--server-port", str(port))
    assert f"port {port} of 127.0.0.1 is in use" in error


def test_a_missing_database_and_a_refused_password_are_told_apart(
    refused: Callable[..., str], server: Server, dsn: str
) -> None:
    assert "there is no such role or database" in refused("--db-uri", server.dsn("no_such_database"))
    wrong = make_conninfo(dsn, password="hush-hush")
    assert "the password is refused" in refused("--db-uri", wrong)


def test_a_schema_that_does_not_exist_is_said(refused: Callable[..., str], dsn: str) -> None:
    assert "nowhere" in refused("--db-uri", dsn, "--server-port", "0", "--db-schemas", "nowhere")
