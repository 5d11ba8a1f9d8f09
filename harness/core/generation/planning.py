"""Plan: what every argument of a method stands for, in one reading of its signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core.generation import names
from harness.core.generation.binding import Binding, Known, bindings_of, bound_together, table_weight
from harness.core.generation.parameter_types import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Anything,
    Choice,
    Field,
    ListOf,
    OptionalOf,
    ParameterType,
    RecordOf,
    bare,
    takes_none,
)
from harness.core.generation.sampled import Sampled, SampledColumn, SampledTable
from harness.core.generation.signatures import MethodSignature

Path = tuple[str, ...]


WRITING = names.word_set(
    """
    add append archive assign book bulk cancel change close confirm create delete edit enqueue import increment
    insert log mark merge move open patch push put record register remove rename replace restore save set store
    sync touch transfer update upsert write
    """
)
"""Words of methods that write"""
_SURELY = 8
"""Score of a binding from which on a name in the code is taken for a key"""
_KEYS = 8
"""Keys of a mapping that declares none"""
_NAMED = 5
"""The same without what the table's being asked for counts, of a name that stands elsewhere"""
OMITTED = object()
"""Stands for an argument that is left out"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A single argument, or a single field of one."""

    path: Path
    type: ParameterType
    required: bool
    default: Any = None
    binding: Binding

    @property
    def words(self) -> str:
        """What to call it."""
        return ".".join(self.path)

    @property
    def nulls(self) -> bool:
        """Whether None is among its declared values."""
        return takes_none(self.type) or (not self.required and self.default is None and len(self.path) == 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPlace:
    """An argument that is a row, or a list of rows, to write."""

    name: str
    table: SampledTable
    type: RecordOf
    listed: bool
    make_list: Any = list


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One reading of a method's signature."""

    signature: MethodSignature
    sampled: Sampled
    known: Known
    places: tuple[Place, ...]
    records: tuple[RecordPlace, ...] = ()
    containers: Mapping[str, RecordOf] = field(default_factory=dict)
    """Arguments that the fields among the places belong to"""
    anchor: str = ""
    """Identity of the table whose rows the arguments are taken from"""
    style: int = 0
    """Which form rows to write have, and which keys a mapping that declares none: see `forms` and `_guessed`"""
    choice: Mapping[str, int] = field(default_factory=dict)
    """Parameters that are not read in their likeliest sense"""

    @property
    def table(self) -> SampledTable | None:
        """The anchor."""
        return self.sampled.tables.get(self.anchor)

    def bound(self, table: str) -> list[Place]:
        """The places that stand for one value of a column of the table."""
        return [
            each
            for each in self.places
            if each.binding.role == "column"
            and each.binding.table == table
            and not each.binding.several
            and not each.binding.element
        ]

    def column(self, place: Place) -> SampledColumn:
        """What a place takes that stands for a column, or for an element of its arrays."""
        column = self.sampled.tables[place.binding.table].by_name[place.binding.column]
        return column.element or column if place.binding.element else column


def plan_of(
    signature: MethodSignature, sampled: Sampled, known: Known, *, choice: Mapping[str, int], style: int = 0
) -> Plan:
    """The likeliest reading, or, by `choice`, the second or third likeliest of some parameters."""
    given = [(each.name, each.type) for each in signature.parameters]
    candidates = bound_together(given, signature.name, sampled, known)
    places: list[Place] = []
    records: list[RecordPlace] = []
    containers: dict[str, RecordOf] = {}
    writing = bool(known.written) or (not known.tables and bool(set(names.words(signature.name)) & WRITING))
    for parameter, possible in zip(signature.parameters, candidates, strict=True):
        binding = possible[min(choice.get(parameter.name, 0), len(possible) - 1)]
        inner = bare(binding.type)
        listed = isinstance(inner, ListOf)
        item = bare(inner.of) if isinstance(inner, ListOf) else inner
        if binding.role != "record" or not isinstance(item, RecordOf):
            places.append(
                Place(
                    path=(parameter.name,),
                    type=parameter.type if not isinstance(bare(parameter.type), Anything) else binding.type,
                    required=parameter.required,
                    default=parameter.default,
                    binding=binding,
                )
            )
            continue
        if listed or writing:
            make = inner.make if isinstance(inner, ListOf) else list
            table = sampled.tables[binding.table]
            records.append(RecordPlace(name=parameter.name, table=table, type=item, listed=listed, make_list=make))
        if not listed and (item.fields is not None or not writing):
            containers[parameter.name] = item
            places += _fields(parameter.name, item, binding.table, signature, sampled, known, style)
    return Plan(
        signature=signature,
        sampled=sampled,
        known=known,
        places=tuple(places),
        records=tuple(records),
        containers=containers,
        anchor=_anchor(places, records, known),
        style=style,
        choice=dict(choice),
    )


def _fields(
    parameter: str,
    record: RecordOf,
    table: str,
    signature: MethodSignature,
    sampled: Sampled,
    known: Known,
    style: int,
) -> Iterator[Place]:
    if record.fields is not None:
        typed = [(each.name, each.type) for each in record.fields]
        required = {each.name for each in record.fields if each.required}
    else:
        guessed = _guessed(signature, table, sampled, known, style)
        declared = None if record.values == ANYTHING else record.values
        typed = [(each.name, declared or each.type) for each in guessed]
        required = {each.name for each in guessed if each.required}
    about = replace(known, tables=known.tables or (table,))
    for (name, type_), possible in zip(typed, bound_together(typed, signature.name, sampled, about), strict=True):
        yield Place(path=(parameter, name), type=type_, required=name in required, binding=possible[0])


def _guessed(signature: MethodSignature, table: str, sampled: Sampled, known: Known, style: int) -> list[Field]:
    """What the keys of a mapping may be that declares none: a guess, of which the style says which.

    Names in the method's code that name a column or a part of a query; else the fields of a record type that the code
    names; else names in the code that it calls; else what the statements filter by. Names that an error said to be
    missing are added, those that it said to be too many taken away.
    """
    about = replace(known, tables=known.tables or (table,))

    def sure(name: str, *, by_itself: bool = True) -> bool:
        best = bindings_of(name, ANYTHING, signature.name, sampled, about, {})[0]
        if best.role == "column" and by_itself:
            return best.score - table_weight(sampled.tables[best.table], signature.name, about) >= _NAMED
        return best.role in ("column", "limit", "offset", "page") and best.score >= _SURELY

    columns = sampled.tables[table].columns
    guesses: list[list[Field]] = []
    own = tuple(Field(name, required=False) for name in signature.mentions)
    for fields in (own, *signature.keys):
        declared = any(each.required or not isinstance(each.type, Anything) for each in fields)
        certain = [each for each in fields if sure(each.name, by_itself=fields is not own)]
        if certain:
            guesses.append([replace(each, type=_in_json(each.type)) for each in (fields if declared else certain)])
    filtered = [name for of, name in sorted(known.filters) if of == table and name in sampled.tables[table].by_name]
    every = [column.name for column in columns if column.family not in ("json", "array")]
    guesses.append([Field(name, required=False) for name in (filtered or every)[:6]])
    chosen = guesses[min(style // 2, len(guesses) - 1)]
    there = {each.name for each in chosen}
    wanted = [Field(name) for name in known.wanted if name not in there and sure(name)]
    return [each for each in (*wanted, *chosen) if each.name not in known.refused][:_KEYS]


def _in_json(type_: ParameterType) -> ParameterType:
    """A declared type where the value is a mapping's, which most give as JSON has it: no dates, no numbers of ours."""
    if isinstance(type_, OptionalOf):
        return OptionalOf(_in_json(type_.of))
    kept = isinstance(type_, Choice) or type_ in (INTEGER, NUMBER, TEXT, BOOLEAN)
    return type_ if kept else ANYTHING


def _anchor(places: Sequence[Place], records: Sequence[RecordPlace], known: Known) -> str:
    votes: dict[str, float] = {}
    for each in places:
        if each.binding.role == "column":
            votes[each.binding.table] = votes.get(each.binding.table, 0) + 1 + each.binding.score / 20
    for record in records:
        votes[record.table.identity] = votes.get(record.table.identity, 0) + 4
    for identity in known.tables[:1]:
        if identity in votes:
            votes[identity] += 0.5
    return max(votes, key=lambda each: votes[each], default=known.tables[0] if known.tables else "")
