"""Text from databases made safe to show: what cannot be seen, or changes how the rest is seen, is spelt out."""

from __future__ import annotations

import re

_PICTURED = r"\x00-\x08\x0b-\x1f\x7f"
_SPELT = (
    r"\x80-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    r"\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
)
_HIDDEN = re.compile(
    # Zero-width joiners belong to emoji and to some scripts: they are spelt only beside an ASCII character or alone.
    f"[{_PICTURED}{_SPELT}]|(?<![^\\x00-\\x7f])[\\u200c\\u200d]|[\\u200c\\u200d](?![^\\x00-\\x7f])"
)
_HIDDEN_ANYWHERE = re.compile(f"[{_PICTURED}{_SPELT}\\u200c\\u200d]")
_LINES = str.maketrans({"\n": "\u240a", "\t": "\u2409"})


def visible(text: str) -> str:
    """The text with control characters as their pictures (NUL: ␀), direction marks and the like as ⟨U+202E⟩.

    Line feeds and tabs stay. The result can be shown anywhere: it moves no cursor, ends no XML document, turns no
    text around.
    """
    return _HIDDEN.sub(_spelt, text) if _HIDDEN.search(text) else text


def visible_difference(text: str) -> str:
    """As `visible`, and strict, for characters that differ: joiners are spelt, and a text of blanks is made visible."""
    shown = _HIDDEN_ANYWHERE.sub(_spelt, text)
    if shown.strip(" \u00a0"):
        return shown
    return shown.replace(" ", "\u2423").replace("\u00a0", "\u27e8U+00A0\u27e9")


def one_line(text: str) -> str:
    """The visible text on one line: line feeds and tabs as their pictures too."""
    return visible(text).translate(_LINES)


def clipped(text: str, limit: int) -> str:
    """At most `limit` characters, and how many were cut, in words."""
    return text if len(text) <= limit else f"{text[:limit]} \u2026 ({len(text) - limit:,} more characters)"


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\u27e8U+{code:04X}\u27e9"
