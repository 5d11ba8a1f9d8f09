"""The page of `pgparity serve` in Chromium: to axe-core, without scripts, as it updates itself, at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.core.watch.history import History, parsed_history
from harness.service.access import Access
from harness.service.application import application
from harness.service.databases import OpenedWhenAsked
from harness.service.monitor import Observed
from harness.service.server import HealthServer
from harness.service.session_look import sessions_of
from harness.stages.run_folders import write_run
from tests.report import samples
from tests.report.story import told_in_full
from tests.report.test_page_everywhere import DARK, GROUND, LIGHT, violations
from tests.serving import COMPANY, opened, session_with
from tests.watch_history_sample import history_text

pytestmark = pytest.mark.long
Visit = Callable[..., Page]


@pytest.fixture
def looked_at(database: str) -> Iterator[OpenedWhenAsked]:
    """A database with a session of 12 keys, none of them expired."""
    session_with(database, expired=0, living=12)
    with opened(database) as found:
        yield found


@pytest.fixture
def serving(looked_at: OpenedWhenAsked, tmp_path: Path) -> Iterator[HealthServer]:
    """A page with a database, a session, runs, one of which cannot be read, and a watch with an open alert."""
    runs, history = tmp_path / "runs", tmp_path / "watch.jsonl"
    write_run(samples.aligned(), runs / "first")
    write_run(told_in_full(), runs / "second")
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text("{}", encoding="utf-8")
    history.write_text(history_text(), encoding="utf-8")
    observed = Observed(
        databases={"target": looked_at},
        sessions=sessions_of(looked_at),
        company_id=COMPANY,
        runs=runs,
        history=history,
    )
    with HealthServer.start(application(observed, refresh_seconds=1), "127.0.0.1", 0) as server:
        yield server


@pytest.fixture
def visit(chromium: Browser, serving: HealthServer) -> Iterator[Visit]:
    """Opens a page of the server; fails where it complains on the console or asks elsewhere."""
    complaints: list[str] = []
    contexts = []

    def go(path: str = "/", *, scripts: bool = True, dark: bool = False, width: int = 1280) -> Page:
        context = chromium.new_context(
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(serving.url) else complaints.append(asked.url))
        page.goto(serving.url + path)
        return page

    yield go
    for context in contexts:
        context.close()
    assert [each for each in complaints if "ERR_CONNECTION_REFUSED" not in each] == []


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(visit: Visit, width: int, dark: bool) -> None:
    page = visit(width=width, dark=dark)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(GROUND) == (DARK if dark else LIGHT)
    assert page.locator("svg.watched").count() == 4
    assert page.locator("svg.watched rect.differing").count() > 0


def test_what_changes_is_put_in_without_the_page_being_loaded_again(visit: Visit, database: str) -> None:
    page = visit()
    page.evaluate("window.notLoadedAgain = true; window.kept = document.getElementById('verdicts')")
    link = page.get_by_role("link", name="2026-07-14 09:12:03 UTC").first
    link.focus()
    session_with(database, expired=3, living=20)
    expect(page.locator("#databases")).to_contain_text("3 of 23 keys expired", timeout=10_000)
    assert page.evaluate("window.notLoadedAgain")
    assert page.evaluate("window.kept === document.getElementById('verdicts')")
    assert page.evaluate("document.activeElement.textContent") == link.text_content()


def test_a_reader_may_have_it_hold_still(visit: Visit, database: str) -> None:
    page = visit()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#fresh")).to_have_text("Paused.")
    session_with(database, expired=3, living=20)
    page.wait_for_timeout(2_500)
    expect(page.locator("#databases")).to_contain_text("0 of 12 keys expired")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#databases")).to_contain_text("3 of 23 keys expired")


def test_a_page_whose_server_has_ended_says_that_it_is_old(visit: Visit, serving: HealthServer) -> None:
    page = visit()
    expect(page.locator("#fresh")).to_have_text("Updates itself every 1 s.")
    serving.stop()
    expect(page.locator("#fresh")).to_contain_text("Not updated", timeout=10_000)


def test_without_scripts_it_is_loaded_again_unless_it_shall_hold_still(visit: Visit, database: str) -> None:
    page = visit(scripts=False)
    expect(page.locator("#databases")).to_contain_text("0 of 12 keys expired")
    session_with(database, expired=3, living=20)
    expect(page.locator("#databases")).to_contain_text("3 of 23 keys expired", timeout=10_000)
    page.get_by_role("link", name="Hold it still").click()
    assert page.url.endswith("/?still")
    session_with(database, expired=4, living=20)
    page.wait_for_timeout(2_500)
    expect(page.locator("#databases")).to_contain_text("3 of 23 keys expired")
    assert page.locator("button:visible, fieldset:visible").count() == 0


def test_the_report_of_a_run_is_a_click_away(visit: Visit) -> None:
    page = visit()
    page.get_by_role("row").filter(has_text="Schema aligned, code mended").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("GO")


@pytest.mark.parametrize("how", ["asked for", "in the address"])
def test_a_browser_that_has_the_token_is_shown_the_page_as_it_changes(chromium: Browser, how: str) -> None:
    token = "a-token-of-more-than-16-characters"
    with HealthServer.start(application(Observed(), Access(token), refresh_seconds=1), "127.0.0.1", 0) as server:
        context = chromium.new_context(
            http_credentials={"username": "anybody", "password": token} if how == "asked for" else None
        )
        page = context.new_page()
        address = server.url if how == "asked for" else server.url.replace("//", f"//anybody:{token}@")
        with page.expect_response(lambda answer: answer.url.endswith("/now")) as asked:
            page.goto(address)
        assert asked.value.status == 200
        expect(page.locator("#fresh")).to_have_text("Updates itself every 1 s.")
        context.close()


def test_paper_is_white_and_has_no_buttons(visit: Visit) -> None:
    page = visit(dark=True)
    page.emulate_media(media="print")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    assert page.get_by_role("button", name="Pause").is_hidden()


def test_the_sample_is_a_history() -> None:
    found: History = parsed_history(history_text().splitlines(keepends=True))
    assert len(found.open_alerts) == 1
