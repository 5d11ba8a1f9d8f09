"""COMMENT ON any object."""

from __future__ import annotations

from harness.core.align.ddl.registry import KINDS
from harness.core.model.objects import CatalogObject, TablePart
from harness.core.model.relations import Column
from harness.core.model.types import Domain, Type
from harness.core.names import literal, qualified, quote


def comment_on(each: CatalogObject) -> list[str]:
    """COMMENT ON the object, where it has one."""
    text = getattr(each, "comment", None)
    if text is None:
        return []
    if each.kind in KINDS:
        name = KINDS[each.kind].named(each)
    elif isinstance(each, Column):
        name = f"COLUMN {each.identity}"
    elif isinstance(each, TablePart):
        name = f"{each.kind.upper()} {quote(each.name)} ON {each.table_identity}"
        if each.kind == "index":
            name = f"INDEX {qualified(each.schema, each.name)}"
    elif isinstance(each, Type):
        name = f"{'DOMAIN' if isinstance(each, Domain) else 'TYPE'} {each.identity}"
    else:
        name = f"{each.kind.upper()} {each.identity}"
    return [f"COMMENT ON {name} IS {literal(text)};"]
