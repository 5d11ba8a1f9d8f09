"""Each format as a whole: within its published schema, and short enough for where it goes."""

from __future__ import annotations

import json
import re

import pytest

from harness.core.document import RunDocument
from harness.core.run_comparison import compare_runs
from harness.render.formats import FORMATS
from harness.render.markdown import LONGEST_COMMENT
from tests.report import samples
from tests.report.contracts import contract, junit_schema
from tests.report.nasty import many, nasty
from tests.report.reading import Reading
from tests.report.several_runs import compared, merged

LONGEST_SUMMARY = 1024 * 1024
"""Bytes of a job summary of GitHub"""


SAMPLES = {"compared": compared, "merged": merged, "interrupted": samples.interrupted}


@pytest.mark.parametrize("made", [*SAMPLES.values(), samples.empty, samples.first_built, lambda: many(300)])
def test_every_output_is_within_its_published_schema(made: object) -> None:
    document: RunDocument = made()  # type: ignore[operator]
    contract("run").validate(json.loads(FORMATS["json"](document)))
    for line in FORMATS["jsonl"](document).splitlines():
        contract("report-line").validate(json.loads(line))
    junit_schema().validate(FORMATS["junit"](document))
    assert Reading(FORMATS["html"](document)).faults == []


@pytest.mark.parametrize(
    ("contract_name", "data"),
    [
        ("report-line", {"type": "finding", "code": "COL001"}),
        ("report-line", {"type": "other"}),
        ("run", {"format": "pgparity/run", "version": 1}),
    ],
)
def test_the_schemas_refuse_what_they_do_not_describe(contract_name: str, data: dict[str, object]) -> None:
    assert not contract(contract_name).is_valid(data)


@pytest.mark.parametrize(
    "text",
    [
        "<testsuites name='x' time='1'/>",
        FORMATS["junit"](samples.planted()).replace("<failure", "<problem").replace("</failure", "</problem"),
        re.sub(r'time="[0-9.]+"', 'time="soon"', FORMATS["junit"](samples.planted()), count=1),
    ],
)
def test_the_schema_of_junit_refuses_what_is_none(text: str) -> None:
    assert not junit_schema().is_valid(text)


@pytest.mark.parametrize("document", [many(20_000), nasty("`|*@" * 20_000)], ids=["many findings", "long values"])
def test_markdown_fits_a_comment_and_a_job_summary(document: RunDocument) -> None:
    output = FORMATS["markdown"](document)
    assert len(output) < LONGEST_COMMENT
    assert len(output.encode()) < LONGEST_SUMMARY


@pytest.mark.parametrize("text", ["\U0001f600" * 40_000, "ж|" * 40_000])
@pytest.mark.long
def test_markdown_of_wide_characters_fits_in_bytes_too(text: str) -> None:
    output = FORMATS["markdown"](nasty(text))
    assert len(output.encode("utf-16-le")) // 2 < 65_536, "GitHub counts as JavaScript does"
    assert len(output.encode()) < LONGEST_SUMMARY


def test_annotations_of_new_findings_come_first_and_say_so() -> None:
    lines = FORMATS["github"](compared()).splitlines()
    assert lines[1].startswith("::error title=pgparity%3A what changed::Since the run of 2026-07-01 09:12:03 UTC")
    assert lines[2].startswith("::error title=new MET001 blocker (methods)::")


def test_junit_is_red_for_what_got_worse_and_green_where_nothing_did() -> None:
    same = compare_runs(samples.planted(), samples.planted())
    unchanged = FORMATS["junit"](samples.planted().model_copy(update={"comparison": same}))
    worse = FORMATS["junit"](compared())
    assert re.search(r'name="what changed" time="0.000">\s*<system-out>', unchanged)
    assert re.search(r'name="what changed" time="0.000">\s*<failure message="Since the run of', worse)
