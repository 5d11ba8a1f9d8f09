"""Every case of schemas/corpus, on a real server: it loads, and a comparison is never blind to it, in either direction.

`make test-corpus` runs all of them; `make test` every thirtieth.
"""

from __future__ import annotations

import functools
import os
import zlib
from pathlib import Path

import pytest

from harness.core.change import Change
from harness.core.names import qualified, split
from harness.embedded.server import Server
from harness.stages.diff import DiffArtifact
from tests.corpus.cases import Case, cases, chosen
from tests.corpus.databases import diff, drop, load
from tests.server_versions import MAJOR

ONE_VERSION = "PGPARITY_TEST_MAJOR" in os.environ
CONSEQUENCES = {"data loss", "exposure", "writes fail", "wrong results", "performance", "cosmetic"}
WAITING = frozenset((Path(__file__).parent / "waiting.txt").read_text(encoding="utf-8").split())
"""Cases of which a comparison does not tell yet what expect.toml says; one that it does tell has to be taken out"""
SILENT = frozenset((Path(__file__).parent / "silent.txt").read_text(encoding="utf-8").split())
"""Cases to which a comparison is blind today, most of them privileges and owners; one that it sees has to go"""

_MIRRORED = {"added": "removed", "removed": "added", "altered": "altered"}


def _mirrored(each: Change) -> tuple[str, str, str | None, str]:
    """What the other way of the comparison has to say: of a renamed object it tells the name on its own source."""
    kind, identity = each.kind, each.identity
    if each.attribute == "name":
        identity = qualified(*split(identity)[:-1], str(each.target))
    elif each.attribute == "arbiter":
        # A constraint on one side and a bare index on the other: it is told as what the source has.
        kind = "constraint"
    return (kind, identity, each.attribute, _MIRRORED[each.change])


@functools.cache
def _both_ways(server: Server, case: Case) -> tuple[DiffArtifact, DiffArtifact]:
    names = [f"corpus_{zlib.crc32(case.name.encode()):08x}_{side}" for side in ("source", "target")]
    rows = () if case.rows is None else (case.rows,)
    try:
        source, target = (
            load(server, name, text, *rows) for name, text in zip(names, (case.source, case.target), strict=True)
        )
        return diff(source, target), diff(target, source)
    finally:
        for name in names:
            drop(server, name)


@pytest.fixture
def found(server: Server, newer_server: Server, case: Case) -> tuple[DiffArtifact, DiffArtifact]:
    """The diff of the case and its mirror image, on the newest server at hand or the one that is asked for."""
    if ONE_VERSION and case.since > MAJOR:
        pytest.skip(f"needs PostgreSQL {case.since}")
    return _both_ways(server if ONE_VERSION else newer_server, case)


@pytest.mark.parametrize("case", [each for each in chosen() if "_same_" not in each.name], ids=lambda case: case.name)
def test_a_comparison_is_not_blind_to_the_case(case: Case, found: tuple[DiffArtifact, DiffArtifact]) -> None:
    told = [bool(each.changes or each.unmodelled or each.column_order) for each in found]
    assert all(told) == (case.name not in SILENT), case.about


@pytest.mark.parametrize("case", chosen(), ids=lambda case: case.name)
def test_a_comparison_tells_what_is_expected(case: Case, found: tuple[DiffArtifact, DiffArtifact]) -> None:
    there, back = found
    told = {(each.kind, each.identity, each.attribute, each.change, str(each.consequence)) for each in there.changes}
    mirrored = {_mirrored(each) for each in back.changes}
    expected = {(each.kind, each.identity, each.attribute, each.change, each.consequence) for each in case.changes}
    right = told == expected and mirrored == {each[:4] for each in expected}
    if case.name in WAITING:
        assert not right, "it is told as expected: take it out of waiting.txt"
    else:
        assert told == expected
        assert mirrored == {each[:4] for each in expected}


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_the_case_says_what_is_expected(case: Case) -> None:
    assert case.about.strip()
    assert case.source != case.target
    assert all(each.consequence in CONSEQUENCES for each in case.changes)
    assert all(each.change in ("added", "removed", "altered") for each in case.changes)
    assert all((each.attribute is None) == (each.change != "altered") for each in case.changes)
    assert len(set(case.changes)) == len(case.changes)


def test_the_lists_name_cases_that_there_are() -> None:
    assert {case.name for case in cases()} >= WAITING | SILENT
    assert SILENT <= WAITING
