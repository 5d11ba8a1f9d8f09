"""A file of environment variables: its values, and the text with other values in which every other line is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_LINE: Final = re.compile(r"(?P<head>\s*(?:export\s+)?)(?P<name>[A-Za-z_]\w*)\s*=(?P<value>.*)")
_PLAIN: Final = re.compile(r"[\w@%+=:,./~-]*", re.ASCII)


def variables(text: str) -> dict[str, str]:
    """The values by name; of one that is set twice, the last, as a shell has it."""
    found = {}
    for line in _lines(text):
        match = _LINE.fullmatch(line)
        if match is not None:
            found[match["name"]] = _value(match["value"])
    return found


def with_variables(text: str, wanted: Mapping[str, str | None]) -> str:
    """The text with these values, in the places where the variables are set; None takes a variable out.

    What was not set is added at the end. ValueError: a value that no such file can hold.
    """
    lines = []
    left = dict(wanted)
    for whole in _lines(text):
        # A carriage return before the line's end belongs to no value, and stays.
        line = whole.removesuffix("\r")
        match = _LINE.fullmatch(line)
        if match is None or match["name"] not in wanted:
            lines.append(whole)
            continue
        left.pop(match["name"], None)
        value = wanted[match["name"]]
        if value is not None:
            lines.append(f"{match['head']}{match['name']}={_written(value)}{whole[len(line) :]}")
    end = "\r" if "\r\n" in text else ""
    lines += [f"{name}={_written(value)}{end}" for name, value in left.items() if value is not None]
    return "\n".join(lines) + "\n" if lines else ""


def _lines(text: str) -> list[str]:
    """Without their line feeds; no other character ends one in a file of variables."""
    return text.removesuffix("\n").split("\n") if text else []


def _value(written: str) -> str:
    text = written.strip()
    for quote in ("'", '"'):
        end = text.find(quote, 1)
        if text.startswith(quote) and end > 0:
            return text[1:end]
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()


def _written(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    for quote in ("'", '"'):
        if quote not in value and "\n" not in value and "\r" not in value:
            return f"{quote}{value}{quote}"
    raise ValueError("a value has quotes of both kinds, or a line's end")
