"""Random tables of every kind of key and column, in every shape that the sides may have, edited at random."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Final

from tests.property.row_kinds import LITERALS, Reading, equal, json_form, json_value, matched

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A type on the source and another on the target, and how the values of both are compared."""

    source: str
    target: str
    literals: tuple[str, ...] = field(repr=False)
    exact: Reading = field(repr=False)
    """What is the same where the sides have the same value"""
    equal: Reading = field(repr=False)
    """What is the same where a difference is drift alone"""


def _utc(text: str) -> str:
    day = text.removesuffix("+00")
    return day if " " in day else f"{day} 00:00:00"


def _truth(text: str) -> bool:
    return text in ("t", "true", "1", "yes")


_NUMBERS: Final = ("0", "1", "-1", "2")
_BUCKETS: Final = "buckets of the key's hash"
CHANGES: Final = (
    Change(source="int", target="bigint", literals=_NUMBERS, exact=Decimal, equal=Decimal),
    Change(source="bigint", target="smallint", literals=_NUMBERS, exact=Decimal, equal=Decimal),
    Change(source="int", target="numeric", literals=_NUMBERS, exact=Decimal, equal=Decimal),
    Change(source="numeric", target="float8", literals=("0.1", "1.50", "-2"), exact=Decimal, equal=Decimal),
    Change(source="real", target="float8", literals=("0.1", "0.5", "-2"), exact=Decimal, equal=Decimal),
    Change(source="varchar(20)", target="text", literals=("", "a", "a ", "é"), exact=str, equal=str),
    Change(source="char(5)", target="text", literals=("", "a", "ab"), exact=str.rstrip, equal=str.rstrip),
    Change(source="int", target="text", literals=_NUMBERS, exact=str, equal=str),
    Change(source="bool", target="text", literals=("t", "false", "1"), exact=str, equal=_truth),
    Change(source="date", target="timestamp", literals=("2024-02-29", "1999-12-31"), exact=_utc, equal=_utc),
    Change(
        source="timestamp",
        target="timestamptz",
        literals=("2024-02-29 12:34:56", "2024-02-29 15:34:56"),
        exact=_utc,
        equal=_utc,
    ),
    Change(
        source="json",
        target="jsonb",
        literals=('{"a": 1}', '{"a":1.0}', "[true]", "[1]", "null"),
        exact=json_form,
        equal=json_value,
    ),
    Change(source="uuid", target="text", literals=("00000000-0000-0000-0000-000000000001",) * 2, exact=str, equal=str),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, by its name on the target."""

    name: str
    kind: str
    literals: tuple[str | None, ...] = field(repr=False)
    sides: tuple[str, str] | None = None
    """The types of the sides, where they are not the kind"""
    change: Change | None = None

    def type_on(self, side: int) -> str:
        """0: the source."""
        if self.change is not None:
            return (self.change.source, self.change.target)[side]
        return (self.sides or (self.kind, self.kind))[side]

    def exact(self, text: str | None, side: int) -> Hashable:
        """What is the same for two cells that are alike in value and representation."""
        if text is None or self.change is None:
            return text
        if side == 0 and self.change.source == "bool":
            text = {"t": "true", "f": "false"}[text]
        return self.change.exact(text)

    def equal(self, text: str | None) -> Hashable:
        """What is the same for two cells that are equal."""
        if text is None or self.change is None:
            return equal(self.kind, text)
        return self.change.equal(text)

    def matched(self, text: str | None, side: int) -> Hashable:
        """What rows of a table with no key are matched by: cells of two types by what both are hashed as."""
        if text is None or self.change is None:
            return matched(self.kind, text)
        return self.exact(text, side)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What rows are matched by."""

    columns: tuple[Column, ...]
    constraints: tuple[str, str] = ("", "")
    """For CREATE TABLE, of each side; its columns as {k} and {l}"""
    matched: tuple[str, ...] | None = None
    """None: by all of the columns"""
    unique: bool = True
    """No two rows of either side share it"""
    both: tuple[Row, ...] = ()
    """Values of the key that both sides have in any case"""
    segments: str = _BUCKETS
    """As the comparison words them"""

    @property
    def names(self) -> tuple[str, ...]:
        """By name on the target."""
        return tuple(each.name for each in self.columns) if self.matched is None else self.matched


def _one(
    kind: str,
    literals: tuple[str, ...],
    *,
    sides: tuple[str, str] | None = None,
    both: tuple[Row, ...] = (),
    segments: str = _BUCKETS,
) -> Key:
    """A primary key of one column."""
    return Key(
        columns=(Column(name="k", kind=kind, literals=literals, sides=sides),),
        constraints=("PRIMARY KEY ({k})",) * 2,
        both=both,
        segments=segments,
    )


_WORDS: Final = tuple(f"{word}{number}" for word in ("a", "A", "б", "Б", "z-", "_", "é", "") for number in range(3))
_SMALL: Final = tuple(str(number) for number in range(-3, 24))
_PARTS: Final = (
    Column(name="k", kind="int", literals=("1", "2", "3")),
    Column(name="l", kind="text", literals=("a", "A", "б", "", "a b")),
)
_NULLS: Final = (
    Column(name="k", kind="int", literals=("1", "2", None)),
    Column(name="l", kind="text", literals=("a", "", None, "NULL")),
)
_SIZES: Final = (0, 1, 8, 16, 24, 40)
_SHARE_CHANGED: Final = 0.6
_EDITS: Final = (
    ("keep",),
    ("keep",) * 8 + ("change", "delete", "double"),
    ("keep", "change", "change", "delete", "double"),
)
"""None, some and many"""
_LEAST, _MOST = str(-(2**63)), str(2**63 - 1)

KEYS: Final[dict[str, Key]] = {
    "dense int": _one("int", _SMALL, segments="ranges of k"),
    "dense bigint below its limit": _one(
        "bigint", tuple(str(2**63 - 1 - each) for each in range(24)), segments="ranges of k"
    ),
    "dense smallint": _one("smallint", _SMALL, segments="ranges of k"),
    "sparse bigint": _one(
        "bigint", (*_SMALL, "-4294967296", "4294967295", "4294967296", "8589934591"), both=((_LEAST,), (_MOST,))
    ),
    "sparse negative int": _one(
        "int", tuple(str(-each * 100_003) for each in range(24)), both=(("-2147483648",), ("-5",))
    ),
    "text": _one("text", _WORDS),
    "text of two collations": _one("text", _WORDS, sides=('text COLLATE "C"', "text COLLATE words")),
    "text of a nondeterministic collation": _one("text", _WORDS, sides=("text COLLATE any_case",) * 2),
    "text, nondeterministic on one side": _one("text", _WORDS, sides=("text", "text COLLATE any_case")),
    "varchar": _one("varchar(20)", _WORDS),
    "uuid": _one("uuid", tuple(f"{each:08x}-0000-4000-8000-{each:012x}" for each in range(24))),
    "timestamptz": _one("timestamptz", tuple(f"2024-03-31 {each:02}:30:00.00000{each % 3}+00" for each in range(24))),
    "numeric": _one("numeric", ("1", "1.0", "1.00", "2", "2.50", "2.5", "-1", "0", "0.0", "1e20", "7", "8", "9")),
    "interval": _one("interval", ("1 mon", "30 days", "1 day", "24:00:00", "-1 mon", "2 days", "3 days", "4 days")),
    "bytea": _one("bytea", tuple(f"\\x{each:02x}" for each in range(24))),
    "date": _one("date", tuple(f"2024-02-{each:02}" for each in range(1, 25))),
    "enum": _one("mood", ("calm", "glad", "sad")),
    "array": _one("int[]", ("{}", "{1}", "{1,2}", "{{1,2}}", "[0:1]={1,2}", "{NULL}", "{3}", "{4}")),
    "range": _one("int4range", tuple(f"[{each},{each + 2})" for each in range(12))),
    "composite": Key(columns=_PARTS, constraints=("PRIMARY KEY ({k}, {l})",) * 2),
    "composite, in another order": Key(
        columns=_PARTS, constraints=("PRIMARY KEY ({k}, {l})", "PRIMARY KEY ({l}, {k})")
    ),
    "parts that may be NULL": Key(columns=_NULLS, constraints=("UNIQUE ({k}, {l})",) * 2, unique=False),
    "on one side alone": Key(columns=_PARTS, constraints=("PRIMARY KEY ({k}, {l})", ""), unique=False),
    "none": Key(columns=_NULLS, matched=(), unique=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the two tables are made, and what of them is compared."""

    reordered: bool = False
    """The target has the columns in the opposite order"""
    partitioned: bool = False
    """The source is"""
    renamed: bool = False
    """The target's table and columns have other names, and some other types"""
    view: bool = False
    """Both are views, and the key is declared"""
    filtered: bool = False
    """A condition chooses rows"""
    ignored: bool = False
    """The last column is not compared"""


SHAPES: Final[dict[str, Shape]] = {
    "plain": Shape(),
    "columns in another order": Shape(reordered=True),
    "partitions against a plain table": Shape(partitioned=True),
    "renamed, and of other types": Shape(renamed=True),
    "views with a declared key": Shape(view=True),
    "rows chosen by a condition": Shape(filtered=True),
    "a column that is ignored": Shape(ignored=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Both tables; the rows of the target were edited from the source's."""

    key: Key
    shape: Shape
    columns: tuple[Column, ...]
    source: tuple[Row, ...]
    target: tuple[Row, ...]

    @property
    def compared(self) -> tuple[Column, ...]:
        """Without the one that is ignored."""
        return self.columns[:-1] if self.shape.ignored else self.columns

    @property
    def settings(self) -> dict[str, dict[str, object]]:
        """Sections of the configuration."""
        if self.shape.renamed:
            columns = {each.name: {"source": f"old_{each.name}"} for each in self.columns}
            return {"mapping": {"tables": {"public.t": {"target": "public.u", "columns": columns}}}}
        if self.shape.view:
            return {"rows": {"tables": {"public.t": {"key": list(self.key.names)}}}}
        if self.shape.filtered:
            return {"rows": {"tables": {"public.t": {"where": "kept"}}}}
        if self.shape.ignored:
            return {"rows": {"ignore_columns": {f"public.t.{self.columns[-1].name}": "not of interest"}}}
        return {}


def two_tables(
    drawn: Random, keys: Sequence[str], shapes: Sequence[str], kinds: Sequence[str], *, wide: bool = False
) -> Tables:
    """Two tables of one of these kinds of key and shapes, of columns of these kinds. `wide`: with a column that makes
    them some pages long.
    """
    key = KEYS[drawn.choice(keys)]
    shape = SHAPES[drawn.choice(shapes)]
    columns = [*key.columns]
    for number in range(drawn.randint(1, 4)):
        if shape.renamed and drawn.random() < _SHARE_CHANGED:
            change = drawn.choice(CHANGES)
            columns.append(Column(name=f"c{number}", kind="", literals=(*change.literals, None), change=change))
        else:
            kind = drawn.choice(kinds)
            columns.append(Column(name=f"c{number}", kind=kind, literals=(*LITERALS[kind], None)))
    if shape.filtered:
        columns.append(Column(name="kept", kind="bool", literals=("t", "t", "t", "f", None)))
    if wide:
        columns.append(Column(name="wide", kind="text", literals=("x" * 1500,)))

    def row(start: Row = ()) -> Row:
        return (*start, *(drawn.choice(each.literals) for each in columns[len(start) :]))

    both = [row(each) for each in key.both]
    source = [*both, *(row() for _ in range(drawn.choice(_SIZES)))]
    target = [*both]
    edits = drawn.choice(_EDITS)
    for each in source[len(both) :]:
        edit = drawn.choice(edits)
        if edit == "change":
            at = drawn.randrange(len(key.columns), len(columns))
            target.append((*each[:at], drawn.choice(columns[at].literals), *each[at + 1 :]))
        elif edit != "delete":
            target += [each] * (2 if edit == "double" else 1)
    if edits != _EDITS[0]:
        target += [row() for _ in range(drawn.randint(0, 4))]
    return Tables(key=key, shape=shape, columns=tuple(columns), source=tuple(source), target=tuple(target))
