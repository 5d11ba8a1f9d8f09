"""Who may write to a source: the modules of the fence, and the one that carries rows back; nobody else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.core.record import Side
from harness.errors import PgparityError
from harness.postgres.connect import Endpoint, fencing_session, session

PACKAGE = Path(harness.__file__).parent
FENCE = {
    "postgres/carried.py",
    "postgres/fence.py",
    "postgres/fence_hold.py",
    "postgres/lending.py",
    "postgres/sentinel.py",
    "postgres/unfence.py",
    "stages/cutover/source_sequences.py",
}
UNREACHED = "host=127.0.0.1 port=1"


def _modules(word: str) -> Iterator[tuple[str, ast.Module]]:
    """Those that have a word anywhere."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "_shipped" not in path.parts and word in text:
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(text)


def _names(module: ast.Module) -> set[str]:
    found = {node.id for node in ast.walk(module) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)}
    return found | {alias.name for node in ast.walk(module) if isinstance(node, ast.ImportFrom) for alias in node.names}


def _changes_side(module: ast.Module) -> bool:
    """Whether it makes an endpoint out of another one with a side of its own choosing."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) == "replace"
        and any(keyword.arg == "side" for keyword in node.keywords)
        for node in ast.walk(module)
    )


def test_no_module_but_those_of_the_fence_opens_a_session_that_may_write_to_a_source() -> None:
    assert {name for name, module in _modules("fencing_session") if "fencing_session" in _names(module)} == FENCE


def test_no_module_but_the_one_that_carries_back_calls_a_source_a_target() -> None:
    changing = {name for name, module in _modules("side=") if _changes_side(module)}
    # The rehearsal of a backup restores into a database that it has made on a server of this machine.
    assert changing - {"stages/backup_rehearsal.py"} == {"stages/cutover/carry_back.py"}


@pytest.mark.parametrize("side", list(Side))
def test_the_fence_asks_for_consent_before_it_connects(side: Side) -> None:
    with (
        pytest.raises(PgparityError, match="with consent only"),
        fencing_session(Endpoint(side, UNREACHED), consent=False),
    ):
        pass


def test_an_ordinary_session_never_writes_to_a_source() -> None:
    with (
        pytest.raises(PgparityError, match="read only"),
        session(Endpoint(Side.SOURCE, UNREACHED), purpose="test", writable=True),
    ):
        pass
