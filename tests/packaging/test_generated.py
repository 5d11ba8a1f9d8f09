"""What is generated from the code is up to date, and the contracts accept what they describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_schemas_and_reference_pages_follow_the_code() -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
    )
    assert result.returncode == 0, f"run `make contracts`:\n{result.stdout}{result.stderr}"
