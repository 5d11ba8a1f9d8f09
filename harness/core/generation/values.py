"""Values for one argument: beside the one that is there, those at which data layers are known to part ways.

Most telling first. Each has words for what it is, which never hold the value itself, and whether no caller should send
it. All are JSON values; harness.core.generation.adaptation gives them the declared type.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from harness.core.generation.lists import Value, arrays, documents
from harness.core.generation.sampled import SampledColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is known about the argument that is changed."""

    value: Any
    """The one that is there, as JSON; None: none is"""
    column: SampledColumn
    near: Sequence[Any] = ()
    """Other values of the column, in rows that agree with the other arguments"""
    foreign: Sequence[Any] = ()
    """Values of the column in rows that do not: another tenant's"""
    all: Sequence[Any] = ()
    """Every value of the column that was read"""
    rng: random.Random
    nulls: bool = False
    """None may be given"""
    key: bool = False
    """The column is part of a unique key"""
    written: bool = False
    """The argument is stored, not searched for"""
    sought: bool = False
    """A pattern is made of it: LIKE, ILIKE"""


def variations(around: Around) -> Iterator[Value]:
    """Other values for the argument."""
    kind = around.column.family
    yield from _real(around)
    if kind in _OF_FAMILY:
        yield from _OF_FAMILY[kind](around)
    if around.nulls:
        yield Value("NULL", None)


def _booleans(around: Around) -> Iterator[Value]:
    if isinstance(around.value, bool):
        yield Value("the other way round", not around.value)
    else:
        yield Value("true", value=True)
        yield Value("false", value=False)


def _uuids(around: Around) -> Iterator[Value]:
    yield Value("that is missing", str(uuid.UUID(int=around.rng.getrandbits(128), version=4)))
    if isinstance(around.value, str):
        yield Value("in upper case", around.value.upper())


def _times(_: Around) -> Iterator[Value]:
    yield Value("at midnight", "00:00:00")
    yield Value("just before midnight", "23:59:59.999999")


def _real(around: Around) -> Iterator[Value]:
    near = [each for each in around.near if each != around.value]
    foreign = [each for each in around.foreign if each != around.value and each not in near]
    if near:
        yield Value("of another row", around.rng.choice(near), first=True)
    if foreign:
        yield Value("of a row that the other arguments exclude", around.rng.choice(foreign), first=True)
    odd = [each for each in (*near, *foreign) if isinstance(each, str) and _is_odd(each)]
    if odd:
        yield Value("of a row with unusual characters", around.rng.choice(odd))


def _is_odd(text: str) -> bool:
    return any(not (each.isalnum() or each in " -+.@") for each in text) or text != text.strip()


def _integers(around: Around) -> Iterator[Value]:
    yield Value("that is missing", missing_integer(around.column, around.all))
    if around.column.references is None and not around.key and isinstance(around.value, int):
        yield Value("one more", around.value + 1)
        yield Value("one less", around.value - 1)
    yield Value("0", 0)
    yield Value("-1", -1)
    if around.column.bits == 63:
        yield Value("beyond 32 bits", 2**31)
        yield Value("beyond 2 to the 53rd", 2**53 + 1)
    else:
        yield Value("the largest", 2**around.column.bits - 1)


def missing_integer(column: SampledColumn, known: Sequence[Any], step: int = 0) -> int:
    """An integer that no row has: well beyond the largest one, where the type leaves room."""
    numbers = [each for each in known if isinstance(each, int)]
    top = 2**column.bits - 1
    wanted = max(numbers, default=0) + 1009 + step
    if wanted <= top - 2000:
        return wanted
    taken = set(numbers)
    return next((each for each in range(1 + step, top) if each not in taken), top)


def _numbers(around: Around) -> Iterator[Value]:
    value = around.value if isinstance(around.value, int | Decimal) and not isinstance(around.value, bool) else 0
    step = Decimal(1).scaleb(-(around.column.scale if around.column.scale is not None else 2))
    yield Value("a step more", Decimal(value) + step)
    yield Value("a step less", Decimal(value) - step)
    yield Value("0", 0)
    yield Value("that is to be rounded", Decimal(int(value)) + step / 2 + step)
    yield Value("that is negative", -1)
    yield Value(
        "with many digits", Decimal("12345.67") if around.column.scale == 2 else Decimal("0.1") + Decimal("0.2")
    )


def _texts(around: Around) -> Iterator[Value]:
    value = around.value if isinstance(around.value, str) else ""
    if around.column.labels:
        yield from (Value("another label", each) for each in around.column.labels if each != value)
        yield Value("that is no label", "no_such_label", bad=True)
        return
    piece = shared_piece((value, *around.near))
    parts = dict(_parts(value))
    order = _STORED if around.written else _SOUGHT if around.sought else _ASKED
    if around.sought and piece:
        yield Value("a piece that several rows share", piece, first=True)
    yield from islice(_in_other_forms((value, *around.near)), 1)
    for words in order:
        if words in parts and parts[words] != value:
            yield Value(words, parts[words], first=True)
    yield Value("that is missing", missing_text(value, around.all))
    if piece and not around.sought:
        yield Value("a piece that several rows share", piece)
    if piece.swapcase() != piece:
        yield Value("a shared piece with case changed", piece.swapcase())
    for words, text in parts.items():
        if words not in order and text != value:
            yield Value(words, text)
    yield Value("%", "%")
    yield Value("_", "_")
    yield Value("with a quote", f"{value[:3]}'{value[3:]}")
    yield Value("with a comma, a parenthesis and a point", f"{value[:2]},({value[2:]}).")
    yield Value("with a backslash", f"{value[:2]}\\{value[2:]}")
    yield Value("*", "*", bad=True)
    yield Value("an injection", "' OR '1'='1' --")
    yield Value("in lower case", value.lower())
    yield Value("with an accent in two parts", f"{value[:2]}e\u0301{value[2:]}")


