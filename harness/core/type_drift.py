"""Type drift: whether values of two types that PostgreSQL does not compare are one value all the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from harness.core.cell_parts import same_json
from harness.core.cell_times import has_time, moment

_STRINGS: Final = frozenset({"text", "varchar", "bpchar", "name", "citext"})
_NUMBERS: Final = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})
_MOMENTS: Final = frozenset({"timestamp", "timestamptz"})
_DOCUMENTS: Final = frozenset({"json", "jsonb"})
_TRUTH: Final = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
"""What PostgreSQL reads as a boolean"""
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?\Z", re.ASCII)
"""Not 007: what lost its zeros on the way to a number is no longer what it was"""


def equal_across_types(source: str, target: str, source_type: str, target_type: str) -> bool:
    """Whether two texts, of types by their names in pg_type, stand for one value: 'true' and 1, a number and its text,
    a document and its text, a time and its text in ISO 8601, a UUID and its text.
    """
    types = {source_type, target_type}
    if len(types) == 1:
        return False
    with_text = bool(types & _STRINGS)
    if "bool" in types and (with_text or types & _NUMBERS):
        left, right = (_TRUTH.get(text.strip().lower()) for text in (source, target))
        return left is not None and left is right
    if not with_text:
        return False
    if types & _NUMBERS:
        return bool(_PLAIN_NUMBER.match(source) and _PLAIN_NUMBER.match(target)) and Decimal(source) == Decimal(target)
    if types & _DOCUMENTS:
        return same_json(source, target)
    if types & _MOMENTS:
        return has_time(source) and has_time(target) and moment(source) == moment(target)
    return "uuid" in types and _hexadecimal(source) == _hexadecimal(target)


def _hexadecimal(text: str) -> str:
    return text.strip("{}").replace("-", "").lower()
