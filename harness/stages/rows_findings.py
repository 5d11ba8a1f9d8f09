"""The rows stage's findings: one a table and kind of difference, with classes, slices and the query that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harness.core.configuration import Configuration
from harness.core.deltas import DeltaStatus, RowDelta, Slice, TableRows
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.names import literal, quote
from harness.core.record import JsonValue, Severity
from harness.core.row_keys import ROW_KEY
from harness.render.figures import counted

STAGE = "rows"
KEYS_SHOWN = 5
CLASSES_SHOWN = 8
SLICES_SHOWN = 3


def findings_of(rows: TableRows, configuration: Configuration) -> Iterator[Finding]:
    """What the comparison of one table found, and what of it was not compared.

    A comparison that was stopped tells no more than that: what it counted until then is no count of differences.
    """
    if rows.status != "incomplete":
        yield from _differences(rows, allowed=configuration.run.allow_drift)
    if rows.moving:
        title = f"{counted(rows.moving, 'row')} of {rows.table} keep moving: written again whenever they are read"
        yield _about(rows, "ROW006", title, "Compare again when the table is written less, or raise --settle-seconds.")
    if rows.sample is not None:
        yield _about(rows, "ROW007", f"{rows.table} was compared by a sample: {bound(rows)}", "Compare all rows.")
    elif rows.reason is not None and not rows.moving:
        yield _about(
            rows,
            "ROW005",
            f"{rows.table} was not wholly compared: {rows.reason}",
            "Align the schema, map or drop the columns, or leave the table out by name under [scope.exclude].",
        )


def nothing_compared(tables: Sequence[TableRows]) -> Finding:
    """Every compared table is empty on the source: equal emptiness is no evidence."""
    others = sum(each.target_rows for each in tables)
    title = f"the source has no row in any of the {len(tables)} tables that were compared"
    return Finding(
        code="COV002",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="database", identity="source"),
        title=f"{title}; the target has {others:,}" if others else title,
    )


def bound(rows: TableRows) -> str:
    """What a sample proves, in words."""
    if rows.sample is None:
        return ""
    found = rows.missing_on_source + rows.missing_on_target + rows.different
    if found:
        return f"{counted(rows.sample.rows, 'row')} drawn, {found:,} of them differ"
    share = f"{rows.sample.at_most:.4%}" if rows.sample.at_most >= 0.000001 else f"{rows.sample.at_most:.2g}"
    drawn = counted(rows.sample.rows, "row")
    return f"{drawn} drawn; with {rows.sample.confidence:.0%} confidence below {share} of all differ"


def slice_text(each: Slice) -> str:
    """company_id = 900100: 92 % of them, 4 % of the rows"""
    text = f"{each.column} = {_shown(each.value)}: {each.share:.0%} of them"
    return text if each.share_of_rows is None else f"{text}, {each.share_of_rows:.0%} of the rows"


def _differences(rows: TableRows, *, allowed: bool) -> Iterator[Finding]:
    name = rows.table
    slices = _slices(rows)
    if rows.missing_on_target:
        title = f"{counted(rows.missing_on_target, 'row')} of {name} missing on the target"
        keys = _keys(rows, "missing_on_target")
        yield _finding("ROW001", Severity.BLOCKER, rows, title, keys, rows.table, slices)
    if rows.missing_on_source:
        title = f"{counted(rows.missing_on_source, 'row')} of {rows.target_table} on the target only"
        keys = _keys(rows, "missing_on_source")
        yield _finding("ROW002", Severity.RISK, rows, title, keys, rows.target_table, slices)
    if rows.different:
        title = f"{counted(rows.different, 'row')} of {name} with other values on the target"
        evidence = (*_classes(rows, drift=False), *slices)
        yield _finding("ROW003", Severity.BLOCKER, rows, title, _keys(rows, "different"), rows.target_table, evidence)
    if rows.drifting or rows.type_drift:
        parts = [f"{counted(rows.drifting, 'row')} with another representation"] if rows.drifting else []
        parts += [f"columns of another type: {', '.join(rows.type_drift)}"] if rows.type_drift else []
        severity = Severity.COSMETIC if allowed else Severity.RISK
        title = f"values of {name} are equal and not alike: {'; '.join(parts)}"
        evidence = _classes(rows, drift=True)
        yield _finding("ROW004", severity, rows, title, _keys(rows, "drift"), rows.target_table, evidence)


def _finding(
    code: str,
    severity: Severity,
    rows: TableRows,
    title: str,
    keys: list[RowDelta],
    shown_table: str,
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    examples = [", ".join(f"{name} = {_shown(value)}" for name, value in delta.key.items()) for delta in keys]
    counts = Evidence(label="rows", source=str(rows.source_rows), target=str(rows.target_rows))
    first = (Evidence(label="first keys", text="; ".join(examples)),) if examples else ()
    return Finding(
        code=code,
        severity=severity,
        stage=STAGE,
        object=FoundObject(kind="table", identity=rows.table),
        table=rows.table,
        title=title,
        evidence=(counts, *first, *evidence),
        query=_query(shown_table, [delta.key for delta in keys]),
    )


def _about(rows: TableRows, code: str, title: str, mend: str) -> Finding:
    return Finding(
        code=code,
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="table", identity=rows.table),
        table=rows.table,
        title=title,
        fix=Fix(text=mend),
    )


def _keys(rows: TableRows, kind: DeltaStatus | str) -> list[RowDelta]:
    wanted = [
        delta
        for delta in rows.differences
        if (kind == "drift" and delta.status == "different" and _drifts(delta))
        or (delta.status == kind and not _drifts(delta))
    ]
    return wanted[:KEYS_SHOWN]


def _drifts(delta: RowDelta) -> bool:
    return bool(delta.cells) and all(cell.drift for cell in delta.cells)


def _classes(rows: TableRows, *, drift: bool) -> tuple[Evidence, ...]:
    """The commonest classes of differing cells, by column."""
    counts = Counter({(each.column, each.cls): each.rows for each in rows.classes if each.drift == drift})
    text = "; ".join(f"{column}: {name} ({count:,})" for (column, name), count in counts.most_common(CLASSES_SHOWN))
    rest = len(counts) - CLASSES_SHOWN
    text += f"; and {rest} more" if rest > 0 else ""
    if text and rows.classified is not None:
        text += f" (of the {rows.classified:,} rows whose cells were looked at)"
    return (Evidence(label="cells by class", text=text),) if text else ()


def _slices(rows: TableRows) -> tuple[Evidence, ...]:
    text = "; ".join(slice_text(each) for each in rows.slices[:SLICES_SHOWN])
    return (Evidence(label="where they concentrate", text=text),) if text else ()


def _query(table: str, keys: Sequence[Mapping[str, JsonValue]]) -> str | None:
    """A SELECT of the first rows in question; none where a key may not be shown."""
    if not keys or any(name == ROW_KEY or str(value).startswith("#") for key in keys for name, value in key.items()):
        return None
    rows = " OR ".join(
        "("
        + " AND ".join(
            f"{quote(name)} IS NULL" if value is None else f"{quote(name)} = {_constant(value)}"
            for name, value in key.items()
        )
        + ")"
        for key in keys
    )
    return f"SELECT * FROM {table} WHERE {rows};"  # noqa: S608  # shown, never run


def _constant(value: JsonValue) -> str:
    return str(value) if isinstance(value, int) else literal(str(value))


def _shown(value: JsonValue) -> str:
    return "NULL" if value is None else str(value)
