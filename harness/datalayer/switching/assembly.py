"""Builds the backends that the switches turn on, the facade over them and what runs beside it; and ends all of it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from harness.datalayer.methods import Method, public_methods
from harness.datalayer.switching.async_dual_write import AsyncDualWriter
from harness.datalayer.switching.async_shadow_reads import AsyncShadowReads
from harness.datalayer.switching.attestation import Answered
from harness.datalayer.switching.dual_write import DualWriter
from harness.datalayer.switching.dual_write_records import DualWriteSettings
from harness.datalayer.switching.facade import Facade, check_modules
from harness.datalayer.switching.ramp import Ramp
from harness.datalayer.switching.recording import Recorder, Sink, until
from harness.datalayer.switching.shadow_reads import ShadowReads
from harness.datalayer.switching.shadow_records import ShadowSettings
from harness.datalayer.switching.switches import Switches
from harness.errors import ConfigurationError, DataLayerFailed, PgparityError

L = TypeVar("L")

_HURRIED_SECONDS = 1.0
"""For so long a close that is interrupted still waits, so that what was queued is on record"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What runs beside the calls, and where it is recorded."""

    divergences: Sink | None = None
    """Needed where ENABLE_DUAL_WRITE is true"""
    shadow_outcomes: Sink | None = None
    """Needed where shadow reads are made"""
    dual_write: DualWriteSettings = field(default_factory=DualWriteSettings)
    shadow_reads: ShadowSettings = field(default_factory=ShadowSettings)
    """SHADOW_READ_RATE beats its rate"""


class OpenFacade(Generic[L]):
    """A facade and everything that it lives on. `layer` is what the application calls."""

    def __init__(
        self,
        facade: Facade[L],
        backends: list[L],
        dual_write: DualWriter | AsyncDualWriter | None,
        shadow_reads: ShadowReads | AsyncShadowReads | None,
        divergences: Recorder | None,
        shadow_outcomes: Recorder | None,
    ) -> None:
        self.facade = facade
        self.layer = facade.layer
        self.dual_write = dual_write
        self.shadow_reads = shadow_reads
        self.divergences = divergences
        self.shadow_outcomes = shadow_outcomes
        self._backends = backends
        self._ended = False
        atexit.register(self._at_exit)

    def close(self, seconds: float = 15.0) -> None:
        """End a facade of plain functions: write what is queued, record what is not, close the backends.

        It takes `seconds` at most, and what the backends' own close() takes.
        """
        if self._end():
            return
        deadline = time.monotonic() + seconds
        try:
            if isinstance(self.shadow_reads, ShadowReads):
                self.shadow_reads.close(min(2.0, until(deadline)))
            if isinstance(self.dual_write, DualWriter):
                self.dual_write.close(max(0.0, until(deadline) - 1.0))
        except BaseException:
            # Somebody does not want to wait: what is queued is recorded as not written.
            deadline = time.monotonic() + _HURRIED_SECONDS
            if isinstance(self.dual_write, DualWriter):
                self.dual_write.close(0)
            raise
        finally:
            self._close_recorders(deadline)
        for backend in self._backends:
            _closed(backend)

    async def aclose(self, seconds: float = 15.0) -> None:
        """End a facade of coroutines, in its event loop; see close."""
        if self._end():
            return
        deadline = time.monotonic() + seconds
        try:
            if isinstance(self.shadow_reads, AsyncShadowReads):
                await self.shadow_reads.aclose(min(2.0, until(deadline)))
            if isinstance(self.dual_write, AsyncDualWriter):
                await self.dual_write.aclose(max(0.0, until(deadline) - 1.0))
        except BaseException:
            if isinstance(self.dual_write, AsyncDualWriter):
                self.dual_write.abandon()
            self._close_recorders(time.monotonic() + _HURRIED_SECONDS)
            raise
        await asyncio.to_thread(self._close_recorders, deadline)
        for backend in self._backends:
            closing = _closed(backend)
            if inspect.isawaitable(closing):
                with contextlib.suppress(Exception):
                    await closing

    def _end(self) -> bool:
        """Whether it has ended before."""
        ended, self._ended = self._ended, True
        atexit.unregister(self._at_exit)
        return ended

    def _at_exit(self) -> None:
        """The program ends and nobody has closed the facade: nothing that was queued is lost without a record."""
        if isinstance(self.dual_write, AsyncDualWriter):
            self.dual_write.abandon()
            self._close_recorders(time.monotonic() + 5.0)
        else:
            self.close()

    def _close_recorders(self, deadline: float) -> None:
        for recorder in (self.divergences, self.shadow_outcomes):
            if recorder is not None:
                recorder.close(max(1.0, until(deadline)))


