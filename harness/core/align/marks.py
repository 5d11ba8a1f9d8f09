"""What is said of any object that was made: its owner and its comment."""

from __future__ import annotations

from harness.core.align.ddl.kind import Made, Sides, Statement
from harness.core.align.ddl.registry import KINDS
from harness.core.model.objects import CatalogObject
from harness.core.names import literal, quote
from harness.core.owners import new_owner


def comment_on(each: CatalogObject) -> Made:
    """COMMENT ON the object, where it has one."""
    text = getattr(each, "comment", None)
    if text is None:
        return []
    return [Statement(sql=f"COMMENT ON {KINDS[each.kind].named(each)} IS {literal(text)};")]


def given_to(each: CatalogObject, now: CatalogObject | None, sides: Sides) -> Made:
    """ALTER … OWNER TO, where the role that runs the plan is another one and can give it away.

    `now` is the object as it stands on the target; None: the plan makes it.
    """
    owner = new_owner(now, each, sides.source, sides.target)
    server = sides.target.server
    if owner is None or not KINDS[each.kind].owned:
        return []
    if now is None and owner == server.reader:
        return []
    return [Statement(sql=f"ALTER {KINDS[each.kind].named(each)} OWNER TO {quote(owner)};")]
