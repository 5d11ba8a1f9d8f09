"""The outputs that are not HTML: the terminal's summary, JSON, JSON lines, JUnit, Markdown, annotations."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from harness.core.document import RunDocument
from harness.core.outcomes import Latency
from harness.core.record import Severity
from harness.render.formats import FORMATS
from harness.render.markdown import LONGEST_COMMENT, code, prose
from harness.render.plots import WIDTH, latency_plots, shares
from harness.render.terminal import print_summary, render_text
from tests.report import samples
from tests.report.nasty import many, nasty
from tests.report.reference_pair import document, stage


def test_the_summary_fits_one_screen_and_tells_verdict_reasons_stages_gaps_and_next_steps() -> None:
    text = render_text(samples.first_built())
    assert len(text.splitlines()) <= 48
    assert max(map(len, text.splitlines())) <= 100
    assert text.startswith("NO-GO  14 findings must be mended")
    for part in (
        "Column public.bookings.yclients_record_id is missing on the target (and 6 more of COL001)",
        "contract failed 0.60 s 34 of 61 statements fail on the target",
        "COL001",
        "blocker COL001 7 Column public.bookings.yclients_record_id is missing on the target",
        "risk IDX001 2 Index",
        "Not checked: 3 gaps",
        "public.reminders: moves in the next release",
        "Plan add-missing",
    ):
        assert part in " ".join(text.split())


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_summary_keeps_to_the_width_of_the_terminal(width: int) -> None:
    assert max(map(len, render_text(samples.first_built(), width=width).splitlines())) <= width


def test_the_summary_of_ten_thousand_findings_is_as_short() -> None:
    assert len(render_text(many(10_000)).splitlines()) <= 40


def _printed(document: RunDocument, **options: object) -> str:
    stream = io.StringIO()
    print_summary(document, Console(file=stream, width=100, force_terminal=True, **options))  # type: ignore[arg-type]
    return stream.getvalue()


def test_colour_repeats_what_the_words_say_and_goes_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = _printed(samples.planted(), color_system="standard")
    assert "\x1b[1;31mNO-GO" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = _printed(samples.planted(), color_system="standard")
    assert "31m" not in plain
    assert "NO-GO" in plain
    assert "blocker" in plain


def test_json_is_the_whole_document() -> None:
    document = samples.planted()
    output = FORMATS["json"](document)
    assert RunDocument.from_json(output) == document
    assert json.loads(output)["findings"][0]["anchor"] == document.findings[0].anchor


def test_json_lines_end_with_the_verdict() -> None:
    lines = FORMATS["jsonl"](samples.first_built()).splitlines()
    assert len(lines) == 15
    last = json.loads(lines[-1])
    assert (last["type"], last["status"], last["exit_code"], last["findings"]) == ("verdict", "NO-GO", 1, 14)


def _capped() -> RunDocument:
    document = samples.aligned()
    about = document.findings[0].model_copy(update={"code": "MET010", "severity": Severity.RISK, "stage": "methods"})
    return document.model_copy(update={"findings": (about,)})


@pytest.mark.parametrize(
    ("document", "red"),
    [
        (samples.aligned(), False),
        (samples.planted(), True),
        (samples.interrupted(), True),
        (samples.empty(), True),
        (_capped(), False),
    ],
    ids=["GO", "NO-GO", "INCOMPLETE", "nothing known", "GO with a risk about coverage"],
)
def test_junit_is_red_exactly_when_the_verdict_is_not_go(document: RunDocument, red: bool) -> None:
    root = ET.fromstring(FORMATS["junit"](document))
    assert (int(root.get("failures", "0")) + int(root.get("errors", "0")) > 0) is red


def test_junit_has_a_case_for_each_stage_and_for_each_code_and_object() -> None:
    root = ET.fromstring(FORMATS["junit"](samples.first_built()))
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert ("pgparity.diff", "COL001 column public.clients.yclients_id") in names
    assert ("pgparity.methods", "stage methods") in names
    assert len(names) == len(set(names)) == 14 + 7 + 1
    assert root.get("tests") == "22"
    failure = root.find("testsuite[@name='diff']/testcase[@name='COL001 column public.clients.yclients_id']/failure")
    assert failure is not None
    assert "source: yclients_id bigint NOT NULL" in (failure.text or "")


def test_a_finding_below_the_limit_passes_in_junit_and_is_told() -> None:
    root = ET.fromstring(FORMATS["junit"](samples.aligned()))
    case = root.find("testsuite[@name='diff']/testcase[2]")
    assert case is not None
    assert [child.tag for child in case] == ["system-out"]


def test_a_stage_that_did_not_run_is_an_error_in_junit_and_an_excluded_one_is_skipped() -> None:
    stages = [stage("rows", "not run", "why"), stage("migrate", "excluded", "by hand")]
    root = ET.fromstring(FORMATS["junit"](document(title="x", findings=[], stages=stages)))
    assert root.find("testsuite[@name='rows']/testcase/error") is not None
    assert root.find("testsuite[@name='migrate']/testcase/skipped") is not None


def test_markdown_is_short_enough_for_a_comment_and_says_what_it_left_out() -> None:
    output = FORMATS["markdown"](many(10_000))
    assert len(output) < LONGEST_COMMENT
    assert "_9,900 more are in the run document._" in output


def test_markdown_with_long_values_is_cut_between_sections() -> None:
    output = FORMATS["markdown"](nasty("`|*" * 20_000))
    assert len(output) < LONGEST_COMMENT
    assert output.count("<details>") == output.count("</details>")


def test_markdown_leads_with_the_verdict_and_its_reasons() -> None:
    output = FORMATS["markdown"](samples.planted())
    assert output.startswith("### ❌ pgparity: NO-GO\n")
    assert "1. 2 rows of public.clients hold other values on the target" in output
    assert "2. get\\_upcoming\\_appointments gives another answer in 3 of 6 cases" in output
    assert "| `public.clients` | equal | not run | 1 missing on the target, 2 different | no finding |" in output


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a|b", "`a\\|b`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a\nb", "`a␊b`"),
        ("", "`  `"),
    ],
)
def test_a_code_span_holds_any_value(value: str, shown: str) -> None:
    assert code(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("<b>*x*", "\\<b\\>\\*x\\*"),
        ("@team", "@\u200bteam"),
        ("see #12", "see #\u200b12"),
        ("https://x.y", "https:\u200b//x.y"),
        ("www.x.y", "www\u200b.x.y"),
        ("[a](b)", "\\[a\\](b)"),
        ("- x", "\\- x"),
        ("1. x", "1\\. x"),
        ("a-b", "a-b"),
    ],
)
def test_prose_of_a_value_is_neither_markup_nor_a_link_nor_a_mention(value: str, shown: str) -> None:
    assert prose(value) == shown


def test_annotations_lead_with_the_verdict_and_level_by_severity() -> None:
    lines = FORMATS["github"](samples.planted()).splitlines()
    assert lines[0].startswith("::error title=pgparity%3A NO-GO::2 findings must be mended")
    assert lines[1].startswith("::error title=MET001 blocker (methods)::get_upcoming_appointments")
    assert lines[-1].startswith("::notice title=CON007 cosmetic (diff)::")
    assert FORMATS["github"](samples.aligned()).startswith("::notice title=pgparity%3A GO::")


def test_annotations_tell_gaps_as_errors() -> None:
    assert "::error title=Not checked (rows)::public.dialog_contexts: statement timeout" in FORMATS["github"](
        samples.interrupted()
    )


def test_annotations_stop_where_github_would_drop_them() -> None:
    lines = FORMATS["github"](many(1_000)).splitlines()
    assert len(lines) == 50
    assert lines[-1] == "::notice title=pgparity::952 more are in the run document"


def test_many_findings_of_one_code_do_not_hide_the_others_from_the_summary() -> None:
    text = " ".join(render_text(many(3_000)).split())
    for part in ("blocker COL001 1,000 Column", "risk IDX001 1,000 Column", "cosmetic CON007 1,000 Column"):
        assert part in text


def test_latency_is_drawn_on_one_scale_and_an_outlier_runs_out_of_the_drawing() -> None:
    slow = (
        samples.aligned()
        .methods[0]
        .model_copy(
            update={
                "method": "slow",
                "latency": Latency(source_p50=4, source_p95=900, target_p50=2, target_p95=3, ratio=2),
            }
        )
    )
    drawn = latency_plots([slow])["slow"]
    assert (drawn.source.median, drawn.source.tail, drawn.source.beyond) == (WIDTH / 2, WIDTH, True)
    assert (drawn.target.median, drawn.target.tail, drawn.target.beyond) == (WIDTH / 4, 3 / 8 * WIDTH, False)


def test_a_method_that_took_no_time_is_drawn_as_nothing() -> None:
    timed = samples.aligned().methods[0]
    none = Latency(source_p50=0, source_p95=0, target_p50=0, target_p95=0, ratio=1)
    drawn = latency_plots([timed.model_copy(update={"latency": none})])
    assert drawn[timed.method].source.tail == 0
    assert shares([0, 0]) == (0, 0)
    assert shares([1, 4]) == (WIDTH / 4, WIDTH)
