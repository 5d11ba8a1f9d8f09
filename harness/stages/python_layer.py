"""A data layer in Python: the object that a factory of the user's returns, and its public methods."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from harness.core.generation.signatures import MethodSignature, signature_of
from harness.core.record import Side
from harness.errors import DataLayerFailed
from harness.stages.layer_thread import DidNotReturn, LayerThread
from harness.stages.layers import CALL_SECONDS, Called, LayerContext, place, quiet

_LOG: Final = logging.getLogger(__name__)

_CLOSING = ("close", "aclose")
_CLOSE_SECONDS = 10.0
_AFTER_ONE_THAT_HUNG = 0.2
"""Seconds that close() gets once one of the same factory did not return: each clone has a layer to close"""


@dataclass(frozen=True, slots=True)
class PythonFactory:
    """A callable that makes a data layer of a context, and the name that it was found by."""

    side: Side
    name: str
    make: Callable[[LayerContext], Any]
    seconds: float = CALL_SECONDS
    """What a call may take, and the factory itself"""
    unclosed: list[str] = field(default_factory=list, compare=False, repr=False)
    """Names of the closing methods that did not return"""

    def build(self, context: LayerContext, thread: LayerThread) -> PythonLayer:
        """Call it. DataLayerFailed where it raises or does not return."""
        return PythonLayer(self, context, thread)


class LayerExited(Exception):
    """A data layer asked for the end of the process, which is not its to end."""


class PythonLayer:
    """A data layer that was built. All of it runs in the thread of its side."""

    def __init__(self, factory: PythonFactory, context: LayerContext, thread: LayerThread) -> None:
        """Call the factory. DataLayerFailed where it raises, with the type of the error and not its text."""
        self._factory = factory
        self._thread = thread
        self._closed = False
        self._given_up = False
        self.side = factory.side
        failed: BaseException | None = None
        try:
            with quiet():
                self._subject, failed = thread.run(lambda: _outcome(thread, factory.make, context), factory.seconds)
        except DidNotReturn:
            raise DataLayerFailed(
                f"the {factory.side} layer {factory.name} could not be built: the factory did not return within"
                f" {factory.seconds:g} s",
                hint="methods.call_timeout says how long it may take.",
            ) from None
        if isinstance(failed, DataLayerFailed):
            raise failed
        if failed is not None:
            raise DataLayerFailed(
                f"the {factory.side} layer {factory.name} could not be built: {type(failed).__name__}{place(failed)}",
                hint="The factory is called with one object that has dsn, rest_url and api_key.",
            ) from failed
        if self._subject is None:
            raise DataLayerFailed(
                f"the {factory.side} layer {factory.name} is None", hint="The factory has to return the data layer."
            )

    @property
    def methods(self) -> frozenset[str]:
        """The public methods: what can be called and does not begin with an underscore, but close and aclose."""
        return frozenset(
            name
            for name in dir(self._subject)
            if not name.startswith("_")
            and name not in _CLOSING
            and not isinstance(inspect.getattr_static(self._subject, name, None), property)
            and _is_method(getattr(self._subject, name, None))
        )

    def signature(self, method: str) -> MethodSignature:
        """What a method takes, by its annotations."""
        return signature_of(getattr(self._subject, method))

    def misfit(self, method: str, arguments: dict[str, Any]) -> str:
        """Why the method cannot take the arguments; '' where it can, or where that cannot be told."""
        try:
            signature = inspect.signature(getattr(self._subject, method))
        except (TypeError, ValueError):
            return ""
        try:
            signature.bind(**arguments)
        except TypeError as error:
            return str(error)
        return ""

    def call(self, method: str, arguments: dict[str, Any]) -> Called:
        """Call a method; what it raises is its answer too. Iterators are read to their end.

        One that does not return in time is an error of kind timeout, and so is all that is called after it.
        """
        if self._given_up:
            return Called(None, DidNotReturn(), 0.0, gave_up=True)
        started = time.perf_counter()
        try:
            with quiet():
                answer, failed, milliseconds = self._thread.run(
                    lambda: _timed(self._thread, self._subject, method, arguments), self._factory.seconds
                )
        except DidNotReturn as error:
            self._given_up = True
            return Called(None, error, (time.perf_counter() - started) * 1000, gave_up=True)
        return Called(answer, None if failed is None else _as_answer(failed), milliseconds)

    def close(self) -> None:
        """Call close() or aclose(), where there is one, once; what it raises, or that it hangs, changes no answer."""
        if self._closed:
            return
        self._closed = True
        for name in _CLOSING:
            closing = getattr(self._subject, name, None)
            if callable(closing):
                self._close(name, closing)
                return

    def _close(self, name: str, closing: Callable[[], Any]) -> None:
        unclosed = self._factory.unclosed
        seconds = _AFTER_ONE_THAT_HUNG if unclosed else min(self._factory.seconds, _CLOSE_SECONDS)
        lost = self._thread.lost
        try:
            with quiet():
                self._thread.run(lambda: _outcome(self._thread, closing), seconds)
        except DidNotReturn:
            if not lost and not unclosed:
                unclosed.append(name)
                _LOG.warning("%s() of the %s layer did not return within %g s.", name, self.side, seconds)


def _outcome(thread: LayerThread, function: Callable[..., Any], *given: Any) -> tuple[Any, BaseException | None]:
    """What a function of the data layer's returned, or what it raised, whatever that is."""
    try:
        return thread.settled(function(*given)), None
    except BaseException as error:  # noqa: BLE001 - Ctrl-C does not reach this thread: all of it is the layer's
        return None, error


def _timed(
    thread: LayerThread, subject: Any, method: str, arguments: dict[str, Any]
) -> tuple[Any, BaseException | None, float]:
    started = time.perf_counter()
    answer, failed = _outcome(thread, lambda: getattr(subject, method)(**arguments))
    return answer, failed, (time.perf_counter() - started) * 1000


def _as_answer(failed: BaseException) -> Exception:
    """What a method raised as an error that can be compared; what would end the process or a task ends neither."""
    if isinstance(failed, Exception):
        return failed
    kind = type(failed).__name__
    named: type[LayerExited] = LayerExited if kind == "SystemExit" else type(kind, (LayerExited,), {})
    return named(kind).with_traceback(failed.__traceback__)


def _is_method(value: Any) -> bool:
    return callable(value) and not inspect.isclass(value)
