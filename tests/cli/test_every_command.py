"""What holds of every command: help with an example that can be typed, options that say what they do, completion."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from harness.cli.app import app
from harness.cli.commands import MODULES, register
from tests.cli.conftest import environment

JUDGING = (
    "backup",
    "restore",
    "sessions health",
    "data diff",
    "doctor",
    "methods",
    "migrate",
    "report",
    "run",
    "schema diff",
)
"""Commands whose exit code tells what was found"""
STREAMING = (
    "backup",
    "restore",
    "sessions health",
    "sessions cleanup",
    "doctor",
    "data diff",
    "methods",
    "migrate",
    "report",
    "run",
)
"""Commands that give a result in several formats"""


@dataclass(frozen=True)
class Named:
    """A command, by the words that follow `pgparity`."""

    name: str
    command: Any

    @property
    def help(self) -> str:
        return str(self.command.help or "")

    @property
    def examples(self) -> list[str]:
        """The lines that a reader may type."""
        told = re.findall(r"(?ms)^Example: (pgparity .*?)(?:\n\n|\Z)", self.help.replace("\b", ""))
        return [" ".join(each.split()) for each in told]


def _below(group: Any, name: str) -> Iterator[Named]:
    for word, command in group.commands.items():
        full = f"{name} {word}".strip()
        if hasattr(command, "commands"):
            yield from _below(command, full)
        else:
            yield Named(full, command)


@cache
def everything() -> tuple[Named, ...]:
    register([])
    return tuple(_below(typer.main.get_command(app), ""))


COMMANDS = {each.name: each for each in everything()}


def _named(words: list[str]) -> str:
    """The command that a line calls."""
    return next(each for each in sorted(COMMANDS, key=len, reverse=True) if words[: len(each.split())] == each.split())


def test_modules_of_commands_are_listed_by_the_alphabet() -> None:
    assert list(MODULES) == sorted(MODULES)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_gives_an_example_of_itself(name: str) -> None:
    found = COMMANDS[name]
    assert found.help.split("\n\n")[0].rstrip().endswith((".", ":")), found.help
    assert found.examples, "no line begins with 'Example: pgparity'"
    assert any(each.startswith(f"pgparity {name}") for each in found.examples)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_example_has_only_options_that_there_are(name: str) -> None:
    for example in COMMANDS[name].examples:
        words = shlex.split(example.split(" | ")[0].split(" > ")[0])[1:]
        found = _named(words)
        known = {option for parameter in COMMANDS[found].command.params for option in parameter.opts}
        used = {word.split("=")[0] for word in words if word.startswith("-") and len(word) > 1}
        assert used <= known, example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_says_what_it_is_for(name: str) -> None:
    silent = [each.name for each in COMMANDS[name].command.params if not (each.help or "").strip()]
    assert silent == []


@pytest.mark.parametrize("name", JUDGING)
def test_a_command_that_judges_tells_its_exit_codes(name: str) -> None:
    assert re.search(r"[Ee]xit codes?", " ".join(COMMANDS[name].help.split()))


@pytest.mark.parametrize("name", STREAMING)
def test_a_command_that_gives_a_result_has_formats_and_files(name: str) -> None:
    options = {option for each in COMMANDS[name].command.params for option in each.opts}
    assert {"--format", "--output"} <= options


@pytest.mark.parametrize(
    ("words", "offered"),
    [("pgparity rep", {"report"}), ("pgparity report --format j", {"json", "jsonl", "junit"})],
)
def test_the_shell_completes_commands_options_and_values(words: str, offered: set[str], tmp_path: Path) -> None:
    program = Path(sys.executable).parent / "pgparity"
    if not program.exists():
        pytest.skip("the command is not installed beside this Python")
    result = subprocess.run(
        [str(program)],
        cwd=tmp_path,
        env=environment(_PGPARITY_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert set(result.stdout.split()) == offered
    assert result.stderr == ""
