"""DDL of event triggers."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.align.rules import STATES
from harness.core.model.catalog import Catalog
from harness.core.model.programs import EventTrigger
from harness.core.names import literal, quote


def _named(trigger: EventTrigger) -> str:
    return f"EVENT TRIGGER {quote(trigger.name)}"


def _state(trigger: EventTrigger) -> Statement:
    return Statement(sql=f"ALTER {_named(trigger)} {STATES[trigger.enabled]};")


def _create(trigger: EventTrigger, _: Catalog) -> Made:
    written = trigger.written_tags or trigger.tags
    tags = f"\n    WHEN TAG IN ({', '.join(map(literal, written))})" if written else ""
    sql = f"CREATE {_named(trigger)} ON {quote(trigger.event)}{tags}\n    EXECUTE FUNCTION {trigger.function}();"
    made = [Statement(sql=sql)]
    return made if trigger.enabled == "origin" else [*made, _state(trigger)]


def _alter(_now: EventTrigger, wanted: EventTrigger, attributes: frozenset[str], _sides: Sides) -> Made | None:
    return [_state(wanted)] if attributes == {"enabled"} else None


DDL: dict[str, Ddl] = {EventTrigger.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), alter=_alter)}
