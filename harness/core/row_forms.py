"""Row forms: how a column of either side is written for hashing, for matching and for showing; pure SQL text."""

from __future__ import annotations

import dataclasses
from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from harness.core.cell_classes import CellKind
from harness.core.equal_forms import CASE_FOLDED, DRIFTING, SEED, bytes_hash, equal_form, native_form, text_hash
from harness.core.row_types import FIRST_USER_OID as FIRST_USER_OID
from harness.core.row_types import PORTABLE_TYPES as PORTABLE_TYPES
from harness.core.row_types import WHOLE_NUMBERS as WHOLE_NUMBERS
from harness.core.row_types import DescribedType as DescribedType
from harness.core.row_types import fields_in_another_order, same_type, unwrapped

_FLOATS: Final = frozenset({"float4", "float8"})
_NUMBERS: Final = WHOLE_NUMBERS | _FLOATS | {"numeric"}
_STRINGS: Final = frozenset({"text", "varchar", "bpchar", "name", "char"})
_MOMENTS: Final = frozenset({"timestamp", "timestamptz", "date"})
_DOCUMENTS: Final = frozenset({"json", "jsonb"})

_WRITTEN_OTHERWISE: Final = DRIFTING | {"json", "citext"}

_KINDS: Final[dict[str, CellKind]] = {
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(_STRINGS, "text"),
    **dict.fromkeys(_DOCUMENTS, "json"),
    **dict.fromkeys(_MOMENTS, "timestamp"),
    "time": "time",
    "timetz": "time",
    "interval": "interval",
    "bytea": "bytes",
    "citext": "text",
    "xml": "text",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SideForm:
    """A column on one side. Each is SQL in which {} stands for the column."""

    exact: str
    """What is hashed: its bytes are equal where representation and value are equal, on both sides"""
    key: str
    """What rows are matched by: its bytes are equal where values are equal by ="""
    text: str | None = None
    """What is fetched and classified; None: the value by its own output function"""
    native: str | None = None
    """A hash of 64 bits, in which {seed} stands for its seed, that says what `exact` says, and sooner than its bytes;
    None: no function hashes it as it is"""
    native_key: str | None = None
    """The same of `key`"""

    def hash_of(self, column: str, seed: int) -> str:
        """SQL of the hash of `exact` of a column; NULL, or any number, for NULL."""
        return _hash_of(self.native, self.exact, column, seed)

    def key_hash_of(self, column: str, seed: int) -> str:
        """SQL of the hash of `key` of a column."""
        return _hash_of(self.native_key, self.key, column, seed)


def _hash_of(native: str | None, form: str, column: str, seed: int) -> str:
    template = native or bytes_hash(f"pg_catalog.record_send(ROW({form}))")
    # The seed first: a column may be called as it.
    return written(template.replace(SEED, str(seed)), column)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellForm:
    """A column on both sides."""

    source: SideForm
    target: SideForm
    kind: CellKind
    settled_as: str | None = None
    """The type whose = decides whether two texts are one value; None: there is nothing to settle"""
    type_drift: bool = False
    """The types differ: equal values are drift"""
    told_by_texts: bool = False
    """Whether two values are equal is told by their texts alone: no form is the same for all equal ones"""


def cell_form(
    source: DescribedType, target: DescribedType, *, portable: Set[str] = frozenset(PORTABLE_TYPES)
) -> CellForm:
    """The form of a pair of columns. `portable` are the type names whose binary form both servers agree on."""
    source, target = unwrapped(source), unwrapped(target)
    if source.oid == target.oid and source.builtin and (source.element or source.name) in portable:
        return _same_type(source)
    names = {source.known_name, target.known_name}
    kind: CellKind = "array" if source.element and target.element else "other"
    if same_type(source, target):
        form = _folded() if names == {"citext"} else dataclasses.replace(_text("({})::text"), text=None)
        kind = _KINDS.get(source.known_name, kind)
        return CellForm(source=form, target=form, kind=kind, told_by_texts=_drifts(source))
    if names <= _NUMBERS:
        return CellForm(source=_number(source), target=_number(target), kind="number", type_drift=True)
    if names <= _MOMENTS:
        # The session's zone is UTC: a time without a zone is read as UTC, as the load reads it.
        form, kind = _text("({})::timestamp::text"), "timestamp"
    elif names <= _DOCUMENTS:
        form, kind = _text("({})::jsonb::text"), "json"
    elif fields_in_another_order(source, target):
        # With its fields' names, which the text of a composite value leaves out.
        form, kind = _text("pg_catalog.to_jsonb({})::text"), "json"
    else:
        form, kind = _text("({})::text"), "text" if names & _STRINGS else kind
    told_by_texts = not (names <= _MOMENTS or names <= _STRINGS)
    return CellForm(source=form, target=form, kind=kind, type_drift=True, told_by_texts=told_by_texts)


def _drifts(described: DescribedType) -> bool:
    """Whether a value that is written as text may be equal to one that is written otherwise."""
    described = unwrapped(described)
    return described.known_name in _WRITTEN_OTHERWISE or any(_drifts(part) for _, part in described.parts)


def _folded() -> SideForm:
    """citext, whose = takes no notice of case: rows are matched by letters that every server folds alike."""
    form = dataclasses.replace(_text("({})::text"), text=None)
    return dataclasses.replace(form, key=CASE_FOLDED, native_key=text_hash(CASE_FOLDED))


def _same_type(described: DescribedType) -> CellForm:
    # The cast takes a domain to its base type, whose OID is the same everywhere; on the type itself it does nothing.
    # The quoted name matters: bit and character without a length would mean a length of 1.
    value = f'({{}})::pg_catalog."{described.name}"'
    settled = (described.element or described.name) in DRIFTING
    kind: CellKind = "array" if described.element else _KINDS.get(described.name, "other")
    key = equal_form(described.name, described.element, value)
    native = native_form(described.name, described.element, value)
    of_key = native if key == value and described.element is None else None
    if described.name == "numeric":
        of_key = text_hash(f"{key}::text")
    form = SideForm(exact=value, key=key, native=native, native_key=of_key)
    as_type = f'pg_catalog."{described.name}"' if settled else None
    return CellForm(source=form, target=form, kind=kind, settled_as=as_type)


def _number(described: DescribedType) -> SideForm:
    if described.name in _FLOATS:
        # By the shortest text that reads back as the same float: the cast to numeric would round to 15 digits.
        return _text(
            "CASE WHEN ({})::text IN ('Infinity', '-Infinity') THEN ({})::text"
            " ELSE pg_catalog.trim_scale(({})::text::numeric)::text END"
        )
    return _text("pg_catalog.trim_scale(({})::numeric)::text")


def _text(template: str) -> SideForm:
    native = text_hash(template)
    return SideForm(exact=template, key=template, text=template, native=native, native_key=native)


def written(template: str, column: str) -> str:
    """A form with its column in place."""
    return template.replace("{}", column)
