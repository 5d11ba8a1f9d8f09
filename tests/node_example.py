"""The Node example of comparisons/node with the packages that it needs, in a folder of its own below .venv.

    python -m tests.node_example

installs what is not there yet and prints the folder. Needs Node and npm, and the package index once.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "comparisons" / "node"
NEEDS = "Node 20 or newer with npm is needed for the example in JavaScript"


def has_node() -> bool:
    """Whether a program `node` and a program `npm` are there."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def installed(folder: Path = ROOT / ".venv" / "node-example") -> Path:
    """The folder with the example's files as they are now and the packages of its lock file, fetched once."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / "lock"):
        wanted = hashlib.sha256((EXAMPLE / "package-lock.json").read_bytes()).hexdigest()
        stamp = folder / "installed"
        for file in (*EXAMPLE.glob("*.mjs"), *EXAMPLE.glob("*.json")):
            _copy(file, folder / file.name)
        if not stamp.exists() or stamp.read_text() != wanted:
            command = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)
            stamp.write_text(wanted)
    return folder


def _copy(file: Path, to: Path) -> None:
    """Replace a file in one step: another worker's program may be reading it."""
    if not to.exists() or to.read_bytes() != file.read_bytes():
        part = to.with_name(f"{to.name}.{os.getpid()}")
        shutil.copyfile(file, part)
        part.replace(to)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    if not has_node():
        sys.exit(f"make: {NEEDS}")
    print(installed())
