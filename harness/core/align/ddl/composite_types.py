"""DDL of composite types: attributes are added and dropped in place; one in use elsewhere takes no other type."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, nothing
from harness.core.align.ddl.stored_types import stored
from harness.core.align.ddl.types import comes_with_type, drop_type
from harness.core.model.catalog import Catalog, address_of
from harness.core.model.types import CompositeAttribute, CompositeType
from harness.core.names import literal, quote
from harness.core.plan import Hazard


def _create(each: CompositeType, _catalog: Catalog) -> Made:
    attributes = ",\n    ".join(each.members)
    return [
        Statement(
            sql=f"CREATE TYPE {each.identity} AS (\n    {attributes}\n);"
            if attributes
            else f"CREATE TYPE {each.identity} AS ();"
        )
    ]


def _alter(now: CompositeType, wanted: CompositeType, _attributes: frozenset[str], sides: Sides) -> Made | None:
    """ADD, DROP and ALTER ATTRIBUTE; None where values would be lost or PostgreSQL refuses."""
    ours = {each.name: each for each in _attributes_of(wanted, sides.source)}
    there = _attributes_of(now, sides.target)
    head = f"ALTER TYPE {wanted.identity}"
    cascade = " CASCADE" if _typed_tables(now, sides.target) else ""
    renamed = _renamed(there, list(ours.values()))
    theirs = {renamed.get(each.name, each.name): each for each in there}
    held = stored(now, sides.target)
    kept = [name for name in theirs if name in ours]
    if held and any(_typed(ours[name]) != _typed(theirs[name]) for name in kept):
        return None
    prefix = len(kept)
    if kept != list(ours)[: len(kept)]:
        if held:
            return None
        prefix = next(place for place, (one, other) in enumerate(zip(kept, ours, strict=False)) if one != other)
    staying = kept[:prefix]
    hazards = (Hazard.DATA_LOSS,) if held else ()
    made: Made = [
        Statement(sql=f"{head} RENAME ATTRIBUTE {quote(old)} TO {quote(new)}{cascade};") for old, new in renamed.items()
    ]
    made += [
        Statement(sql=f"{head} DROP ATTRIBUTE {quote(name)}{cascade};", hazards=hazards)
        for name in theirs
        if name not in staying
    ]
    for name in staying:
        if _typed(ours[name]) != _typed(theirs[name]):
            made.append(Statement(sql=f"{head} ALTER ATTRIBUTE {quote(name)} TYPE {_typed(ours[name])}{cascade};"))
    for name, each in ours.items():
        if name not in staying:
            made.append(Statement(sql=f"{head} ADD ATTRIBUTE {quote(name)} {_typed(each)}{cascade};"))
            if each.comment is not None and name in theirs:
                made.append(Statement(sql=f"COMMENT ON COLUMN {each.identity} IS {literal(each.comment)};"))
    return made


def _converted(now: CompositeType, wanted: CompositeType, value: str, sides: Sides) -> str:
    """A row of the new type out of the attributes that the old one has."""
    there, ours = _attributes_of(now, sides.target), _attributes_of(wanted, sides.source)
    renamed = _renamed(there, ours)
    theirs = {renamed.get(each.name, each.name): each for each in there}
    parts = []
    for each in ours:
        its = theirs.get(each.name)
        if its is None:
            parts.append("NULL")
        else:
            part = f"({value}).{quote(its.name)}"
            # A type of a schema may have been put aside under the same name in this plan.
            same = its.type == each.type and "." not in each.type
            parts.append(part if same else f"{part}::text::{each.type}")
    return f"CASE WHEN {value} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW({', '.join(parts)})::{wanted.identity} END"


def _renamed(theirs: list[CompositeAttribute], ours: list[CompositeAttribute]) -> dict[str, str]:
    """New names of attributes that stand in the same place with the same type under a name that the other lacks."""
    here, there = {each.name for each in ours}, {each.name for each in theirs}
    return {
        its.name: mine.name
        for its, mine in zip(theirs, ours, strict=False)
        if its.name not in here and mine.name not in there and _typed(its) == _typed(mine) and len(ours) == len(theirs)
    }


def _disturbs(now: CompositeType, wanted: CompositeType, _attributes: frozenset[str], _sides: Sides) -> frozenset[str]:
    """What speaks of an attribute stops it from going and from changing; one more at the end disturbs nobody."""
    if wanted.members[: len(now.members)] == now.members:
        return frozenset()
    return frozenset({"view", "rule", "routine", "policy", "trigger", "index", "constraint"})


def _typed(each: CompositeAttribute) -> str:
    return each.type + (f" COLLATE {each.collation}" if each.collation else "")


def _attributes_of(each: CompositeType, catalog: Catalog) -> list[CompositeAttribute]:
    found = [attribute for attribute in catalog.composite_attributes if attribute.type_identity == each.identity]
    return sorted(found, key=lambda attribute: attribute.position)


def _typed_tables(each: CompositeType, catalog: Catalog) -> bool:
    return any(
        address_of(need.on_kind, need.on_identity) == each.address and need.kind == "table"
        for need in catalog.dependencies
    )


DDL: dict[str, Ddl] = {
    CompositeType.kind: Ddl(
        named=lambda each: f"TYPE {each.identity}",
        create=_create,
        drop=drop_type,
        alter=_alter,
        disturbs=_disturbs,
        converted=_converted,
    ),
    CompositeAttribute.kind: Ddl(
        named=lambda each: f"COLUMN {each.identity}",
        create=nothing,
        drop=nothing,
        comes_with=comes_with_type,
        owned=False,
    ),
}
"""How composite types and their attributes are made"""
