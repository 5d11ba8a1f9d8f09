"""What a look has found that must not be: one condition a table, an object of a schema, or a side that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from harness.core.record import Severity, Side
from harness.core.watch.alerts import Condition
from harness.core.watch.history import Look, SchemaDifference, SchemaLook, TableCount, TableDigest

LISTED: Final = 100
"""Differences of a schema that are alerts of their own; the rest is one"""


def conditions_of(
    look: Look,
    *,
    fail_on: Severity,
    known: Iterable[str],
    allow_drift: bool,
    unreachable: Iterable[tuple[str, str]],
) -> tuple[Condition, ...]:
    """What must not be, by what a look has found.

    Of the target's schema everything counts that is at least `fail_on`, and whatever was not there at the beginning
    (`known`); of the source's, everything. `unreachable`: what could not be asked, and why.
    """
    found = [Condition(f"look {what}", f"{what} could not be looked at: {why}") for what, why in unreachable]
    found += [each for count in look.counts if (each := _of_count(count)) is not None]
    found += [each for one in look.digests if (each := _of_digest(one, allow_drift=allow_drift)) is not None]
    at_the_beginning = frozenset(known)
    for schema in look.schemas:
        found += _of_schema(schema, fail_on, at_the_beginning)
    return tuple(found)


def looked_by(look: Look, answered: Iterable[str], uncounted: Iterable[str] = ()) -> Callable[[str], bool]:
    """Whether a look would have seen the condition of a key, were it there. `answered`: the sides that could be asked,
    and the kinds of look that came to their end; `uncounted`: tables that cannot be counted, as those that one side
    does not have any more.
    """
    done = frozenset(answered)
    compared = {each.side for each in look.schemas}
    unsure = {each.table for each in look.digests if each.status == "incomplete"}
    unsure |= set(uncounted) - {each.table for each in look.digests}

    def looked(key: str) -> bool:
        kind, _, rest = key.partition(" ")
        if kind == "look":
            return rest in done
        if kind == "schema":
            return rest.split(" ", 1)[0] in compared
        return kind in done and not (kind == "digests" and rest in unsure)

    return looked


def key_of(side: Side, difference: SchemaDifference) -> str:
    """What the alert of a schema's difference is about."""
    return f"schema {side} {difference.code} {difference.kind} {difference.identity}"


def _of_count(count: TableCount) -> Condition | None:
    key = f"counts {count.table}"
    if count.reason:
        return Condition(key, f"{count.table}: not counted: {count.reason}")
    difference = count.difference
    if difference is None or abs(difference) < count.limit:
        return None
    direction = "more" if difference > 0 else "fewer"
    text = f"{count.table}: {count.source:,} rows on the source, {count.target:,} on the target"
    return Condition(key, f"{text}: {abs(difference):,} {direction}")


def _of_digest(digest: TableDigest, *, allow_drift: bool) -> Condition | None:
    differing = digest.differences + (0 if allow_drift else digest.drifting)
    if differing < digest.limit:
        return None
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (digest.missing_on_target, "missing on the target"),
            (digest.missing_on_source, "missing on the source"),
            (digest.different, "with other values"),
            (digest.drifting, "in another representation"),
        )
        if number
    ]
    more = f" ({digest.reason})" if digest.reason else ""
    return Condition(f"digests {digest.table}", f"{digest.table}: rows differ: {', '.join(parts)}{more}")


def _of_schema(look: SchemaLook, fail_on: Severity, known: frozenset[str]) -> list[Condition]:
    counting = [each for each in look.listed if _counts(look.side, each, fail_on, known)]
    found = [Condition(key_of(look.side, each), _title(look.side, each)) for each in counting[:LISTED]]
    unlisted = len(counting) - LISTED if len(counting) > LISTED else 0
    unlisted += look.differences - len(look.listed)
    if unlisted:
        found.append(Condition(f"schema {look.side}", f"the {look.side}'s schema: {unlisted:,} more differences"))
    return found


def _counts(side: Side, difference: SchemaDifference, fail_on: Severity, known: frozenset[str]) -> bool:
    if side is Side.SOURCE or difference.severity.at_least(fail_on):
        return True
    return key_of(side, difference) not in known


def _title(side: Side, difference: SchemaDifference) -> str:
    since = ", against the source" if side is Side.TARGET else ", against its own beginning"
    return f"schema of the {side}{since}: {difference.title} ({difference.code})"


def known_at_the_beginning(looks: Sequence[SchemaLook], fail_on: Severity) -> tuple[str, ...]:
    """Keys of the target's differences that are below `fail_on` when a watch begins: they are no alert later."""
    return tuple(
        key_of(look.side, each)
        for look in looks
        if look.side is Side.TARGET
        for each in look.listed
        if not each.severity.at_least(fail_on)
    )
