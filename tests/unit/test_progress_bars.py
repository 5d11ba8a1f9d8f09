"""What a person sees of a migration at a terminal: a bar a table and one for all, by bytes, with rate and time left."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from harness.cli import console
from harness.cli.console import ProgressBars
from harness.core.event_line import TableProgress


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> ProgressBars:
    terminal = Console(file=io.StringIO(), force_terminal=True, width=160, color_system=None)
    monkeypatch.setattr(console, "stderr", lambda: terminal)
    found = ProgressBars(enabled=True)
    now = iter(range(0, 1000, 2))
    monkeypatch.setattr(found._progress, "get_time", lambda: float(next(now)))
    return found


def lines(bars: ProgressBars) -> list[str]:
    terminal = Console(file=io.StringIO(), width=160, color_system=None)
    assert bars._progress is not None
    with terminal.capture() as seen:
        terminal.print(bars._progress.get_renderable())
    return [" ".join(line.split()) for line in seen.get().splitlines()]


def moved(bars: ProgressBars, table: str, done: int, total: int) -> None:
    bars.transferred(
        TableProgress(
            table=table, rows=1234, bytes=done, of_bytes=6_000_000, total_bytes=total, of_total_bytes=12_000_000
        )
    )


def test_a_table_and_all_of_them_have_bars_by_bytes_with_rate_and_time_left(bars: ProgressBars) -> None:
    bars.stage_started("migrate")
    bars.progress("migrate", 5, 9, "public.t")
    moved(bars, "public.t", 1_500_000, 1_500_000)
    first, second = lines(bars)
    assert first.startswith("migrate")
    assert "1.5 MB/12.0 MB, " in first
    assert "MB/s" in first or "kB/s" in first
    assert " left" in first
    assert second.startswith("public.t")
    assert "1.5 MB/6.0 MB" in second
    assert "1,234 rows" in second
    # Rows of the same stage do not take the place of bytes, and another table that of the one that is done.
    bars.progress("migrate", 6, 9, "public.t")
    moved(bars, "public.u", 3_000_000, 9_000_000)
    first, second = lines(bars)
    assert "9.0 MB/12.0 MB" in first
    assert second.startswith("public.u")


def test_other_stages_count_their_units_and_no_bar_outlives_its_stage(bars: ProgressBars) -> None:
    bars.stage_started("migrate")
    moved(bars, "public.t", 6_000_000, 12_000_000)
    bars.stage_finished("migrate", "passed", 1.0, "done")
    assert lines(bars) == []
    bars.stage_started("rows")
    bars.progress("rows", 3, 9, "public.t")
    (only,) = lines(bars)
    assert "3/9" in only


def test_units_have_a_rate_and_a_time_left_where_what_is_told_has_none(bars: ProgressBars) -> None:
    bars.stage_started("methods")
    # The clock of the bar goes on by two seconds at each look.
    bars.progress("methods", 90, 300, "get_client")
    (only,) = lines(bars)
    assert "90/300, " in only
    assert "/s, 0:00:0" in only
    assert only.count(" left") == 1
    bars.progress("methods", 1, 300, "get_client")
    (only,) = lines(bars)
    assert re.search(r"1/300, [0-9]+:[0-9:]+ left", only), "less than one a second: the time left alone"
    bars.progress("methods", 90, 300, "public.t: 5 rows, 5 rows/s, 7 s left")
    (only,) = lines(bars)
    assert only.count(" left") == 1
    bars.progress("methods", 300, 300, "")
    (only,) = lines(bars)
    assert " left" not in only
