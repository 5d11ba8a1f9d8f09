"""Values for one argument: beside the one that is there, those at which data layers are known to part ways.

Most telling first. Each has words for what it is, which never hold the value itself, and whether no caller should send
it. All are JSON values; harness.core.generation.adaptation gives them the declared type.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from harness.core.generation.around import Around
from harness.core.generation.lists import Value, arrays, documents
from harness.core.generation.moments import dates, moments, steps_of_time, times
from harness.core.generation.sampled import SampledColumn


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
        yield from steps(around.column, around.value)
    yield Value("0", 0)
    yield Value("-1", -1)
    if around.column.bits == 63:
        yield Value("beyond 32 bits", 2**31)
        yield Value("beyond 2 to the 53rd", 2**53 + 1)
    else:
        yield Value("the largest", 2**around.column.bits - 1)


def steps(column: SampledColumn, value: Any) -> Iterator[Value]:
    """The values next to one: the smallest step after it and before it. Of texts and truth values there is none."""
    if column.family in ("date", "datetime"):
        yield from steps_of_time(column, value)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        step = 1 if column.family == "integer" else _step(column)
        words = "one" if column.family == "integer" else "a step"
        yield Value(f"{words} more", value + step)
        yield Value(f"{words} less", value - step)


def _step(column: SampledColumn) -> Decimal:
    return Decimal(1).scaleb(-(column.scale if column.scale is not None else 2))


def missing_integer(column: SampledColumn, known: Sequence[Any], step: int = 0) -> int:
    """An integer that no row has: well beyond the largest one, where the type leaves room."""
    numbers = [each for each in known if isinstance(each, int)]
    top = 2**column.bits - 1
    wanted = max(numbers, default=0) + 1009 + step
    if wanted <= top - 2000:
        return wanted
    taken = set(numbers)
    return next((each for each in range(1 + step, top) if each not in taken), top)


_DIGITS_OF_FLOAT = 15
"""Digits up to which a number is the same as a float: https://docs.python.org/3/library/sys.html#sys.float_info"""


def _numbers(around: Around) -> Iterator[Value]:
    value = around.value if isinstance(around.value, int | Decimal) and not isinstance(around.value, bool) else 0
    step = _step(around.column)
    yield from steps(around.column, value)
    yield Value("0", 0)
    yield Value("that is to be rounded", Decimal(int(value)) + step / 2 + step)
    yield Value("that is negative", -1)
    yield Value(
        "with many digits", Decimal("12345.67") if around.column.scale == 2 else Decimal("0.1") + Decimal("0.2")
    )
    precision, scale = around.column.precision, around.column.scale or 0
    if precision is not None and precision <= _DIGITS_OF_FLOAT:
        yield Value("the largest", Decimal(10**precision - 1).scaleb(-scale))
    if around.infinite:
        yield Value("infinity", Decimal("Infinity"))
        yield Value("infinity below 0", Decimal("-Infinity"))


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


_OF_FAMILY: dict[str, Callable[[Around], Iterator[Value]]] = {
    "integer": _integers,
    "number": _numbers,
    "decimal": _numbers,
    "text": _texts,
    "boolean": _booleans,
    "date": dates,
    "datetime": moments,
    "time": times,
    "uuid": _uuids,
    "json": lambda around: documents(around.value),
    "array": lambda around: arrays(around.value, around.column.element_labels),
}
