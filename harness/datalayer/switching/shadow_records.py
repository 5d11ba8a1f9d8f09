"""What follows from a shadow read: whether one is made, what came of it, and the record that can be replayed."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from harness.datalayer.observation.masking import short_hash
from harness.datalayer.switching.answers import NOBODY_KNOWS, error_of, succeeded
from harness.datalayer.switching.breaker import BreakerSettings, CircuitBreaker, State
from harness.datalayer.switching.comparison import NotAnEnvelope, differences
from harness.datalayer.switching.divergences import now, shown_arguments
from harness.datalayer.switching.recording import Record, Recorder
from harness.datalayer.switching.secondary_call import SecondaryCall, given_back, kept
from harness.datalayer.switching.time_limited import Called
from harness.errors import ConfigurationError

FORMAT: Final = "pgparity-shadow-1"
_FLUSH_SECONDS: Final = 60.0

ShadowOutcome = Literal["equal", "different", "failed", "timed_out", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowSettings:
    """How often the secondary is asked, how long it may take, and what is written down."""

    rate: float = 0.01
    """Share of reads, 0 to 1"""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Of modules that have a rate of their own"""
    time_limit: float = 2.0
    """Seconds"""
    workers: int = 2
    queue_size: int = 100
    keep_arguments: bool = False
    """Write a call's arguments down as they are where its method declares all of them plain: such a record can be
    replayed. Otherwise arguments are shapes and hashes."""
    salt: bytes | None = None
    """Makes hashes of keys comparable between processes; keep it as a password is kept"""
    breaker: BreakerSettings = field(default_factory=BreakerSettings)

    def __post_init__(self) -> None:
        if any(not 0 <= rate <= 1 for rate in (self.rate, *self.rates.values())):
            raise ConfigurationError("Shadow reads: a rate has to be a number from 0 to 1.")
        if self.time_limit <= 0 or self.workers < 1 or self.queue_size < 1:
            raise ConfigurationError("Shadow reads: time limit, workers and queue have to be above 0.")


@dataclass(frozen=True, slots=True)
class ShadowRead:
    """A read that the primary has answered and the secondary is to be asked."""

    call: SecondaryCall
    answer: bytes
    seconds: float
    """What the primary took"""


