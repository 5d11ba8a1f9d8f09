"""The page of a watch's history: no value becomes markup, nothing is lost, and Chromium shows it in every light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from playwright.sync_api import Browser, Page
from rich.console import Console

from harness.core.watch.history import AlertChange, History, NotLookedAt, OpenAlert, TableCount, Told, parsed_history
from harness.core.watch.summary import summary_of
from harness.render.watch_gauges import gauges_text
from harness.render.watch_page import render_watch
from harness.render.watch_text import print_watch
from tests.report.reading import Reading
from tests.report.test_nothing_unescaped import nasty_texts, obeyed, quick, with_nasty_examples
from tests.report.test_page_everywhere import DARK, GROUND, LIGHT, violations
from tests.unit.test_watch_history import look
from tests.watch_history_sample import history_text
from tests.watching import at

Visit = Callable[..., Page]


def nasty_history(text: str) -> History:
    """A history with `text` wherever a database, a file or a person can put something."""
    alert = OpenAlert(id="a", key=f"counts {text}", since=at(0), told_at=at(0), title=text)
    over = AlertChange(id="b", key=text, change="ended", since=at(0), title=text)
    counts = (
        TableCount(table=text, source=1, target=3),
        TableCount(table=f"{text}!", reason=text),
    )
    skipped = (NotLookedAt(item=text, reason=text), NotLookedAt(item=text, reason=f"{text}?", decided=True))
    one = look(1, 0, counts=counts, skipped=skipped, changes=(over,), open=(alert,), source=text, target=text)
    told = Told(at=at(1), channel="webhook", looks=(1,), delivered=False, attempts=3, reason=text)
    return History((one, one.model_copy(update={"number": 2, "at": at(1), "open": None}), told))


@quick
@with_nasty_examples
@given(nasty_texts)
def test_no_name_becomes_markup(text: str) -> None:
    plain, page = Reading(render_watch(nasty_history("plain.a_b"))), Reading(html := render_watch(nasty_history(text)))
    assert page.faults == []
    assert set(page.tags) <= set(plain.tags)
    assert {name for _, name, _ in page.attributes} <= {name for _, name, _ in plain.attributes}
    assert page.tags.count("script") == 1
    assert not obeyed.search(html)


@quick
@with_nasty_examples
@given(nasty_texts)
def test_no_name_moves_the_cursor_or_makes_a_metric(text: str) -> None:
    stream = StringIO()
    print_watch(summary_of(nasty_history(text)), Console(file=stream, width=100, color_system=None))
    assert not obeyed.search(stream.getvalue())
    gauges = [line for line in gauges_text(nasty_history(text)).split("\n") if line]
    assert all(line.startswith(("#", "pgparity_watch_")) for line in gauges)
    assert len(gauges) == len([line for line in gauges_text(nasty_history("plain")).split("\n") if line])


def test_a_history_without_looks_says_so() -> None:
    assert "No look was taken yet" in render_watch(History())


@pytest.fixture
def visit(chromium: Browser, tmp_path: Path) -> Iterator[Visit]:
    """Opens the page of a history from file://; fails where it complains or asks for anything."""
    complaints: list[str] = []
    contexts = []

    def go(history: History, *, scripts: bool = True, dark: bool = False, width: int = 1280) -> Page:
        file = tmp_path / "watch.html"
        file.write_text(render_watch(history), encoding="utf-8")
        context = chromium.new_context(
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url == file.as_uri() else complaints.append(asked.url))
        page.goto(file.as_uri())
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.long
@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)], ids=["narrow and light", "wide and dark"])
def test_axe_finds_nothing_to_complain_of_and_nothing_is_wider_than_the_window(
    visit: Visit, width: int, dark: bool
) -> None:
    for history in (parsed_history(history_text().splitlines(keepends=True)), nasty_history("x" * 300), History()):
        page = visit(history, width=width, dark=dark)
        assert violations(page) == []
        assert page.evaluate(GROUND) == (DARK if dark else LIGHT)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.long
def test_without_scripts_everything_is_there(visit: Visit) -> None:
    page = visit(parsed_history(history_text().splitlines(keepends=True)), scripts=False)
    words = page.locator("body").inner_text()
    for text in ("1 open alert", "public.bookings: 2 rows fewer on the target", "permission denied", "not looked at"):
        assert text in words
    assert page.locator("svg.watched").count() == 4
    assert page.locator("svg.watched polyline").first.bounding_box() is not None


@pytest.mark.long
def test_in_print_nothing_is_cut_off(visit: Visit) -> None:
    page = visit(parsed_history(history_text().splitlines(keepends=True)))
    page.emulate_media(media="print")
    assert page.locator("svg.watched").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
