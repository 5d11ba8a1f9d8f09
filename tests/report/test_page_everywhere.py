"""The report from http://, where scripts and styles are forbidden, to axe-core, and in the colours that are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from harness.core.document import RunDocument
from tests.report import samples
from tests.report.conftest import Opened
from tests.report.nasty import many, nasty
from tests.report.story import told_in_full

GROUND = "getComputedStyle(document.documentElement).backgroundColor"
LIGHT, DARK = "rgb(245, 246, 248)", "rgb(15, 19, 25)"
OPEN_ALL = "document.querySelectorAll('details').forEach((element) => { element.open = true; })"


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, a line each: the rule and the first elements."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes'][:3]]}" for each in found]


def test_axe_finds_nothing_to_complain_of(opened: Opened) -> None:
    page = opened(told_in_full())
    page.evaluate(OPEN_ALL)
    assert violations(page) == []


@pytest.mark.long
@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)], ids=["narrow and light", "wide and dark"])
@pytest.mark.parametrize(
    "document",
    [
        told_in_full(),
        samples.aligned(),
        samples.first_built(),
        samples.interrupted(),
        samples.empty(),
        nasty("x" * 400),
        many(300),
    ],
    ids=["in full", "GO", "NO-GO", "INCOMPLETE", "empty", "nasty", "many"],
)
def test_axe_finds_nothing_in_any_report(opened: Opened, document: RunDocument, width: int, dark: bool) -> None:
    page = opened(document, width=width, dark=dark)
    assert violations(page) == []
    page.evaluate(OPEN_ALL)
    assert violations(page) == []


def test_axe_is_able_to_complain(opened: Opened) -> None:
    page = opened(samples.empty())
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert [line.split(":")[0] for line in violations(page)] == ["image-alt"]


def test_over_http_the_filter_works_and_nothing_else_is_asked_for(opened: Opened) -> None:
    page = opened(samples.first_built(), headers={}, fragment="#code=IDX001")
    assert page.url.startswith("http://")
    assert page.get_by_text("2 of 14 findings").is_visible()


def test_where_a_server_forbids_scripts_and_styles_everything_can_be_read(opened: Opened) -> None:
    policy = "sandbox; default-src 'none'; style-src 'self'; img-src 'self'"
    document = told_in_full()
    page = opened(document, headers={"Content-Security-Policy": policy}, blocked=True)
    assert page.evaluate(GROUND) == "rgba(0, 0, 0, 0)"
    words = " ".join(page.locator("body").inner_text().split())
    for text in ("NO-GO", *document.verdict.reasons, "public.reminders", "1 missing on the target", "Rehearsal 11"):
        assert text in words
    assert page.get_by_text("ORDER BY starts_at DESC NULLS FIRST").is_visible()
    page.get_by_text("What was checked, stage by stage").click()
    assert page.get_by_role("region", name="What was checked").is_visible()
    assert page.locator("button:visible, form:visible, fieldset:visible").count() == 0


def test_the_colours_that_a_reader_chose_are_kept_and_auto_follows_the_system(opened: Opened) -> None:
    page = opened(samples.aligned(), headers={})
    choice = page.locator("#theme")
    choice.get_by_text("dark").click()
    assert page.evaluate(GROUND) == DARK
    page.reload()
    assert page.evaluate(GROUND) == DARK
    assert page.get_by_role("radio", name="dark").is_checked()
    choice.get_by_text("auto").click()
    assert page.evaluate(GROUND) == LIGHT
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) == DARK
    choice.get_by_text("light").click()
    assert page.evaluate(GROUND) == LIGHT


def test_paper_is_white_also_for_a_reader_of_dark_pages(opened: Opened, tmp_path: Path) -> None:
    page = opened(told_in_full(), dark=True)
    page.locator("#theme").get_by_text("dark").click()
    page.emulate_media(media="print")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    assert page.locator("#theme").is_hidden()
    assert page.evaluate("getComputedStyle(document.querySelector('.latency')).color") == "rgb(58, 68, 84)"


def test_the_plots_are_drawn_and_have_their_words_beside_them(opened: Opened) -> None:
    page = opened(told_in_full())
    assert page.locator("svg.curve path.area").bounding_box() is not None
    assert page.locator("svg.lane rect").count() == 3
    assert page.locator("svg.columns-of-runs rect").count() == 5
    assert page.locator("svg.ratio circle.clear").count() == 5
    assert page.locator("svg.ratio circle.open").count() == 3
    page.locator("#tables details.block summary").click()
    assert page.locator("svg.bar rect").count() == 4
    for text in ("6.0× 1.4 to 26.0", "601 at the most", "was NO-GO, too; since then 2 blockers fewer", "90 %"):
        assert page.get_by_text(text).first.is_visible()
