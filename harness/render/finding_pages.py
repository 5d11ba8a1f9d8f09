"""What the documentation's page of a code says beside its one sentence: what breaks, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from harness.errors import PgparityError
from harness.shipped import shipped

_SECTIONS = {"What breaks": "breaks", "How to mend it": "mend"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a sentence: words, or code."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A paragraph each, in pieces; empty where this installation has no such page."""

    breaks: tuple[Piece, ...] = ()
    mend: tuple[Piece, ...] = ()


@cache
def finding_page(code: str) -> FindingPage:
    """The page of a code. A document of a newer pgparity may hold codes of which this one has none."""
    if not re.fullmatch(r"[A-Z]{3}[0-9]{3}", code):
        return FindingPage()
    try:
        text = shipped("docs", "findings", f"{code}.md").read_text(encoding="utf-8")
    except PgparityError:
        return FindingPage()
    found = dict(re.findall(r"(?ms)^## (.+?)\n+(.*?)(?=^## |\Z)", text))
    return FindingPage(**{name: _pieces(found.get(title, "")) for title, name in _SECTIONS.items()})


def _pieces(text: str) -> tuple[Piece, ...]:
    """Markdown's code spans apart; our own pages have no other markup in these two sections."""
    pieces = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return tuple(Piece(each.strip("`"), is_code=each.startswith("`")) for each in pieces if each)
