"""docs/findings.md and docs/findings/CODE.md: what each code means, what follows from it, and how it is mended."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness.core.codes import ABOUT_COVERAGE, CODES, FindingCode

TEXTS = Path(__file__).with_name("finding_texts.toml")
CORPUS = Path(__file__).resolve().parents[2] / "schemas" / "corpus"
FAMILIES = {
    "TAB": "Tables",
    "COL": "Columns",
    "CON": "Constraints",
    "IDX": "Indexes",
    "SEQ": "Sequences",
    "VIE": "Views",
    "FUN": "Functions",
    "TRG": "Triggers",
    "TYP": "Types",
    "OBJ": "Other objects",
    "POL": "Policies",
    "EXT": "Extensions",
    "SCH": "Schemas",
    "PRV": "Privileges",
    "OWN": "Owners",
    "CMT": "Comments",
    "PUB": "Publications",
    "PLT": "What depends on a platform",
    "UNM": "What is not compared",
    "ENV": "The databases themselves",
    "CTR": "Statements of the data layer",
    "PLN": "Plans",
    "MIG": "Migration",
    "CUT": "The cutover",
    "ROW": "Rows",
    "MET": "Methods",
    "COV": "Coverage",
}
STAGES = {
    "CTR": ("The contract check", "contract.md"),
    "PLN": ("Comparing and aligning schemas", "schema.md"),
    "MIG": ("Migrating rows", "migrate.md"),
    "CUT": ("The cutover", "cutover.md"),
    "ROW": ("The comparison of rows", "rows.md"),
    "MET": ("The comparison of methods", "methods.md"),
    "COV": ("Why believe it?", "why-believe.md"),
}
"""The page that says how findings of a family come about; every other family is one of schemas"""


@dataclass(frozen=True, slots=True)
class FindingText:
    """What a page says beside the code's sentence."""

    breaks: str
    fix: str
    severity: tuple[str, ...] = ()
    when: str = ""
    corpus: str = ""
    example: str = ""


def finding_texts() -> dict[str, FindingText]:
    """The texts by code. TypeError: an entry has an unknown key, or lacks one."""
    read = tomllib.loads(TEXTS.read_text(encoding="utf-8"))
    return {
        code: FindingText(**{key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()})
        for code, entry in read.items()
    }


def findings_index() -> str:
    """The page of all codes."""
    lines = [
        "# Finding codes",
        "",
        "Every finding of a report has one of these codes. They are stable: a code never changes its meaning.",
        "Each leads to its page: what breaks, how it is mended, what it decides, an example.",
        "Codes marked † say what was *not* checked: they make a verdict INCOMPLETE, not NO-GO.",
    ]
    family = ""
    for code in CODES.values():
        if code.code[:3] != family:
            family = code.code[:3]
            lines += ["", f"## {FAMILIES[family]}", "", "| code | title | meaning |", "| --- | --- | --- |"]
        mark = " †" if code.code in ABOUT_COVERAGE else ""
        link = f"[{code.code}](findings/{code.code}.md)"
        lines.append(f'| <a id="{code.code}"></a>{link}{mark} | {code.title} | {code.sentence} |')
    return "\n".join(lines) + "\n"


def finding_pages() -> dict[str, str]:
    """The text of each page, by code."""
    texts = finding_texts()
    return {code: _page(each, texts.get(code)) for code, each in CODES.items()}


def _page(code: FindingCode, text: FindingText | None) -> str:
    lines = [f"# {code.code}: {code.title}", "", code.sentence]
    if text is not None:
        lines += ["", "## What breaks", "", text.breaks, "", "## How to mend it", "", text.fix]
        lines += ["", "## What it decides", "", *_decides(code.code, text), *_example(text)]
    title, page = STAGES.get(code.code[:3], ("Comparing and aligning schemas", "schema.md"))
    return "\n".join([*lines, "", f"[All codes](../findings.md) · [{title}](../{page})"]) + "\n"


def _decides(code: str, text: FindingText) -> list[str]:
    if code in ABOUT_COVERAGE:
        words = "It says what was not checked. Where that was asked for the verdict is INCOMPLETE, and never NO-GO."
        return [words, *([text.when] if text.when else [])]
    graves = [each for each in ("blocker", "risk") if each in text.severity]
    if graves and "cosmetic" in text.severity:
        sentence = f"As a {' or a '.join(graves)} it makes the verdict NO-GO; as cosmetic it does not."
    elif graves:
        sentence = f"It is a {' or a '.join(graves)}, and makes the verdict NO-GO."
    else:
        sentence = "It is cosmetic, and changes no verdict."
    limit = "`--fail-on` moves the limit, which is `risk` by default."
    return [f"{sentence} {limit}", *([text.when] if text.when else [])]


def _example(text: FindingText) -> list[str]:
    if not text.corpus:
        return ["", "## An example", "", "```text", *text.example.strip().splitlines(), "```"]
    folder = CORPUS / text.corpus
    about = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))["about"]
    lines = ["", "## An example", "", f"{about[0].upper()}{about[1:]}."]
    for side in ("source", "target"):
        sql = (folder / f"{side}.sql").read_text(encoding="utf-8").strip()
        lines += ["", f"On the {side}:", "", "```sql", *(sql or "-- nothing").splitlines(), "```"]
    return lines
