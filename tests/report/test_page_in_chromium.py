"""The report in a real browser, from file://: with scripts and without, dark, narrow, printed, filtered, by key."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page

from harness.core.document import RunDocument
from tests.report import samples
from tests.report.conftest import Opened
from tests.report.nasty import NASTY, many, nasty
from tests.report.story import told_in_full

FINDING = "COL001-public.clients.yclients_id"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_the_verdict_and_every_section_can_be_read(opened: Opened, scripts: bool) -> None:
    page = opened(samples.first_built(), scripts=scripts)
    assert page.title().startswith("NO-GO: The target that was built first")
    assert page.get_by_role("heading", level=1).inner_text().strip() == "NO-GO"
    for heading in ("What was not checked", "Findings, worst first", "Tables", "Plans", "Stages", "Environment"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()


def test_without_scripts_a_finding_opens_and_no_dead_control_is_shown(opened: Opened) -> None:
    page = opened(samples.first_built(), scripts=False)
    fix = page.locator(f"[id='{FINDING}'] pre").first
    assert not fix.is_visible()
    page.locator(f"[id='{FINDING}'] summary").click()
    assert fix.is_visible()
    assert page.locator("button:visible").count() == 0
    assert not page.locator("#filter").is_visible()


@pytest.mark.parametrize("document", [samples.first_built(), told_in_full(), nasty("x" * 400)])
def test_the_page_never_scrolls_sideways(opened: Opened, document: RunDocument) -> None:
    page = opened(document)
    page.evaluate("document.querySelectorAll('details').forEach((element) => { element.open = true; })")
    for width in (390, 700, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_dark_is_dark_and_light_is_light(opened: Opened) -> None:
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    assert opened(samples.aligned()).evaluate(colour) == "rgb(245, 246, 248)"
    assert opened(samples.aligned(), dark=True).evaluate(colour) == "rgb(15, 19, 25)"


def test_the_filter_narrows_the_findings_and_stays_in_the_address(opened: Opened) -> None:
    page = opened(samples.first_built())
    page.locator("[name=table]").select_option("public.clients")
    page.locator("[name=q]").fill("index -last_visit")
    page.get_by_text("1 of 14 findings").wait_for()
    assert page.locator(".finding:visible").count() == 1
    assert "table=public.clients&q=index+-last_visit" in page.url
    page.get_by_role("button", name="Clear").click()
    assert page.locator(".finding:visible").count() == 14
    assert "#" not in page.url


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ("-code:COL001", 7),
        ("code:col -stage:diff", 0),
        ("-severity:blocker table:clients", 3),
        ('"is missing on the target"', 9),
        ('-"is missing on the target"', 5),
        ("-", 14),
    ],
)
def test_the_filter_understands_fields_quotes_and_negation(opened: Opened, asked: str, left: int) -> None:
    page = opened(samples.first_built(), fragment=f"#{urlencode({'q': asked})}")
    assert page.locator("#filter output").inner_text() == f"{left} of 14 findings"


def test_a_code_can_be_hidden_or_left_alone_by_a_button(opened: Opened) -> None:
    page = opened(samples.first_built())
    page.locator("[data-code=COL001]").get_by_role("button", name="Hide these").click()
    assert page.locator("#filter output").inner_text() == "7 of 14 findings"
    assert "q=-code%3ACOL001" in page.url
    page.get_by_role("button", name="Clear").click()
    page.locator("[data-code=IDX001]").get_by_role("button", name="Only these").click()
    assert page.locator("#filter output").inner_text() == "2 of 14 findings"


def test_an_address_that_is_no_address_is_no_error(opened: Opened) -> None:
    assert opened(samples.first_built(), fragment="#%E0%A4%A").locator(".finding:visible").count() == 14


def test_an_address_with_a_filter_opens_filtered(opened: Opened) -> None:
    page = opened(samples.first_built(), fragment="#severity=risk&code=IDX001")
    assert page.get_by_text("2 of 14 findings").is_visible()
    assert page.locator(".finding:visible").count() == 2
    assert not page.get_by_role("heading", name="Blockers").is_visible()


def test_a_filter_that_nothing_matches_says_so(opened: Opened) -> None:
    page = opened(samples.first_built(), fragment="#q=no-such-thing")
    assert page.get_by_text("No finding matches the filter.").is_visible()


def test_an_address_of_a_finding_opens_it(opened: Opened) -> None:
    page = opened(samples.first_built(), fragment=f"#{FINDING}")
    assert page.locator(f"[id='{FINDING}'] pre").first.is_visible()
    assert page.locator(f"[id='{FINDING}']").evaluate("(e) => e.getBoundingClientRect().top < innerHeight")


def test_a_finding_that_the_filter_hides_is_shown_when_its_address_is_followed(opened: Opened) -> None:
    page = opened(samples.first_built(), fragment="#severity=risk")
    page.evaluate(f"location.hash = '{FINDING}'")
    page.locator(f"[id='{FINDING}'] pre").first.wait_for(state="visible")


def test_a_cell_of_the_table_matrix_leads_to_the_findings_of_that_table(opened: Opened) -> None:
    page = opened(samples.first_built())
    page.get_by_role("row", name="public.staff_schedules").get_by_role("link").click()
    page.get_by_text("1 of 14 findings").wait_for()


def test_the_copy_button_copies_the_statement_exactly(opened: Opened) -> None:
    document = samples.first_built()
    page = opened(document)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(f"[id='{FINDING}'] summary").click()
    page.locator(f"[id='{FINDING}'] .copying button").first.click()
    page.get_by_text("Copied").wait_for()
    finding = next(each for each in document.findings if each.anchor == FINDING)
    assert finding.fix is not None
    assert page.evaluate("navigator.clipboard.readText()") == finding.fix.sql


def test_all_statements_of_a_plan_are_copied_in_order(opened: Opened) -> None:
    document = samples.first_built()
    page = opened(document)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    plan = page.locator("article.plan").last
    plan.locator("summary").click()
    plan.get_by_role("button", name="Copy all statements").click()
    page.get_by_text("Copied").wait_for()
    steps = document.plans[-1].steps
    assert page.evaluate("navigator.clipboard.readText()") == "\n\n".join(step.sql for step in steps)


def test_the_keys_walk_open_filter_and_explain(opened: Opened) -> None:
    page = opened(samples.first_built())
    focused = "document.activeElement.closest('.finding')?.id"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(focused) == FINDING
    page.keyboard.press("k")
    assert page.evaluate(focused) == samples.first_built().findings[0].anchor
    page.keyboard.press("]")
    assert page.locator(".finding[open]").count() == 14
    page.keyboard.press("[")
    assert page.locator(".finding[open]").count() == 0
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_on_paper_every_finding_is_open_and_no_control_is_printed(opened: Opened, tmp_path: Path) -> None:
    page = opened(samples.first_built())
    page.emulate_media(media="print")
    assert page.locator(f"[id='{FINDING}'] pre").first.evaluate("(e) => e.getBoundingClientRect().height") > 10
    assert page.locator("button:visible").count() == 0
    assert not page.locator("#filter").is_visible()
    assert page.pdf(path=str(tmp_path / "report.pdf")).startswith(b"%PDF")


@pytest.mark.parametrize("texts", [NASTY[:2], pytest.param(NASTY[2:], marks=pytest.mark.long)], ids=["markup", "all"])
def test_a_nasty_value_is_text_and_nothing_else(opened: Opened, texts: tuple[str, ...]) -> None:
    for text in texts:
        _is_text(opened(nasty(text)))


def _is_text(page: Page) -> None:
    assert page.locator("script").count() == 2
    assert page.evaluate("document.querySelectorAll('main [onload], main img, main iframe, main base').length") == 0
    assert page.locator(".finding").count() == 2


@pytest.mark.long
def test_ten_thousand_findings_open_and_can_be_filtered(opened: Opened) -> None:
    page = opened(many(10_000))
    assert page.get_by_text("10,000 of 10,000 findings").is_visible()
    page.locator("[name=q]").fill("column_009999")
    page.get_by_text("1 of 10,000 findings").wait_for()
    assert page.locator(".finding:visible").count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_an_address_of_a_finding_in_a_folded_group_unfolds_it(opened: Opened, scripts: bool) -> None:
    document = many(300)
    anchor = document.findings[60].anchor
    page = opened(document, fragment=f"#{anchor}", scripts=scripts)
    assert page.locator(f"[id='{anchor}'] summary").is_visible()
    other = document.findings[160].anchor
    assert not page.locator(f"[id='{other}'] summary").is_visible()
