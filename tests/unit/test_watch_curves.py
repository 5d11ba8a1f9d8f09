"""What the curves of a watch draw: no difference is lost, no line where nobody counted."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.watch.history import History, OpenAlert, TableCount
from harness.render.watch_curves import COLUMNS, HEIGHT, STRIP, WIDTH, curves
from tests.unit.test_watch_history import look
from tests.watching import at


def history(rows: Sequence[tuple[float, int | None, int | None]], **last: object) -> History:
    """Looks at one table: hour, rows of the source, rows of the target."""
    looks = [
        look(number, hour, counts=(TableCount(table="public.t", source=source, target=target),))
        for number, (hour, source, target) in enumerate(rows, 1)
    ]
    looks[-1] = looks[-1].model_copy(update=last)
    return History(tuple(looks))


def test_a_history_without_looks_draws_nothing() -> None:
    assert curves(History()).tables == ()


def test_one_look_alone_is_seen() -> None:
    (curve,) = curves(history([(0, 5, 5)])).tables
    assert len(curve.source[0].split()) == 2
    assert curve.says == "5 to 5 rows; never a difference"


def test_a_difference_of_one_look_among_thousands_is_drawn() -> None:
    rows = [(hour, 100 + hour, 100 + hour - (1 if hour == 777 else 0)) for hour in range(2000)]
    (curve,) = curves(history(rows)).tables
    assert len(curve.bars) == 1
    assert curve.widest == 1
    assert len(" ".join(curve.source).split()) <= COLUMNS


def test_nothing_leaves_the_drawing() -> None:
    rows = [(hour, hour * hour, hour * hour + hour % 7) for hour in range(300)]
    (curve,) = curves(history(rows)).tables
    places = [point.split(",") for line in (*curve.source, *curve.target) for point in line.split()]
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in places)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 0.1 and 0 < bar.height <= STRIP for bar in curve.bars)


def test_where_nobody_counted_there_is_no_line() -> None:
    (curve,) = curves(history([(0, 1, 1), (1, 2, 2), (2, 3, 3), (30, 4, 4), (31, 5, 5)])).tables
    assert len(curve.source) == 2
    (missing,) = curves(history([(0, 1, 1), (1, 2, None), (2, 3, 3)])).tables
    assert len(missing.source) == 1
    assert len(missing.target) == 2


def test_a_clock_that_was_set_back_draws_no_line_back_in_time() -> None:
    (curve,) = curves(history([(0, 1, 1), (1, 2, 2), (0.5, 3, 3), (1.5, 4, 4)])).tables
    for line in curve.source:
        places = [float(point.split(",")[0]) for point in line.split()]
        assert places == sorted(places)


def test_a_table_with_an_alert_comes_first() -> None:
    alert = OpenAlert(id="a", key="counts public.z", since=at(0), told_at=at(0), title="differs")
    counts = tuple(TableCount(table=f"public.{name}", source=1, target=1) for name in "az")
    found = curves(History((look(1, 0, counts=counts, open=(alert,)),)))
    assert [(each.table, each.alert) for each in found.tables] == [("public.z", "differs"), ("public.a", "")]
    assert len(found.tables[0].alerts) == 1


def test_an_alert_is_shaded_from_its_beginning_to_its_end() -> None:
    alert = OpenAlert(id="a", key="counts public.t", since=at(1), told_at=at(1), title="differs")
    counts = (TableCount(table="public.t", source=1, target=1),)
    looks = [look(number + 1, number, counts=counts) for number in range(5)]
    looks[1] = looks[1].model_copy(update={"open": (alert,)})
    looks[3] = looks[3].model_copy(update={"open": ()})
    (curve,) = curves(History(tuple(looks))).tables
    (span,) = curve.alerts
    assert (span.x, span.width) == (WIDTH / 4, WIDTH / 2)
    assert curve.alert == ""
