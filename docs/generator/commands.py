"""docs/commands.md: every command with its options and an example, from the functions that are the commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer
from typer.models import ArgumentInfo, CommandInfo, OptionInfo

from harness.cli.app import app
from harness.cli.commands import register

HEAD = Path(__file__).with_name("commands_head.md")
_EXAMPLE = re.compile(r"^Example: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name with that of its group, and the function that it is."""

    name: str
    function: Callable[..., Any]

    @property
    def anchor(self) -> str:
        """The address of its heading."""
        return self.name.replace(" ", "-")


def commands() -> list[Command]:
    """All commands, by name."""
    register([])
    return sorted(_of(app, "pgparity"), key=lambda each: each.name)


def commands_page() -> str:
    """The page."""
    found = commands()
    lines = [HEAD.read_text(encoding="utf-8"), "| command | |", "| --- | --- |"]
    lines += [f"| [{each.name}](#{each.anchor}) | {_summary(each)} |" for each in found]
    for each in found:
        lines += _section(each)
    return "\n".join(lines) + "\n"


def option_names(command: Command) -> set[str]:
    """Every way in which an option of the command can be written, help included."""
    names = {"--help", "-h"}
    for parameter in inspect.signature(command.function, eval_str=True).parameters.values():
        info = next((each for each in get_args(parameter.annotation) if isinstance(each, OptionInfo)), None)
        if info is not None:
            given = _names(info) or [f"--{parameter.name.replace('_', '-')}"]
            names |= {name for each in given for name in each.split("/")}
    return names


def _of(application: typer.Typer, prefix: str) -> Iterator[Command]:
    for each in application.registered_commands:
        if each.callback is not None and not each.hidden:
            yield Command(f"{prefix} {_name(each)}", each.callback)
    for group in application.registered_groups:
        if group.typer_instance is not None:
            yield from _of(group.typer_instance, f"{prefix} {group.name or group.typer_instance.info.name}")


def _name(command: CommandInfo) -> str:
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


def _summary(command: Command) -> str:
    return inspect.getdoc(command.function).splitlines()[0]


def _section(command: Command) -> list[str]:
    text, *examples = _EXAMPLE.split(inspect.getdoc(command.function) or "")
    lines = ["", f"## {command.name}", "", *_prose(text)]
    for example in examples:
        lines += ["", *(f"    {line.strip()}" for line in example.strip().splitlines())]
    arguments, options = _parameters(command.function)
    for heading, rows in (("argument", arguments), ("option", options)):
        if rows:
            lines += ["", f"| {heading} | default | meaning |", "| --- | --- | --- |", *rows]
    return lines


def _prose(text: str) -> list[str]:
    """Paragraphs as they stand; a run of lines that begin with blanks stays as it was laid out."""
    return text.strip().splitlines()


def _parameters(function: Callable[..., Any]) -> tuple[list[str], list[str]]:
    arguments: list[str] = []
    options: list[str] = []
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        kind, *metadata = get_args(parameter.annotation)
        info = next(each for each in metadata if isinstance(each, (OptionInfo, ArgumentInfo)))
        if info.hidden:
            continue
        default = _default(parameter.default)
        meaning = _cell(info.help or "")
        if isinstance(info, ArgumentInfo):
            arguments.append(f"| `{info.metavar or name.upper()}` | {default} | {meaning} |")
            continue
        names = ", ".join(f"`{each}`" for each in _names(info) or [f"--{name.replace('_', '-')}"])
        value = "" if info.count else _value(kind, info)
        repeatable = " Repeatable." if "list" in str(kind) and "epeatable" not in meaning else ""
        options.append(f"| {names}{value} | {default} | {meaning}{repeatable} |")
    return arguments, options


def _names(info: OptionInfo) -> list[str]:
    """In an Annotated option Typer keeps the first name where a default would be."""
    first = [info.default] if isinstance(info.default, str) else []
    return [*first, *(info.param_decls or ())]


def _value(kind: object, info: OptionInfo) -> str:
    """What the option takes: its choices, its name for it, or its type."""
    kinds = [each for each in (*_parts(kind),) if each is not type(None)]
    first = kinds[0] if kinds else kind
    if first is bool:
        return ""
    if isinstance(first, type) and issubclass(first, Enum):
        return " " + _cell("|".join(f"{each.value}" for each in first), code=True)
    word = info.metavar or {int: "NUMBER", float: "NUMBER"}.get(first, "TEXT")  # type: ignore[call-overload]
    return f" {_cell(word, code=True)}"


def _parts(kind: object) -> Iterator[object]:
    inner = get_args(kind)
    if not inner:
        yield kind
    for each in inner:
        yield from _parts(each)


def _default(value: object) -> str:
    if value in (None, False, (), []) or value is inspect.Parameter.empty or value == 0:
        return ""
    return _cell(str(value.value if isinstance(value, Enum) else value), code=True)


def _cell(text: str, *, code: bool = False) -> str:
    """Text in a cell of a table: a bar would end the cell."""
    text = " ".join(text.split()).replace("|", "\\|")
    return f"`{text}`" if code else text.replace("<", "&lt;")
