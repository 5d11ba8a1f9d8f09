"""Journaled: what the journals of earlier cutovers say that a new one has to know of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from harness.core.cutover.record import CutoverCheck
from harness.core.document import RunDocument
from harness.errors import PgparityError
from harness.stages.cutover.journal_file import read_journal
from harness.stages.cutover.request import judged


def since_rollback(document: RunDocument | None, state: Path) -> Iterator[CutoverCheck]:
    """After a rollback the target has rows that the application wrote there: a verdict from before knows none of them.

    Journals that were put aside count too; one that was deleted, or is on another machine, says nothing.
    """
    ended = [at for file in _journals(state) if (at := _rolled_back(file)) is not None]
    if document is None or not ended:
        return
    # A run says its times in whole seconds.
    last, began = max(ended).replace(microsecond=0), datetime.fromisoformat(document.started_at).astimezone(UTC)
    told = "since" if began >= last else "before"
    yield judged(
        "verdict since the rollback",
        began >= last,
        f"the run began {told} the rollback had ended at {last.isoformat(timespec='seconds')}",
        "Run `pgparity run` again: the application has written to the target meanwhile.",
    )


def _journals(state: Path) -> Iterator[Path]:
    yield state
    with contextlib.suppress(OSError):
        yield from sorted(state.parent.glob(f"{state.stem}-*{state.suffix}"))


def _rolled_back(file: Path) -> datetime | None:
    with contextlib.suppress(PgparityError):
        journal = read_journal(file)
        if journal is not None and journal.progress.phase == "rolled back":
            return datetime.fromisoformat(journal.lines[-1].at).astimezone(UTC)
    return None
