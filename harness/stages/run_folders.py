"""Folders of runs: each holds the run.json and report.html of one run; reads a run's neighbours and writes its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.core.document import RunDocument
from harness.core.history import history_of
from harness.errors import ConfigurationError, DocumentError
from harness.render.html import render_html
from harness.render.json import render_json

DOCUMENT: Final = "run.json"
REPORT: Final = "report.html"
NEIGHBOURS_READ: Final = 60
"""Runs that are looked at for the history of one, the newest first"""


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A folder with a run.json: its document, or why that cannot be read."""

    folder: Path
    document: RunDocument | None
    problem: str = ""

    @property
    def has_report(self) -> bool:
        """Whether its report is beside it."""
        return (self.folder / REPORT).is_file()


def read_document(file: Path) -> RunDocument:
    """The run document of a file, or of a run's folder; DocumentError where there is none."""
    if file.is_dir():
        file = file / DOCUMENT
    try:
        text = file.read_bytes()
    except OSError as error:
        raise DocumentError(f"{file} cannot be read: {error.strerror}", hint="Give the run.json of a run.") from None
    try:
        return RunDocument.from_json(text)
    except DocumentError as error:
        raise DocumentError(f"{file}: {error.message}", hint=error.hint) from None


def found_runs(folder: Path, *, at_most: int) -> tuple[tuple[FoundRun, ...], int]:
    """The runs whose folders are in this one, those that were written last first, and how many more there are."""
    dated: list[tuple[float, Path]] = []
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):
                dated.append(((entry / DOCUMENT).stat().st_mtime, entry))
    dated.sort(reverse=True)
    return tuple(_found(each) for _, each in dated[:at_most]), max(len(dated) - at_most, 0)


def _found(folder: Path) -> FoundRun:
    try:
        return FoundRun(folder, read_document(folder / DOCUMENT))
    except DocumentError as error:
        return FoundRun(folder, None, error.message)


def with_history(document: RunDocument, folder: Path) -> RunDocument:
    """The document of a run that is to be written to this folder, with what the folders beside it tell of earlier ones.

    The run that is still in the folder itself counts: where every run goes to one folder, it hands its history on.
    """
    beside = folder.absolute().parent
    found, _ = found_runs(beside, at_most=NEIGHBOURS_READ)
    return document.model_copy(update={"history": history_of(document, _addressed(found, folder.absolute()))})


def _addressed(found: tuple[FoundRun, ...], folder: Path) -> Iterator[tuple[RunDocument, str | None]]:
    for each in found:
        if each.document is not None:
            kept = each.has_report and each.folder != folder
            yield each.document, f"../{each.folder.name}/{REPORT}" if kept else None


def write_run(document: RunDocument, folder: Path) -> None:
    """run.json and report.html of one run. A reader never sees half of either: each is put in place whole."""
    for name, text in ((DOCUMENT, render_json(document)), (REPORT, render_html(document))):
        replace_file(folder / name, text)


def replace_file(file: Path, text: str) -> None:
    """Write a file whole, or leave the one that is there; ConfigurationError where that cannot be done."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ConfigurationError(
            f"{file} cannot be written: {error.strerror}", hint="Give --report-dir another folder."
        ) from None
