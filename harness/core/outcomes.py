"""Case and Outcome: one call of a data layer's method, what came back from either side, and what it left behind."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from harness.core.record import JsonValue, Record, Side

OutcomeVerdict = Literal["equal", "drift", "different", "void"]
"""void: the pair proves nothing, because a call was not answered by the server that it was meant for."""

CaseOrigin = Literal["written", "generated", "recorded"]


class Case(Record):
    """A call to make on both sides. Arguments are Python values: they stay in the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    method: str = Field(min_length=1)
    kwargs: dict[str, Any] = Field(default_factory=dict)
    ordered: bool = Field(default=True, description="False: lists of the answer are compared as multisets")
    ignore: tuple[str, ...] = Field(default=(), description="Field names that are not compared in this case")
    origin: CaseOrigin = Field(default="written", description="Where the case comes from")
    purpose: str = Field(default="", description="What a generated case is about, in words, without values")
    bad_input: bool = Field(default=False, description="True: an argument is outside what the method is for")


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
    origin: CaseOrigin = "written"
    purpose: str = Field(default="", description="What a generated case is about")
    verdict: OutcomeVerdict
    source: Outcome
    target: Outcome
    deltas: tuple[AnswerDelta, ...] = ()
    effects: tuple[AnswerDelta, ...] = Field(default=(), description="Differences of the rows left behind")
    notes: tuple[str, ...] = ()


class Latency(Record):
    """Milliseconds over the cases of a method: the first call of each, and more where a method looked slow."""

    source_p50: float
    source_p95: float
    source_p99: float | None = None
    target_p50: float
    target_p95: float
    target_p99: float | None = None
    ratio: float = Field(description="Median of source over target, paired by call: above 1 the target is faster")
    ratio_low: float | None = Field(default=None, description="Lower end of the ratio's 95 % confidence interval")
    ratio_high: float | None = Field(default=None, description="Upper end; null where there are fewer than 6 pairs")
    pairs: int = Field(default=0, ge=0, description="Number of paired calls")


class FieldDifference(Record):
    """A place that differs, in all cases of a method: indexes of lists and keys of rows are left out of its path."""

    path: str = Field(description="data[*].name of an answer, schema.table(*).column of the rows left behind")
    cls: str = Field(alias="class", serialization_alias="class")
    drift: bool = False
    source: str | None = Field(default=None, description="Type, of the first place")
    target: str | None = None
    cases: int = Field(ge=0, description="Cases in which it differs between the sides")
    rate: float = Field(ge=0, le=1, description="Share of the cases that were compared")
    noise: int = Field(default=0, ge=0, description="Cases in which it differed between two calls of the source")
    noise_rate: float = Field(default=0.0, ge=0, le=1, description="Share of the cases that the source was asked twice")

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class MethodResult(Record):
    """All cases of one method."""

    method: str
    cases: int = Field(ge=0)
    equal: int = Field(ge=0)
    drift: int = Field(ge=0)
    different: int = Field(ge=0)
    void: int = Field(default=0, ge=0)
    applicable: tuple[str, ...] = Field(
        default=(), description="Kinds of case that make sense for it, of: rows, no rows, bad input, error, concurrency"
    )
    exercised: tuple[str, ...] = Field(
        default=(), description="Of: rows, no rows, bad input, error, writes, concurrency"
    )
    fields: tuple[FieldDifference, ...] = Field(default=(), description="Places that differ, the most frequent first")
    latency: Latency | None = None
