"""What the contract check could not judge, as findings, and statements as they may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from harness.core.findings import Evidence, Finding, Fix, FoundObject
from harness.core.record import Severity, Side
from harness.core.sql.text import masked
from harness.core.statements import CapturedStatement, RestRequest

STAGE = "contract"
SHOWN = 3
"""Statements that a finding shows; all that have the fault are named"""

_NAMING = frozenset({"select", "columns", "on_conflict", "order"})
"""Parameters of a request that hold names of columns and no values"""


def told(statement: CapturedStatement) -> str:
    """A statement as it may be shown: no value of it, and not over some hundred characters."""
    if statement.request is not None:
        return _request(statement.request)
    return masked(statement.sql or "")


def _request(request: RestRequest) -> str:
    """Names are shown, which are of the schema; what filters compare with is not."""
    parts = []
    for part in filter(None, request.query.split("&")):
        key, _, value = part.partition("=")
        parts.append(f"{key}={unquote(value) if key in _NAMING else '…'}")
    return f"{request.verb} {request.path}" + (f"?{'&'.join(parts)}" if parts else "")


def user(statement: CapturedStatement) -> str:
    """Who sent a statement."""
    return f"{statement.origin} ({statement.side} layer)"


def not_understood(statements: Iterable[tuple[CapturedStatement, str]]) -> tuple[Finding, ...]:
    """CTR007 for statements of which nothing can be claimed, each with the reason."""
    found: dict[tuple[str, str], list[CapturedStatement]] = {}
    for statement, reason in statements:
        found.setdefault((user(statement), reason), []).append(statement)
    return tuple(
        Finding(
            code="CTR007",
            severity=Severity.RISK,
            stage=STAGE,
            object=FoundObject(kind="statement", identity=f"{name}: {reason}"),
            title=f"A statement of {name} was not understood: {reason}",
            evidence=tuple(dict.fromkeys(Evidence(label=name, text=told(each)) for each in users))[:SHOWN],
            breaks=(name,),
            fix=Fix(text="Check it by hand: whether its tables, columns and ON CONFLICT targets exist on the target."),
        )
        for (name, reason), users in found.items()
    )


def silent_layer(side: Side, layer: str) -> Finding:
    """CTR008 for a data layer that was called and sent nothing."""
    return Finding(
        code="CTR008",
        severity=Severity.RISK,
        stage=STAGE,
        object=FoundObject(kind="data layer", identity=f"{side}: {layer}"),
        title=f"The {side} layer {layer} sent no statement in the rehearsal, so nothing is known about what it uses",
        fix=Fix(
            text="See that it starts, that it connects to the address it is given, and that cases call its methods."
        ),
    )
