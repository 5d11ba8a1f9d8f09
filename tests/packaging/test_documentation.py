"""What the pages say is there: commands with their options, files, a text for each finding code."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generator.commands import Command, commands, option_names
from docs.generator.finding_pages import CORPUS, finding_texts
from harness.core.codes import ABOUT_COVERAGE, CODES

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
KNOWN = {each.name: each for each in commands()}
_FENCE = re.compile(r"^ *```(\w*)")
_SHELL = re.compile(r"[|>;&]|(?:^|\s)#")
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def blocks(text: str) -> Iterator[str]:
    """The lines of code blocks, those that a backslash continues joined to one."""
    fenced = False
    joined = ""
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            joined += line.strip().removeprefix("$ ")
            if joined.endswith("\\"):
                joined = joined[:-1]
                continue
            yield joined
        joined = ""


def calls(page: Path) -> list[str]:
    return [line for line in blocks(page.read_text(encoding="utf-8")) if line.startswith("pgparity ")]


def command_of(words: list[str]) -> Command | None:
    return next((KNOWN[name] for size in (3, 2) if (name := " ".join(words[:size])) in KNOWN), None)


@pytest.mark.parametrize("page", [page for page in PAGES if calls(page)], ids=lambda page: page.name)
def test_every_command_of_the_page_exists_with_its_options(page: Path) -> None:
    for call in calls(page):
        line = _SHELL.split(call)[0]
        words = shlex.split(line.replace("…", ""))
        if words[1:2] == ["--version"]:
            continue
        command = command_of(words)
        assert command is not None, f"{page.name}: there is no such command: {call}"
        unknown = {word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)} - option_names(command)
        assert not unknown, f"{page.name}: {command.name} has no option {', '.join(unknown)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_the_page_links_to_is_there(page: Path) -> None:
    linked = {found.group(1) for found in _LINK.finditer(page.read_text(encoding="utf-8"))}
    assert [link for link in sorted(linked) if not (page.parent / link).exists()] == []


def test_the_reading_of_pages_finds_commands() -> None:
    assert len([call for page in PAGES for call in calls(page)]) > 60
    assert list(blocks("    a \\\n      b\n\n```console\n$ c\n```\nd\n")) == ["a b", "c"]


def test_every_finding_code_has_what_its_page_says() -> None:
    texts = finding_texts()
    assert texts.keys() == CODES.keys(), "write an entry in docs/generator/finding_texts.toml"
    for code, text in texts.items():
        assert bool(text.severity) == (code not in ABOUT_COVERAGE), code
        assert set(text.severity) <= {"blocker", "risk", "cosmetic"}, code
        assert bool(text.corpus) != bool(text.example), code
        assert not text.corpus or (CORPUS / text.corpus / "source.sql").is_file(), code
        assert text.breaks.endswith("."), code
