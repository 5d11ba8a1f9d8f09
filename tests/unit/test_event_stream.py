"""Events of a run as lines of JSON: each follows the contract, the end of everything is told, and not every step."""

from __future__ import annotations

import json

from harness.core.event_line import EventLine, TableProgress
from harness.render.event_stream import EventStream


def progress(rows: int, size: int) -> TableProgress:
    return TableProgress(table="public.t", rows=rows, bytes=size, of_bytes=100, total_bytes=size, of_total_bytes=300)


def test_what_happens_is_a_line_each_and_progress_now_and_then_and_at_its_end() -> None:
    lines: list[str] = []
    now = [10.0]
    stream = EventStream(lines.append, lambda: now[0])
    stream.stage_started("migrate")
    for step in range(1, 100):
        now[0] += 1 / 64
        stream.transferred(progress(step, step))
    stream.transferred(progress(100, 100))
    # Rows of a stage that tells its tables are not told again.
    stream.progress("migrate", 100, 100, "public.t")
    stream.stage_finished("migrate", "passed", 1.5, "100 rows")
    stream.result({"tables": []})
    told = [json.loads(line) for line in lines]
    assert all(line.endswith("\n") for line in lines)
    assert [each["event"] for each in told] == ["stage", *["progress"] * 5, "finished", "result"]
    assert [each.get("rows") for each in told[1:6]] == [1, 33, 65, 97, 100]
    assert told[5] == {
        "event": "progress",
        "stage": "migrate",
        "seconds": 1.547,
        "table": "public.t",
        "rows": 100,
        "bytes": 100,
        "of_bytes": 100,
        "total_bytes": 100,
        "of_total_bytes": 300,
    }
    for each in told[:-1]:
        EventLine.model_validate(each)


def test_stages_that_move_no_rows_tell_their_units() -> None:
    lines: list[str] = []
    stream = EventStream(lines.append, lambda: 0.0)
    stream.stage_started("rows")
    for done in range(4):
        stream.progress("rows", done, 3, "public.t")
    told = [json.loads(line) for line in lines]
    assert [(each["done"], each["total"]) for each in told[1:]] == [(0, 3), (3, 3)]
