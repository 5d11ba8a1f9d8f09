"""What the report's buttons copy: a finding, or all that are shown, as SQL, TSV and Markdown."""

from __future__ import annotations

import csv
import io

from playwright.sync_api import Page

from harness.core.document import RunDocument
from harness.core.findings import Evidence, Fix
from tests.report import samples
from tests.report.conftest import Opened

FINDING = "COL001-public.clients.yclients_id"
FIRST = f"[id='{samples.first_built().findings[0].anchor}']"


def copied(page: Page, within: str, name: str) -> str:
    """What a button puts into the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(f"{within} .copies").get_by_role("button", name=name).click()
    # Another one may still say so of an earlier copy.
    page.locator(f"{within} .copies button[data-label='{name}']").and_(page.get_by_text("Copied")).wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert isinstance(text, str)
    return text


def changed(document: RunDocument, **updates: object) -> RunDocument:
    """The document with its first finding changed."""
    first, *others = document.findings
    return document.model_copy(update={"findings": (first.model_copy(update=updates), *others)})


def test_a_finding_is_copied_as_sql_with_its_statements_exactly(opened: Opened) -> None:
    document = samples.first_built()
    finding = next(each for each in document.findings if each.anchor == FINDING)
    page = opened(document, fragment=f"#{FINDING}")
    text = copied(page, f"[id='{FINDING}']", "SQL")
    assert finding.fix is not None
    assert finding.fix.sql is not None
    assert finding.query is not None
    comments = [line for line in text.splitlines() if line.startswith("--")]
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    assert comments[0] == f"-- COL001 {finding.title}"
    assert any(word in comments[1] for word in ("safe: it loses nothing", "not safe by itself"))
    for sql in (finding.fix.sql, finding.query):
        assert sql.rstrip(";") + ";" in statements


def test_a_title_over_several_lines_stays_a_comment(opened: Opened) -> None:
    document = changed(samples.first_built(), title="x\nDROP TABLE clients;\n-- y")
    page = opened(document)
    text = copied(page, FIRST, "SQL")
    assert text.splitlines()[0] == "-- COL001 x DROP TABLE clients; -- y"
    assert not any(line.startswith("DROP") for line in text.splitlines())


def test_the_findings_that_the_filter_shows_are_copied_as_tsv(opened: Opened) -> None:
    document = samples.first_built()
    page = opened(document, fragment="#severity=risk&code=IDX001")
    lines = list(csv.reader(io.StringIO(copied(page, "#filter", "TSV")), delimiter="\t"))
    assert lines[0] == ["severity", "code", "stage", "table", "object", "title", "evidence", "source", "target"]
    found = [each for each in document.findings if each.code == "IDX001"]
    assert [line[4] for line in lines[1:]] == [each.object.identity for each in found]
    assert [line[7] for line in lines[1:]] == [each.evidence[0].source for each in found]
    assert {line[8] for line in lines[1:]} == {"absent"}


def test_a_value_is_no_formula_and_no_second_cell_in_a_spreadsheet(opened: Opened) -> None:
    values = {"=1+2": "'=1+2", "@x": "'@x", "-1.5": "-1.5", "-x": "'-x", "a\tb\nc": "a b c"}
    evidence = tuple(Evidence(label="v", source=value, target="t") for value in values)
    document = changed(samples.first_built(), evidence=evidence)
    page = opened(document)
    lines = copied(page, FIRST, "TSV").splitlines()
    assert [line.split("\t")[7] for line in lines[1:]] == list(values.values())


def test_a_value_that_begins_with_a_quote_ends_with_its_cell(opened: Opened) -> None:
    values = ('"a" and b', 'c "d"', '"', "'=1\"")
    evidence = tuple(Evidence(label='"v"', source=value, target="t") for value in values)
    page = opened(changed(samples.first_built(), evidence=evidence))
    lines = list(csv.reader(io.StringIO(copied(page, FIRST, "TSV")), delimiter="\t"))
    assert [line[6:] for line in lines[1:]] == [['"v"', value, "t"] for value in values]


def test_values_that_differ_in_blanks_alone_are_not_copied_as_equal(opened: Opened) -> None:
    spaced = [Evidence(label="v", source=value, target=value) for value in ("a b", "a  b", "a b ")]
    evidence = (*spaced, Evidence(label="w", text="c   d"))
    page = opened(changed(samples.first_built(), evidence=evidence))
    lines = list(csv.reader(io.StringIO(copied(page, FIRST, "TSV")), delimiter="\t"))
    assert [line[7:] for line in lines[1:]] == [["a b", "a b"], ["a  b", "a  b"], ["a b ", "a b "], ["c   d", ""]]
    assert "| `a  b` | `a  b` |" in copied(page, FIRST, "Markdown")


def test_a_statement_without_its_key_is_left_out_of_what_is_copied_and_said(opened: Opened) -> None:
    first = samples.first_built().findings[0]
    fix = Fix(text="Mend it.", sql="ALTER ROLE app PASSWORD 'x';", safe=True)
    page = opened(changed(samples.first_built(), fix=fix, query="SELECT 1;"))
    assert page.locator(f"{FIRST} pre.not-whole").count() == 1
    text = copied(page, FIRST, "SQL")
    assert "ALTER ROLE" not in text
    assert "-- A statement is left out, for what looks like a password" in text
    assert "SELECT 1;" in text
    assert first.title in text


def test_a_finding_is_copied_as_markdown_with_its_table_and_its_statement_fenced(opened: Opened) -> None:
    evidence = (Evidence(label="a|b", source="c|`d`", target="</td>"), Evidence(label="seen", text="<b>@you</b>"))
    document = changed(samples.first_built(), evidence=evidence)
    page = opened(document)
    text = copied(page, FIRST, "Markdown")
    finding = document.findings[0]
    assert text.startswith("### COL001 ")
    assert "| a\\|b | `` c\\|`d` `` | `</td>` |" in text
    assert "- seen: \\<b\\>\\@you\\</b\\>" in text
    assert finding.fix is not None
    assert f"```sql\n{finding.fix.sql}\n```" in text
    for broken in finding.breaks:
        assert broken.replace("_", "\\_") in text


def test_a_finding_without_a_statement_offers_no_sql(opened: Opened) -> None:
    document = samples.aligned()
    page = opened(document)
    names = page.locator(f"[id='{document.findings[0].anchor}'] .copies button").all_inner_texts()
    assert names == ["TSV", "Markdown"]
