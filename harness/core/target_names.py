"""Names of objects that carry the target they are of, so that runs of several targets fit into one document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from harness.core.document import RunDocument, ServerFacts
from harness.core.ledger import Chunk, Ledger, MovedTable
from harness.core.mapping import Mapping

AnyRow = TypeVar("AnyRow", Chunk, MovedTable)
_MARK = re.compile(r" \[.*\]\Z", re.DOTALL)


def names_of_targets(targets: Sequence[ServerFacts]) -> tuple[str, ...]:
    """What each target is called: its label, and where that is not its own, its address and database too."""
    labels = Counter(each.label for each in targets)
    return tuple(
        each.label if labels[each.label] == 1 else f"{each.label} {each.address}/{each.database}" for each in targets
    )


def is_of_several_targets(document: RunDocument) -> bool:
    """Whether it was merged from runs of several targets, so that every name in it carries the target it is of."""
    return bool(document.parts) and document.target.label not in {each.target for each in document.parts}


def mark_of_target(document: RunDocument, name: str) -> str:
    """What a name in a document of several targets ends with: ` [staging]`; '' in any other document."""
    if not is_of_several_targets(document):
        return ""
    for target in document.target.label.split(", "):
        if name.endswith(mark := f" [{target}]"):
            return mark
    match = _MARK.search(name)
    return match[0] if match else ""


def of_target(document: RunDocument, target: str) -> RunDocument:
    """The document with every object called as in `public.clients [staging]`, and without its plans.

    A plan's steps are statements: they hold for the one target alone, and are read in its own document.
    """

    def named(name: str) -> str:
        return f"{name} [{target}]"

    def named_or_none(name: str | None) -> str | None:
        return None if name is None else named(name)

    return document.model_copy(
        update={
            "scope": tuple(each.model_copy(update={"table": named(each.table)}) for each in document.scope),
            "stages": tuple(
                each.model_copy(update={"summary": f"{target}: {each.summary}"}) for each in document.stages
            ),
            "coverage": tuple(
                each.model_copy(
                    update={
                        "items": tuple(named(item) for item in each.items),
                        "skipped": tuple(item.model_copy(update={"item": named(item.item)}) for item in each.skipped),
                    }
                )
                for each in document.coverage
            ),
            "findings": tuple(
                each.model_copy(
                    update={
                        "object": each.object.model_copy(update={"identity": named(each.object.identity)}),
                        "title": f"{target}: {each.title}",
                        "table": named_or_none(each.table),
                        "breaks": tuple(named(broken) for broken in each.breaks),
                    }
                )
                for each in document.findings
            ),
            "changes": tuple(
                each.model_copy(
                    update={
                        "identity": named(each.identity),
                        "table": named_or_none(each.table),
                        "dependents": tuple(named(name) for name in each.dependents),
                    }
                )
                for each in document.changes
            ),
            "renames": tuple(
                each.model_copy(update={"source": named(each.source), "target": named(each.target)})
                for each in document.renames
            ),
            "unmodelled": tuple(named(each) for each in document.unmodelled),
            "plans": (),
            "mapping": Mapping(tables={named(name): rule for name, rule in document.mapping.tables.items()}),
            "migration": _ledger(document.migration, target),
            "rows": tuple(
                each.model_copy(update={"table": named(each.table), "target_table": named(each.target_table)})
                for each in document.rows
            ),
            "methods": tuple(each.model_copy(update={"method": named(each.method)}) for each in document.methods),
            "outcomes": tuple(each.model_copy(update={"method": named(each.method)}) for each in document.outcomes),
        }
    )


def _ledger(ledger: Ledger | None, target: str) -> Ledger | None:
    if ledger is None:
        return None

    def named(row: AnyRow) -> AnyRow:
        return row.model_copy(update={"table": f"{row.table} [{target}]"})

    return ledger.model_copy(
        update={
            "tables": tuple(named(each) for each in ledger.tables),
            "chunks": tuple(named(each) for each in ledger.chunks),
        }
    )
