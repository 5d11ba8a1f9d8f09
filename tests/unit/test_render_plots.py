"""The plots of the report: bars, intervals, throughput over time, the course of earlier runs."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.ledger import Chunk, Ledger
from harness.core.outcomes import Latency, MethodResult
from harness.core.verdict import Status
from harness.render.past_runs import HEIGHT as RUN_HEIGHT
from harness.render.past_runs import past_runs
from harness.render.plots import FURTHEST, WIDTH, ratio_plots
from harness.render.row_plots import class_bars, slice_bars
from harness.render.throughput import BINS, LANES, throughput
from harness.render.throughput import HEIGHT as CURVE_HEIGHT
from harness.render.throughput import WIDTH as CURVE_WIDTH
from tests.report import samples
from tests.report.story import CHUNKS, HISTORY, chunk, earlier, told_in_full

ratios = st.floats(min_value=1e-6, max_value=1e6)


def timed(name: str, ratio: float, low: float | None = None, high: float | None = None) -> MethodResult:
    latency = Latency(
        source_p50=ratio, source_p95=ratio, target_p50=1, target_p95=1, ratio=ratio, ratio_low=low, ratio_high=high
    )
    return MethodResult(method=name, cases=1, equal=1, drift=0, different=0, latency=latency)


@given(st.lists(st.lists(ratios, min_size=3, max_size=3).map(sorted), max_size=6))
def test_every_point_and_interval_lies_inside_the_drawing_in_its_order(triples: list[list[float]]) -> None:
    drawn = ratio_plots([timed(str(place), mid, low, high) for place, (low, mid, high) in enumerate(triples)])
    for plot in drawn.plots.values():
        assert plot.low is not None
        assert plot.high is not None
        assert 0 <= plot.low <= plot.at <= plot.high <= WIDTH
    assert "1×" in [tick.text for tick in drawn.ticks]
    assert all(0 <= tick.at <= WIDTH for tick in drawn.ticks)
    assert all(right.at - left.at >= 20 for left, right in itertools.pairwise(drawn.ticks))


@pytest.mark.parametrize(
    ("low", "high", "says", "clear"),
    [
        (1.2, 3.0, "target faster", True),
        (0.3, 0.8, "target slower", True),
        (0.9, 1.1, "no clear difference", False),
        (1.0, 2.0, "no clear difference", False),
        (None, None, "too few calls for an interval", False),
    ],
)
def test_a_difference_of_speed_is_claimed_only_where_the_interval_leaves_out_1(
    low: float | None, high: float | None, says: str, clear: bool
) -> None:
    plot = ratio_plots([timed("get", 1.5, low, high)]).plots["get"]
    assert (plot.says, plot.clear) == (says, clear)


def test_a_ratio_beyond_the_drawing_lies_at_its_edge() -> None:
    drawn = ratio_plots([timed("get", FURTHEST * 50), timed("put", 1.0)]).plots
    assert drawn["get"].at == WIDTH


def test_a_method_that_was_not_timed_has_no_plot() -> None:
    assert ratio_plots([MethodResult(method="get", cases=1, equal=1, drift=0, different=0)]).plots == {}


def moved(*chunks: Chunk) -> Ledger:
    return Ledger(migration="m", chunks=chunks)


def test_the_area_under_the_curve_is_the_rows_that_moved() -> None:
    drawn = throughput(moved(*CHUNKS))
    assert drawn is not None
    heights = [CURVE_HEIGHT - float(y) for y in re.findall(r"V([\d.]+)H", drawn.curve)]
    assert len(heights) == BINS
    rows = sum(height / CURVE_HEIGHT * drawn.peak for height in heights) * drawn.seconds / BINS
    assert rows == pytest.approx(sum(each.rows for each in CHUNKS), rel=0.01)
    assert drawn.seconds == pytest.approx(4.0)
    assert drawn.mean == pytest.approx(1338 / 4.0)


def test_chunks_that_overlap_are_drawn_as_one_span_and_others_apart() -> None:
    drawn = throughput(moved(*CHUNKS))
    assert drawn is not None
    by_table = {lane.table: lane for lane in drawn.lanes}
    assert list(by_table) == ["public.companies", "public.clients", "public.bookings"]
    assert len(by_table["public.clients"].spans) == 1
    assert (by_table["public.clients"].chunks, by_table["public.clients"].rows) == (2, 1299)
    assert all(0 <= span.x <= CURVE_WIDTH for lane in drawn.lanes for span in lane.spans)
    assert by_table["public.bookings"].spans[0].x == pytest.approx(CURVE_WIDTH * 3.5 / 4, abs=0.2)


def test_chunks_of_an_earlier_run_or_without_a_time_are_counted_and_not_drawn() -> None:
    resumed = CHUNKS[0].model_copy(update={"resumed": True, "finished_at": "2026-07-01T00:00:00+00:00"})
    undated = CHUNKS[1].model_copy(update={"finished_at": None})
    drawn = throughput(moved(resumed, undated, *CHUNKS[2:]))
    assert drawn is not None
    assert (drawn.resumed, drawn.undated) == (1, 1)
    assert drawn.seconds < 5


@pytest.mark.parametrize(
    "chunks",
    [
        (),
        CHUNKS[:1],
        (CHUNKS[0].model_copy(update={"finished_at": "yesterday"}), CHUNKS[1]),
        (chunk("a", 0, rows=0, ended=1, took=1), chunk("a", 1, rows=0, ended=2, took=1)),
        (chunk("a", 0, rows=5, ended=1, took=0), chunk("a", 1, rows=5, ended=1, took=0)),
    ],
    ids=["none", "one", "no time", "no rows", "no time passed"],
)
def test_where_there_is_no_course_nothing_is_drawn(chunks: tuple[Chunk, ...]) -> None:
    assert throughput(moved(*chunks)) is None


def test_very_many_chunks_and_tables_give_a_small_drawing() -> None:
    chunks = [chunk(f"t{place % 100}", place, rows=10, ended=1 + place / 1000, took=0.004) for place in range(20_000)]
    drawn = throughput(moved(*chunks))
    assert drawn is not None
    assert len(drawn.lanes) == LANES
    assert drawn.lanes_cut == 70
    assert sum(len(lane.spans) for lane in drawn.lanes) <= 400 * LANES


def test_the_last_of_the_runs_is_this_one_and_all_lie_inside_the_drawing() -> None:
    drawn = past_runs(told_in_full())
    assert drawn is not None
    assert [run.title for run in drawn.runs] == ["Rehearsal 9", "Rehearsal 11", "Rehearsal 13", "One method regresses"]
    assert drawn.columns[0].says == "NO-GO: 12 blockers, 3 risks"
    for column in drawn.columns:
        assert 0 <= column.x < drawn.width
        assert column.blockers + column.risks <= RUN_HEIGHT
    assert drawn.columns[3].blockers > 0
    assert 0 <= drawn.took.last_y <= RUN_HEIGHT
    assert "4.5 s to 9.9 s, the last one 8.2 s" in drawn.took.says


def test_what_changed_since_the_run_before_is_said_in_words() -> None:
    drawn = past_runs(told_in_full())
    assert drawn is not None
    assert drawn.since == "was NO-GO, too; since then 2 blockers fewer"
    worse = told_in_full().model_copy(update={"history": (*HISTORY, earlier(14, Status.GO, risks=1))})
    drawn = past_runs(worse)
    assert drawn is not None
    assert drawn.since == "was GO; since then 2 blockers more, 1 risk fewer"


def test_runs_without_a_finding_and_without_time_are_drawn() -> None:
    calm = samples.aligned().model_copy(update={"history": (earlier(12, Status.GO, seconds=0),), "seconds": 0})
    drawn = past_runs(calm)
    assert drawn is not None
    assert [column.blockers for column in drawn.columns] == [0, 0]
    assert drawn.since == "was GO, too, with as many blockers, risks and gaps"


def test_a_run_without_earlier_ones_has_no_history() -> None:
    assert past_runs(samples.aligned()) is None


def test_differences_are_drawn_by_class_and_by_slice() -> None:
    clients = told_in_full().rows[0]
    assert [(bar.count.column, bar.width) for bar in class_bars(clients)] == [("name", WIDTH), ("discount", WIDTH / 4)]
    (bar,) = slice_bars(clients)
    assert (bar.differing, bar.rows) == (0.9 * WIDTH, 0.25 * WIDTH)
