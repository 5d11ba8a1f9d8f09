"""Findings have addresses that survive reruns, and codes that are explained."""

from __future__ import annotations

import re

from harness.core.codes import ABOUT_COVERAGE, CODES
from harness.core.findings import anchor


def test_an_anchor_is_readable_where_the_name_is_plain() -> None:
    assert anchor("COL001", "column", "public.clients.yclients_id") == "COL001-public.clients.yclients_id"


def test_names_that_cannot_be_an_anchor_keep_apart() -> None:
    anchors = {anchor("COL001", "column", name) for name in ('public."A"', "public.a", "public.ä", 'public."a b"', "Ж")}
    assert len(anchors) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", each) for each in anchors)


def test_every_code_is_explained_by_one_sentence() -> None:
    for code in CODES.values():
        assert re.fullmatch(r"[A-Z]{3}[0-9]{3}", code.code)
        assert code.sentence.endswith("."), code
        assert code.title
        assert not code.title.endswith(".")
    assert set(CODES) >= ABOUT_COVERAGE
