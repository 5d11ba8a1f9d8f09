"""Questions at a terminal about a new project; where nobody can answer, each answer is the default."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import typer

from harness.cli.console import say
from harness.core.new_project import ContinuousIntegration

NAMED: Final = re.compile(r"^(env:[A-Za-z_][A-Za-z0-9_]*|service=[^\s=]+)$")
"""How a side is named without its password"""
FACTORY: Final = re.compile(r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$")


class Questions:
    """Questions at a terminal; where nobody can answer, each answer is the default."""

    def __init__(self, asks: bool) -> None:
        self._asks = asks

    def text(self, question: str, default: str = "") -> str:
        """What was typed, or the default."""
        if not self._asks:
            return default
        return str(typer.prompt(question, default=default, show_default=bool(default), err=True)).strip()

    def whether(self, question: str, default: bool) -> bool:
        """Yes or no."""
        return typer.confirm(question, default=default, err=True) if self._asks else default

    def several(self, question: str, default: str) -> list[str]:
        """Names, with commas or blanks between them."""
        return [each for each in re.split(r"[,\s]+", self.text(question, default)) if each]

    def one_of(self, question: str, words: Iterable[str], default: str) -> str:
        """One of these words."""
        known = [str(each) for each in words]
        return self._until(f"{question} ({', '.join(known)})", str(default), known.__contains__, "one of these words")

    def variable(self, question: str, side: str) -> str:
        """env:NAME of the variable that a person names; the name alone will do."""
        given = self._until(question, f"PGPARITY_{side.upper()}", _names_a_dsn, "the name of a variable, not a DSN")
        return given if NAMED.match(given) else f"env:{given}"

    def factory(self, question: str) -> str:
        """module:factory, or nothing."""
        return self._until(question, "", lambda given: not given or bool(FACTORY.match(given)), "module:factory")

    def _until(self, question: str, default: str, accepted: Callable[[str], bool], wanted: str) -> str:
        while True:
            given = self.text(question, default)
            if not self._asks or accepted(given):
                return given
            say(f"  {wanted} is wanted here")


def _names_a_dsn(given: str) -> bool:
    return bool(NAMED.match(given) or NAMED.match(f"env:{given}"))


def asked_layers(ask: Questions) -> tuple[str, str, str]:
    """The two factories, or why there are none."""
    source_layer = ask.factory("Source's data layer, module:factory (empty: none is compared)")
    if source_layer:
        target_layer = ""
        while not target_layer:
            target_layer = ask.factory("Target's data layer, module:factory")
        return source_layer, target_layer, ""
    return "", "", ask.text("Why is none compared? The report says it (empty: runs are INCOMPLETE)")


def hosted(folder: Path) -> ContinuousIntegration:
    """What the project's own files suggest as the default of a question."""
    if (folder / ".github").is_dir():
        return ContinuousIntegration.GITHUB
    if (folder / ".gitlab-ci.yml").is_file():
        return ContinuousIntegration.GITLAB
    return ContinuousIntegration.NONE
