"""What can go wrong with a backup is caught: files that were changed, programs and servers that die, a full disk."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from harness.core.backup import read_manifest, sealed
from harness.embedded.binaries import Installation, installations
from harness.embedded.dump_programs import dump_programs
from harness.embedded.server import Server
from harness.postgres.connect import Endpoint
from harness.postgres.copying import empty_like
from harness.postgres.dump import restore
from harness.postgres.scratch import ScratchServer
from tests.backups import SALON, dumps, execute, programs
from tests.cli.conftest import Pgparity, environment
from tests.cli.conftest import here as here
from tests.cli.conftest import pgparity as pgparity
from tests.server_versions import MAJOR, with_extension

pytestmark = pytest.mark.long


@pytest.fixture
def salon(database: str) -> str:
    execute(database, *SALON)
    return database


@pytest.fixture
def dump(salon: str, here: Pgparity, tmp_path: Path) -> Path:
    """A backup of the salon."""
    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    (found,) = dumps(tmp_path / "kept")
    return found


def nothing_that_looks_like_a_backup(folder: Path) -> None:
    assert [each.name for each in folder.iterdir() if not each.name.startswith(".pgparity-backup")] == []


# Files that were changed afterwards


def cut_short(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def flip_a_byte(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2)
        byte = opened.read(1)
        opened.seek(-1, os.SEEK_CUR)
        opened.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("damage", [cut_short, flip_a_byte])
def test_a_dump_that_was_damaged_is_not_restored(
    dump: Path, newer_database: str, here: Pgparity, damage: Callable[[Path], None]
) -> None:
    damage(dump)
    done = here("restore", str(dump), "--target", newer_database, "--yes")
    assert done.returncode == 2
    assert f"{dump.name} is not as it was written" in done.stderr
    assert execute(newer_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_dump_of_another_database_under_the_manifest_is_not_restored(
    dump: Path, newer_database: str, database: str, here: Pgparity
) -> None:
    execute(database, "UPDATE client SET name = 'another' WHERE id = 7")
    assert here("backup", "--target", database, "--dir", "kept", "-q").returncode == 0
    (other,) = (each for each in dumps(dump.parent) if each != dump)
    shutil.copyfile(other, dump)
    done = here("restore", str(dump), "--target", newer_database, "--yes")
    assert (done.returncode, f"{dump.name} is not as it was written" in done.stderr) == (2, True)


def test_the_manifest_of_another_dump_is_refused(dump: Path, newer_database: str, here: Pgparity) -> None:
    other = dump.with_name("other.dump")
    shutil.copyfile(dump, other)
    shutil.copyfile(f"{dump}.backup.json", f"{other}.backup.json")
    done = here("restore", str(other), "--target", newer_database, "--yes")
    assert (done.returncode, "is the manifest of another file" in done.stderr) == (2, True)


def test_the_digest_of_another_dump_is_refused(dump: Path, newer_database: str, database: str, here: Pgparity) -> None:
    execute(database, "DELETE FROM client WHERE id = 7")
    assert here("backup", "--target", database, "--dir", "kept", "-q").returncode == 0
    (other,) = (each for each in dumps(dump.parent) if each != dump)
    shutil.copyfile(f"{other}.digest.json", f"{dump}.digest.json")
    done = here("restore", str(dump), "--target", newer_database, "--yes")
    assert (done.returncode, "is the digest of another dump" in done.stderr) == (2, True)


def test_rows_that_are_not_those_of_the_digest_are_told_after_a_restore(
    dump: Path, newer_database: str, database: str, here: Pgparity
) -> None:
    # A dump whose manifest was written anew to fit it: only the rows can tell.
    execute(database, "UPDATE client SET name = 'another' WHERE id = 7")
    assert here("backup", "--target", database, "--dir", "kept", "-q").returncode == 0
    (other,) = (each for each in dumps(dump.parent) if each != dump)
    first, second = (read_manifest(Path(f"{each}.backup.json").read_bytes(), "") for each in (dump, other))
    shutil.copyfile(other, dump)
    forged = sealed(first.model_copy(update={"sha256": second.sha256, "bytes": second.bytes}))
    Path(f"{dump}.backup.json").write_text(forged.to_json(), encoding="utf-8")
    done = here("restore", str(dump), "--target", newer_database, "--yes", "--format", "json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["failed"] == ["public.client: 400 rows, as many as were dumped, and some are others"]


# A restored copy that is not what was dumped


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (
            "UPDATE client SET name = name || ' ' WHERE id = 7",
            "public.client: 400 rows, as many as were dumped, and some are others",
        ),
        ("DELETE FROM visit WHERE id = 250", "public.visit: 300 rows were dumped and 299 are there"),
        ("INSERT INTO bare DEFAULT VALUES", "public.bare: 1 rows were dumped and 2 are there"),
        (
            "SELECT lo_put((SELECT min(oid) FROM pg_largeobject_metadata), 0, decode('01', 'hex'))",
            "large objects: 2, as many as were dumped, and some are others",
        ),
        (
            "SELECT lo_unlink((SELECT min(oid) FROM pg_largeobject_metadata))",
            "large objects: 2 were dumped and 1 are there",
        ),
    ],
)
def test_what_was_changed_in_the_restored_copy_is_found_by_the_rehearsal(
    salon: str, here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planted: str, told: str
) -> None:
    def restored(program: str, file: Path, to: Endpoint, **options: bool) -> tuple[str, ...]:
        unmade = restore(program, file, to, at_once=options["at_once"])
        execute(to.dsn, planted)
        return unmade

    monkeypatch.setattr("harness.stages.backup_rehearsal.restore", restored)
    done = here("backup", "--target", salon, "--dir", "kept", "--rehearse", "--format", "json", "-q")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)["verified"]
    assert (found["rehearsed"], found["failed"]) == (False, [told])
    status = here("backup", "--dir", "kept", "--status")
    assert status.returncode == 1
    assert told in status.stdout


def test_a_table_that_cannot_be_made_on_this_machine_makes_the_rehearsal_incomplete(
    salon: str, here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The type of an extension that the scratch server has not would do the same.
    def with_a_view_in_the_way(origin: Endpoint, server: ScratchServer, name: str) -> tuple[str, ...]:
        notes = empty_like(origin, server, name)
        execute(server.endpoint(name).dsn, "CREATE VIEW client AS SELECT 1 AS id")
        return notes

    monkeypatch.setattr("harness.stages.backup_rehearsal.empty_like", with_a_view_in_the_way)
    done = here("backup", "--target", salon, "--dir", "kept", "--rehearse", "--format", "json", "-q")
    assert done.returncode == 3, done.stderr
    found = json.loads(done.stdout)["verified"]
    assert (found["rehearsed"], found["failed"]) == (False, [])
    assert "public.client: it is not there" in found["not_checked"]


def test_an_extension_that_this_machine_has_not_makes_the_rehearsal_incomplete(
    here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has = with_extension("citext")
    bare = next((each for each in installations() if each.major > has.major and not has_citext(each)), None)
    if bare is None:
        pytest.skip("every later PostgreSQL of this machine has the extension")
    monkeypatch.setattr("harness.stages.backup_rehearsal.nearest_installation", lambda _major: bare)
    with Server.start(installation=has) as server:
        execute(
            server.dsn(),
            "CREATE EXTENSION citext",
            "CREATE TABLE client (id int PRIMARY KEY, name citext)",
            "INSERT INTO client VALUES (1, 'A')",
            "CREATE TABLE plain (id int PRIMARY KEY)",
            "INSERT INTO plain VALUES (1), (2)",
        )
        done = here("backup", "--target", server.dsn(), "--dir", "kept", "--rehearse", "--format", "json", "-q")
    assert done.returncode == 3, done.stderr
    found = json.loads(done.stdout)["verified"]
    assert (found["rehearsed"], found["failed"]) == (False, [])
    assert (found["tables_compared"], found["rows_compared"]) == (1, 2)
    assert any('extension "citext" is not available' in each for each in found["not_checked"]), found
    assert "public.client: it is not there" in found["not_checked"]


def has_citext(installation: Installation) -> bool:
    shared = installation.bin.parent / "share", Path(f"/usr/share/postgresql/{installation.major}")
    return any(any(folder.rglob("citext.control")) for folder in shared if folder.is_dir())


# A database that is written to meanwhile


@pytest.fixture
def written(salon: str) -> Iterator[str]:
    """The salon, with somebody who changes rows all the time."""
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(salon, autocommit=True) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("UPDATE client SET seen = clock_timestamp() WHERE id = %s", (number % 400 + 1,))
                connection.execute("INSERT INTO visit VALUES (%s)", (number % 1000,))

    writer = threading.Thread(target=write)
    writer.start()
    yield salon
    stop.set()
    writer.join()


def test_a_database_that_is_written_to_all_the_time_is_compared_exactly(
    written: str, server: Server, here: Pgparity, tmp_path: Path
) -> None:
    slow = programs(tmp_path / "bin", MAJOR, before="sleep 0.3", after="sleep 0.3")
    before = execute(written, "SELECT count(*) FROM visit")
    done = here("backup", "--target", written, "--dir", "kept", "--rehearse", "--format", "json", "-q", **slow)
    assert execute(written, "SELECT count(*) FROM visit") != before, "nobody wrote"
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["verified"]["rehearsed"]


# Programs and servers that die


def test_a_pgparity_that_is_killed_in_the_middle_leaves_nothing_that_looks_like_a_backup(
    salon: str, here: Pgparity, tmp_path: Path
) -> None:
    # pg_dump has written everything: nothing but a name is missing.
    slow = programs(tmp_path / "bin", MAJOR, after=f"echo $$ > {tmp_path}/pid; exec sleep 60")
    command = [sys.executable, "-m", "harness", "backup", "--target", salon, "--dir", "kept"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(**slow), stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() != "")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    kept = tmp_path / "kept"
    nothing_that_looks_like_a_backup(kept)
    left = sum(each.stat().st_size for each in kept.iterdir())
    assert left > 0, "it was killed before pg_dump wrote"
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not alive(pid))

    assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
    names = {each.name for each in kept.iterdir()}
    assert len(names) == 4, f"what the killed one left is still there: {names}"


def test_one_that_is_interrupted_leaves_nothing(salon: str, tmp_path: Path) -> None:
    slow = programs(tmp_path / "bin", MAJOR, after=f"echo $$ > {tmp_path}/pid; exec sleep 60")
    command = [sys.executable, "-m", "harness", "backup", "--target", salon, "--dir", "kept"]
    process = subprocess.Popen(command, cwd=tmp_path, env=environment(**slow), stderr=subprocess.DEVNULL)
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip() != "")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 143
    assert [each.name for each in (tmp_path / "kept").iterdir()] == [".pgparity-backup.lock"]
    assert not alive(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_goes_away_is_one_line_and_no_backup(here: Pgparity, tmp_path: Path, when: str) -> None:
    with Server.start(major=MAJOR) as mortal:
        execute(mortal.dsn(), *SALON)
        kill = {when: f"kill -QUIT {mortal.pid}; sleep 1"}
        dying = programs(tmp_path / "bin", MAJOR, before=kill.get("before", ""), after=kill.get("after", ""))
        done = here("backup", "--target", mortal.dsn(), "--dir", "kept", "--no-progress", **dying)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert done.stderr.startswith("error E")
    assert mortal.password not in done.stderr
    nothing_that_looks_like_a_backup(tmp_path / "kept")


def test_a_pg_dump_that_is_too_old_is_refused_with_what_is_here(
    newer_database: str, here: Pgparity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = dump_programs(MAJOR)
    monkeypatch.setattr("harness.embedded.dump_programs._found", lambda: iter([old]))
    done = here("backup", "--target", newer_database, "--dir", "kept")
    assert done.returncode == 2
    assert f"or later are here (found: {old.version_text})" in done.stderr
    nothing_that_looks_like_a_backup(tmp_path / "kept")


# Rights


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("REVOKE ALL ON client FROM reader", "may not read table public.client"),
        ("ALTER TABLE client ENABLE ROW LEVEL SECURITY", "row-level security"),
    ],
)
def test_a_role_that_cannot_read_every_row_is_refused(
    server: Server, salon: str, here: Pgparity, tmp_path: Path, statement: str, told: str
) -> None:
    execute(salon, *(f"SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = {oid}" for oid in objects(salon)))
    role = f"reader_{os.getpid()}"
    execute(
        salon,
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        f'GRANT USAGE ON SCHEMA "Odd ""one" TO {role}',
        f'GRANT SELECT ON ALL TABLES IN SCHEMA "Odd ""one" TO {role}',
    )
    dsn = psycopg.conninfo.make_conninfo(salon, user=role, password="secret")
    try:
        assert here("backup", "--target", dsn, "--dir", "kept", "-q").returncode == 0, "the rights are enough"
        shutil.rmtree(tmp_path / "kept")
        execute(salon, statement.replace("reader", role))
        done = here("backup", "--target", dsn, "--dir", "kept", "--no-progress")
        assert done.returncode == 2
        assert told in done.stderr
        nothing_that_looks_like_a_backup(tmp_path / "kept")
    finally:
        execute(salon, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def objects(dsn: str) -> list[int]:
    return [oid for (oid,) in execute(dsn, "SELECT oid FROM pg_largeobject_metadata")]


def test_a_restore_that_is_refused_half_way_leaves_nothing(
    salon: str, newer_database: str, here: Pgparity, tmp_path: Path
) -> None:
    role = f"owner_{os.getpid()}"
    execute(salon, f"CREATE ROLE {role}", f"ALTER TABLE visit OWNER TO {role}")
    try:
        assert here("backup", "--target", salon, "--dir", "kept", "-q").returncode == 0
        (dump,) = dumps(tmp_path / "kept")
        done = here("restore", str(dump), "--target", newer_database, "--yes", "--no-progress")
        assert done.returncode == 2
        assert f'role "{role}" does not exist' in done.stderr
        assert "--no-owner" in done.stderr
        assert execute(newer_database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
        name = f"made_{os.getpid()}"
        new = psycopg.conninfo.make_conninfo(newer_database, dbname=name)
        for jobs in ("1", "2"):
            made = here("restore", str(dump), "--target", new, "--create-database", "--yes", "-q", "--jobs", jobs)
            assert made.returncode == 2
            assert f'role "{role}" does not exist' in made.stderr
            assert execute(newer_database, f"SELECT count(*) FROM pg_database WHERE datname = '{name}'") == [(0,)]
        assert here("restore", str(dump), "--target", newer_database, "--yes", "--no-owner", "-q").returncode == 0
    finally:
        execute(salon, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


@pytest.mark.parametrize("arguments", [(), ("--yes",)])
def test_a_dump_of_a_later_version_is_refused_before_anything_is_made(
    database: str, newer_database: str, here: Pgparity, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    execute(newer_database, *SALON)
    assert here("backup", "--target", newer_database, "--dir", "kept", "-q").returncode == 0
    (dump,) = dumps(tmp_path / "kept")
    new = psycopg.conninfo.make_conninfo(database, dbname=f"made_{os.getpid()}")
    for to in (database, new):
        done = here("restore", str(dump), "--target", to, "--create-database", *arguments)
        assert done.returncode == 2
        assert re.search(r"a dump of pg_dump 18\.\d+ cannot be restored into PostgreSQL 16: ", done.stderr)
    assert execute(database, f"SELECT count(*) FROM pg_database WHERE datname = 'made_{os.getpid()}'") == [(0,)]


# Disk


def test_a_file_that_may_not_grow_is_one_line_and_no_backup(salon: str, tmp_path: Path) -> None:
    execute(salon, "CREATE TABLE wide AS SELECT gen_random_uuid()::text AS t FROM generate_series(1, 40000)")
    done = subprocess.run(
        [sys.executable, "-m", "harness", "backup", "--target", salon, "--dir", "kept", "--no-progress"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pg_dump could not dump the target" in done.stderr
    assert "Make room" in done.stderr
    nothing_that_looks_like_a_backup(tmp_path / "kept")


def test_a_disk_that_is_full_is_one_line_and_no_backup(salon: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    inside = f'mount -t tmpfs -o size=600k tmpfs {kept} && {{ "$@"; code=$?; ls -A {kept}; exit $code; }}'
    wrapper = ["unshare", "--mount", "sh", "-c", inside, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("nobody may mount here")
    execute(salon, "CREATE TABLE wide AS SELECT gen_random_uuid()::text AS t FROM generate_series(1, 40000)")
    done = subprocess.run(
        [*wrapper, sys.executable, "-m", "harness", "backup", "--target", salon, "--dir", "kept", "--no-progress"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (2, [".pgparity-backup.lock"])
    assert len(done.stderr.splitlines()) == 2
    assert "No space left on device" in done.stderr
    assert "Make room" in done.stderr


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(found: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)
