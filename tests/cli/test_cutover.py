"""`pgparity cutover` before it reaches a server: what it is asked wrongly is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Pgparity

NOWHERE = "postgresql://u:geheim@127.0.0.1:1/d"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "no source database is given"),
        (("rollback",), "no source database is given"),
        (("status", "--source", NOWHERE), "no target database is given"),
        (("sideways",), "sideways"),
        (("--source", NOWHERE, "--target", NOWHERE), "cannot be reached"),
        (("--source", NOWHERE, "--target", NOWHERE, "--yes"), "cannot be reached"),
        (("rollback", "--source", NOWHERE, "--target", NOWHERE, "--yes"), "cannot be reached"),
        (("status", "--source", NOWHERE, "--target", NOWHERE), "cannot be reached"),
    ],
)
def test_what_is_missing_or_cannot_be_reached_is_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, here: Pgparity, tmp_path: Path
) -> None:
    done = here("cutover", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "geheim" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("source_role = ['a']", "cutover.source_roles"),
        ("fence = 'wall'", "cutover.fence"),
        ("switch_command = 'reboot'", "cutover.switch_command"),
        ("max_age_hours = 0", "cutover.max_age_hours"),
    ],
)
def test_a_section_that_is_wrong_is_named_with_its_key(line: str, said: str, here: Pgparity, tmp_path: Path) -> None:
    (tmp_path / "pgparity.toml").write_text(f"[cutover]\n{line}\n", encoding="utf-8")
    done = here("cutover", "--source", NOWHERE, "--target", NOWHERE)
    assert done.returncode == 2
    assert said in done.stderr
