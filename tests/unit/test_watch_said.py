"""What a watch says of a look, and when an alert ends: nothing is called alike that was not compared."""

from __future__ import annotations

import pytest

from harness.core.attribute_words import differs
from harness.core.watch.conditions import looked_by
from harness.core.watch.history import BytesReceived, History, Look, TableCount, TableDigest
from harness.render.watch_gauges import gauges_text
from harness.service.watch.loop import summary_of
from harness.service.watch.schemas import in_time
from tests.watching import at


def look(number: int = 1, **fields: object) -> Look:
    given = {"what": ("counts",), "due": at(number), "at": at(number), "seconds": 0.1, **fields}
    return Look.model_validate({"number": number, **given})


SAME = TableCount(table="public.a", source=5, target=5)
LESS = TableCount(table="public.b", source=5, target=4)
UNREAD = TableCount(table="public.c", source=5, reason="target: permission denied")


def digest(table: str, status: str) -> TableDigest:
    return TableDigest.model_validate({"table": table, "status": status, "source": 5, "target": 5})


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((SAME,), "1 table counted, all alike"),
        ((SAME, LESS), "2 tables counted, 1 differs"),
        ((SAME, UNREAD), "1 of 2 tables counted, those alike"),
        ((SAME, LESS, UNREAD), "2 of 3 tables counted, 1 differs"),
        ((UNREAD,), "none of 1 table counted"),
    ],
)
def test_no_table_is_called_alike_that_was_not_counted(counts: tuple[TableCount, ...], said: str) -> None:
    assert summary_of(look(counts=counts)) == f"look 1: {said}"


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        (("identical", "identical"), "2 tables compared by value, all alike"),
        (("identical", "incomplete"), "1 of 2 tables compared by value, those alike"),
        (("incomplete",), "none of 1 table compared by value"),
        (("differs", "incomplete"), "1 of 2 tables compared by value, 1 differs"),
    ],
)
def test_no_table_is_called_alike_by_value_that_was_not_compared(statuses: tuple[str, ...], said: str) -> None:
    digests = tuple(digest(f"public.{number}", each) for number, each in enumerate(statuses))
    assert summary_of(look(digests=digests)) == f"look 1: {said}"


def test_an_alert_of_values_does_not_end_with_a_table_that_cannot_be_counted_any_more() -> None:
    seen = looked_by(look(what=("digests",), digests=(digest("public.a", "identical"),)), {"digests"}, {"public.c"})
    assert seen("digests public.a")
    assert not seen("digests public.c")


def test_a_kind_of_look_that_was_put_off_does_not_look_fresh_to_prometheus() -> None:
    done = look(1, what=("counts", "digests"), received_by={"counts": BytesReceived(), "digests": BytesReceived()})
    put_off = look(2, what=("counts", "digests"), received_by={"counts": BytesReceived()})
    text = gauges_text(History((done, put_off))).splitlines()
    times = {line.split('"')[1]: float(line.split()[-1]) for line in text if line.startswith("pgparity_watch_last_l")}
    assert times["counts"] - times["digests"] == 3600
    never = gauges_text(History((put_off,))).splitlines()
    assert 'pgparity_watch_last_look_timestamp_seconds{kind="digests"} 0.0' in never


@pytest.mark.parametrize(
    ("beside", "since"),
    [
        ("column public.t.a is missing on the target", "column public.t.a is gone"),
        ("column public.t.a exists on the target only", "column public.t.a is new"),
        (f"table public.t {differs('table', 'row_security', True)}", "table public.t has row security no longer"),
        (f"table public.t {differs('table', 'row_security', False)}", "table public.t has row security now"),
        (f"index public.i {differs('index', 'valid', True)}", "index public.i is valid no longer"),
        (f"column public.t.a {differs('column', 'type', 'text')}", "column public.t.a has another type now"),
    ],
)
def test_a_change_of_the_source_is_told_in_time_and_not_between_two_sides(beside: str, since: str) -> None:
    assert in_time(beside) == since
