"""A new project: what was answered about it, and the files that follow from the answers and the shipped templates."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_SECTION = re.compile(r"^\[([^\[\]]+)\]$")
_KEY = re.compile(r"^(?:# )?([a-z_]+) = ")
_ENVIRONMENT = "env:"


class RowsAre(StrEnum):
    """Who moves the rows."""

    ASKED = "ask"
    MOVED = "always"
    MOVED_ELSEWHERE = "never"


class ContinuousIntegration(StrEnum):
    """Where the comparison runs beside a person's machine."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person, or the flags, said. `source` and `target` are env:NAME or service=NAME, never a password.

    A side has a layer (module:factory), a command, or neither; `without_methods` says why nothing of it is compared.
    """

    source: str = "env:PGPARITY_SOURCE"
    target: str = "env:PGPARITY_TARGET"
    schemas: tuple[str, ...] = ("public",)
    supabase: bool = False
    migrate: RowsAre = RowsAre.ASKED
    source_layer: str = ""
    target_layer: str = ""
    source_command: str = ""
    target_command: str = ""
    without_methods: str = ""
    ci: ContinuousIntegration = ContinuousIntegration.NONE

    @property
    def compares_methods(self) -> bool:
        """Whether there are two data layers to compare."""
        return bool((self.source_layer or self.source_command) and (self.target_layer or self.target_command))


def project_file(template: str, answers: Answers) -> str:
    """pgparity.toml: the commented template, with the answers in the place of its lines."""
    values: dict[tuple[str, str], object] = {
        ("source", "dsn"): answers.source,
        ("target", "dsn"): answers.target,
        ("scope", "schemas"): list(answers.schemas),
    }
    if answers.supabase:
        values["source", "label"] = "Supabase"
        values["schema", "policy"] = "supabase"
    if answers.migrate is RowsAre.MOVED:
        values["migrate", "enabled"] = True
    elif answers.migrate is RowsAre.MOVED_ELSEWHERE:
        values["run.exclude_stages", "migrate"] = "the rows are moved by another tool"
    for key in ("source_layer", "target_layer", "source_command", "target_command"):
        if value := getattr(answers, key):
            values["methods", key] = value
    if answers.without_methods:
        values["run.exclude_stages", "methods"] = answers.without_methods
        values["run.exclude_stages", "contract"] = answers.without_methods
    return _filled(template, values)


def variable(side: str, dsn: str) -> str:
    """The environment variable that holds the DSN of a side: the named one, else the one that beats the file."""
    return dsn.removeprefix(_ENVIRONMENT) if dsn.startswith(_ENVIRONMENT) else f"PGPARITY_{side.upper()}"


def pipeline_file(template: str, answers: Answers) -> str:
    """A file for continuous integration: the template, with the names of the variables that hold the DSNs."""
    named = {
        "PGPARITY_SOURCE": variable("source", answers.source),
        "PGPARITY_TARGET": variable("target", answers.target),
    }
    return re.sub("|".join(named), lambda found: named[found.group()], template)


def _filled(template: str, values: Mapping[tuple[str, str], object]) -> str:
    """The template with each value on the line of its key, which may be a comment there.

    KeyError: the template has no such line.
    """
    waiting = dict(values)
    section, lines = "", []
    for line in template.splitlines():
        if heading := _SECTION.match(line):
            section = heading.group(1)
        key = _KEY.match(line)
        place = (section, key.group(1)) if key else None
        lines.append(f"{place[1]} = {_toml(waiting.pop(place))}" if place in waiting and place else line)
    if waiting:
        raise KeyError(f"the template has no line for {', '.join('.'.join(place) for place in waiting)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    """A text, a truth value or a list of texts; TOML writes these as JSON does, but for a control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
