"""Lines of a comparison of schemas: indented, wrapped, cut where they are long, with marks for what one side has."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from harness.core.record import Severity
from harness.core.word_difference import Piece
from harness.render.visible import clipped, visible

LINES_OF_A_STATEMENT = 6
LONGEST_LINE = 400
NARROWEST = 20
"""Characters that must be left for a text to be wrapped"""

STYLES = {Severity.BLOCKER: "bold red", Severity.RISK: "bold yellow", Severity.COSMETIC: "dim"}
PLAIN = "not bold not dim default"
"""The words behind a label"""
_MARKS = {"source": ("[-", "-]", "red"), "target": ("{+", "+}", "green")}


@dataclass(frozen=True, slots=True)
class Line:
    """A line; what does not fit stands below its beginning, further in by `hang`."""

    text: Text
    indent: int = 0
    hang: int = 0


def print_lines(lines: Iterable[Line], console: Console, *, wrapped: bool) -> None:
    """Print them; on a terminal lines are wrapped below their beginning."""
    for line in lines:
        room = console.width - line.indent - line.hang
        parts = list(_wrapped(line, console)) if wrapped and room >= NARROWEST else [line.text]
        for number, part in enumerate(parts):
            part.rstrip()
            console.print(Text(" " * (line.indent + (line.hang if number else 0))) + part, soft_wrap=True)


def _wrapped(line: Line, console: Console) -> Iterator[Text]:
    """The first part has the room of the hang, too."""
    first = line.text.wrap(console, console.width - line.indent, overflow="fold")[0]
    yield first
    rest = line.text[len(first.plain) :]
    if rest.plain.strip():
        blanks = len(rest.plain) - len(rest.plain.lstrip(" "))
        yield from rest[blanks:].wrap(console, console.width - line.indent - line.hang, overflow="fold")


def heading(text: str, beside: str = "") -> Line:
    """What the lines below are about."""
    line = Text(visible(text), style="bold")
    line.append(beside, style="not bold dim")
    return Line(line, hang=4)


def blank() -> Line:
    """An empty line."""
    return Line(Text(""))


def labelled(severity: Severity, text: str) -> Line:
    """A sentence behind its severity."""
    line = Text(f"{severity:<9}", style=STYLES[severity])
    line.append(visible(text), style=PLAIN)
    return Line(line, indent=2, hang=9)


def marked(pieces: Iterable[Piece]) -> Text:
    """Never by colour alone: marks stay where there is none."""
    line = Text()
    for piece in pieces:
        text = visible(piece.text).replace("\n", " ")
        if piece.kind == "same":
            line.append(clipped(text, LONGEST_LINE))
        else:
            begin, end, colour = _MARKS[piece.kind]
            line.append(f"{begin}{clipped(text, LONGEST_LINE)}{end}", style=f"bold {colour}")
    return line


def block(text: str, indent: int, *, full: bool, style: str, label: str = "") -> Iterator[Line]:
    """A text or some statements; `label` stands before the first line, and the others below the text."""
    lines = textwrap.dedent(text.strip("\n")).splitlines()
    for number, each in enumerate(lines if full else lines[:LINES_OF_A_STATEMENT]):
        line = Text(label if number == 0 else " " * len(label), style="dim")
        line.append(visible(each if full else clipped(each, LONGEST_LINE)), style=f"not dim {style}")
        yield Line(line, indent=indent, hang=len(label) + 4)
    if not full:
        yield from cut(len(lines) - LINES_OF_A_STATEMENT, indent + len(label))


def cut(number: int, indent: int) -> Iterator[Line]:
    """How many lines are not shown."""
    if number > 0:
        many = "1 more line" if number == 1 else f"{number} more lines"
        yield Line(Text(f"… {many} (--full shows all)", style="dim"), indent=indent)
