"""Renders a cutover for people: every step with its time, the checks that do not hold, what is fenced, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from harness.core.cutover.record import CutoverCheck, CutoverRecord, CutoverStep
from harness.render.visible import one_line

_STYLES: Final = {
    "passed": "green",
    "failed": "red",
    "interrupted": "yellow",
    "ok": "green",
    "not checked": "yellow",
    "decided": "cyan",
}
_WORDS: Final = {
    "planned": "PLANNED",
    "stopped": "STOPPED: everything is as it was before",
    "open": "OPEN: the target is in use",
    "rolled back": "ROLLED BACK: the source is in use",
    "incomplete": "INCOMPLETE: something is half done",
}

_LEFT_OUT: Final = 20


def print_cutover(found: CutoverRecord, console: Console) -> None:
    """Print it."""
    for line in _lines(found):
        console.print(line)


def _lines(found: CutoverRecord) -> Iterator[Text]:
    for step in found.steps:
        yield from _step(step, all_checks=found.state == "planned")
    if found.back:
        yield Text("back", style="bold")
        for step in found.back:
            yield from _step(step, all_checks=False)
    yield Text("")
    for reason in found.exceptions:
        yield Text(f"decided: {one_line(reason)}")
    for item in found.left_out[:_LEFT_OUT]:
        yield Text(f"left out: {one_line(item.item)}: {one_line(item.reason)}")
    if len(found.left_out) > _LEFT_OUT:
        yield Text(f"left out: {len(found.left_out) - _LEFT_OUT} more, which the report and --format json name")
    if found.downtime_seconds is not None:
        yield Text(f"downtime: {found.downtime_seconds:.2f} s")
    if found.rollback_seconds is not None:
        yield Text(f"going back took: {found.rollback_seconds:.2f} s")
    if found.fenced:
        yield Text(f"fenced now: {', '.join(found.fenced)}")
    yield Text(_WORDS[found.state] if found.id or found.state != "planned" else "no cutover has begun", style="bold")
    if found.message and found.id:
        yield Text(one_line(found.message))
    if found.next_command:
        yield Text(f"next: {found.next_command}")


def _step(step: CutoverStep, *, all_checks: bool) -> Iterator[Text]:
    seconds = f"{step.seconds:7.2f} s" if step.status in ("passed", "failed") else " " * 9
    told = step.summary or (step.does if step.status in ("planned", "not run") else "")
    style = _STYLES.get(step.status, "dim")
    yield Text.assemble(f"  {step.name:<11} ", (f"{step.status:<11}", style), f" {seconds}  {one_line(told)}")
    for check in step.checks:
        if all_checks or not check.ok:
            yield from _check(check)


def _check(check: CutoverCheck) -> Iterator[Text]:
    line = f" {one_line(check.name)}: {one_line(check.text)}"
    yield Text.assemble("      ", (f"{check.status:<11}", _STYLES.get(check.status, "red")), line)
    if check.hint:
        yield Text(f"                   {one_line(check.hint)}", style="dim")
