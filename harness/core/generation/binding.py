"""Binding: which column or part of a query a parameter stands for, by name, by type and by what is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.core.generation import names
from harness.core.generation.adaptation import fits
from harness.core.generation.parameter_types import (
    Anything,
    Choice,
    ListOf,
    ParameterType,
    RecordOf,
    Scalar,
    bare,
)
from harness.core.generation.sampled import Sampled, SampledColumn, SampledTable

Role = Literal["column", "limit", "offset", "page", "record", "free"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a method was seen to ask for; nothing before it was called."""

    tables: tuple[str, ...] = ()
    """Identities, in the order of their mention"""
    written: tuple[str, ...] = ()
    filters: frozenset[tuple[str, str]] = frozenset()
    """(table, column): searched for, or in the target of ON CONFLICT"""
    stored: frozenset[tuple[str, str]] = frozenset()
    sought: frozenset[tuple[str, str]] = frozenset()
    """(table, column): searched by a pattern"""
    over_rest: bool = False
    wanted: tuple[str, ...] = ()
    """Names in errors of calls that did not give them"""
    refused: frozenset[str] = frozenset()
    """Names that were given and not taken"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a parameter, or a field of a record, stands for."""

    name: str
    role: Role
    type: ParameterType
    """The declared one, or, where nothing is declared, the one that the name speaks for"""
    table: str = ""
    column: str = ""
    end: str = ""
    """lower or upper: it is an end of a range"""
    element: bool = False
    """It is one element of the column's arrays"""
    score: float = 0.0

    @property
    def several(self) -> bool:
        """Whether it takes a list."""
        return isinstance(bare(self.type), ListOf)


def bindings_of(
    name: str, type_: ParameterType, method: str, sampled: Sampled, known: Known, taken: Mapping[str, int]
) -> list[Binding]:
    """What a parameter may stand for, the likeliest first; never empty.

    :param taken: 'table.column' of other parameters that surely stand for it.
    """
    found = sorted(_candidates(name, type_, method, sampled, known, taken), key=lambda each: -each.score)
    return found[:6] or [Binding(name=name, role="free", type=type_)]


def _candidates(
    name: str, type_: ParameterType, method: str, sampled: Sampled, known: Known, taken: Mapping[str, int]
) -> Iterator[Binding]:
    inner = bare(type_)
    countable = isinstance(inner, Anything) or inner in (Scalar("integer"), Scalar("number"))
    for role, matches in (("limit", names.is_limit), ("offset", names.is_offset), ("page", names.is_page)):
        if countable and matches(name):
            yield Binding(name=name, role=role, type=type_, score=16)  # type: ignore[arg-type]
    yield from _records(name, type_, method, sampled, known)
    item = bare(inner.of) if isinstance(inner, ListOf) else inner
    if isinstance(item, RecordOf):
        return
    for table in sampled.tables.values():
        weight = table_weight(table, method, known)
        for column in table.columns:
            score, listed = _score(name, table, column, known, several=isinstance(inner, ListOf))
            declared = isinstance(inner, ListOf) and not fits(column.family, type_)
            wanted = item if declared else inner
            element = _element(name, column, inner)
            if score <= 0 or not (element or fits(column.family, wanted)):
                continue
            if isinstance(inner, Anything) and listed and not element:
                bound: ParameterType = ListOf(inner)
            else:
                bound = type_
            # Where a plain column says as much, it is that one.
            end = names.bound_of(name) if column.family in ("date", "datetime", "decimal", "integer", "number") else ""
            score += weight - _strain(element or column, wanted, score, end) - (element is not None)
            score -= 4 * (taken.get(f"{table.identity}.{column.name}", 0) > 0)
            yield Binding(
                name=name,
                role="column",
                type=bound,
                table=table.identity,
                column=column.name,
                score=score,
                end=end,
                element=element is not None,
            )


def _element(name: str, column: SampledColumn, type_: ParameterType) -> SampledColumn | None:
    """What an element of an array takes, where one is asked for: by the declared type, else by the name's number."""
    element = column.element
    if element is None:
        return None
    if isinstance(type_, Anything):
        return element if _alike_element("_".join(names.words(name)), column) > 0 else None
    return element if isinstance(type_, Scalar | Choice) and fits(element.family, type_) else None


def _records(name: str, type_: ParameterType, method: str, sampled: Sampled, known: Known) -> Iterator[Binding]:
    inner = bare(type_)
    plural = names.is_plural(name)
    plain = "_".join(names.words(name))
    if isinstance(inner, ListOf):
        given = bare(inner.of)
        declared = isinstance(given, RecordOf)
        possible = declared or (isinstance(given, Anything) and (plural or plain in names.RECORD_LISTS))
    else:
        declared = isinstance(inner, RecordOf)
        possible = declared or isinstance(inner, Anything)
    if not possible:
        return
    for table in sampled.tables.values():
        own = _same_table(name, table)
        score = table_weight(table, method, known) + (6 if own else 0) + (10 if declared else 0)
        score += 3 if table.identity in known.written else 0
        if declared:
            yield Binding(name=name, role="record", type=type_, table=table.identity, score=score)
            continue
        listed = plain in names.RECORD_LISTS or (own and plural)
        if not (own or listed or plain in names.RECORDS | names.FILTERS):
            continue
        bound: ParameterType = ListOf(RecordOf()) if listed or isinstance(inner, ListOf) else RecordOf()
        yield Binding(name=name, role="record", type=bound, table=table.identity, score=score + 2)


