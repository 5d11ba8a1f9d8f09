"""Guards: event triggers, which must not judge a plan's statements: they go first, come last, or rest meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.core.align.ddl.kind import Sides
from harness.core.align.rules import STATES
from harness.core.model.catalog import Catalog
from harness.core.model.programs import EventTrigger
from harness.core.names import quote
from harness.core.plan import Step

_DROP = "DROP EVENT TRIGGER "
_OF_COMMANDS = frozenset({"ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite"})
"""Events that a statement of a plan may be; a login is none"""


def unguarded(steps: Iterable[Step], sides: Sides) -> list[Step]:
    """The steps, behind the drops of event triggers and before all else that is said of them.

    Those that stay and that the plan's role may alter are disabled from the first step to the last one.
    """
    of_guards: list[Step] = []
    others: list[Step] = []
    for step in steps:
        (of_guards if step.kind == EventTrigger.kind else others).append(step)
    drops = [step for step in of_guards if step.sql.startswith(_DROP)]
    last = [step for step in of_guards if not step.sql.startswith(_DROP)]
    if not others:
        return [*drops, *last]
    dropped = {step.identity for step in drops}
    resting = [each for each in _enabled(sides.target) if each.identity not in dropped]
    back = [each for each in resting if not any(_sets_state(step, each) for step in last)]
    return [
        *drops,
        *(_state(each, "disabled", "must not judge the plan's own statements") for each in resting),
        *others,
        *last,
        *(_state(each, each.enabled, "judges again") for each in back),
    ]


def _enabled(catalog: Catalog) -> Iterator[EventTrigger]:
    """Those that fire now, and that the role which read the catalog, and runs the plan, may alter."""
    role, superuser = catalog.server.reader, catalog.server.superuser
    for each in catalog.event_triggers:
        if each.enabled != "disabled" and each.event in _OF_COMMANDS and role and role in (superuser, each.owner):
            yield each


def _sets_state(step: Step, trigger: EventTrigger) -> bool:
    head = f"ALTER EVENT TRIGGER {quote(trigger.name)} "
    return step.sql in {f"{head}{word};" for word in STATES.values()}


def _state(trigger: EventTrigger, state: str, why: str) -> Step:
    return Step(
        sql=f"ALTER EVENT TRIGGER {quote(trigger.name)} {STATES[state]};",
        why=f"event trigger {trigger.identity} {why}",
        kind=EventTrigger.kind,
        identity=trigger.identity,
    )
