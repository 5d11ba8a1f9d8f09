"""The HTML report as text: complete, well formed, self-contained, and small."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest

from harness.core.codes import CODES
from harness.core.document import RunDocument
from harness.core.verdict import Status
from harness.render.finding_pages import FindingPage, finding_page
from harness.render.html import relative_link, render_html
from tests.report import samples
from tests.report.nasty import many, nasty
from tests.report.reading import Reading

STORIES = {
    "GO": samples.aligned(),
    "NO-GO before a row moves": samples.first_built(),
    "NO-GO after a regression": samples.planted(),
    "INCOMPLETE": samples.interrupted(),
    "nothing known": samples.empty(),
}
ORDER = (
    "verdict", "unchecked", "findings", "tables", "methods", "migration", "plans", "changes", "stages", "history",
    "environment", "codes",
)  # fmt: skip

each_story = pytest.mark.parametrize("document", STORIES.values(), ids=STORIES)


@each_story
def test_the_report_is_well_formed(document: RunDocument) -> None:
    assert Reading(render_html(document)).faults == []


@each_story
def test_every_id_is_unique_and_every_link_inside_the_page_arrives(document: RunDocument) -> None:
    page = Reading(render_html(document))
    assert [name for name, times in Counter(page.ids).items() if times > 1] == []
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@each_story
def test_the_report_names_no_address_outside_itself(document: RunDocument) -> None:
    html = render_html(document)
    page = Reading(html)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", html)
    assert [a for a in page.attributes if a[1] in ("src", "srcset", "action", "style") or a[1].startswith("on")] == []
    assert page.tags.count("link") == 0


@each_story
def test_the_sections_stand_in_the_order_in_which_a_reader_needs_them(document: RunDocument) -> None:
    ids = Reading(render_html(document)).ids
    present = [name for name in ORDER if name in ids]
    assert sorted(present, key=ids.index) == present
    assert {"verdict", "unchecked", "findings", "tables", "methods", "stages", "environment"} <= set(present)


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (STORIES["GO"], Status.GO),
        (STORIES["NO-GO before a row moves"], Status.NO_GO),
        (STORIES["INCOMPLETE"], Status.INCOMPLETE),
    ],
    ids=["GO", "NO-GO", "INCOMPLETE"],
)
def test_title_and_banner_say_the_verdict_in_words_with_its_reasons(document: RunDocument, status: Status) -> None:
    html = render_html(document)
    assert f"<title>{status}: {document.title}" in html
    words = Reading(html).words
    assert f"{status} " in words
    for reason in document.verdict.reasons:
        assert reason in words
    assert f"{document.source.label} PostgreSQL {document.source.version}" in words


def test_a_reason_leads_to_the_finding_that_it_quotes() -> None:
    document = samples.planted()
    html = render_html(document)
    anchor = document.findings[0].anchor
    assert anchor in Reading(html).ids
    assert html.index(f'<a href="#{anchor}">') < html.index('id="unchecked"')


def test_a_finding_tells_its_code_evidence_what_breaks_the_fix_and_the_query() -> None:
    document = samples.first_built()
    words = Reading(render_html(document)).words
    finding = document.findings[0]
    assert finding.fix is not None
    assert finding.fix.sql is not None
    assert finding.query is not None
    for text in (finding.title, *finding.breaks, finding.fix.text, finding.fix.sql, finding.query):
        assert " ".join(text.split()) in words
    assert CODES[finding.code].sentence in words
    assert "yclients_<mark>record</mark>_id" in render_html(document)
    assert "yclients_<mark>booking</mark>_id" in render_html(document)


def test_each_code_tells_what_its_page_of_the_documentation_says() -> None:
    document = samples.first_built()
    words = Reading(render_html(document)).words
    for code in {finding.code for finding in document.findings}:
        page = finding_page(code)
        assert page.breaks
        for pieces in (page.breaks, page.mend):
            assert " ".join("".join(piece.text for piece in pieces).split()) in words


def test_a_code_that_this_version_does_not_know_has_no_page_and_no_file_is_looked_for() -> None:
    assert finding_page("ZZZ999") == finding_page("../../README") == FindingPage()


def test_gaps_and_decisions_are_told_apart() -> None:
    words = Reading(render_html(samples.interrupted())).words
    gaps, decided = words.index("Gaps: asked for and not checked (3)"), words.index("Left out by decision (2)")
    assert gaps < words.index("statement timeout after 600 s") < decided < words.index("set by a trigger")
    assert "public.waitlist neither in scope nor excluded by name" in words
    assert "event trigger pgrst_ddl_watch (source)" in words


def test_the_four_acts_are_linked_by_relative_addresses() -> None:
    page = Reading(render_html(samples.aligned()))
    acts = [f"runs/{act}/report.html" for act in "abcd"]
    assert [link for link in page.links if not link.startswith("#")] == acts * 2


@pytest.mark.parametrize(
    "href",
    [
        "https://example.org/x",
        "//example.org",
        "javascript:alert(1)",
        "/etc/passwd",
        "\\\\host\\x",
        "a\u202eb",
        "data:,x",
    ],
)
def test_a_related_run_elsewhere_is_no_link(href: str) -> None:
    assert relative_link(href) == ""


def test_a_related_run_in_a_folder_with_a_foreign_name_is_a_link() -> None:
    assert relative_link("runs/проба 1/report.html") == "runs/%D0%BF%D1%80%D0%BE%D0%B1%D0%B0%201/report.html"


def test_plans_show_each_statement_with_its_reason_hazard_and_precheck() -> None:
    words = Reading(render_html(samples.first_built())).words
    for plan in samples.first_built().plans:
        for step in plan.steps:
            assert step.why in words
            assert " ".join(step.sql.split()) in words
    assert "3 found: the step would fail rows with no company_id" in words
    assert "data loss" in words
    assert "lock: SHARE UPDATE EXCLUSIVE" in words


def test_rows_methods_and_migration_show_their_figures() -> None:
    words = Reading(render_html(samples.planted())).words
    assert "1 missing on the target, 2 different" in words
    assert "yclients_id=1000017" in words
    assert "name trailing spaces" in words
    assert "many rows PGRST116, in the envelope" in words
    assert "34.5 ms, 52.6 ms" in words
    moved = Reading(render_html(samples.aligned())).words
    assert "1,490 rows of 7 tables" in moved
    assert "both sides agree" in moved


def test_a_mapping_names_what_does_not_move() -> None:
    assert "lost legacy_note does not move nobody reads it" in Reading(render_html(samples.planted())).words


def test_a_run_of_which_nothing_is_known_says_so_and_not_that_all_is_well() -> None:
    words = Reading(render_html(samples.empty())).words
    assert "nothing was checked" in words
    assert "No table was in scope." in words
    assert "No method was compared." in words
    assert "No finding in what was checked." in words


def test_two_findings_of_one_code_and_object_have_two_addresses() -> None:
    document = nasty("twice")
    ids = Reading(render_html(document)).ids
    assert {"COL001-twice", "COL001-twice--2"} <= set(ids)


def test_a_statement_with_hidden_characters_is_shown_and_not_offered_for_copying() -> None:
    html = render_html(nasty("DROP\u202e TABLE x"))
    assert 'class="sql"' not in html
    assert "DROP⟨U+202E⟩ TABLE x" in html
    assert 'class="sql"' in render_html(nasty("DROP TABLE x"))


def test_ten_thousand_findings_stay_below_five_megabytes_and_the_report_says_what_it_cut() -> None:
    document = many(10_000)
    html = render_html(document)
    assert len(html.encode()) < 5_000_000
    page = Reading(html)
    assert page.faults == []
    shown = [name for name in page.ids if re.match(r"[A-Z]{3}[0-9]{3}-", name)]
    assert len(set(shown)) == 10_000
    assert "are listed here by title only" in page.words
    assert page.tags.count("details") < 10_000


def test_long_titles_cut_findings_off_and_the_report_says_how_many() -> None:
    one = samples.first_built().findings[0]
    long = one.model_copy(update={"title": "x" * 5_000, "table": "t" * 2_000})
    document = samples.first_built().model_copy(update={"findings": (long,) * 4_000})
    html = render_html(document)
    assert len(html.encode()) < 5_000_000
    words = Reading(html).words
    cut = re.search(r"([\d,]+) findings, the least severe, are not in this page at all", words)
    assert cut is not None
    listed = len([name for name in Reading(html).ids if name.startswith("COL001-")])
    assert listed + int(cut[1].replace(",", "")) == 4_000


def test_long_lists_are_cut_with_a_note() -> None:
    base = samples.first_built()
    document = base.model_copy(update={"changes": base.changes * 1_000, "unmodelled": ("rule x",) * 900})
    words = Reading(render_html(document)).words
    assert re.search(r"[\d,]+ more changes are in the run document", words)
    assert "400 more are in the run document" in words
    assert len(render_html(document).encode()) < 5_000_000


def test_the_policy_forbids_the_network_and_every_script_but_the_report_s_own() -> None:
    html = render_html(samples.aligned())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert html.count("<script>") == 2
    for tag in ("style", "script"):
        for text in re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL):
            assert f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy[1]
