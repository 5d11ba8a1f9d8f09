"""What may be shown of arguments, rows and texts: their shape, never a phone, a name, an e-mail, a password or a key.

Two strengths, for two uses:

- `masked` gives the shape of a value: numbers and dates as they are, every text as its length, whatever stands under a
  personal name as a short hash. No text survives it, in any nesting.
- `masked_text` keeps a message readable and takes out what can be recognised in it. A name in the middle of a sentence
  cannot be recognised: a text that an application made from data is not to be shown, masked or not.
"""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import hmac
import math
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias

JsonShape: TypeAlias = "bool | int | float | str | list[JsonShape] | dict[str, JsonShape] | None"

PERSONAL_WORDS: Final = frozenset(
    {
        "address", "auth", "birth", "cookie", "credential", "dsn", "email", "jwt", "key", "mail", "mobile", "name",
        "passport", "passw", "phone", "pwd", "secret", "session", "surname", "token", "user", "whatsapp",
    }
)  # fmt: skip
"""A column, an argument or a key whose name holds one of these, in any case, is personal"""

_PROCESS_SALT: Final = secrets.token_bytes(32)
_HEX_DIGITS: Final = 10
_MOST_ELEMENTS: Final = 50
_DEEPEST: Final = 8
_SMALLEST_PHONE: Final = 10**9
_PLAIN_KEY: Final = re.compile(r"[a-z_][A-Za-z0-9_]{0,62}\Z", re.ASCII)

_MOST_CHARACTERS: Final = 4000
_PERSONAL_WORD: Final = "|".join(sorted(PERSONAL_WORDS))
_SEPARATORS: Final = r"[\s().‐‑‒–—-]{0,3}"

_TEXT_RULES: Final = (
    # What PostgreSQL repeats of a row: https://www.postgresql.org/docs/current/protocol-error-fields.html (detail)
    (re.compile(r"(?P<kept>\bKey \([^\n]*?\)=)(?:\(.*\)|\(.*\Z)", re.DOTALL), r"\g<kept>(…)"),
    (re.compile(r"(?P<kept>\bFailing row contains )(?:\(.*\)|\(.*\Z)", re.DOTALL), r"\g<kept>(…)"),
    # scheme://role:password@host; an unencoded password may hold any of / : @
    (re.compile(r"(?P<kept>\b[A-Za-z][A-Za-z0-9+.-]{0,30}://)\S*@"), r"\g<kept>[credentials]@"),
    (re.compile(r"\b(?:eyJ[\w-]+\.[\w.-]+|sb_(?:secret|publishable)_[\w-]+)"), "[key]"),
    (re.compile(r"\b(?P<kept>Bearer|Basic|apikey)\s+\S+", re.IGNORECASE), r"\g<kept> [key]"),
    # password=… as in a conninfo, "token": "…" as in JSON, phone: … as in a log line
    (
        re.compile(
            rf"(?P<kept>\b\w{{0,60}}(?:{_PERSONAL_WORD})\w{{0,60}}[\"']?\s{{0,9}}[=:]\s{{0,9}})"
            r"(?:'(?:[^'\\]|''|\\.)*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|[^\s'\"][^\s,;&]*)",
            re.IGNORECASE | re.DOTALL,
        ),
        r"\g<kept>[masked]",
    ),
    # invalid input syntax for type integer: "…", value "…" is out of range, syntax error at or near "…"
    (re.compile(r"(?P<kept>: |\bvalue |\bnear |\bliteral )(?:\".*\"|\".*\Z)", re.DOTALL), r'\g<kept>"…"'),
    # A lower-case identifier where PostgreSQL names an object stays, any other quoted text goes
    (
        re.compile(
            r"(?P<kept>\b(?:column|relation|table|constraint|index|type|schema|role|database|sequence|function|view|"
            r"parameter) \"[a-z_][a-z0-9_]*\")|\"[^\"]*(?:\"|\Z)"
        ),
        lambda found: found["kept"] or '"…"',
    ),
    (re.compile(r"(?<!\w)'(?:[^']|'')*(?:'|\Z)"), "'…'"),
    (re.compile(r"(?<![^\s<>(),;:\"'\[\]])[^\s@<>(),;:\"'\[\]]+@[^\s@<>(),;:\"'\[\]]+"), "[e-mail]"),
    # Ten digits or more, however they are set apart; a date with a time after it is none
    (
        re.compile(rf"(?<!\d)(?!(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ]\d\d:|[^\d-]|\Z))\+?\d(?:{_SEPARATORS}\d){{9,}}"),
        "[phone]",
    ),
)


