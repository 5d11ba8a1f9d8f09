"""Operators, functions and casts of statements that PostgreSQL resolves on the source's schema and not on the target's.

The judge is PostgreSQL: each statement was prepared on empty clones of both schemas with the types that its driver
declares (harness.postgres.preparing). Nothing is claimed of a statement that the source refuses too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.core.contract_gaps import SHOWN, STAGE, told, user
from harness.core.faults import UsedStatement
from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.prepared import Prepared, PreparedPair
from harness.core.record import Severity, Side
from harness.core.statement_columns import StatementColumns, TypedColumn
from harness.core.statements import CapturedStatement

_UNRESOLVED = frozenset({"42883", "42704", "42725", "42804", "42846", "42P18", "42P08", "42809", "42P21", "42P22"})
_NO_SUCH_VALUE = frozenset({"22P02", "22003", "22007", "22008", "22023"})
"""A constant of the statement is none of the type that it has to be; the server's words would repeat it"""

_MODIFIER = re.compile(r"\(.*\)")
_KINDS = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "text": "text",
    "character varying": "text",
    "name": "text",
}
"""Types that a caller cannot tell apart"""


@dataclass(slots=True)
class _Subject:
    """One thing that resolves otherwise, and the statements that have it."""

    severity: Severity
    identity: str
    title: str
    seen: Evidence
    columns: dict[TypedColumn, None] = field(default_factory=dict)
    users: dict[CapturedStatement, None] = field(default_factory=dict)


def resolution_findings(
    statements: Iterable[UsedStatement],
    prepared: Mapping[CapturedStatement, PreparedPair],
    columns: StatementColumns,
    faulty: frozenset[CapturedStatement],
) -> list[Finding]:
    """CTR009, one for each refusal, result or parameter that is another one on the target.

    :param faulty: statements with a missing name, which has a finding of its own and may be the cause.
    """
    subjects: dict[str, _Subject] = {}
    for each in statements:
        pair = prepared.get(each.statement)
        if pair is None or each.side is not Side.TARGET or each.statement in faulty or not pair.source.accepted:
            continue
        of_other_type = columns.of_other_type(each)
        for subject in _subjects(pair, of_other_type):
            known = subjects.setdefault(subject.identity, subject)
            known.columns |= dict.fromkeys(of_other_type)
            known.users[each.statement] = None
    return [_finding(subject) for subject in subjects.values()]


def _subjects(pair: PreparedPair, of_other_type: tuple[TypedColumn, ...]) -> list[_Subject]:
    source, target = pair.source, pair.target
    if not target.accepted:
        return _refused(source, target)
    return [*_results(source, target), *_parameters(source, target, of_other_type)]


def _refused(source: Prepared, target: Prepared) -> list[_Subject]:
    if target.sqlstate in _UNRESOLVED:
        said = target.complaint or "a name or an operator cannot be resolved"
    elif target.sqlstate in _NO_SUCH_VALUE:
        said = "a constant is no value of the type that the target gives it"
    else:
        return []
    parameters = f", with parameters of {', '.join(source.parameters)}" if source.parameters else ""
    return [
        _Subject(
            severity=Severity.BLOCKER,
            identity=f"{target.sqlstate}: {said}",
            title=f"PostgreSQL resolves the statement on the source and refuses it on the target: {said}",
            seen=Evidence(
                label="PREPARE", source=f"accepted{parameters}", target=f"refused: {said} ({target.sqlstate})"
            ),
        )
    ]


def _results(source: Prepared, target: Prepared) -> list[_Subject]:
    """Computed columns of another type. A stored column's type is the column's, and the schema comparison tells it."""
    return [
        _Subject(
            severity=Severity.RISK,
            identity=f"result {mine.name}: {mine.type}, {its.type}",
            title=f"The computed column {mine.name} is of type {mine.type} on the source and {its.type} on the target",
            seen=Evidence(label=f"Type of the result's column {mine.name}", source=mine.type, target=its.type),
        )
        for mine, its in zip(source.results, target.results, strict=False)
        if not mine.stored and not its.stored and mine.name == its.name and kind(mine.type) != kind(its.type)
    ]


def _parameters(source: Prepared, target: Prepared, of_other_type: tuple[TypedColumn, ...]) -> list[_Subject]:
    """Parameters that are read as another type. Those that are written to such a column are told with the column."""
    written = {(kind(each.source), kind(each.target)) for each in of_other_type if each.written}
    return [
        _Subject(
            severity=Severity.RISK,
            identity=f"parameter: {mine}, {its}",
            title=f"A parameter is read as {mine} on the source and as {its} on the target: it compares otherwise",
            seen=Evidence(label=f"Type of parameter ${number}", source=mine, target=its),
        )
        for number, (mine, its) in enumerate(zip(source.parameters, target.parameters, strict=False), start=1)
        if kind(mine) != kind(its) and (kind(mine), kind(its)) not in written
    ]


def kind(type_name: str) -> str:
    """A type as a caller sees it: without length and precision, all integers one, all texts one."""
    base = _MODIFIER.sub("", type_name)
    element = base.removesuffix("[]")
    return _KINDS.get(element, element) + base[len(element) :]


def _finding(subject: _Subject) -> Finding:
    users = list(dict.fromkeys(map(user, subject.users)))
    table = next((each.target_table for each in subject.columns), None)
    return Finding(
        code="CTR009",
        severity=subject.severity,
        stage=STAGE,
        object=FoundObject(kind="expression", identity=subject.identity),
        table=table,
        title=subject.title,
        evidence=(
            subject.seen,
            *(
                Evidence(label=f"Column {each.name}", source=each.source, target=each.target)
                for each in subject.columns
            ),
            *tuple(dict.fromkeys(Evidence(label=user(each), text=told(each)) for each in subject.users))[:SHOWN],
        ),
        breaks=tuple(users),
        fix=_fix(subject),
    )


def _fix(subject: _Subject) -> Fix:
    if not subject.columns:
        return Fix(
            text="Create what is missing on the target (a function, an operator, a cast, a type), or cast in the code."
        )
    return Fix(
        text="Give the column the source's type on the target, as the plans of the align stage do; "
        "or cast in the code, to the type that the target's column has."
    )
