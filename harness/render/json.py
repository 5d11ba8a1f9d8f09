"""The run document as JSON: the one output that holds everything."""

from __future__ import annotations

import re

from harness.core.document import RunDocument
from harness.render.secrets import blotted_document

# JSON may hold these raw; a terminal obeys some of them, and some line readers split at others.
_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def render_json(document: RunDocument) -> str:
    """The document, indented. RunDocument.from_json reads it back unchanged, but for what looks like a secret."""
    return escaped(blotted_document(document).to_json(indent=2)) + "\n"


def escaped(json_text: str) -> str:
    """JSON text of the same meaning without raw C1 controls, line separators and direction marks."""
    return _RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)
