"""Writes that lose value: columns to which statements write and that hold less on the target than on the source."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.configuration import Configuration
from harness.core.consequences.type_change import type_change
from harness.core.contract_gaps import SHOWN, STAGE, told, user
from harness.core.faults import UsedStatement
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.names import quote
from harness.core.record import Consequence, Severity
from harness.core.statement_columns import StatementColumns, TypedColumn
from harness.core.statements import CapturedStatement

_INTEGERS = frozenset({"smallint", "integer", "bigint"})
_NUMBERS = frozenset({*_INTEGERS, "numeric", "real", "double precision", "money"})
_BASE = re.compile(r"(?P<name>[a-z ]+?)(?:\((?P<size>[\d,]+)\))?(?P<zone> with(?:out)? time zone)?\Z")
_DIGITS = {"real": 6, "double precision": 15}


def loss(source: str, target: str) -> str:
    """What a value of the type `source` loses in a column of the type `target`, in words; "" where it loses nothing.

    Both as format_type spells them. Built-in types alone: what another type takes is its own matter.
    https://www.postgresql.org/docs/current/datatype.html
    """
    if type_change(source, target) is Consequence.COSMETIC:
        return ""
    ours, theirs = _parts(source), _parts(target)
    if ours is None or theirs is None:
        return ""
    return (
        _of_numbers(ours, theirs) or _of_times(ours, theirs) or _of_texts(ours, theirs) or _of_documents(ours, theirs)
    )


_Parts = tuple[str, str, str]
"""Name, size in parentheses, words of the zone"""


def _parts(type_name: str) -> _Parts | None:
    match = _BASE.match(type_name)
    return None if match is None else (match["name"], match["size"] or "", (match["zone"] or "").strip())


def _of_numbers(ours: _Parts, theirs: _Parts) -> str:
    (mine, size, _), (its, limit, _) = ours, theirs
    if mine not in _NUMBERS or its not in _NUMBERS:
        return ""
    if its in _INTEGERS:
        parts = [] if mine in _INTEGERS else ["digits behind the point are rounded away"]
        return ", and ".join([*parts, f"numbers past the range of {its} are refused (22003)"])
    if its in _DIGITS:
        exact = mine in ("numeric", "money", "bigint") or (mine == "integer" and its == "real")
        narrower = mine == "double precision" and its == "real"
        return f"digits past the {_DIGITS[its]}th are rounded" if exact or narrower else ""
    if its == "money":
        return "digits past the cents are rounded"
    if its != "numeric" or not limit or mine == "money":
        return ""
    before, behind = _digits(limit)
    rounded = f"digits past the {behind} behind the point are rounded" if mine not in _INTEGERS else ""
    refused = f"numbers of more than {before} digits before the point are refused (22003)"
    if mine == "numeric" and size:
        given_before, given_behind = _digits(size)
        rounded, refused = rounded * (given_behind > behind), refused * (given_before > before)
    return ", and ".join(filter(None, (rounded, refused)))


def _digits(size: str) -> tuple[int, int]:
    """How many digits a numeric(precision, scale) has before the point and behind it."""
    precision, _, scale = size.partition(",")
    return int(precision) - int(scale or 0), int(scale or 0)


def _of_times(ours: _Parts, theirs: _Parts) -> str:
    (mine, size, zone), (its, limit, other_zone) = ours, theirs
    if mine == "timestamp" and its == "date":
        return "the time of day"
    if mine == "timestamp" and its == "time":
        return "the date"
    if mine not in ("timestamp", "time") or its != mine:
        return ""
    parts = []
    if zone == "with time zone" and other_zone != zone:
        parts.append("the zone: what is kept is the local time of the session, and no instant")
    if limit and (not size or int(limit) < int(size)):
        parts.append(f"fractions of a second past {limit} digits are rounded")
    return "; ".join(parts)


def _of_texts(ours: _Parts, theirs: _Parts) -> str:
    (mine, size, _), (its, limit, _) = ours, theirs
    if mine not in ("text", "character varying", "character"):
        return ""
    if its == "character":
        wider = mine == "character" and size and int(size) <= int(limit or 1)
        if wider:
            return "blanks are added at the end"
        return f"texts longer than {limit or 1} are refused (22001), shorter ones are filled with blanks"
    if its == "character varying" and limit and (not size or int(size) > int(limit)):
        return f"texts longer than {limit} are refused (22001)"
    if its in ("uuid", "date", "boolean", "json", "jsonb", *_NUMBERS):
        return f"texts that are no {its} are refused (22P02)"
    return ""


def _of_documents(ours: _Parts, theirs: _Parts) -> str:
    names = ours[0], theirs[0]
    if names == ("json", "jsonb"):
        return "the order of keys, blanks, and all but the last of equal keys"
    if names == ("jsonb", "json"):
        return "the rule that a key stands once, and equality: the document is kept as it is written"
    return ""


def lossy_writes(
    statements: Iterable[UsedStatement], columns: StatementColumns, configuration: Configuration
) -> list[Finding]:
    """CTR010, one for each column that is written; columns that a mapping computes were decided on by a person."""
    writers: dict[TypedColumn, dict[CapturedStatement, None]] = {}
    for each in statements:
        for column in columns.of_other_type(each):
            if column.written and not _computed(column, configuration) and loss(column.source, column.target):
                writers.setdefault(column, {})[each.statement] = None
    return [_finding(column, list(users)) for column, users in writers.items()]


def _computed(column: TypedColumn, configuration: Configuration) -> bool:
    mapping = configuration.mapping.tables.get(column.source_table)
    origin = mapping.columns.get(column.target_column) if mapping is not None else None
    return origin is not None and (origin.source is None or origin.cast is not None)


def _finding(column: TypedColumn, users: list[CapturedStatement]) -> Finding:
    lost = loss(column.source, column.target)
    return Finding(
        code="CTR010",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="column", identity=column.name),
        table=column.target_table,
        title=f"What the data layer writes to {column.name} loses value on the target: {lost}",
        evidence=(
            Evidence(label="Type", source=column.source, target=column.target),
            Evidence(label="Lost", text=lost),
            Evidence(label="Besides", text="The comparison of the schemas says the same of the column (COL003)."),
            *tuple(dict.fromkeys(Evidence(label=user(each), text=told(each)) for each in users))[:SHOWN],
        ),
        breaks=tuple(dict.fromkeys(map(user, users))),
        fix=Fix(
            text="Give the column the source's type on the target.",
            sql=f"ALTER TABLE {column.target_table} ALTER COLUMN {quote(column.target_column)} TYPE {column.source};",
        ),
    )