def is_personal(name: str) -> bool:
    """Whether what stands under this name is personal or secret; in doubt it is."""
    lowered = name.lower()
    return any(word in lowered for word in PERSONAL_WORDS)


def short_hash(value: object, *, salt: bytes = _PROCESS_SALT) -> str:
    """A value as # and ten hexadecimal digits: equal values are seen to be equal, and none can be read or guessed.

    HMAC-SHA-256 under a salt, since all phones of a country can be hashed in minutes. The salt is this process's own
    unless one is given; give one (32 random bytes, kept as a password is) where hashes of several processes are to be
    compared. A number and its text have one hash.
    """
    return "#" + hmac.new(salt, _text(value).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:_HEX_DIGITS]


def masked(value: object, *, salt: bytes = _PROCESS_SALT, types_from: int = _DEEPEST + 1) -> JsonShape:
    """A value as it may be shown, made of JSON: text(5) for a text, bytes(3) for bytes, #… for what is personal.

    Numbers, dates, times and UUIDs stay, unless a personal name is above them or the number could be a phone (ten
    digits or more). Keys that are not plain names become hashes. At most 50 elements a container and 8 levels are
    looked at: more is told as its size. From the level `types_from` on (0 is the value itself) numbers, truth values,
    dates, times and UUIDs are told as their types too.
    """
    return _shape(value, _Rules(salt, types_from), 0)


def masked_text(text: str) -> str:
    """A message without what can be recognised as personal or secret in it.

    Taken out: phones of ten digits or more, e-mail addresses, credentials in URLs and DSNs, JSON web tokens and API
    keys, `name=value` and `name: value` with a personal name, the values that PostgreSQL repeats (`Key (…)=(…)`,
    `Failing row contains (…)`), and quoted texts, except lower-case identifiers where PostgreSQL names an object.
    Of a text longer than 4,000 characters only the beginning is shown.
    """
    shown = text[:_MOST_CHARACTERS]
    for pattern, replacement in _TEXT_RULES:
        shown = pattern.sub(replacement, shown)
    return shown if len(text) <= _MOST_CHARACTERS else f"{shown}… ({len(text)} characters)"


@dataclass(frozen=True, slots=True)
class _Rules:
    salt: bytes
    types_from: int


def _shape(value: object, rules: _Rules, depth: int) -> JsonShape:
    match value:
        case None:
            return None
        case str():
            return f"text({len(value)})"
        case bytes() | bytearray() | memoryview():
            return f"bytes({len(value)})"
        case Mapping():
            return _object(value, rules, depth) if _small(len(value), depth) else f"object({len(value)})"
        case Sequence() | Set():
            if _small(len(value), depth):
                return [_shape(one, rules, depth + 1) for one in value]
            return f"list({len(value)})"
    return _scalar(value, rules.salt) if depth < rules.types_from else type(value).__name__


def _scalar(value: object, salt: bytes) -> JsonShape:
    match value:
        case bool():
            return value
        case int():
            return short_hash(value, salt=salt) if abs(value) >= _SMALLEST_PHONE else value
        case float() | decimal.Decimal():
            return _number(value, salt)
        case dt.date() | dt.time() | dt.timedelta() | uuid.UUID():
            return str(value)
    return type(value).__name__


def _object(value: Mapping[object, object], rules: _Rules, depth: int) -> JsonShape:
    salt = rules.salt
    return {
        _key(name, salt): _personal(one, salt) if is_personal(_text(name)) else _shape(one, rules, depth + 1)
        for name, one in value.items()
    }


def _small(elements: int, depth: int) -> bool:
    return depth < _DEEPEST and elements <= _MOST_ELEMENTS


def _personal(value: object, salt: bytes) -> JsonShape:
    """A hash even of an object or a list as a whole: what is in it belongs to the personal name above it."""
    return value if value is None or isinstance(value, bool) else short_hash(value, salt=salt)


def _number(value: float | decimal.Decimal, salt: bytes) -> JsonShape:
    finite = value.is_finite() if isinstance(value, decimal.Decimal) else math.isfinite(value)
    if not finite:
        return str(value)
    if not -_SMALLEST_PHONE < value < _SMALLEST_PHONE:
        return short_hash(value, salt=salt)
    return value if isinstance(value, float) else str(value)


def _key(name: object, salt: bytes) -> str:
    text = _text(name)
    return text if _PLAIN_KEY.match(text) else short_hash(text, salt=salt)


def _text(value: object) -> str:
    """The text of a value; what has none (an integer of 5,000 digits) is known by its type."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - any class may be in a row, with any __str__
        return type(value).__name__
