"""Embedded servers start, answer, keep strangers out, and leave nothing behind when they stop."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.embedded.binaries import Installation, installation, installations
from harness.embedded.server import PORTS_TO_TRY, Server, free_port
from harness.errors import LocalStackError

FOUND = installations()


def _name(found: Installation) -> str:
    return f"{found.origin} {found.version[0]}.{found.version[1]}".replace(" ", "-")


def _use_as_tmpdir(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    directory.chmod(0o1777)
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def place() -> Iterator[Path]:
    """A short directory that every account may enter and write, which pytest's tmp_path is not."""
    directory = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    directory.chmod(0o1777)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def tmpdir_of_servers(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory for temporary files that holds servers' folders and nothing else."""
    directory = place / "servers"
    directory.mkdir()
    _use_as_tmpdir(monkeypatch, directory)
    return directory


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def _value(server: Server, query: str) -> object:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(query).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize("found", FOUND, ids=_name)
def test_every_installation_found_starts_and_answers_in_utf8_and_utc(found: Installation) -> None:
    with Server.start(installation=found) as server:
        assert server.alive
        assert server.installation.version == found.version
        assert int(str(_value(server, "SELECT current_setting('server_version_num')"))) // 10000 == found.major
        assert _value(server, "SHOW server_encoding") == "UTF8"
        assert _value(server, "SHOW timezone") == "UTC"
        assert _value(server, "SHOW log_timezone") == "UTC"
        assert _value(server, "SELECT current_user") == "postgres"
        assert _value(server, "SELECT pg_postmaster_start_time() IS NOT NULL") is True


@pytest.mark.long
def test_servers_of_two_majors_have_the_same_locale() -> None:
    locale = "SELECT (datcollate, datctype, datlocprovider)::text FROM pg_database WHERE datname = 'postgres'"
    with Server.start(major=16) as older, Server.start(major=18) as newer:
        assert _value(older, locale) == _value(newer, locale)


def test_two_servers_at_once_differ_in_system_identifier_port_and_password() -> None:
    identifier = "SELECT system_identifier FROM pg_control_system()"
    with Server.start(major=16) as one, Server.start(major=16) as other:
        assert one.system_identifier == _value(one, identifier)
        assert other.system_identifier == _value(other, identifier)
        assert one.system_identifier != other.system_identifier
        assert one.port != other.port
        assert one.password != other.password


def test_the_attributes_name_the_running_server(server: Server) -> None:
    assert _value(server, "SHOW data_directory") == str(server.data_directory)
    assert _value(server, "SHOW port") == str(server.port)
    assert (server.data_directory / "postmaster.pid").read_text().splitlines()[0] == str(server.pid)
    assert server.data_directory.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.long
def test_stop_leaves_no_process_and_no_folder(tmpdir_of_servers: Path) -> None:
    server = Server.start(major=16)
    assert [server.socket_directory] == list(tmpdir_of_servers.iterdir())
    with psycopg.connect(server.dsn()):
        server.stop()
    assert not server.alive
    assert _gone(server.pid)
    assert list(tmpdir_of_servers.iterdir()) == []
    server.stop()


@pytest.mark.long
def test_an_exception_inside_with_stops_the_server(tmpdir_of_servers: Path) -> None:
    with pytest.raises(ZeroDivisionError), Server.start(major=16) as server:
        print(1 / 0)
    assert _gone(server.pid)
    assert list(tmpdir_of_servers.iterdir()) == []


@pytest.mark.long
def test_a_busy_session_does_not_keep_a_server_from_stopping(tmpdir_of_servers: Path) -> None:
    with Server.start(major=16) as server, psycopg.connect(server.dsn()) as connection:
        connection.execute("CREATE TABLE t ()")
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 3
        # Else psycopg would commit the open transaction on a connection that the server ended.
        connection.close()
    assert list(tmpdir_of_servers.iterdir()) == []


def test_a_wrong_password_is_refused(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.dsn(user="postgres", password="not-the-password"))


def test_no_password_is_refused(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(server.dsn(user="postgres"), passfile=os.devnull)


def _by_socket(server: Server, password: str | None) -> str:
    return psycopg.conninfo.make_conninfo(
        host=str(server.socket_directory),
        port=server.port,
        user="postgres",
        password=password,
        dbname="postgres",
        passfile=os.devnull,
    )


def test_the_unix_socket_asks_for_the_password_too(server: Server) -> None:
    with psycopg.connect(_by_socket(server, server.password)) as connection:
        assert connection.execute("SELECT inet_server_addr() IS NULL").fetchone() == (True,)
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(_by_socket(server, None))


def test_psql_takes_the_dsn_whatever_the_database_and_the_role_are_called(server: Server) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute('CREATE DATABASE "a b/c%d?ё"')
        admin.execute("""CREATE ROLE "r@:/ ё" LOGIN PASSWORD 'p@:/ ё'""")
        try:
            query = "SELECT current_database() || '|' || current_user"
            dsn = server.dsn("a b/c%d?ё", user="r@:/ ё", password="p@:/ ё")
            psql = [str(server.installation.tool("psql")), "-XAtc", query, dsn]
            answer = subprocess.run(psql, capture_output=True, text=True, check=False)
            assert (answer.stdout, answer.stderr) == ("a b/c%d?ё|r@:/ ё\n", "")
        finally:
            admin.execute('DROP DATABASE "a b/c%d?ё"')
            admin.execute('DROP ROLE "r@:/ ё"')


@pytest.mark.long
def test_a_port_taken_between_choice_and_start_is_survived() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        offers = iter([taken.getsockname()[1], *(free_port() for _ in range(PORTS_TO_TRY))])
        with Server.start(major=16, choose_port=lambda: next(offers)) as server:
            assert server.port != taken.getsockname()[1]
            assert _value(server, "SELECT 1") == 1


def test_a_start_gives_up_when_every_port_is_taken(tmpdir_of_servers: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LocalStackError, match="all 5 ports that were tried were taken"):
            Server.start(major=16, choose_port=lambda: taken.getsockname()[1])
    assert list(tmpdir_of_servers.iterdir()) == []


def test_the_error_for_a_bad_setting_shows_the_end_of_the_log(tmpdir_of_servers: Path) -> None:
    with pytest.raises(LocalStackError, match='unrecognized configuration parameter "no_such_setting"') as caught:
        Server.start(major=16, settings={"no_such_setting": "1"})
    assert "PostgreSQL 16" in caught.value.message
    assert caught.value.hint
    assert list(tmpdir_of_servers.iterdir()) == []


def test_a_start_that_takes_too_long_is_given_up(tmpdir_of_servers: Path) -> None:
    with pytest.raises(LocalStackError, match="not done after 0 s"):
        Server.start(major=16, timeout=0)
    assert list(tmpdir_of_servers.iterdir()) == []


@pytest.mark.long
def test_settings_add_to_the_defaults_and_keep_quotes_and_backslashes() -> None:
    wanted = r"it's a \ path"
    with Server.start(major=18, settings={"pgparity.note": wanted, "shared_buffers": "16MB"}) as server:
        assert _value(server, "SHOW pgparity.note") == wanted
        assert _value(server, "SHOW shared_buffers") == "16MB"
        assert _value(server, "SHOW fsync") == "off"
        assert _value(server, "SHOW autovacuum") == "on"


def test_the_environment_of_the_tool_does_not_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGDATESTYLE", "German")
    monkeypatch.setenv("TZ", "Asia/Yekaterinburg")
    monkeypatch.setenv("LC_ALL", "POSIX")
    with Server.start(major=16) as server:
        # A session of its own would bring PGDATESTYLE along: read the server's own default instead.
        assert _value(server, "SELECT boot_val FROM pg_settings WHERE name = 'DateStyle'") == "ISO, MDY"
        assert _value(server, "SELECT sourcefile IS NOT NULL FROM pg_settings WHERE name = 'TimeZone'") is True
        assert _value(server, "SHOW lc_messages") == "C"
        environment = Path(f"/proc/{server.pid}/environ")
        if environment.exists():
            names = {entry.split(b"=")[0] for entry in environment.read_bytes().split(b"\0")}
            assert not {b"PGPORT", b"PGDATA", b"PGDATESTYLE", b"TZ", b"LC_ALL"} & names


@pytest.mark.parametrize("name", ["spaces, commas", "кириллица \"ё\" 'и' 🙂"])
def test_a_server_starts_in_a_tmpdir_with_an_odd_name(place: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    directory = place / name
    directory.mkdir()
    _use_as_tmpdir(monkeypatch, directory)
    with Server.start(major=16) as server:
        assert server.socket_directory.parent == directory
        assert _value(server, "SELECT 1") == 1
        assert (server.socket_directory / f".s.PGSQL.{server.port}").is_socket()
    assert list(directory.iterdir()) == []


def test_a_tmpdir_too_long_for_a_socket_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = place / ("d" * 90)
    directory.mkdir()
    _use_as_tmpdir(monkeypatch, directory)
    with Server.start(major=16) as server:
        assert directory not in server.socket_directory.parents
        assert len(os.fsencode(server.socket_directory / f".s.PGSQL.{server.port}")) < 100
        assert _value(server, "SELECT 1") == 1


def test_the_log_is_there_while_the_server_runs_and_after_it_stopped() -> None:
    with Server.start(major=16) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as connection, pytest.raises(psycopg.Error):
            connection.execute("SELECT no_such_column")
        assert "no_such_column" in server.log_tail()
        assert len(server.log_tail(1).splitlines()) == 1
    assert "no_such_column" in server.log_tail()


def _shared_memory_of(pid: int) -> list[str]:
    segments = Path("/proc/sysvipc/shm")
    if not segments.exists():
        return []
    return [line for line in segments.read_text().splitlines()[1:] if line.split()[4] == str(pid)]


def test_a_killed_server_is_not_alive_and_leaves_no_folder_no_backend_and_no_shared_memory(
    tmpdir_of_servers: Path,
) -> None:
    server = Server.start(major=16)
    with psycopg.connect(server.dsn()) as connection:
        backend = connection.info.backend_pid
        os.kill(server.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while server.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not server.alive
        server.stop()
    assert _gone(backend)
    assert _gone(server.pid)
    assert list(tmpdir_of_servers.iterdir()) == []
    assert _shared_memory_of(server.pid) == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads what a process maps from /proc")
def test_a_server_keeps_no_segment_in_dev_shm_where_a_kill_would_leave_it(server: Server) -> None:
    maps = Path(f"/proc/{server.pid}/maps").read_text()
    assert f"{server.data_directory}/pg_dynshmem/" in maps
    assert "/dev/shm/PostgreSQL" not in maps


def test_a_server_in_use_says_so_and_says_when_it_stopped() -> None:
    with Server.start(major=16) as server:
        assert repr(server) == f"<Server 16.{installation(16).version[1]} on 127.0.0.1:{server.port}, running>"
    assert repr(server).endswith("stopped>")
