"""DDL of composite types: attributes are added and dropped in place; one in use elsewhere takes no other type."""

from __future__ import annotations

from dataclasses import replace

from harness.core.align.ddl import column_types
from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, nothing
from harness.core.align.ddl.stored_types import stored
from harness.core.align.ddl.types import comes_with_type, drop_type
from harness.core.model.catalog import Catalog
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
    """ADD, DROP and ALTER ATTRIBUTE; None where values would be lost or PostgreSQL refuses.

    An attribute of another name is another one: values are never taken over by their place alone.
    """
    ours = {each.name: each for each in attributes_of(wanted, sides.source)}
    theirs = {each.name: each for each in attributes_of(now, sides.target)}
    head = f"ALTER TYPE {wanted.identity}"
    tables = _typed_tables(now, sides.target)
    cascade = " CASCADE" if tables else ""
    held = stored(now, sides.target)
    kept = [name for name in theirs if name in ours]
    if held and any(_typed(ours[name]) != _typed(theirs[name]) for name in kept):
        return None
    if any(_needs_using(table, theirs[name], ours[name], sides) for table in tables for name in kept):
        return None
    prefix = len(kept)
    if kept != list(ours)[: len(kept)]:
        if held or tables:
            return None
        prefix = next(place for place, (one, other) in enumerate(zip(kept, ours, strict=False)) if one != other)
    staying = kept[:prefix]
    hazards = (Hazard.DATA_LOSS,) if held or tables else ()
    made: Made = [
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


def _needs_using(table: str, now: CompositeAttribute, wanted: CompositeAttribute, sides: Sides) -> bool:
    """Whether rows of a typed table need an expression to get into the new type, which ALTER ATTRIBUTE has not."""
    column = next((each for each in sides.target.columns_by_table.get(table, ()) if each.name == now.name), None)
    if now.type == wanted.type or column is None:
        return False
    return column_types.using(column, replace(column, type=wanted.type, base_type=None)) is not None


def _converted(now: CompositeType, wanted: CompositeType, value: str, sides: Sides) -> str:
    """A row of the new type out of the attributes that the old one has."""
    theirs = {each.name: each for each in attributes_of(now, sides.target)}
    parts = []
    for each in attributes_of(wanted, sides.source):
        its = theirs.get(each.name)
        if its is None:
            parts.append("NULL")
        else:
            part = f"({value}).{quote(its.name)}"
            # A type of a schema may have been put aside under the same name in this plan.
            same = its.type == each.type and "." not in each.type
            parts.append(part if same else f"{part}::text::{each.type}")
    return f"CASE WHEN {value} IS NOT DISTINCT FROM NULL THEN NULL ELSE ROW({', '.join(parts)})::{wanted.identity} END"


def _disturbs(now: CompositeType, wanted: CompositeType, _attributes: frozenset[str], _sides: Sides) -> frozenset[str]:
    """What speaks of an attribute stops it from going and from changing; one more at the end disturbs nobody."""
    if wanted.members[: len(now.members)] == now.members:
        return frozenset()
    return frozenset({"view", "rule", "routine", "policy", "trigger", "index", "constraint"})


def _typed(each: CompositeAttribute) -> str:
    return each.type + (f" COLLATE {each.collation}" if each.collation else "")


def attributes_of(each: CompositeType, catalog: Catalog) -> list[CompositeAttribute]:
    """In their order."""
    found = [attribute for attribute in catalog.composite_attributes if attribute.type_identity == each.identity]
    return sorted(found, key=lambda attribute: attribute.position)


def _typed_tables(each: CompositeType, catalog: Catalog) -> list[str]:
    return [table.identity for table in catalog.tables if table.of == each.identity]


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
