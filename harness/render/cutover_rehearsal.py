"""A rehearsal of a cutover as text for people: both ways, what the load felt of them, what its judge says."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.cutover.load_figures import Latencies, LoadFigures
from harness.core.cutover.record import CutoverRecord
from harness.core.cutover.rehearsal import RehearsalRecord
from harness.render.figures import counted

_WORDS = {0: "GO", 1: "NO-GO", 3: "INCOMPLETE"}
_LONG_TITLE = 24


def rehearsal_lines(record: RehearsalRecord) -> Iterator[str]:
    """The lines."""
    yield f"{_WORDS[record.exit_code]}: rehearsed with {record.of}"
    yield f"load: {record.load_of}" if record.load else f"no load: {record.load_of}"
    if record.cutover is not None:
        yield from _way("There", record.cutover, record.cutover.downtime_seconds, record.there)
    if record.rollback is not None:
        yield from _way("Back", record.rollback, None, record.back)
    if record.judged:
        yield ""
        writes = sum(each.writes for each in (record.there, record.back) if each is not None)
        good = "each acknowledged one is there once, none half, none where it may not be"
        told = good if not record.wrong else f"{counted(len(record.wrong), 'thing')} wrong"
        yield f"Judged {counted(record.judged, 'time')}, {writes:,} writes: {told}"
    for title, found in (("Wrong", record.faults), ("Not checked", record.unchecked), ("Notes", record.notes)):
        if found:
            yield ""
            yield f"{title}:"
            yield from (f"  - {each}" for each in found)


def _way(title: str, record: CutoverRecord, downtime: float | None, felt: LoadFigures | None) -> Iterator[str]:
    yield ""
    yield f"{title}: {record.state}" + (f", {record.message}" if record.message else "")
    if downtime is not None:
        yield f"  {'downtime, the engine':<{_LONG_TITLE}} {downtime:7.2f} s"
    if title == "Back" and record.rollback_seconds is not None:
        yield f"  {'took':<{_LONG_TITLE}} {record.rollback_seconds:7.2f} s"
    if felt is not None:
        yield f"  {'without a write acked':<{_LONG_TITLE}} {felt.downtime_seconds:7.2f} s, as the application felt it"
    for step in record.back if title == "Back" else record.steps:
        yield f"  {step.name:<{_LONG_TITLE}} {step.seconds:7.2f} s  {step.status}  {step.summary}"
        yield from (f"    {check.name}: {check.text}" for check in step.checks if not check.ok)
    if felt is None:
        return
    for when, each in (("before", felt.before), ("during", felt.during), ("after", felt.after)):
        yield f"  {'writes ' + when:<{_LONG_TITLE}} {_latencies(each)}"
    errors = "; ".join(f"{name} {count}" for name, count in sorted(felt.errors.items()))
    yield f"  {'attempts that failed':<{_LONG_TITLE}} {errors or 'none'}"
    read = "; ".join(f"{name} {count}" for name, count in sorted(felt.read_errors.items()))
    longest = f"the longest {felt.longest_read_seconds:.2f} s"
    yield f"  {'reads':<{_LONG_TITLE}} {felt.reads}, {longest}; failed: {read or 'none'}"


def _latencies(each: Latencies) -> str:
    if not each.writes:
        return "none"
    return f"{each.writes:,}: p50 {each.p50:.0f}, p95 {each.p95:.0f}, p99 {each.p99:.0f}, worst {each.worst:.0f} ms"
