"""The index of a folder of runs: one page that lists them by pair of databases, with the course of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from harness.core.document import RunSummary, ServerFacts
from harness.core.history import KnownRun, same_database
from harness.render.html import page_asset, page_environment, policy_hash, trusted
from harness.render.past_runs import PastRuns, course

MARK: Final = '<meta name="generator" content="pgparity index">'
"""By this an index is known as one that may be written over"""
COURSE: Final = 40
"""Runs of a pair that are drawn, the latest ones"""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in figures, and the databases that it compared."""

    source: ServerFacts
    target: ServerFacts
    summary: RunSummary

    def is_of(self, other: ListedRun) -> bool:
        """Whether both compared the same two databases."""
        return same_database(self.source, other.source) and same_database(self.target, other.target)


@dataclass(frozen=True, slots=True)
class PairOfDatabases:
    """Two databases and their runs, the latest first."""

    source: ServerFacts
    target: ServerFacts
    runs: tuple[RunSummary, ...]
    course: PastRuns


def listed_run(run: KnownRun, folder: str, file: str) -> ListedRun:
    """A run whose report, or document where it has none, is this file of a folder beside the index."""
    href = f"./{quote(folder)}/{file}"
    return ListedRun(run.source, run.target, run.summary.model_copy(update={"href": href}))


def render_index(runs: Sequence[ListedRun], unread: Sequence[tuple[str, str]], *, older: int = 0) -> str:
    """The page. `unread` holds folders and why their documents cannot be read; `older` runs are not listed."""
    css, theme = page_asset("report.css") + page_asset("index.css"), page_asset("theme.js")
    return (
        page_environment()
        .get_template("index.html")
        .render(
            mark=trusted(MARK),
            pairs=_pairs(runs),
            number=len(runs),
            unread=unread,
            older=older,
            css=trusted(css),
            theme_script=trusted(theme),
            css_hash=policy_hash(css),
            theme_hash=policy_hash(theme),
        )
    )


def _pairs(runs: Sequence[ListedRun]) -> tuple[PairOfDatabases, ...]:
    """The pair with the latest run first."""
    groups: list[list[ListedRun]] = []
    for run in sorted(runs, key=lambda each: (each.summary.started_at, each.summary.id), reverse=True):
        group = next((each for each in groups if run.is_of(each[0])), None)
        if group is None:
            groups.append([run])
        else:
            group.append(run)
    return tuple(_pair(each) for each in groups)


def _pair(runs: Sequence[ListedRun]) -> PairOfDatabases:
    summaries = tuple(each.summary for each in runs)
    return PairOfDatabases(runs[0].source, runs[0].target, summaries, course(summaries[:COURSE][::-1]))
