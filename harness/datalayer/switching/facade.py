"""Two backends behind one: picks by switches who answers each call, and has the other one written or asked as well.

A backend is an object whose public methods answer envelopes. The facade knows of them only what they declare
(methods.py). It never asks one backend because the other failed.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from harness.datalayer.methods import Method, agreed_methods, key_of, keyword_names, named_arguments, parameter_names
from harness.datalayer.switching.attestation import Answered, Attestations
from harness.datalayer.switching.ramp import Ramp, caller
from harness.datalayer.switching.secondary_call import Backend, SecondaryCall, kept
from harness.datalayer.switching.switches import Switches
from harness.errors import ConfigurationError

L = TypeVar("L")


class DualWriting(Protocol):
    """dual_write.DualWriter, or its twin for coroutines."""

    @property
    def queued(self) -> int:
        """How many writes the secondary has not made yet."""
        ...

    def begin(self, call: SecondaryCall) -> None:
        """The primary is about to be written."""
        ...

    def finish(self, call: SecondaryCall, answer: object) -> None:
        """The primary answered; None where it raised."""
        ...


class ShadowReading(Protocol):
    """shadow_reads.ShadowReads, or its twin for coroutines."""

    @property
    def busy(self) -> bool:
        """Whether shadow reads are under way."""
        ...

    def answered(
        self,
        name: str,
        module: str,
        make: Callable[[], SecondaryCall],
        answer: object,
        seconds: float,
        *,
        beside: bool,
        behind: bool,
    ) -> None:
        """The primary answered a read."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One method on the backends that are built."""

    name: str
    method: Method
    parameters: tuple[str, ...]
    functions: Mapping[Backend, Callable[..., Any]]


class Facade(Generic[L]):
    """`layer` is what the application calls: the methods of its backends, sync or async as they are.

    Everything that cannot work is a ConfigurationError here, at start: methods that only one backend has or that nobody
    declared, modules that no method has, a switch with no backend, dual write with no writer.
    """

    def __init__(
        self,
        *,
        switches: Switches,
        source: L | None = None,
        target: L | None = None,
        methods: Mapping[str, Method] | None = None,
        ramp: Ramp | None = None,
        dual_write: DualWriting | None = None,
        shadow_reads: ShadowReading | None = None,
        observe: Callable[[Answered], None] | None = None,
    ) -> None:
        """`methods` declares what the backends do not declare themselves; `ramp` beats TARGET_PERCENT; `observe` is
        told who answered each call, in its thread or task."""
        layers = _backends(switches, source, target)
        if switches.enable_dual_write != (dual_write is not None):
            raise ConfigurationError(
                "A writer for dual write has to be given where ENABLE_DUAL_WRITE is true, and only there.",
                hint="Use assembly.open_facade, which makes one.",
            )
        self.switches = switches
        self.methods = agreed_methods(layers, methods)
        self.ramp = ramp or Ramp(switches.target_percent, partial=switches.enable_dual_write)
        self.attestations = Attestations(log_calls=switches.log_database_calls, observe=observe)
        self.dual_write = dual_write
        self.shadow_reads = shadow_reads if len(layers) == 2 else None
        self.only: Backend | None = None
        """The one backend that answers every call, whatever its key; None where the switches leave it open"""
        if len(layers) == 1 or not switches.target_is_primary:
            self.only = "source" if switches.use_legacy_supabase else "target"
        check_modules(self.methods, switches.modules | self.ramp.modules)
        routes = [_route(name, method, layers) for name, method in self.methods.items()]
        self.layer: L = cast("L", type("Layer", (), {route.name: self._member(route) for route in routes})())

    def primary(self, module: str, key: object = None) -> Backend:
        """Which backend answers a call of a module, for a key."""
        if self.only is not None:
            return self.only
        if self.switches.modules and module not in self.switches.modules:
            return "source"
        return "target" if self.ramp.on_target(module, key) else "source"

    def set_percent(self, percent: float, module: str | None = None) -> None:
        """Change, at run time, the share of keys that the target answers: of a module, or of all without one of theirs.

        It matters where TARGET_IS_PRIMARY is true and both backends are on. Writes that the secondary has not made yet
        (`dual_write.queued`) are not seen by the users who move.
        """
        check_modules(self.methods, frozenset() if module is None else frozenset({module}))
        named = self.switches.modules
        if self.only is not None or (module is not None and named and module not in named):
            raise ConfigurationError(
                f"A percentage changes nothing here: the {self.only or 'source'} answers, whatever the key is.",
                hint="Set TARGET_IS_PRIMARY=true with both backends on, name the module, and start again.",
            )
        self.ramp.set(percent, module)

    def _member(self, route: Route) -> staticmethod[..., Any]:
        example = next(iter(route.functions.values()))

        @functools.wraps(example)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            call = _Call(self, route, args, kwargs)
            try:
                answer = await call.function(*args, **kwargs)
            except BaseException:
                call.raised()
                raise
            call.answered(answer)
            return answer

        @functools.wraps(example)
        def called(*args: Any, **kwargs: Any) -> Any:
            call = _Call(self, route, args, kwargs)
            try:
                answer = call.function(*args, **kwargs)
            except BaseException:
                call.raised()
                raise
            call.answered(answer)
            return answer

        return staticmethod(awaited if inspect.iscoroutinefunction(example) else called)


