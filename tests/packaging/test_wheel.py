"""The wheel, installed in a clean environment, tells the story with what it carries."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)],
        check=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_data_and_no_second_import_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for part in (
        "schemas/reference/source.sql",
        "schemas/contracts/run.v1.json",
        "comparisons/test_rows.py",
        "docs/errors/E200.md",
        "docs/findings/COL001.md",
        "reports/assets/index.css",
    ):
        assert f"harness/_shipped/{part}" in names
    assert any(name.startswith("harness/_shipped/reports/templates/") for name in names)
    assert {name.split("/")[0] for name in names} - {"harness"} == {names[-1].split("/")[0]}
    assert not any("reports/runs" in name for name in names)


@pytest.mark.long
def test_the_demo_runs_from_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    # Without its own pip, because some systems package Python without ensurepip.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", f"{wheel}[demo]"], check=True
    )
    (tmp_path / "schemas.py").write_text("raise RuntimeError('a project may own a module of this name')\n")
    result = subprocess.run(
        [str(venv / "bin" / "pgparity"), "demo", "--output", "out", "--no-progress"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    document = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert document["verdict"]["status"] == "GO"
    assert (tmp_path / "out" / "report.html").is_file()
