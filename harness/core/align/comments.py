"""COMMENT ON any object."""

from __future__ import annotations

from harness.core.align.ddl.registry import KINDS
from harness.core.model.objects import CatalogObject
from harness.core.names import literal


def comment_on(each: CatalogObject) -> list[str]:
    """COMMENT ON the object, where it has one."""
    text = getattr(each, "comment", None)
    return [] if text is None else [f"COMMENT ON {KINDS[each.kind].named(each)} IS {literal(text)};"]
