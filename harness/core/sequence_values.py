"""Sequence values: sequences whose next value the owning column has already; the first insert would fail."""

# ruff: noqa: S608 -- every name and constant goes through core.names

from __future__ import annotations

from collections.abc import Collection

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Sequence
from harness.core.names import literal, quote, split
from harness.core.record import Severity, Side


def sequences_behind(catalog: Catalog) -> tuple[Sequence, ...]:
    """Sequences whose next value is not above their column's maximum."""
    return tuple(
        each
        for each in catalog.sequences
        if each.next_value is not None
        and each.column_maximum is not None
        and each.increment > 0
        and each.next_value <= each.column_maximum
    )


def values_unknown(catalog: Catalog) -> tuple[tuple[Sequence, str], ...]:
    """Owned sequences about whose values nothing can be said, with the reason."""
    found: list[tuple[Sequence, str]] = []
    for each in catalog.sequences:
        if each.owned_by is None:
            continue
        if each.increment < 0:
            found.append((each, "it counts downwards, and only maxima are asked for"))
        elif each.next_value is None:
            found.append((each, "the role may not read it"))
        elif not each.asked:
            found.append((each, f"the maximum of {each.owned_by} was not asked: no index, or no right to read it"))
    return tuple(found)


def sequence_findings(catalog: Catalog, side: Side, out_of_scope: Collection[str] = ()) -> tuple[Finding, ...]:
    """A finding for each sequence that is behind: a blocker on the target, a remark on the source, which runs so."""
    return tuple(_finding(each, side) for each in sequences_behind(catalog) if each.table_identity not in out_of_scope)


def _finding(each: Sequence, side: Side) -> Finding:
    column = split(each.owned_by or "")[-1]
    maximum = f"(SELECT max({quote(column)}) FROM {each.table_identity})"
    values = f"next value {each.next_value}, maximum {each.column_maximum}"
    on_target = side is Side.TARGET
    return Finding(
        code="SEQ003",
        severity=Severity.BLOCKER if on_target else Severity.COSMETIC,
        stage="diff",
        object=FoundObject(kind="sequence", identity=each.identity if on_target else f"{each.identity} ({side})"),
        title=f"sequence {each.identity} on the {side} hands out values that {each.owned_by} has already",
        table=each.table_identity,
        evidence=(Evidence(label="values", target=values) if on_target else Evidence(label="values", source=values),),
        fix=Fix(
            text="Set it behind the maximum.",
            sql=f"SELECT setval({literal(each.identity)}::regclass, {maximum});",
            safe=True,
        )
        if on_target
        else None,
        query=f"SELECT last_value, is_called, {maximum} FROM {each.identity};",
    )
