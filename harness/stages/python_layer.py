"""A data layer in Python: the object that a factory of the user's returns, and its public methods."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.core.generation.signatures import MethodSignature, signature_of
from harness.core.record import Side
from harness.errors import DataLayerFailed
from harness.stages.layers import Called, LayerContext, place, quiet

_CLOSING = ("close", "aclose")


@dataclass(frozen=True, slots=True)
class PythonFactory:
    """A callable that makes a data layer of a context, and the name that it was found by."""

    side: Side
    name: str
    make: Callable[[LayerContext], Any]

    def build(self, context: LayerContext, runner: asyncio.Runner) -> PythonLayer:
        """Call it. DataLayerFailed where it raises."""
        return PythonLayer(self, context, runner)


class LayerExited(Exception):
    """A data layer asked for the end of the process, which is not its to end."""


class PythonLayer:
    """A data layer that was built. Its coroutines run in the event loop of its side."""

    def __init__(self, factory: PythonFactory, context: LayerContext, runner: asyncio.Runner) -> None:
        """Call the factory. DataLayerFailed where it raises, with the type of the error and not its text."""
        self._runner = runner
        self._closed = False
        self.side = factory.side
        try:
            with quiet():
                self._subject = self._settled(factory.make(context))
        except DataLayerFailed:
            raise
        except (Exception, SystemExit) as error:
            raise DataLayerFailed(
                f"the {factory.side} layer {factory.name} could not be built: {type(error).__name__}{place(error)}",
                hint="The factory is called with one object that has dsn, rest_url and api_key.",
            ) from error
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
        """Call a method; what it raises is its answer too. Iterators are read to their end."""
        started = time.perf_counter()
        answer: Any = None
        failed: Exception | None = None
        try:
            with quiet():
                answer = self._settled(getattr(self._subject, method)(**arguments))
        except SystemExit as error:
            failed = LayerExited("SystemExit").with_traceback(error.__traceback__)
        except Exception as error:  # noqa: BLE001 - whatever a data layer raises is compared
            failed = error
        return Called(answer, failed, (time.perf_counter() - started) * 1000)

    def close(self) -> None:
        """Call close() or aclose(), where there is one, once; an error in it changes no answer."""
        if self._closed:
            return
        self._closed = True
        for name in _CLOSING:
            closing = getattr(self._subject, name, None)
            if callable(closing):
                with contextlib.suppress(Exception, SystemExit):
                    self._settled(closing())
                return

    def _settled(self, value: Any) -> Any:
        if inspect.isawaitable(value):
            return self._runner.run(_awaited(value))
        if isinstance(value, AsyncIterator):
            return self._runner.run(_collected(value))
        return list(value) if isinstance(value, Iterator) else value


async def _awaited(value: Awaitable[Any]) -> Any:
    answer = await value
    return await _collected(answer) if isinstance(answer, AsyncIterator) else answer


async def _collected(values: AsyncIterator[Any]) -> list[Any]:
    return [value async for value in values]


def _is_method(value: Any) -> bool:
    return callable(value) and not inspect.isclass(value)
