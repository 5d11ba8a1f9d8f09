"""What each format says of some runs, kept in tests/report/snapshots: a change of an output is seen in its difference.

`PGPARITY_SNAPSHOTS=write pytest tests/report/test_snapshots.py` writes them anew; read the difference before it is
committed.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from harness.render.formats import FORMATS
from tests.report import samples
from tests.report.several_runs import compared, merged
from tests.report.story import told_in_full

KEPT = Path(__file__).parent / "snapshots"
DOCUMENTS = {
    "go": samples.aligned(),
    "no-go": told_in_full(),
    "incomplete": samples.interrupted(),
    "compared": compared(),
    "merged": merged(),
}
EXTENSIONS = {
    "text": "txt", "json": "json", "jsonl": "jsonl", "junit": "xml", "markdown": "md", "github": "annotations",
    "html": "html",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("run", DOCUMENTS)
def test_a_format_says_of_a_run_what_it_said_before(name: str, run: str) -> None:
    file = KEPT / f"{run}.{EXTENSIONS[name]}"
    said = FORMATS[name](DOCUMENTS[run])
    said = _full(said) if name == "json" else _alone(said)
    if os.environ.get("PGPARITY_SNAPSHOTS") == "write":
        file.write_text(said, encoding="utf-8")
    assert said.splitlines() == file.read_text(encoding="utf-8").splitlines()


def test_nothing_is_kept_that_no_format_says() -> None:
    assert {file.name for file in KEPT.iterdir()} == {
        f"{run}.{extension}" for run in DOCUMENTS for extension in EXTENSIONS.values()
    }
    assert set(EXTENSIONS) == set(FORMATS)


def _alone(output: str) -> str:
    """The output without the report's style, scripts and their hashes, which are files of their own."""
    output = re.sub(r"(?s)(<(style|script)>).*?(</\2>)", r"\1\3", output)
    # What the pages of docs/findings say is theirs to change.
    output = re.sub(r'(?s)(<section id="codes".*?>).*?(</section>)', r"\1\2", output)
    return re.sub(r"'sha256-[^']+'", "'sha256-…'", output)


def _full(output: str) -> str:
    """JSON without what is empty: a field that a later version adds changes nothing for runs that do not have it."""
    return json.dumps(_filled(json.loads(output)), indent=1, ensure_ascii=False) + "\n"


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        filled = {name: _filled(inner) for name, inner in value.items()}
        return {name: inner for name, inner in filled.items() if inner not in (None, "", 0, False, [], {})}
    return [_filled(inner) for inner in value] if isinstance(value, list) else value
