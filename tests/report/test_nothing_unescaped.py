"""Whatever a name or a value holds: no output is broken by it, obeys it, or hides it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TypeVar
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from harness.core.document import RunDocument
from harness.core.history import known_run
from harness.render.formats import FORMATS
from harness.render.index import listed_run, render_index
from harness.render.visible import one_line, visible
from tests.report import samples
from tests.report.contracts import contract, junit_schema
from tests.report.nasty import NASTY, nasty
from tests.report.reading import Reading

broken_characters = st.sampled_from("<>&\"'`[]{}%\\\n\r\t\0\x1b\x9b\u202e\ufffe")
pieces = st.one_of(st.sampled_from(NASTY), broken_characters, st.text(max_size=3))
nasty_texts = st.one_of(st.text(max_size=40), st.lists(pieces, max_size=4).map("".join))
obeyed = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
Test = TypeVar("Test", bound=Callable[..., None])
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def with_nasty_examples(test: Test) -> Test:
    """Every nasty value of the samples, besides what Hypothesis finds."""
    for text in NASTY:
        test = example(text)(test)
    return test


@cache
def known_markup() -> tuple[frozenset[str], frozenset[str]]:
    """The tags and attributes of the report over harmless documents: no value may add to them."""
    pages = [
        Reading(FORMATS["html"](document))
        for document in (
            nasty("plain"), nasty("nul\0"), nasty(""), nasty("https:x"),
            samples.aligned(), samples.first_built(),
        )
    ]  # fmt: skip
    return (
        frozenset(tag for page in pages for tag in page.tags),
        frozenset(name for page in pages for _, name, _ in page.attributes),
    )


@quick
@with_nasty_examples
@given(nasty_texts)
def test_html_is_well_formed_and_no_value_becomes_markup(text: str) -> None:
    html = FORMATS["html"](nasty(text))
    page = Reading(html)
    tags, attributes = known_markup()
    assert page.faults == []
    assert set(page.tags) <= tags
    assert {name for _, name, _ in page.attributes} <= attributes
    assert page.tags.count("script") == 2
    assert len(page.ids) == len(set(page.ids))
    assert not obeyed.search(html)
    if len(text) < 60:
        assert " ".join(visible(text).split()) in page.words
    for link in page.links:
        assert link.startswith("#") or not re.match(r"/|\\|[a-z][a-z0-9+.-]*:", link, re.IGNORECASE)


@quick
@with_nasty_examples
@given(nasty_texts)
def test_a_list_of_runs_is_well_formed_and_no_value_becomes_markup(text: str) -> None:
    run = listed_run(known_run(nasty(text)), text or "folder", "report.html")
    usual = listed_run(known_run(nasty("plain")), "folder", "report.html")
    plain = Reading(render_index([usual] * 2, [("a", "b")], older=2))
    html = render_index([run, run], [(text, text)], older=2)
    page = Reading(html)
    assert page.faults == []
    assert set(page.tags) <= set(plain.tags)
    assert {name for _, name, _ in page.attributes} <= {name for _, name, _ in plain.attributes}
    assert page.tags.count("script") == 1
    assert not obeyed.search(html)
    for link in page.links:
        assert link.startswith(("#", "./"))


@quick
@with_nasty_examples
@given(nasty_texts)
def test_json_comes_back_unchanged_and_holds_nothing_that_a_terminal_obeys(text: str) -> None:
    document = nasty(text)
    output = FORMATS["json"](document)
    assert RunDocument.from_json(output) == document
    contract("run").validate(json.loads(output))
    assert not obeyed.search(output.replace("\u200b", "").replace("\ufffe", "").replace("\uffff", ""))


@quick
@with_nasty_examples
@given(nasty_texts)
def test_every_line_of_jsonl_is_an_object_and_the_last_is_the_verdict(text: str) -> None:
    lines = [json.loads(line) for line in FORMATS["jsonl"](nasty(text)).splitlines()]
    for line in lines:
        contract("report-line").validate(line)
    assert [line["type"] for line in lines] == ["finding"] * 2 + ["change"] * 4 + ["verdict"]
    assert lines[0]["title"] == text
    assert lines[-1]["status"] == "NO-GO"


@quick
@with_nasty_examples
@given(nasty_texts)
def test_junit_is_xml_and_tells_the_value(text: str) -> None:
    output = FORMATS["junit"](nasty(text))
    junit_schema().validate(output)
    root = ET.fromstring(output)
    messages = [failure.get("message") for failure in root.iter("failure")]
    assert one_line(text) in messages


@quick
@with_nasty_examples
@given(nasty_texts)
def test_the_terminal_s_text_moves_no_cursor_and_swallows_no_markup(text: str) -> None:
    output = FORMATS["text"](nasty(text))
    assert not obeyed.search(output)
    shown = unicodedata.normalize("NFC", "".join(one_line(text).split()))
    if len(shown) < 60:
        assert shown in unicodedata.normalize("NFC", "".join(output.split()))


@quick
@with_nasty_examples
@given(nasty_texts)
def test_every_line_of_the_annotations_is_one_command_of_ours(text: str) -> None:
    lines = FORMATS["github"](nasty(text)).removesuffix("\n").split("\n")
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) title=[^:,\n\r]+::.+", line)
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)
    assert not obeyed.search("".join(lines))


@quick
@with_nasty_examples
@given(nasty_texts)
def test_markdown_has_no_html_of_a_value_and_pings_nobody(text: str) -> None:
    output = FORMATS["markdown"](nasty(text))
    outside = re.sub(r"(?s)(`{3,})text\n.*?\n\1", "", output)
    outside = re.sub(r"(?s)(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert set(re.findall(r"(?<!\\)<[^>]*>", outside)) <= {"<details>", "<summary>", "</summary>", "</details>"}
    assert not re.search(r"(?<!\\)[@#](?=\w)", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", output)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_is_the_same_each_time(name: str) -> None:
    assert FORMATS[name](samples.planted()) == FORMATS[name](samples.planted())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("document", [samples.empty(), samples.interrupted()], ids=["empty", "interrupted"])
def test_no_format_takes_an_incomplete_run_for_a_pass(name: str, document: RunDocument) -> None:
    assert "INCOMPLETE" in FORMATS[name](document)
