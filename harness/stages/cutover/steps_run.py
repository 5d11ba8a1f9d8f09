"""Runs steps one after the other: each is in the journal before it begins and once it has ended, with its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from harness.core.cutover.record import CutoverRecord, CutoverStep, StepStatus
from harness.core.cutover.steps import DOES, Event, Progress
from harness.core.cutover.summary import offset_in, record_of
from harness.errors import CutoverFailed, PgparityError
from harness.postgres.failures import StatementFailed
from harness.stages.cutover.fencing import fences_told
from harness.stages.cutover.journal_file import JournalFile, moment
from harness.stages.cutover.request import Outcome, Situation, failed

Work = Callable[[], Outcome]


@dataclass(slots=True, kw_only=True)
class Steps:
    """The journal of a cutover that this process works on, and what it works with."""

    situation: Situation
    journal: JournalFile
    unwritten: list[str] = field(default_factory=list)
    """Why the journal could not be written on the way back, which goes on all the same"""

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self.journal.progress

    def run(self, name: str, work: Work, *, forced: bool = False) -> bool:
        """Carry out a step; whether it has passed. `forced`: also where the journal cannot be written any more.

        What ends the process (an interrupt) goes through, and leaves the step as one that has begun.
        """
        events = self.situation.events
        events.stage_started(name)
        at, started = moment(), time.perf_counter()
        self._note("started", name, forced=forced, at=at)
        outcome = _outcome(name, work)
        seconds = time.perf_counter() - started
        status: StepStatus = "failed" if not outcome.passed else "skipped" if outcome.skipped else "passed"
        result = CutoverStep(
            name=name,
            status=status,
            does=DOES[name],
            started_at=at,
            offset=offset_in(self.journal.journal, at),
            seconds=round(seconds, 3),
            checks=outcome.checks,
            summary=outcome.summary,
            coverage=outcome.coverage,
        )
        self._note("passed" if outcome.passed else "failed", name, result=result, forced=forced)
        events.stage_finished(name, "passed" if outcome.passed else "failed", seconds, _told(outcome))
        return outcome.passed

    def turn(self, event: Event, *, text: str = "") -> None:
        """Note that it is going back, or has come to an end; on the way back also where nothing can be written."""
        self._note(event, "", text=text, forced=True)

    def record(self, *, message: str = "", next_command: str = "") -> CutoverRecord:
        """What it came to, and what is fenced now."""
        fenced = fences_told(self.situation.request)
        told = " ".join([message, *self.unwritten]).strip()
        return record_of(self.journal.journal, fenced=fenced, message=told, next_command=next_command)

    def why(self) -> str:
        """The check that stopped it, in a sentence."""
        for line in reversed(self.journal.journal.lines):
            if line.result is not None and line.event == "failed":
                wrong = [each for each in line.result.checks if not each.ok]
                if wrong:
                    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
                    return f"{line.step}: {wrong[0].name}: {wrong[0].text}{more}"
        return ""

    def _note(
        self,
        event: Event,
        step: str,
        *,
        forced: bool,
        result: CutoverStep | None = None,
        text: str = "",
        at: str = "",
    ) -> None:
        try:
            self.journal.note(event, step, result=result, text=text, at=at, keep=forced)
        except CutoverFailed as error:
            if not forced:
                raise
            # To give writes back matters more than to write it down; the databases say what is fenced.
            if error.message not in self.unwritten:
                self.unwritten.append(error.message)


def _outcome(name: str, work: Work) -> Outcome:
    """What came of it; errors that are no checks are told as one that does not hold."""
    try:
        return work()
    except PgparityError as error:
        return Outcome(checks=(failed(name, error.message, error.hint),), summary=error.message)
    except StatementFailed as error:
        return Outcome(checks=(failed(name, f"on the {error.side}: {error.reason}"),), summary="a statement failed")
    except psycopg.Error as error:
        text = f"SQLSTATE {error.sqlstate}" if error.sqlstate else "the connection was lost"
        return Outcome(checks=(failed(name, text),), summary=text)
    except OSError as error:
        return Outcome(checks=(failed(name, error.strerror or type(error).__name__),), summary="the system refused")


def _told(outcome: Outcome) -> str:
    wrong = next((each for each in outcome.checks if not each.ok), None)
    return f"{wrong.name}: {wrong.text}" if wrong is not None else outcome.summary
