"""Renders what stands beside the changes of two schemas: renames, a platform's needs, findings, what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from harness.core.change import RenameSuggestion
from harness.core.findings import Finding
from harness.core.platform_dependency import PlatformDependency
from harness.core.platform_needs import by_need
from harness.render.schema_lines import LONGEST_LINE, Line, blank, block, heading, labelled
from harness.render.visible import clipped, visible

NEEDING = 8
"""Objects that are told of those that need one thing"""
_THERE = {True: "the target has it", False: "the target has it not", None: "not looked at on the target"}


def rename_lines(renames: Sequence[RenameSuggestion]) -> Iterator[Line]:
    """Suggestions, as they are declared, with their evidence."""
    if not renames:
        return
    yield blank()
    yield heading("Renames, perhaps: declare under [schema.renames] what is one")
    for each in renames:
        name = f'{each.kind} "{each.source}" = "{each.target}"'
        yield Line(Text(visible(f"{name}  ({each.confidence:.0%})")), indent=2, hang=4)
        yield Line(Text(visible("; ".join(each.evidence)), style="dim"), indent=4, hang=2)


def dependency_lines(found: Sequence[PlatformDependency]) -> Iterator[Line]:
    """What is needed, once, with all that needs it."""
    if not found:
        return
    groups = by_need(found)
    objects = len({(each.kind, each.identity) for each in found})
    yield blank()
    yield heading(f"Needed from the platform: {_many(len(groups), 'thing')}, by {_many(objects, 'object')}")
    for (code, needs), group in groups.items():
        first = group[0]
        yield labelled(first.severity, f"{code} {needs}: {_THERE[first.on_target]}")
        for each in group[:NEEDING]:
            yield Line(Text(visible(f"{each.kind} {each.identity}: {each.how}")), indent=11, hang=4)
        if len(group) > NEEDING:
            yield Line(Text(f"and {len(group) - NEEDING} more (--format json lists them)", style="dim"), indent=11)
        if first.on_target:
            continue
        yield Line(Text(visible(f"without it: {first.breaks}")), indent=11, hang=4)
        for way in first.ways_out:
            yield Line(Text(visible(f"- {way}")), indent=11, hang=2)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def finding_lines(findings: Sequence[Finding], *, full: bool) -> Iterator[Line]:
    """Of the databases, of sequences, of what is not sound on the target."""
    if not findings:
        return
    yield blank()
    yield heading("Beside the changes")
    for each in findings:
        yield labelled(each.severity, each.title)
        for broken in each.breaks:
            yield Line(Text(visible(broken)), indent=11, hang=4)
        for evidence in each.evidence:
            sides = " -> ".join(value or "none" for value in (evidence.source, evidence.target))
            told = evidence.text or (sides if evidence.source is not None else evidence.target or "")
            yield Line(
                Text(visible(clipped(f"{evidence.label}: {told}", LONGEST_LINE)), style="dim"), indent=11, hang=4
            )
        if each.fix is not None:
            yield Line(Text(visible(each.fix.text)), indent=11, hang=4)
            yield from block(each.fix.sql or "", 13, full=full, style="cyan")


def left_lines(unmodelled: Sequence[str], filtered: Mapping[str, int]) -> Iterator[Line]:
    """What was not compared, and what does not count by decision."""
    if unmodelled:
        yield blank()
        yield heading("Not compared by this version")
        for name in unmodelled:
            yield Line(Text(visible(f"unknown  {name}")), indent=2, hang=9)
    if filtered:
        yield blank()
        yield heading("Left out by decision")
        for reason, count in filtered.items():
            yield Line(Text(visible(f"{count:>5} {'change' if count == 1 else 'changes'}: {reason}")), indent=2, hang=7)