class _Call:
    """One call on its way: who is asked, and what happens beside."""

    __slots__ = ("args", "beside", "facade", "function", "kwargs", "primary", "route", "started", "written")

    def __init__(self, facade: Facade[Any], route: Route, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.facade, self.route, self.args, self.kwargs = facade, route, args, kwargs
        self.primary: Backend = facade.only or facade.primary(route.method.module, self.key())
        self.function = route.functions[self.primary]
        self.written: SecondaryCall | None = None
        self.beside = facade.shadow_reads is not None and facade.shadow_reads.busy
        if facade.dual_write is not None and route.method.writes:
            self.written = self.on_secondary()
            facade.dual_write.begin(self.written)
        self.started = time.perf_counter()

    def key(self) -> object:
        """What the backend is chosen by: `calls_of` before the argument."""
        given = caller()
        return self.declared_key() if given is None else given

    def order_key(self) -> object:
        """What writes are kept in order by: the argument before `calls_of`, since two users may write one row."""
        declared = self.declared_key()
        return caller() if declared is None else declared

    def declared_key(self) -> object:
        return key_of(self.route.method.key, named_arguments(self.route.parameters, self.args, self.kwargs))

    def on_secondary(self) -> SecondaryCall:
        """The same call for the other backend."""
        route = self.route
        secondary: Backend = "target" if self.primary == "source" else "source"
        function = route.functions[secondary]
        arguments = kept((self.args, self.kwargs))
        return SecondaryCall(
            route.name, route.method, self.primary, self.order_key(), route.parameters, function, arguments
        )

    def answered(self, answer: object) -> None:
        seconds = time.perf_counter() - self.started
        facade, route = self.facade, self.route
        if self.written is not None and facade.dual_write is not None:
            facade.dual_write.finish(self.written, answer)
        elif facade.shadow_reads is not None and not route.method.writes:
            facade.shadow_reads.answered(
                route.name,
                route.method.module,
                self.on_secondary,
                answer,
                seconds,
                beside=self.beside,
                behind=facade.dual_write is not None and facade.dual_write.queued > 0,
            )
        facade.attestations.note(Answered(route.name, route.method.module, self.primary, seconds), answer)

    def raised(self) -> None:
        """The primary raised, or the caller was interrupted: nobody knows whether it wrote."""
        if self.written is not None and self.facade.dual_write is not None:
            self.facade.dual_write.finish(self.written, None)


def _backends(switches: Switches, source: L | None, target: L | None) -> dict[Backend, L]:
    """The backends that the switches turn on, and that are there."""
    pairs: tuple[tuple[Backend, L | None, bool, str], ...] = (
        ("source", source, switches.use_legacy_supabase, "USE_LEGACY_SUPABASE"),
        ("target", target, switches.use_repository_pattern, "USE_REPOSITORY_PATTERN"),
    )
    layers: dict[Backend, L] = {}
    for word, layer, on, switch in pairs:
        if on != (layer is not None):
            told = f"is on, and there is no {word}" if on else f"is off, and a {word} is given"
            raise ConfigurationError(f"{switch} {told}.", hint="Give the facade the backends that are on.")
        if layer is not None:
            layers[word] = layer
    if source is not None and source is target:
        raise ConfigurationError("Source and target are one object: it would be compared with itself.")
    return layers


def check_modules(methods: Mapping[str, Method], named: frozenset[str]) -> None:
    """ConfigurationError where a module is named that no method belongs to."""
    known = {method.module for method in methods.values()}
    if named - known:
        raise ConfigurationError(
            f"No method belongs to the module {', '.join(sorted(named - known))}.",
            hint=f"The modules are {', '.join(sorted(known))}.",
        )


def _route(name: str, method: Method, layers: Mapping[Backend, object]) -> Route:
    functions: dict[Backend, Callable[..., Any]] = {word: getattr(layer, name) for word, layer in layers.items()}
    parameters = {(parameter_names(function), keyword_names(function)) for function in functions.values()}
    if len(parameters) > 1:
        raise ConfigurationError(f"{name} has other parameters on the source than on the target.")
    names, keywords = parameters.pop()
    declared = {*method.plain_arguments, *([method.key.partition(".")[0]] if method.key else [])}
    unknown = declared - {*names, *keywords}
    if unknown:
        raise ConfigurationError(f"{name} has no argument {', '.join(sorted(unknown))}.")
    return Route(name, method, names, functions)
