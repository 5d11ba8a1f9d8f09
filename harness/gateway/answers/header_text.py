"""Names as they stand in the headers of an answer."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def as_bytes(text: str) -> str:
    """A text as HTTP takes it: for each byte of its UTF-8 one character."""
    return text.encode("utf-8", errors="replace").decode("latin-1")


def relation_path(name: str) -> str:
    """The path of a relation: its name as it is, the bytes unencoded, but for what would break the header."""
    return "/" + as_bytes(_CONTROLS.sub("", name))
