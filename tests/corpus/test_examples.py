"""The examples of docs/findings are pairs of the corpus: each gives its code, as gravely as its page says."""

from __future__ import annotations

import pytest

from docs.generator.finding_pages import CORPUS, FindingText, finding_texts
from harness.core.configuration import Configuration
from harness.embedded.server import Server
from harness.stages.diff import diff_stage
from tests.corpus.cases import read_case
from tests.corpus.databases import catalog, drop, load

EXAMPLES = {code: text for code, text in finding_texts().items() if text.corpus}


@pytest.mark.long
@pytest.mark.parametrize(("code", "text"), EXAMPLES.items(), ids=EXAMPLES)
def test_the_example_of_a_code_gives_it(newer_server: Server, code: str, text: FindingText) -> None:
    case = read_case(CORPUS / text.corpus)
    names = [f"example_{code.lower()}_{side}" for side in ("source", "target")]
    try:
        source, target = (
            catalog(load(newer_server, name, sql)) for name, sql in zip(names, (case.source, case.target), strict=True)
        )
    finally:
        for name in names:
            drop(newer_server, name)
    found = diff_stage(source, target, Configuration()).findings
    severities = {str(each.severity) for each in found if each.code == code}
    assert severities, f"it gives {', '.join(sorted({each.code for each in found}))}"
    assert severities <= set(text.severity)
