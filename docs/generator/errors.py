"""docs/errors.md and docs/errors/CODE.md: when each error happens, what to do, and lines as they are printed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness import errors

TEXTS = Path(__file__).with_name("error_texts.toml")


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What a page says beside the first line of the error's class."""

    when: tuple[str, ...]
    fix: str
    example: str


def error_texts() -> dict[str, ErrorText]:
    """The texts by code. TypeError: an entry has an unknown key, or lacks one."""
    read = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    return {code: ErrorText(**{**entry, "when": tuple(entry["when"])}) for code, entry in read.items()}


def error_classes() -> list[type[errors.PgparityError]]:
    """Every error that has a code of its own, by code."""

    def below(kind: type[errors.PgparityError]) -> Iterator[type[errors.PgparityError]]:
        yield kind
        for each in kind.__subclasses__():
            yield from below(each)

    public = [each for each in below(errors.PgparityError) if each.__module__ == errors.__name__]
    return sorted(public, key=lambda each: each.code)


def _meaning(kind: type[errors.PgparityError]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def errors_page() -> str:
    """The page of all codes."""
    lines = [
        "# Errors",
        "",
        "A command that could not do what it was asked prints one line with a code, a line with a hint, and ends with",
        "exit code 2. Nothing is written then, but what the ledger on the target says of rows that had already moved.",
        "`pgparity explain E200` prints the page of a code, and that of a finding's too.",
        "",
        "| code | meaning |",
        "| --- | --- |",
    ]
    lines += [f"| [{each.code}](errors/{each.code}.md) | {_meaning(each)} |" for each in error_classes()]
    return "\n".join(lines) + "\n"


def error_pages() -> dict[str, str]:
    """The page of each code. KeyError: a code has no text."""
    texts = error_texts()
    return {each.code: _page(each, texts[each.code]) for each in error_classes()}


def _page(kind: type[errors.PgparityError], text: ErrorText) -> str:
    name = kind.__name__ if kind is not errors.PgparityError else "the command could not do what it was asked"
    lines = [
        f"# {kind.code}: {name}",
        "",
        _meaning(kind) if kind is not errors.PgparityError else "No other code says more about it.",
        "",
        "## When it happens",
        "",
        *(f"- {each}" for each in text.when),
        "",
        "## What to do",
        "",
        text.fix,
        "",
        "## As it is printed",
        "",
        "```text",
        text.example.strip(),
        "```",
        "",
        "[All codes](../errors.md)",
    ]
    return "\n".join(lines) + "\n"