def _strain(column: SampledColumn, type_: ParameterType, score: float, end: str) -> float:
    """What speaks against a column though its values could be given: a text for a number, or for an unnamed moment.

    An end of a time is a text as often as not: in JSON there is nothing else for it.
    """
    if not (isinstance(type_, Scalar) and type_.kind == "text") or column.family == "text":
        return 0
    if column.family in ("date", "datetime") and end:
        return 0
    return 0 if column.family in ("uuid", "date", "datetime", "time") and score >= 5 else 5


def _same_table(name: str, table: SampledTable) -> bool:
    ours = names.singular("_".join(names.words(name)))
    theirs = names.singular(table.name)
    return ours == theirs or (names.words(theirs)[-1:] == (ours,) and bool(ours))


def table_weight(table: SampledTable, method: str, known: Known) -> float:
    """How much the method seems to be about the table."""
    if table.identity in known.written:
        return 7
    if table.identity in known.tables:
        return 6 if known.tables[0] == table.identity else 5
    said = {names.singular(word) for word in names.words(method)}
    own = {names.singular(word) for word in names.words(table.name)}
    weight = 4.0 if own <= said else 1.0 if own & said else 0.0
    return weight - 4 if known.tables else weight


_UNSAYING = frozenset({"id", "is", "by", "the", "of", "has", "in", "at", "on", "new"})


def _score(name: str, table: SampledTable, column: SampledColumn, known: Known, *, several: bool) -> tuple[float, bool]:
    """How well the name names the column, and whether it names several values of it."""
    said = "_".join(names.words(name))
    listed = names.singular(said) != said and said != column.name
    best = _alike(said, table, column)
    if listed:
        one = _alike(names.singular(said), table, column)
        listed = one > best
        best = max(best, one)
    asked = (table.identity, column.name) in known.filters
    stored = (table.identity, column.name) in known.stored
    if best <= 0:
        best = _by_meaning(said, column)
        if best <= 0 and not asked and not stored:
            return 0, False
    best += 3 if asked and _same_table(said, table) else 0
    return best + (4 if asked else 2 if stored else 0), listed or several


def _alike(said: str, table: SampledTable, column: SampledColumn) -> float:
    if said == column.name:
        return 10
    whole = names.singular(table.name)
    own = {whole, names.words(whole)[-1] if names.words(whole) else whole}
    if any(said == f"{each}_{column.name}" for each in own):
        return 9
    if said in own and (column.name,) in table.keys[:1]:
        return 5
    if (one := _alike_element(said, column)) > 0:
        return one
    theirs, ours = set(names.words(column.name)) - _UNSAYING, set(names.words(said)) - _UNSAYING
    if said.endswith(f"_{column.name}") or column.name.endswith(f"_{said}"):
        return 6 if column.name != "id" else 3
    if ours and theirs and (ours <= theirs or theirs <= ours):
        return 5
    return 3 if ours & theirs else 0


def _alike_element(said: str, column: SampledColumn) -> float:
    """The same of an array that is called by what it holds several of: 'tag' of 'tags'."""
    one = names.singular(column.name)
    if column.family != "array" or one in (column.name, "id"):
        return 0
    return 9 if said == one else 6 if said.endswith(f"_{one}") else 0


def _by_meaning(said: str, column: SampledColumn) -> float:
    if said in names.SEARCHES and column.family == "text":
        return 3 if any(word in column.name for word in ("name", "title", "text")) else 1.5
    if names.bound_of(said) and column.family in ("date", "datetime"):
        return 3 if column.name not in ("created_at", "updated_at") else 2
    if names.bound_of(said) and column.family in ("decimal", "number"):
        return 1
    if said in ("day", "date", "on", "at", "when", "moment", "now") and column.family in ("date", "datetime"):
        return 2
    return 0


def bound_together(
    parameters: Sequence[tuple[str, ParameterType]], method: str, sampled: Sampled, known: Known
) -> list[list[Binding]]:
    """The candidates of every parameter; a column that one surely stands for is less likely another's too.

    Both ends of a range stand for one column, which neither takes from the other.
    """
    first = [bindings_of(name, type_, method, sampled, known, {}) for name, type_ in parameters]
    taken: dict[str, int] = {}
    for own in first:
        if own[0].role == "column" and own[0].score >= 13 and not own[0].end:
            key = f"{own[0].table}.{own[0].column}"
            taken[key] = taken.get(key, 0) + 1
    again = []
    for (name, type_), own in zip(parameters, first, strict=True):
        sure = own[0].role == "column" and own[0].score >= 13
        again.append(own if sure else bindings_of(name, type_, method, sampled, known, taken))
    return again
