"""Case and Outcome: one call of a data layer's method, what came back from either side, and what it left behind."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from harness.core.record import JsonValue, Record, Side

OutcomeVerdict = Literal["equal", "drift", "different", "void"]
"""void: the pair proves nothing, because a call was not answered by the server that it was meant for."""


class Case(Record):
    """A call to make on both sides. Arguments are Python values: they stay in the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    method: str = Field(min_length=1)
    kwargs: dict[str, Any] = Field(default_factory=dict)
    ordered: bool = Field(default=True, description="False: lists of the answer are compared as multisets")
    ignore: tuple[str, ...] = Field(default=(), description="Field names that are not compared in this case")


class Attestation(Record):
    """Which server answered: seen on the wire by the relay between data layer and server, not told by either."""

    side: Side
    address: str = Field(description="host:port of the server; never with credentials")
    database: str
    system_identifier: str
    exchanges: int = Field(ge=0, description="Statements or requests that passed during the call")


class OutcomeError(Record):
    """An error, raised or in an envelope. Messages are not kept: they are never compared and may hold values."""

    kind: str
    code: str | None = None
    raised: bool = False


class Outcome(Record):
    """What one side did with one case."""

    side: Side
    attestations: tuple[Attestation, ...] = Field(default=(), description="Every server that traffic was seen to")
    shape: str = Field(description="The answer's shape in words: list of 3 objects, null, error, …; no values")
    error: OutcomeError | None = None
    milliseconds: float = Field(ge=0)
    statements: int = Field(ge=0)
    effects: dict[str, int] = Field(default_factory=dict, description="'table inserted|updated|deleted' -> rows")


class AnswerDelta(Record):
    """One place where two answers differ."""

    path: str = Field(description="Where, as data[0].name; indexes of lists kept, values never")
    cls: str = Field(alias="class", serialization_alias="class")
    drift: bool = False
    source: str | None = Field(default=None, description="Type (or masked value with --show-values)")
    target: str | None = None

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class OutcomePair(Record):
    """Both sides of one case, and what follows."""

    case: str
    method: str
    arguments: dict[str, JsonValue] = Field(default_factory=dict, description="Masked: numbers, dates and lengths")
    verdict: OutcomeVerdict
    source: Outcome
    target: Outcome
    deltas: tuple[AnswerDelta, ...] = ()
    effects: tuple[AnswerDelta, ...] = Field(default=(), description="Differences of the rows left behind")
    notes: tuple[str, ...] = ()


class Latency(Record):
    """Milliseconds over the cases of a method, one call each."""

    source_p50: float
    source_p95: float
    target_p50: float
    target_p95: float
    ratio: float = Field(description="Median of source over target, paired by case: above 1 the target is faster")


class MethodResult(Record):
    """All cases of one method."""

    method: str
    cases: int = Field(ge=0)
    equal: int = Field(ge=0)
    drift: int = Field(ge=0)
    different: int = Field(ge=0)
    void: int = Field(default=0, ge=0)
    exercised: tuple[str, ...] = Field(default=(), description="Of: rows, no rows, error, writes")
    latency: Latency | None = None