def open_facade(
    switches: Switches,
    *,
    source: Callable[[], L],
    target: Callable[[], L],
    methods: Mapping[str, Method] | None = None,
    ramp: Ramp | None = None,
    beside: Beside | None = None,
    observe: Callable[[Answered], None] | None = None,
) -> OpenFacade[L]:
    """Call the factories of the backends that are on, and put the facade over them.

    A backend that fails to initialise fails the start, whichever the primary is: its own ConfigurationError or
    DataLayerFailed, or a DataLayerFailed that names the type of another exception. Nothing stays open then.
    """
    settings = beside or Beside()
    with contextlib.ExitStack() as undo:
        backends: dict[str, L] = {}
        for word, factory, on in (
            ("source", source, switches.use_legacy_supabase),
            ("target", target, switches.use_repository_pattern),
        ):
            if on:
                backends[word] = _built(word, factory)
                undo.callback(_given_up, backends[word])
        kinds = _kinds(list(backends.values()))
        divergences = shadow_outcomes = None
        dual_write: DualWriter | AsyncDualWriter | None = None
        shadow_reads: ShadowReads | AsyncShadowReads | None = None
        if switches.enable_dual_write:
            divergences = _recorder(settings.divergences, "ENABLE_DUAL_WRITE", undo)
            writer = AsyncDualWriter if kinds == {True} else DualWriter
            dual_write = writer(divergences, settings.dual_write)
            if isinstance(dual_write, DualWriter):
                undo.callback(dual_write.close, 0)
        if settings.shadow_outcomes is not None and len(backends) == 2:
            shadow_outcomes = _recorder(settings.shadow_outcomes, "SHADOW_READ_RATE", undo)
            reader = AsyncShadowReads if kinds == {True} else ShadowReads
            shadow_reads = reader(shadow_outcomes, replace(settings.shadow_reads, rate=switches.shadow_read_rate))
            if isinstance(shadow_reads, ShadowReads):
                undo.callback(shadow_reads.close, 0)
        elif switches.shadow_read_rate > 0:
            raise _no_sink("SHADOW_READ_RATE")
        facade: Facade[L] = Facade(
            switches=switches,
            source=backends.get("source"),
            target=backends.get("target"),
            methods=methods,
            ramp=ramp,
            dual_write=dual_write,
            shadow_reads=shadow_reads,
            observe=observe,
        )
        check_modules(facade.methods, frozenset(settings.shadow_reads.rates))
        if switches.enable_dual_write and settings.dual_write.workers > 1:
            _check_keys(facade.methods)
        undo.pop_all()
    for sink, recorder in ((settings.divergences, divergences), (settings.shadow_outcomes, shadow_outcomes)):
        if sink is not None and recorder is None:
            with contextlib.suppress(Exception):
                sink.close()
    return OpenFacade(facade, list(backends.values()), dual_write, shadow_reads, divergences, shadow_outcomes)


def _built(word: str, factory: Callable[[], L]) -> L:
    try:
        return factory()
    except PgparityError:
        raise
    except Exception as error:  # noqa: BLE001 - the text of another exception may hold a DSN or a key
        raise DataLayerFailed(
            f"The {word} backend could not be built ({type(error).__name__}).",
            hint="Mend its settings, or switch it off; there is no fallback to the other one.",
        ) from None


def _closed(backend: Any) -> Any:
    """Begin to close a backend; what it raises then changes nothing."""
    for name in ("aclose", "close"):
        closing = getattr(backend, name, None)
        if callable(closing):
            with contextlib.suppress(Exception):
                return closing()
    return None


def _given_up(backend: Any) -> None:
    """Close a backend that is not used after all; one of coroutines that has no loop yet holds nothing open."""
    closing = getattr(backend, "close", None)
    if callable(closing) and not inspect.iscoroutinefunction(closing):
        with contextlib.suppress(Exception):
            closing()


def _kinds(layers: list[L]) -> set[bool]:
    return {
        inspect.iscoroutinefunction(getattr(layer, name, None)) for layer in layers for name in public_methods(layer)
    }


def _recorder(sink: Sink | None, switch: str, undo: contextlib.ExitStack) -> Recorder:
    if sink is None:
        raise _no_sink(switch)
    recorder = Recorder(sink)
    undo.callback(recorder.close, 1.0)
    return recorder


def _no_sink(switch: str) -> ConfigurationError:
    return ConfigurationError(
        f"{switch} is on, and there is nowhere to record what it finds.",
        hint="Give a sink: recording.JsonLinesFile, or divergences.DivergenceTable.",
    )


def _check_keys(methods: Mapping[str, Method]) -> None:
    keyless = sorted(name for name, method in methods.items() if method.writes and method.key is None)
    if keyless:
        raise ConfigurationError(
            f"Several workers of dual write need a key of every write: {', '.join(keyless)}.",
            hint="Declare it, as in @writes('clients', key='data.company_id'), or use one worker.",
        )
