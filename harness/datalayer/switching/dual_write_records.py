"""What follows from a dual write: whether the secondary is written at all, and what is recorded of how that went."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from harness.datalayer.observation.masking import short_hash
from harness.datalayer.switching.answers import NOBODY_KNOWS, error_of, succeeded
from harness.datalayer.switching.comparison import NotAnEnvelope, differences
from harness.datalayer.switching.divergences import Divergence, DivergenceKind, now, shown_arguments
from harness.datalayer.switching.recording import Record, Recorder
from harness.datalayer.switching.secondary_call import Backend, SecondaryCall, given_back, kept
from harness.datalayer.switching.time_limited import Called
from harness.errors import ConfigurationError


@dataclass(frozen=True, slots=True, kw_only=True)
class DualWriteSettings:
    """How much the secondary may lag, and how long it may take."""

    queue_size: int = 1000
    """Writes that wait, a worker; one more is dropped, and recorded as dropped"""
    workers: int = 1
    """More than one: writes of different keys go to the secondary side by side; then every write needs a key"""
    time_limit: float = 10.0
    """Seconds that one write may take on the secondary"""
    drain_seconds: float = 10.0
    """How long a shutdown waits for the writes that are queued"""
    salt: bytes | None = None
    """Makes hashes of keys comparable between processes; keep it as a password is kept"""

    def __post_init__(self) -> None:
        if self.queue_size < 1 or self.workers < 1 or self.time_limit <= 0 or self.drain_seconds < 0:
            raise ConfigurationError("Dual write: queue, workers and time limit have to be above 0.")


@dataclass(frozen=True, slots=True)
class DualWrite:
    """A write that the primary has made and the secondary has not yet."""

    call: SecondaryCall
    answer: bytes | None


class DualWriteRecords:
    """Decides and records; knows neither threads nor event loops. No method waits, and none raises."""

    def __init__(self, recorder: Recorder, settings: DualWriteSettings) -> None:
        self.settings = settings
        self._recorder = recorder
        self._overlaps = _Overlaps()

    def begin(self, call: SecondaryCall) -> None:
        """The primary is about to be written."""
        self._overlaps.begin(call)

    def admitted(self, call: SecondaryCall, answer: object) -> DualWrite | None:
        """The write for the secondary; None where there is none to make, and it is on record where that matters.

        `answer` is the primary's; None where it raised.
        """
        unordered = self._overlaps.end(call)
        state = written(answer)
        if state == "no":
            return None
        if state == "unknown":
            kind, code = error_of(answer)
            self._record("not_written", call, "nobody knows whether the primary wrote", kind, code)
            return None
        if call.arguments is None:
            self._record("dropped", call, "the arguments cannot be copied")
            return None
        if unordered is not None:
            self._record("order_unknown", call, unordered)
        self._overlaps.waits(call)
        return DualWrite(call, kept(answer))

    def dropped(self, write: DualWrite) -> None:
        """The queue had no room."""
        self._overlaps.arrived(write.call)
        self._record("dropped", write.call, "the queue is full")

    def not_written(self, write: DualWrite) -> None:
        """The program ends."""
        self._overlaps.arrived(write.call)
        self._record("not_written", write.call, "the program ended")

    def unfinished(self, write: DualWrite) -> None:
        """The program ends while the secondary is being written."""
        self._overlaps.arrived(write.call)
        self._record("secondary_failed", write.call, "the program ended", "timeout", "timeout")

    def settled(self, write: DualWrite, called: Called) -> None:
        """The secondary was asked."""
        self._overlaps.arrived(write.call)
        try:
            self._settle(write, called)
        except BaseException as error:  # noqa: BLE001 - an answer may hold anything, and raise when it is looked at
            reason = f"the answers cannot be compared ({type(error).__name__})"
            self._record("different_answer", write.call, reason)

    def _settle(self, write: DualWrite, called: Called) -> None:
        call = write.call
        if called.outcome == "stuck":
            self._record("dropped", call, "earlier writes have not come back")
        elif called.outcome == "timed_out":
            self._record("secondary_failed", call, "no answer in time", "timeout", "timeout")
        elif called.outcome == "raised":
            self._record("secondary_failed", call, "it raised", "internal", called.error)
        elif written(called.answer) != "yes":
            kind, code = error_of(called.answer)
            if kind is None:
                self._record("secondary_failed", call, "its answer is no envelope", "internal", "not_an_envelope")
            else:
                self._record("secondary_failed", call, None, kind, code)
        else:
            self._compare(write, called.answer)

    def _compare(self, write: DualWrite, answer: object) -> None:
        try:
            paths = differences(given_back(write.answer), answer, write.call.method)
        except NotAnEnvelope:
            self._record("different_answer", write.call, "an answer is no envelope")
        else:
            if paths:
                self._record("different_answer", write.call, paths=paths)

    def _record(
        self,
        kind: DivergenceKind,
        call: SecondaryCall,
        reason: str | None = None,
        error_kind: str | None = None,
        error_code: str | None = None,
        paths: tuple[str, ...] = (),
    ) -> None:
        at = now()

        def make() -> Record:
            salt = self.settings.salt
            hashed = short_hash(call.key) if salt is None else short_hash(call.key, salt=salt)
            return Divergence(
                at=at,
                kind=kind,
                method=call.name,
                module=call.method.module,
                primary=call.primary,
                reason=reason,
                paths=paths,
                error_kind=error_kind,
                error_code=error_code,
                key=None if call.key is None else hashed,
                arguments={} if call.arguments is None else shown_arguments(call.named(), salt),
            ).record()

        self._recorder.record(kind, make)


def written(answer: object) -> Literal["yes", "no", "unknown"]:
    """Whether an envelope says that rows were written."""
    success = succeeded(answer)
    if success:
        return "yes"
    kind, _ = error_of(answer)
    return "unknown" if success is None or kind is None or kind in NOBODY_KNOWS else "no"


class _Overlaps:
    """Which writes of one key have no order that both backends share, as far as this process can see.

    Those of a module that have no key are taken to be of one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, list[int]] = {}
        self._waiting: Counter[Hashable] = Counter()

    def begin(self, call: SecondaryCall) -> None:
        with self._lock:
            running = self._running.setdefault(_place(call), [0, 0])
            running[0] += 1
            running[1] = max(running)

    def end(self, call: SecondaryCall) -> str | None:
        """Why nobody knows its place among the others; None where it has one."""
        other: Backend = "target" if call.primary == "source" else "source"
        with self._lock:
            running = self._running[_place(call)]
            running[0] -= 1
            if running[0] == 0:
                del self._running[_place(call)]
            if running[1] > 1:
                return "another write of the key was running"
            if self._waiting[_place(call), other]:
                return "a write of the key that the other backend answered was queued"
        return None

    def waits(self, call: SecondaryCall) -> None:
        """It is on its way to the secondary."""
        with self._lock:
            self._waiting[_place(call), call.primary] += 1

    def arrived(self, call: SecondaryCall) -> None:
        """It is there, or given up."""
        place = (_place(call), call.primary)
        with self._lock:
            self._waiting[place] -= 1
            if self._waiting[place] <= 0:
                del self._waiting[place]


def _place(call: SecondaryCall) -> tuple[str, str]:
    return call.method.module, str(call.key)