def _in_other_forms(values: Iterable[Any]) -> Iterator[Value]:
    """Texts that look as they did, of other characters: letters and accents parted, or joined."""
    for value in values:
        for form in ("NFD", "NFC"):
            if isinstance(value, str) and unicodedata.normalize(form, value) != value:
                yield Value(f"in Unicode form {form}", unicodedata.normalize(form, value), first=True)


def _parts(value: str) -> Iterator[tuple[str, str]]:
    """A text as those write it who look for it by a part of it, or who type carelessly."""
    yield "with case changed", value.swapcase()
    yield "with blanks around", f" {value} "
    yield "that is empty", ""
    yield "of blanks", "   "
    if len(value) > 2:
        third = max(1, len(value) // 3)
        yield "characters of its middle", value[third : 2 * third + 1]
        yield "its first characters", value[: third + 1]
        yield "its last characters", value[-third - 1 :]
        yield "with one character as _", f"{value[:third]}_{value[third + 1 :]}"
        yield "with % in its middle", f"{value[:third]}%{value[-third:]}"


_STORED = ("with blanks around", "that is empty", "with case changed", "of blanks")
_ASKED = (*_STORED, "with one character as _", "characters of its middle")
_SOUGHT = (
    "characters of its middle", "of blanks", "with one character as _", "with blanks around", "with case changed",
    "that is empty", "its first characters", "its last characters", "with % in its middle",
)  # fmt: skip
"""Of `_parts`, what comes first: for a text that is stored, that has to be equal, that a pattern is made of"""


def shared_piece(values: Iterable[Any]) -> str:
    """Three or more characters that most of the texts have in common, letters rather than digits; '' where none has."""
    found: Counter[str] = Counter()
    texts = [each for each in values if isinstance(each, str)][:200]
    for text in texts:
        parts = {word for word in text.split() if len(word) > 2}
        parts |= {text[at : at + 3] for at in range(len(text) - 2)}
        found.update(each for each in parts if each.strip() == each)
    several = [each for each, number in found.items() if number > 1]
    return max(several, key=lambda each: (found[each] * (1 + any(map(str.isalpha, each))), len(each), each), default="")


def missing_text(value: str, known: Sequence[Any]) -> str:
    """A text of the same form that no row has."""
    taken = set(map(str, known))
    for digit in "97531":
        wanted = f"{value[:-3]}{digit * 3}" if value[-3:].isdigit() else f"{value}{digit}zq"
        if wanted not in taken:
            return wanted
    return f"{value}zqzqzq"


def _dates(around: Around) -> Iterator[Value]:
    day = moment_of(around.value)
    if day is not None:
        yield Value("a day later", (day + dt.timedelta(days=1)).date().isoformat())
        yield Value("a day earlier", (day - dt.timedelta(days=1)).date().isoformat())
    if around.all:
        yield Value("the first one", min(around.all, key=str))
        yield Value("the last one", max(around.all, key=str))
    yield Value("long past", "1970-01-01")
    yield Value("far ahead", "2199-12-31")
    yield Value("a leap day", "2024-02-29")


def _moments(around: Around) -> Iterator[Value]:
    moment = moment_of(around.value)
    if moment is not None:
        yield Value("a microsecond later", _text_of(moment + dt.timedelta(microseconds=1)))
        yield Value("a microsecond earlier", _text_of(moment - dt.timedelta(microseconds=1)))
        if moment.tzinfo is not None:
            zone = dt.timezone(dt.timedelta(hours=3))
            yield Value("in another zone", _text_of(moment.astimezone(zone)))
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        yield Value("at its day's midnight", _text_of(midnight))
        yield Value("shortly before midnight", _text_of(midnight.replace(hour=23, minute=30)))
        yield Value("an hour later", _text_of(moment + dt.timedelta(hours=1)))
        yield Value("with milliseconds", _text_of(moment.replace(microsecond=123000)))
    if around.all:
        yield Value("the first one", min(around.all, key=str))
        yield Value("the last one", max(around.all, key=str))
    yield Value("long past", "1970-01-01T00:00:00+00:00")
    yield Value("far ahead", "2199-12-31T23:59:59+00:00")


def moment_of(value: Any) -> dt.datetime | None:
    """A date or a moment of JSON as datetime; None where Python has none for it."""
    if not isinstance(value, str):
        return None
    try:
        found = dt.datetime.fromisoformat(value)
        found + dt.timedelta(days=2), found - dt.timedelta(days=2)
    except (ValueError, OverflowError):
        return None
    return found


def _text_of(moment: dt.datetime) -> str:
    return moment.isoformat()


_OF_FAMILY: dict[str, Callable[[Around], Iterator[Value]]] = {
    "integer": _integers,
    "number": _numbers,
    "decimal": _numbers,
    "text": _texts,
    "boolean": _booleans,
    "date": _dates,
    "datetime": _moments,
    "time": _times,
    "uuid": _uuids,
    "json": lambda around: documents(around.value),
    "array": lambda around: arrays(around.value, around.column.element_labels),
}
