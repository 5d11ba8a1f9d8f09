"""Records the calls of a data layer in production, without personal values, to be replayed by a method comparison."""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import inspect
import os
import random
import threading
from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final, TypeVar

from harness.datalayer.methods import parameter_names
from harness.datalayer.recorded_arguments import WrittenArguments, copied
from harness.datalayer.switching.recording import MOST_BYTES, JsonLinesFile, Record, Recorder, Sink
from harness.errors import ConfigurationError
from harness.tagged_values import NoJsonForm

FORMAT: Final = "pgparity-calls-1"
KEY_VARIABLE: Final = "PGPARITY_RECORDING_KEY"
"""Where the comparison looks for the key, so that it can find the values that were left out"""

_SHORTEST_KEY: Final = 16
_LAST_SECONDS: Final = 1.0
_CLOSING: Final = frozenset({"close", "aclose"})
_within: ContextVar[bool] = ContextVar("pgparity_within_recorded_call", default=False)


T = TypeVar("T")


class CallRecording:
    """Records the calls of the functions, classes and objects that it is called with. No call waits for it or fails.

    What is written of a call: the method, the arguments by name, the time. Numbers below 10⁹, truth values, dates,
    times and UUIDs are written as they are, unless their name is a personal one (name, phone, mail, user, …: see
    `is_personal`); of every other value only a keyed hash is, and so the file holds no text but what `plain` names.
    """

    def __init__(
        self,
        file: Path | str | Sink,
        *,
        key: bytes | str,
        personal: Mapping[str, str] | Collection[str] = (),
        plain: Collection[str] = (),
        share: float = 1.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Open the file, which grows to `most_bytes`: calls beyond that are counted in `lost`.

        `key`: at least 16 bytes, kept as a password is kept; the comparison needs the same one, to find the values.
        `personal`: names of arguments or fields whose values are hashed, whatever they look like; as a mapping, to the
        table.column that holds such values. `plain`: names whose values are no personal data and are written as they
        are. `share`: of all calls, 0 to 1. ConfigurationError where one of them cannot be, OSError where the file
        cannot be written.
        """
        secret = key.encode() if isinstance(key, str) else bytes(key)
        if len(secret) < _SHORTEST_KEY:
            raise ConfigurationError(
                f"Recorded calls: the key has to have at least {_SHORTEST_KEY} bytes.",
                hint="Make one with `openssl rand -hex 32`, and keep it as a password is kept.",
            )
        if not 0 <= share <= 1:
            raise ConfigurationError("Recorded calls: the share has to be a number from 0 to 1.")
        if isinstance(personal, str) or isinstance(plain, str):
            raise ConfigurationError("Recorded calls: personal and plain are collections of names.")
        columns = dict(personal) if isinstance(personal, Mapping) else dict.fromkeys(personal, "")
        self._arguments = WrittenArguments(secret, columns, frozenset(plain) - frozenset(columns))
        self._share = share
        self._sink: Sink = JsonLinesFile(file, most_bytes=most_bytes) if isinstance(file, str | Path) else file
        self._lock = threading.Lock()
        self._recorder: Recorder | None = None
        self._process = 0
        self._closed = False
        self._lost = 0
        # What is queued when a program ends is written still.
        atexit.register(self.close, _LAST_SECONDS)

    @property
    def lost(self) -> int:
        """How many calls could not be recorded: too large, of no form, too many at a time, or the file was full."""
        return self._lost + (self._recorder.lost if self._recorder is not None else 0)

    def close(self, seconds: float = 5.0) -> None:
        """Write what is queued, for at most so long; calls are not recorded any more."""
        atexit.unregister(self.close)
        with self._lock:
            if self._closed:
                return
            self._closed = True
            recorder = self._recorder
        if recorder is not None and self._process == os.getpid():
            recorder.close(seconds)
        else:
            self._sink.close()

    def __call__(self, subject: T) -> T:
        """Record the calls of a function, of all public methods of a class, or of an object; usable as a decorator.

        A class and a function are given back recording; an object is given back behind another one that records and
        has all its attributes.
        """
        if inspect.isclass(subject):
            for name in dir(subject):
                if _is_public(name):
                    self._record_method_of(subject, name)
            return subject
        if inspect.isroutine(subject):
            return self._recording(subject.__name__, subject, bound=_no_self(subject))  # type: ignore[return-value]
        return _Recorded(subject, self)  # type: ignore[return-value]

    def _record_method_of(self, kind: type, name: str) -> None:
        static = inspect.getattr_static(kind, name)
        if inspect.isfunction(static):
            setattr(kind, name, self._recording(name, static, bound=False))
        elif isinstance(static, staticmethod | classmethod):
            inner = self._recording(name, static.__func__, bound=isinstance(static, staticmethod))
            setattr(kind, name, type(static)(inner))

    def _recording(self, name: str, function: Callable[..., Any], *, bound: bool) -> Callable[..., Any]:
        """A function that records and calls another; its first argument is left out, unless it is bound."""
        try:
            positional = parameter_names(function)
        except (TypeError, ValueError):
            positional = ()
        skipped = 0 if bound else 1
        names = positional[skipped:]

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                if _within.get():
                    return await function(*args, **kwargs)
                self._call(name, names, args[skipped:], kwargs)
                inner = _within.set(True)
                try:
                    return await function(*args, **kwargs)
                finally:
                    _within.reset(inner)

            return awaited

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            if _within.get():
                return function(*args, **kwargs)
            self._call(name, names, args[skipped:], kwargs)
            inner = _within.set(True)
            try:
                return function(*args, **kwargs)
            finally:
                _within.reset(inner)

        return called

    def _call(self, name: str, names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Queue a call. The arguments are copied here, since the caller may change them; hashed in the thread."""
        try:
            if self._closed or (self._share < 1 and random.random() >= self._share):  # noqa: S311 - a sample
                return
            copy = copied(_by_name(names, args, kwargs))
            at = dt.datetime.now(dt.UTC)
            self._in_this_process().record(name, lambda: self._record(at, name, copy))
        except Exception:  # noqa: BLE001 - what watches a call does not fail it
            with self._lock:
                self._lost += 1

    def _in_this_process(self) -> Recorder:
        """The recorder; a process that was forked has no thread, and gets one of its own for the same file."""
        recorder = self._recorder
        if recorder is None or self._process != os.getpid():
            # A lock that another thread held in the moment of the fork would never be given back here.
            if self._recorder is not None:
                self._lock = threading.Lock()
            with self._lock:
                if self._recorder is None or self._process != os.getpid():
                    self._recorder, self._process = Recorder(self._sink), os.getpid()
                recorder = self._recorder
        return recorder

    def _record(self, at: dt.datetime, name: str, arguments: Mapping[str, Any]) -> Record:
        return {
            "format": FORMAT,
            "at": at.isoformat(timespec="milliseconds"),
            "method": name,
            "arguments": self._arguments.written(arguments),
        }


def record_calls(
    layer: T,
    file: Path | str | Sink,
    *,
    key: bytes | str,
    personal: Mapping[str, str] | Collection[str] = (),
    plain: Collection[str] = (),
    share: float = 1.0,
) -> T:
    """The layer, whose calls are recorded from now on; see `CallRecording`, which has a `close` and a `lost` too."""
    return CallRecording(file, key=key, personal=personal, plain=plain, share=share)(layer)


class _Recorded:
    """An object whose public methods are recorded; everything else of it is as it was."""

    def __init__(self, subject: object, recording: CallRecording) -> None:
        self._recorded_subject = subject
        self._recording = recording

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._recorded_subject, name)
        if not _is_public(name) or not inspect.isroutine(found):
            return found
        recorded = self._recording._recording(name, found, bound=True)  # noqa: SLF001 - one subject, two classes
        self.__dict__[name] = recorded
        return recorded

    def __dir__(self) -> list[str]:
        return dir(self._recorded_subject)


def _by_name(names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    if len(args) > len(names):
        raise NoJsonForm("more positional arguments than have names")
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _is_public(name: str) -> bool:
    return not name.startswith("_") and name not in _CLOSING


def _no_self(function: Any) -> bool:
    """Whether a function has no self among its parameters: it is bound, or never was a method."""
    if inspect.ismethod(function):
        return True
    first = next(iter(inspect.signature(function).parameters), "")
    return first not in ("self", "cls")
