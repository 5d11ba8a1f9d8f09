"""The options --format and --output: the nth output belongs to the nth format; at most one format goes to stdout."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from harness.cli.console import put
from harness.core.document import RunDocument
from harness.errors import ConfigurationError
from harness.render.formats import FORMATS


class Format(StrEnum):
    """The formats of a run document."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    GITHUB = "github"
    HTML = "html"


def paired(formats: list[Format], outputs: list[Path]) -> list[tuple[Format, Path | None]]:
    """Formats with their outputs, text on stdout by default. ConfigurationError where they do not fit."""
    if len(outputs) > max(len(formats), 1):
        raise ConfigurationError(
            "there are more --output than --format", hint="The nth --output belongs to the nth --format."
        )
    chosen = formats or [Format.TEXT]
    pairs = [(each, outputs[place] if place < len(outputs) else None) for place, each in enumerate(chosen)]
    if sum(output is None for _, output in pairs) > 1:
        raise ConfigurationError("more than one format would go to stdout", hint="Give the others an --output FILE.")
    return pairs


def deliver(document: RunDocument, pairs: list[tuple[Format, Path | None]]) -> None:
    """Render and write each format."""
    for chosen, output in pairs:
        put(FORMATS[chosen](document), output)
