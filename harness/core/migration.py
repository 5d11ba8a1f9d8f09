"""Migration: what identifies one, which triggers it sets off, and where sequences go after it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable
from collections.abc import Mapping as Mapped
from collections.abc import Sequence as Ordered
from dataclasses import dataclass

from harness.core.mapping import Mapping
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.model.relations import Sequence
from harness.core.model.rules import Trigger

_ON_WRITE = re.compile(r"(?:BEFORE|AFTER) (?:(?:DELETE|TRUNCATE) OR )*(?:INSERT|UPDATE)\b")


def migration_identity(
    mapping: Mapping,
    tables: Ordered[str],
    source: Catalog,
    target: Catalog,
    filters: Mapped[str, str] | None = None,
) -> str:
    """A digest of all that decides how rows move: source database, mapping, tables, the source's definitions
    of them, the target's columns, and `filters`: the condition on the rows of tables that have one.

    Measurements, and objects that do not belong to these tables (the ledger's own schema too), do not count: a resume
    must not be refused because of them. Nor do the target's keys and other rules: it may get them once its rows are
    there, and the same migration that is run again must know what it has moved.
    """
    names = sorted(set(tables))
    rules = {name: mapping.table(name).to_data() for name in names}
    origin = [source.server.system_identifier, source.server.database]
    facts: list[object] = [
        origin,
        rules,
        _definitions(source, names),
        _columns(target, {mapping.target_of(name) for name in names}),
    ]
    facts += [dict(filters)] if filters else []
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _definitions(catalog: Catalog, tables: Iterable[str]) -> list[str]:
    wanted = set(tables)
    parts: list[CatalogObject] = [*catalog.tables, *catalog.columns, *catalog.constraints]
    parts += [index for index in catalog.indexes if index.unique]
    deciding = [*catalog.enums, *(part for part in parts if part.table_identity in wanted)]
    return sorted(repr((each.kind, each.key, sorted(each.attributes().items()))) for each in deciding)


def _columns(target: Catalog, tables: Collection[str]) -> list[str]:
    """What of the target decides which bytes its columns take, and from where."""
    return sorted(
        repr((each.key, each.type, each.generated, each.generated_kind, each.identity_kind))
        for each in target.columns
        if each.table_identity in tables
    )


def firing_triggers(target: Catalog, tables: Iterable[str]) -> tuple[Trigger, ...]:
    """The triggers that a load sets off. A role that is no superuser cannot keep them from firing."""
    wanted = set(tables)
    return tuple(
        trigger
        for trigger in target.triggers
        if trigger.table_identity in wanted
        and trigger.enabled in ("origin", "always")
        and _ON_WRITE.match(trigger.definition)
    )


@dataclass(frozen=True, slots=True)
class SequenceState:
    """The two numbers that a sequence's relation holds."""

    last_value: int
    is_called: bool

    def next_value(self, increment: int) -> int:
        """What nextval() would give."""
        return self.last_value + increment if self.is_called else self.last_value


def sequence_after_load(
    sequence: Sequence, current: SequenceState, column_extreme: int | None, source_next: int | None
) -> SequenceState | None:
    """Where a sequence of the target has to stand once rows were copied: past every value of its column and not behind
    the source's sequence, whose values may have been given out without being stored. None: it stands well.

    `column_extreme` is the column's maximum, its minimum for a sequence that counts down.
    """
    further = max if sequence.increment > 0 else min
    wanted = [current.next_value(sequence.increment)]
    if column_extreme is not None:
        wanted.append(column_extreme + sequence.increment)
    if source_next is not None:
        wanted.append(source_next)
    following = further(wanted)
    if following == wanted[0]:
        return None
    if sequence.minimum <= following <= sequence.maximum:
        return SequenceState(following, is_called=False)
    return SequenceState(sequence.maximum if sequence.increment > 0 else sequence.minimum, is_called=True)
