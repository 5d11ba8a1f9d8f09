"""Folders of runs: each holds the run.json and report.html of one run, beside it others, and an index of them all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.core.document import RunDocument
from harness.core.history import history_of
from harness.errors import ConfigurationError, DocumentError
from harness.render.html import render_html
from harness.render.index import MARK, ListedRun, listed_run, render_index
from harness.render.json import render_json

DOCUMENT: Final = "run.json"
RUN_FORMAT: Final = RunDocument.model_fields["format"].default
RUN_VERSION: Final[int] = RunDocument.model_fields["version"].default
REPORT: Final = "report.html"
INDEX: Final = "index.html"
RUNS: Final = Path("reports", "runs")
"""Where runs go that are given no folder"""
NEIGHBOURS_READ: Final = 60
"""Runs that are looked at for the history of one, the newest first"""
LISTED: Final = 200
"""Runs that an index lists, the newest first"""


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
        if (version := _version(text)) is not None and version > RUN_VERSION:
            raise DocumentError(
                f"{file}: written by a newer pgparity (version {version} of run documents, not {RUN_VERSION})",
                hint="Install the pgparity that wrote it, or a newer one.",
            ) from None
        raise DocumentError(f"{file}: {error.message}", hint=error.hint) from None


def _version(text: bytes) -> int | None:
    """The version that a run document states, where it is one at all."""
    try:
        data = json.loads(text)
    except ValueError:
        return None
    ours = isinstance(data, dict) and data.get("format") == RUN_FORMAT
    return data["version"] if ours and isinstance(data.get("version"), int) else None


def run_folders(folder: Path) -> list[Path]:
    """The folders in this one that hold a run.json, that which was written last first."""
    dated: list[tuple[float, Path]] = []
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):
                dated.append(((entry / DOCUMENT).stat().st_mtime, entry))
    return [entry for _, entry in sorted(dated, reverse=True)]


def found_runs(folders: Iterable[Path]) -> Iterator[FoundRun]:
    """Their documents, one at a time: one of a large database takes much memory."""
    for folder in folders:
        try:
            yield FoundRun(folder, read_document(folder / DOCUMENT))
        except DocumentError as error:
            yield FoundRun(folder, None, error.message.removeprefix(f"{folder / DOCUMENT}: "))


def with_history(document: RunDocument, folder: Path) -> RunDocument:
    """The document of a run that is to be written to this folder, with what the folders beside it tell of earlier ones.

    The run that is still in the folder itself counts: where every run goes to one folder, it hands its history on.
    """
    here = folder.absolute()
    beside = run_folders(here.parent)[:NEIGHBOURS_READ]
    return document.model_copy(update={"history": history_of(document, _addressed(found_runs(beside), here))})


def _addressed(found: Iterable[FoundRun], here: Path) -> Iterator[tuple[RunDocument, str | None]]:
    for each in found:
        if each.document is not None:
            kept = each.has_report and each.folder != here
            yield each.document, f"../{each.folder.name}/{REPORT}" if kept else None


def write_run(document: RunDocument, folder: Path) -> None:
    """run.json and report.html of one run. A reader never sees half of either: each is put in place whole."""
    for name, text in ((DOCUMENT, render_json(document)), (REPORT, render_html(document))):
        replace_file(folder / name, text)


def write_index(folder: Path) -> tuple[FoundRun, ...]:
    """index.html, a list of the runs in a folder; gives those that cannot be read.

    ConfigurationError where there is an index.html of somebody else.
    """
    if (folder / INDEX).exists() and not has_index(folder):
        raise ConfigurationError(
            f"{folder / INDEX} was not written by pgparity", hint="Move it away, or give another folder of runs."
        )
    folders = run_folders(folder)
    listed: list[ListedRun] = []
    unread: list[FoundRun] = []
    for each in found_runs(folders[:LISTED]):
        if each.document is None:
            unread.append(each)
        else:
            listed.append(listed_run(each.document, each.folder.name, REPORT if each.has_report else DOCUMENT))
    page = render_index(
        listed, [(each.folder.name, each.problem) for each in unread], older=max(len(folders) - LISTED, 0)
    )
    replace_file(folder / INDEX, page)
    return tuple(unread)


def has_index(folder: Path) -> bool:
    """Whether the folder has an index that pgparity wrote."""
    try:
        with (folder / INDEX).open("rb") as file:
            return MARK.encode() in file.read(1_000)
    except OSError:
        return False


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
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}", hint="Give another folder.") from None
