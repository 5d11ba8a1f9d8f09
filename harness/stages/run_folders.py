"""Folders of runs: each holds the run.json and report.html of one run, beside it others, and an index of them all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

from harness.core.document import RunDocument
from harness.core.history import KnownRun, history_of, known_run
from harness.core.record import Record
from harness.errors import ConfigurationError, DocumentError
from harness.render.html import render_html
from harness.render.index import MARK, ListedRun, listed_run, render_index
from harness.render.json import render_json
from harness.version import __version__

DOCUMENT: Final = "run.json"
RUN_FORMAT: Final = RunDocument.model_fields["format"].default
RUN_VERSION: Final[int] = RunDocument.model_fields["version"].default
REPORT: Final = "report.html"
SUMMARY: Final = ".summary.json"
"""What later runs have to know of a run, so that they need not read its whole document; it may be missing"""
INDEX: Final = "index.html"
RUNS: Final = Path("reports", "runs")
"""Where runs go that are given no folder"""
NEIGHBOURS_READ: Final = 60
"""Runs that are looked at for the history of one, the newest first"""
LISTED: Final = 200
"""Runs that an index lists, the newest first"""


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A folder with a run.json: what later runs have to know of it, or why it cannot be read."""

    folder: Path
    run: KnownRun | None
    problem: str = ""

    @property
    def has_report(self) -> bool:
        """Whether its report is beside it."""
        return (self.folder / REPORT).is_file()


class _Summary(Record):
    """What stands in SUMMARY, and of which file that was said."""

    pgparity: str
    document: tuple[int, int]
    """Size and time of the run.json"""
    run: KnownRun


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
    """What is known of them; a document without a summary beside it is read whole, one at a time."""
    for folder in folders:
        try:
            yield FoundRun(folder, _kept_summary(folder) or known_run(read_document(folder / DOCUMENT)))
        except DocumentError as error:
            yield FoundRun(folder, None, error.message.removeprefix(f"{folder / DOCUMENT}: "))


def _kept_summary(folder: Path) -> KnownRun | None:
    """What this version wrote down of the very document that is in the folder now."""
    try:
        kept = _Summary.from_json((folder / SUMMARY).read_bytes())
        return kept.run if (kept.pgparity, kept.document) == (__version__, _stamp(folder / DOCUMENT)) else None
    except (OSError, DocumentError):
        return None


def _stamp(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_size, found.st_mtime_ns


def folder_of_runs(folder: Path) -> Path:
    """The folder that a run's folder is in, also where that is `.` or `..`, which have no parent by name."""
    return folder / ".." if folder.name in ("", "..") else folder.parent


def folder_of(href: str, folder: Path) -> Path:
    """The folder of another run, by the address that its report has in the history of the run in this one."""
    return folder_of_runs(folder) / unquote(href).split("/")[-2]


def with_history(document: RunDocument, folder: Path) -> RunDocument:
    """The document of a run that is to be written to this folder, with what the folders beside it tell of earlier ones.

    The run that is still in the folder itself counts: where every run goes to one folder, it hands its history on.
    """
    beside = run_folders(folder_of_runs(folder))[:NEIGHBOURS_READ]
    return document.model_copy(update={"history": history_of(document, _addressed(found_runs(beside), folder))})


def _addressed(found: Iterable[FoundRun], here: Path) -> Iterator[tuple[KnownRun, str | None]]:
    own = here.resolve()
    for each in found:
        if each.run is not None:
            kept = each.has_report and each.folder.resolve() != own
            yield each.run, f"../{quote(each.folder.name)}/{REPORT}" if kept else None


def write_run(document: RunDocument, folder: Path) -> None:
    """run.json and report.html of one run. A reader never sees half of either: each is put in place whole.

    The summary says what the file says, in which nothing looks like a secret.
    """
    text, report = render_json(document), render_html(document)
    stamp = replace_file(folder / DOCUMENT, text)
    replace_file(folder / REPORT, report)
    with suppress(ConfigurationError):
        summary = _Summary(pgparity=__version__, document=stamp, run=known_run(RunDocument.from_json(text)))
        replace_file(folder / SUMMARY, summary.to_json())


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
        if each.run is None:
            unread.append(each)
        else:
            listed.append(listed_run(each.run, each.folder.name, REPORT if each.has_report else DOCUMENT))
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


def replace_file(file: Path, text: str) -> tuple[int, int]:
    """Write a file whole, or leave the one that is there; ConfigurationError where that cannot be done.

    Gives the size and time of what was written, also where somebody else replaces it in the same moment.
    """
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        stamp = _stamp(draft)
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}", hint="Give another folder.") from None
    return stamp
