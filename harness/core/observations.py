"""Observation: everything that was seen of one call on one side, before anything is compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from harness.core.call_moments import CallWindow
from harness.core.effects import NO_EFFECTS, Effects
from harness.core.likeness import opened
from harness.core.outcome_errors import error_of_envelope, error_of_exception
from harness.core.outcomes import Attestation, Outcome, OutcomeError
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.core.truncation import list_lengths


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One call. The answer and the exception stay in the process."""

    side: Side
    database: str = ""
    """The clone that the call was meant for"""
    answer: Any = None
    exception: BaseException | None = None
    milliseconds: float = 0.0
    attestations: tuple[Attestation, ...] = ()
    """Traffic on the side's own relays"""
    elsewhere: tuple[Attestation, ...] = ()
    """Traffic on the other side's relays"""
    through_rest: bool = False
    """Some of it were requests to the gateway, whose row cap then applies"""
    effects: Effects = NO_EFFECTS
    began: datetime | None = None
    """When the call began, in UTC, by the clock of the machine that the clones are on"""
    ended: datetime | None = None
    renewed: datetime | None = None
    """When the state that the call found was made: nothing in it was written later, but by calls since"""
    total: int | None = None
    """How many rows there are, where the answer may have been cut off and could be counted"""
    secured: frozenset[str] = frozenset()
    """Tables whose row-level security binds the role that asked"""
    statements: tuple[CapturedStatement, ...] = ()
    """What the side's server was asked during the call, in that order; texts without parameters"""
    gave_up: bool = False
    """The call did not return in time, and nobody waited for it any longer: what it wrote is not known"""

    def window(self, allowance: float) -> CallWindow | None:
        """From when to when the call took place, by clocks that differ by `allowance` seconds; None: not known."""
        if self.began is None or self.ended is None:
            return None
        allowed = timedelta(seconds=allowance)
        return CallWindow(began=self.began, ended=self.ended, renewed=self.renewed, allowance=allowed)

    @cached_property
    def exchanges(self) -> int:
        """Statements or requests that the side's own server was asked."""
        return sum(each.exchanges for each in self.attestations)

    @cached_property
    def error(self) -> OutcomeError | None:
        """The error, raised or in an envelope; None where the call succeeded."""
        if self.exception is not None:
            return error_of_exception(self.exception)
        envelope = self._envelope
        if envelope is None or envelope["success"]:
            return None
        return error_of_envelope(envelope.get("error"))

    @cached_property
    def content(self) -> Any:
        """What the caller wants: the envelope's data, or the answer itself."""
        envelope = self._envelope
        return self.answer if envelope is None else envelope.get("data")

    @cached_property
    def _envelope(self) -> Mapping[str, Any] | None:
        return envelope_of(self.answer)

    @cached_property
    def list_lengths(self) -> frozenset[int]:
        """How long the lists of the answer are: one as long as a row cap may be cut off there."""
        return list_lengths(self.answer)

    @cached_property
    def has_content(self) -> bool:
        """Whether the answer holds anything: a row, a number other than 0, a text."""
        content = opened(self.content)[1]
        return self.error is None and bool(content)

    def outcome(self, ignore: Collection[str] = ()) -> Outcome:
        """What may be written down of it."""
        return Outcome(
            side=self.side,
            attestations=self.attestations + self.elsewhere,
            shape=self._shape(),
            error=self.error,
            milliseconds=round(self.milliseconds, 3),
            statements=self.exchanges,
            effects=self.effects.counts(ignore),
        )

    def _shape(self) -> str:
        error = self.error
        if error is None:
            return shape_of(self.content)
        code = f" ({error.code})" if error.code else ""
        return f"error {error.kind}{code}" + (", raised" if error.raised else "")


def envelope_of(answer: Any) -> Mapping[str, Any] | None:
    """The answer as {success, data, error}, where it has that form, as a mapping or as an object."""
    _, content = opened(answer)
    if isinstance(content, dict) and isinstance(content.get("success"), bool) and {"data", "error"} & content.keys():
        return content
    if all(hasattr(answer, name) for name in ("success", "data", "error")) and isinstance(answer.success, bool):
        return {name: getattr(answer, name) for name in ("success", "data", "error")}
    return None


def message_of(seen: Observation) -> str:
    """The words of an error: read for a name, or for the kind of a refusal, and never shown or compared."""
    if seen.exception is not None:
        return str(getattr(seen.exception, "message", None) or seen.exception)
    envelope = envelope_of(seen.answer)
    error = envelope.get("error") if envelope is not None else None
    return str(error.get("message", "") if isinstance(error, dict) else error or "")


def _kind_of(content: Any) -> str:
    """The first word of a value's shape, without a look at what it holds: an answer may hold itself."""
    _, value = opened(content)
    if isinstance(value, list):
        return "list" if value else "empty"
    return "object" if isinstance(value, dict) else "null" if value is None else type(value).__name__


def shape_of(content: Any) -> str:
    """A value's shape in words: list of 3 objects, object with 12 fields, null, int."""
    _, value = opened(content)
    if value is None:
        return "null"
    if isinstance(value, list):
        # A row is a dict nearly always, which a look at the types alone tells.
        kinds = {"object"} if set(map(type, value)) == {dict} else {_kind_of(each) for each in value}
        what = f"{kinds.pop()}" if len(kinds) == 1 else "value"
        return f"list of {len(value)} {what}{'' if len(value) == 1 else 's'}" if value else "empty list"
    if isinstance(value, dict):
        return f"object with {len(value)} field{'' if len(value) == 1 else 's'}"
    return type(value).__name__
