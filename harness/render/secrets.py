"""The last net under every output: what looks like a password or a key is blotted out, wherever it stands.

Secrets are kept away where connections are made; none should come as far as here. A text of a driver, of a server or of
a configuration may still hold one some day, and reports are passed on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.core.document import RunDocument

BLOT = "***"
_MARKS = ("://", "assword", "PASSWORD", "eyJ", "sb_")
_SECRETS = (
    # scheme://user:password@host: passwords that should have been percent-encoded hold @ and /, so up to the last @;
    # digits before a slash are a port.
    (re.compile(r"(://[^\s/:@]*:)(?!\*\*\*@|\d{1,5}[/?])\S+@"), rf"\1{BLOT}@"),
    # password=… of a conninfo or an address, quoted or not; placeholders of a statement are left.
    (
        re.compile(
            r"""(?i)\b((?:ssl)?password=)(?!\$\d|%s|%\(|:\w|\?(?!\w)|\*\*\*)(?:'(?:[^'\\]|\\.)*'|[^\s'"&;,)]+)"""
        ),
        rf"\1{BLOT}",
    ),
    (re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"), f"eyJ{BLOT}"),
    (re.compile(r"\b(sb_(?:secret|publishable)_)[\w-]{6,}"), rf"\1{BLOT}"),
)


def blotted(text: str) -> str:
    """The text without passwords of addresses and conninfos, JSON web tokens and keys of a project."""
    if not any(mark in text for mark in _MARKS):
        return text
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def without_secrets(document: RunDocument) -> RunDocument:
    """The document itself where nothing in it looks like a secret, else one in which that is blotted out."""
    # Escaping hides none from the patterns: what they find in the JSON text is found by every string's own as well.
    text = document.to_json()
    if not any(pattern.search(text) for pattern, _ in _SECRETS):
        return document
    return RunDocument.model_validate(_clean(document.to_data()))


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return blotted(value)
    if isinstance(value, Mapping):
        return {blotted(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value