class ShadowRecords:
    """Decides and records; knows neither threads nor event loops. No method waits, and none raises."""

    def __init__(
        self,
        recorder: Recorder,
        settings: ShadowSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.breaker = CircuitBreaker(settings.breaker, self._breaker_changed, clock=clock)
        self._recorder = recorder
        self._clock = clock
        self._chance = chance
        self._lock = threading.Lock()
        self._rates: Mapping[str, float] = MappingProxyType(dict(settings.rates))
        self._rate = settings.rate
        self._counts: Counter[str] = Counter()
        self._skipped: Counter[tuple[str, str, str]] = Counter()
        self._flushed = clock()

    @property
    def counts(self) -> dict[str, int]:
        """How many shadow reads came to each outcome."""
        with self._lock:
            return dict(self._counts)

    def rate(self, module: str) -> float:
        """The share of a module's reads that the secondary is asked."""
        return self._rates.get(module, self._rate)

    def set_rate(self, rate: float, module: str | None = None) -> None:
        """Change the rate of a module, or that of all modules which have none of their own, at run time."""
        if not 0 <= rate <= 1:
            raise ConfigurationError("Shadow reads: a rate has to be a number from 0 to 1.")
        with self._lock:
            if module is None:
                self._rate = rate
            else:
                self._rates = MappingProxyType({**self._rates, module: rate})

    def wanted(
        self,
        name: str,
        module: str,
        make: Callable[[], SecondaryCall],
        answer: object,
        seconds: float,
        *,
        beside: bool,
        behind: bool,
    ) -> ShadowRead | None:
        """The read to make of a call that the primary has answered in so many seconds; None where none is.

        `make` gives the call and is asked only where it is wanted. `beside`: shadow reads were under way when the
        primary was asked. `behind`: writes are queued that the secondary has not made: its answer would be another.
        """
        self.breaker.primary_took(seconds, beside=beside)
        rate = self.rate(module)
        if rate <= 0 or self._chance() >= rate:
            return None
        if behind:
            self.skipped(name, module, "writes are queued")
            return None
        if succeeded(answer) is None or error_of(answer)[0] in NOBODY_KNOWS:
            self.skipped(name, module, "the primary failed")
            return None
        if not self.breaker.allows():
            self.skipped(name, module, f"off: {self.breaker.reason}")
            return None
        call, copy = make(), kept(answer)
        if call.arguments is None or copy is None:
            self.breaker.unused()
            self.skipped(name, module, "it cannot be copied")
            return None
        return ShadowRead(call, copy, seconds)

    def no_room(self, read: ShadowRead) -> None:
        """The queue is full."""
        self.breaker.unused()
        self.breaker.overflowed()
        self.skipped(read.call.name, read.call.method.module, "the queue is full")

    def ended(self, reads: Iterable[ShadowRead]) -> None:
        """The program ends, with reads in the queue."""
        for read in reads:
            self.skipped(read.call.name, read.call.method.module, "the program ended")
        self.flush()

    def skipped(self, name: str, module: str, reason: str) -> None:
        """A read that chance fell on, and that was not made. Such records are summed up, one a minute and reason."""
        with self._lock:
            self._counts["skipped"] += 1
            self._skipped[name, module, reason] += 1
            due = self._clock() - self._flushed >= _FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Record what was skipped since the last time."""
        with self._lock:
            skipped, self._skipped = self._skipped, Counter()
            self._flushed = self._clock()
        for (name, module, reason), count in skipped.items():
            facts = {"method": name, "module": module, "reason": reason, "count": count}
            record = {"format": FORMAT, "at": now(), "outcome": "skipped", **facts}
            self._recorder.record("skipped", _constant(record))

    def settled(self, read: ShadowRead, called: Called) -> None:
        """The secondary was asked, or cannot be because earlier calls have not come back."""
        call = read.call
        if called.outcome == "stuck":
            self.breaker.shadow_took(self.settings.time_limit, failed=True)
            self.skipped(call.name, call.method.module, "earlier reads have not come back")
            return
        outcome, facts = _judged(read, called)
        self.breaker.shadow_took(called.seconds, failed=outcome in ("failed", "timed_out"))
        with self._lock:
            self._counts[outcome] += 1
        at = now()
        self._recorder.record(outcome, lambda: self._record(at, read, called, outcome, facts))

    def _record(
        self, at: str, read: ShadowRead, called: Called, outcome: ShadowOutcome, facts: Mapping[str, Any]
    ) -> Record:
        call, salt = read.call, self.settings.salt
        hashed = short_hash(call.key) if salt is None else short_hash(call.key, salt=salt)
        named = call.named()
        return {
            "format": FORMAT,
            "at": at,
            "outcome": outcome,
            "method": call.name,
            "module": call.method.module,
            "primary": call.primary,
            "primary_ms": round(read.seconds * 1000, 3),
            "secondary_ms": round(called.seconds * 1000, 3),
            **facts,
            "key": None if call.key is None else hashed,
            "arguments": shown_arguments(named, salt),
            # What the primary refused may hold anything under the name of a plain argument.
            "case": replayable_case(call, named)
            if self.settings.keep_arguments and succeeded(given_back(read.answer))
            else None,
        }

    def _breaker_changed(self, state: State, reason: str) -> None:
        record = {"format": FORMAT, "at": now(), "outcome": "breaker", "state": state, "reason": reason}
        self._recorder.record("breaker", _constant(record))


def replayable_case(call: SecondaryCall, named: Mapping[str, object]) -> dict[str, Any] | None:
    """The call as a case of a method comparison; None where an argument may not be kept, or has no JSON form.

    The id is the method and a hash of its arguments: equal calls have one id.
    """
    if not set(named) <= call.method.plain_arguments:
        return None
    try:
        text = json.dumps(named, sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        return None
    return {
        "id": f"{call.name} {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}",
        "method": call.name,
        "kwargs": json.loads(text),
        "ordered": call.method.ordered,
        "ignore": sorted(call.method.ignore),
    }


def _judged(read: ShadowRead, called: Called) -> tuple[ShadowOutcome, dict[str, Any]]:
    if called.outcome == "timed_out":
        return "timed_out", {}
    if called.outcome == "raised":
        return "failed", {"reason": "it raised", "error_kind": "internal", "error_code": called.error}
    try:
        return _compared(read, called.answer)
    except BaseException as error:  # noqa: BLE001 - an answer may hold anything, and raise when it is looked at
        return "failed", {"reason": f"the answers cannot be compared ({type(error).__name__})"}


def _compared(read: ShadowRead, answer: object) -> tuple[ShadowOutcome, dict[str, Any]]:
    kind, code = error_of(answer)
    error = {} if kind is None else {"error_kind": kind, "error_code": code}
    if kind in NOBODY_KNOWS and error_of(given_back(read.answer))[0] not in NOBODY_KNOWS:
        return "failed", error
    try:
        paths = differences(given_back(read.answer), answer, read.call.method)
    except NotAnEnvelope:
        return "failed", {"reason": "its answer is no envelope"}
    return ("different", {"paths": list(paths), **error}) if paths else ("equal", {})


def _constant(record: Record) -> Callable[[], Record]:
    return lambda: record
