"""A target whose disk is full: the run says so, nothing half is there, and once there is room its rerun ends.

The target's tables lie in a tablespace on a tmpfs of a few megabytes, which is mounted in a namespace of the server's
own: no other process sees it, and it goes with the server. Most of it is taken by a file that is deleted to make room.
Where the machine lets nobody mount, the kernel's limit of a file's size stands in for it: PostgreSQL ignores SIGXFSZ so
that a file that may not grow is to it as a disk that is full.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from harness.embedded.account import server_account
from tests.faults.migrate import witness
from tests.faults.migrate.conftest import furnished
from tests.faults.migrate.mortal_server import MortalServer, mortal_server
from tests.faults.migrate.trial import Office, chance
from tests.server_versions import MAJOR, NEWER_MAJOR

pytestmark = pytest.mark.long
SIZE = 40 * 1024**2


@dataclass(frozen=True)
class SmallDisk:
    """A target server with little room, and how it gets more or less."""

    office: Office
    server: MortalServer
    fill: Callable[[int], None]
    """Leave so many bytes"""
    make_room: Callable[[], None]


def namespace(folder: Path) -> list[str] | None:
    """What runs a program with a tmpfs of its own at the folder, as the account of servers; None where nothing may."""
    mount = f"mount -t tmpfs -o size={SIZE},mode=0777 tmpfs {folder} && exec "
    account = server_account()
    if account is not None:
        become = f"setpriv --reuid={account.uid} --regid={account.gid} --clear-groups"
        wrapper = ["unshare", "--mount", "sh", "-c", f'{mount}{become} "$@"', "sh"]
    else:
        become = f"unshare --user --map-user={os.getuid()} --map-group={os.getgid()}"
        wrapper = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f'{mount}{become} "$@"', "sh"]
    if shutil.which("unshare") is None:
        return None
    done = subprocess.run([*wrapper, "true"], capture_output=True, check=False, timeout=60)
    return wrapper if done.returncode == 0 else None


def as_superuser(server: MortalServer, *statements: sql.Composed | str) -> None:
    with psycopg.connect(server.server.dsn(), autocommit=True) as connection:
        for each in statements:
            connection.execute(each if isinstance(each, sql.Composed) else sql.SQL(each))


def shell(server: MortalServer, command: str) -> None:
    """Have the server itself do it: nobody else sees its disk."""
    as_superuser(server, sql.SQL("COPY (SELECT 1) TO PROGRAM {}").format(command))


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with mortal_server(MAJOR) as source, mortal_server(NEWER_MAJOR) as target:
        place = target.server.socket_directory / "small"
        place.mkdir()
        wrapper = namespace(place)
        if wrapper is None:
            yield limited_files(source, target, tmp_path_factory)
        else:
            yield small_tmpfs(source, target, tmp_path_factory, wrapper, place)


def small_tmpfs(
    source: MortalServer,
    target: MortalServer,
    folder: pytest.TempPathFactory,
    wrapper: Sequence[str],
    place: Path,
) -> SmallDisk:
    target.stop()
    target.start(wrapper)
    shell(target, f"mkdir {place}/data")
    as_superuser(target, sql.SQL("CREATE TABLESPACE small LOCATION {}").format(f"{place}/data"))
    office = furnished(source.server, target.server, folder)
    as_superuser(target, "ALTER DATABASE office_template SET TABLESPACE small")

    def fill(left: int) -> None:
        free = f"$(( $(stat -f -c '%a * %S' {place}) - {left} ))"
        shell(target, f"head -c {free} /dev/zero > {place}/taken")

    return SmallDisk(office, target, fill, lambda: shell(target, f"rm {place}/taken"))


def limited_files(source: MortalServer, target: MortalServer, folder: pytest.TempPathFactory) -> SmallDisk:
    """Files of 16 MB at most, as long as a segment of WAL; and values out of line that need a longer one."""
    office = furnished(source.server, target.server, folder)
    with witness.connect(office.source) as connection:
        connection.execute(
            "INSERT INTO public.document (id, scan) "
            "SELECT md5('large ' || g)::uuid, decode(repeat('ab', 4000000), 'hex') FROM generate_series(1, 6) g"
        )
    office = replace(office, marks=witness.untouched_marks(office.source))

    def fill(_: int) -> None:
        target.stop()
        target.start(file_bytes=16 * 1024**2)

    def make_room() -> None:
        target.stop()
        target.start()

    return SmallDisk(office, target, fill, make_room)


@pytest.mark.parametrize("number", range(3))
def test_the_run_says_that_the_disk_is_full_and_ends_once_there_is_room(number: int, small_disk: SmallDisk) -> None:
    left = chance("disk full", number).randint(100_000, 1_500_000)
    with small_disk.office.trial() as trial:
        small_disk.fill(left)
        try:
            ended = trial.run()
            assert ended.exit_code in (1, 2), ended
            said = ended.stdout + ended.stderr
            # A file that may not grow has no SQLSTATE of its own.
            assert any(each in said for each in ("53100", "No space left", "XX000")), ended
            source, target = witness.rows_of(trial.source), witness.rows_of(trial.target)
            if ended.exit_code == 1:
                named = {table for table in ended.findings if table}
                assert {table.split("_")[0] for table in witness.differing(source, target)} <= named
        finally:
            small_disk.make_room()
        trial.finish()
