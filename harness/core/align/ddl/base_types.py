"""DDL of range and base types, and of the functions that cannot be made without their type, nor it without them."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement
from harness.core.align.ddl.routines import create_routine
from harness.core.model.catalog import Catalog
from harness.core.model.types import BaseType, RangeType
from harness.core.names import literal, qualified, quote

_NAMED = ("input", "output", "receive", "send", "typmod_in", "typmod_out", "analyze", "subscript")
_SETTABLE = frozenset({"storage", "receive", "send", "typmod_in", "typmod_out", "analyze", "subscript"})
"""What ALTER TYPE … SET changes"""


def _declared(each: BaseType | RangeType, catalog: Catalog) -> Made:
    """The shell and the functions that speak of it."""
    if not each.functions:
        return []
    routines = [routine for routine in catalog.routines if routine.identity in each.functions]
    return [
        Statement(sql=f"CREATE TYPE {each.identity};"),
        *(Statement(sql=create_routine(routine)) for routine in routines),
    ]


def _drop(each: BaseType | RangeType, _catalog: Catalog) -> Made:
    """With its own functions, which need it as it needs them."""
    return [Statement(sql=f"DROP TYPE {each.identity}{' CASCADE' if each.functions else ''};")]


def _create_range(each: RangeType, catalog: Catalog) -> Made:
    words = [f"SUBTYPE = {each.subtype}"]
    if each.subtype_opclass:
        words.append(f"SUBTYPE_OPCLASS = {each.subtype_opclass}")
    if each.collation:
        words.append(f"COLLATION = {each.collation}")
    if each.canonical:
        words.append(f"CANONICAL = {each.canonical}")
    if each.subtype_diff:
        words.append(f"SUBTYPE_DIFF = {each.subtype_diff}")
    if each.multirange_type_name:
        words.append(f"MULTIRANGE_TYPE_NAME = {qualified(each.schema, each.multirange_type_name)}")
    text = ",\n    ".join(words)
    return [*_declared(each, catalog), Statement(sql=f"CREATE TYPE {each.identity} AS RANGE (\n    {text}\n);")]


def _rename_range(now: RangeType, name: str) -> Made:
    """With its constructors, and with its multirange type where that was called after it."""
    made = [
        _called(f"FUNCTION {now.identity}({arguments})", name)
        for arguments in (f"{now.subtype}, {now.subtype}", f"{now.subtype}, {now.subtype}, text")
    ]
    if now.multirange is not None and now.multirange_type_name is None:
        multirange = qualified(now.schema, now.multirange)
        later = name.replace("range", "multirange", 1) if "range" in name else f"{name}_multirange"
        made += [
            _called(f"FUNCTION {multirange}({arguments})", later)
            for arguments in ("", now.identity, f"VARIADIC {now.identity}[]")
        ]
        made.append(_called(f"TYPE {multirange}", later))
    return [*made, _called(f"TYPE {now.identity}", name)]


def _called(named: str, name: str) -> Statement:
    return Statement(sql=f"ALTER {named} RENAME TO {quote(name)};")


def _alter_range(now: RangeType, wanted: RangeType, attributes: frozenset[str], _sides: Sides) -> Made | None:
    """Only the multirange type has a name of its own to change."""
    if attributes != {"multirange_type_name"} or not now.multirange or not wanted.multirange:
        return None
    old = qualified(now.schema, now.multirange)
    return [Statement(sql=f"ALTER TYPE {old} RENAME TO {quote(wanted.multirange)};")]


def _create_base(each: BaseType, catalog: Catalog) -> Made:
    if each.input is None:
        return [Statement(sql=f"CREATE TYPE {each.identity};")]
    words = [f"{name.upper()} = {value}" for name in _NAMED if (value := getattr(each, name)) is not None]
    words.append(f"INTERNALLENGTH = {'VARIABLE' if each.internal_length < 0 else each.internal_length}")
    if each.passed_by_value:
        words.append("PASSEDBYVALUE")
    words.append(f"ALIGNMENT = {each.alignment}")
    words.append(f"STORAGE = {each.storage}")
    words.append(f"CATEGORY = {literal(each.category)}")
    if each.preferred:
        words.append("PREFERRED = true")
    if each.default is not None:
        words.append(f"DEFAULT = {literal(each.default)}")
    if each.element is not None:
        words.append(f"ELEMENT = {each.element}")
    words.append(f"DELIMITER = {literal(each.delimiter)}")
    if each.collatable:
        words.append("COLLATABLE = true")
    text = ",\n    ".join(words)
    return [*_declared(each, catalog), Statement(sql=f"CREATE TYPE {each.identity} (\n    {text}\n);")]


def _alter_base(now: BaseType, wanted: BaseType, attributes: frozenset[str], sides: Sides) -> Made | None:
    """A shell is filled; ALTER TYPE … SET changes what does not change how values are stored."""
    if now.input is None and wanted.input is not None:
        return [each for each in _create_base(wanted, sides.source) if each.sql != f"CREATE TYPE {wanted.identity};"]
    settable = sides.target.server.version_number >= 130000 and attributes <= _SETTABLE
    # Values that are stored inline may be toasted from now on, and not the reverse.
    if not settable or ("storage" in attributes and "plain" in (now.storage, wanted.storage)):
        return None
    words = [f"{name.upper()} = {getattr(wanted, name) or 'NONE'}" for name in sorted(attributes)]
    return [Statement(sql=f"ALTER TYPE {wanted.identity} SET ({', '.join(words)});")]


DDL: dict[str, Ddl] = {
    RangeType.kind: Ddl(
        named=lambda each: f"TYPE {each.identity}",
        create=_create_range,
        drop=_drop,
        alter=_alter_range,
        rename=_rename_range,
    ),
    BaseType.kind: Ddl(
        named=lambda each: f"TYPE {each.identity}",
        create=_create_base,
        drop=_drop,
        alter=_alter_base,
    ),
}
"""How range and base types are made"""
