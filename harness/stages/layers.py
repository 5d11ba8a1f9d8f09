"""Data layers: imported by name, built on a context, called by method name, closed; nothing of ours is their base."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.machinery
import inspect
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from harness.core.record import Side
from harness.errors import DataLayerFailed

_CLOSING = ("close", "aclose")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerContext:
    """Where a data layer finds its server. It leads through relays; nothing of it is shown."""

    dsn: str = field(repr=False)
    rest_url: str | None = None
    """What supabase.create_client takes; None on the target"""
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LayerFactory:
    """A callable that makes a data layer of a context, and the name that it was found by."""

    side: Side
    name: str
    make: Callable[[LayerContext], Any]


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: an answer, or an exception."""

    answer: Any
    exception: Exception | None
    milliseconds: float


@contextlib.contextmanager
def hosting(folders: Sequence[Path]) -> Iterator[None]:
    """Let data layers be imported from these folders."""
    added = [str(folder) for folder in folders if str(folder) not in sys.path]
    sys.path[:0] = added
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for folder in added:
            with contextlib.suppress(ValueError):
                sys.path.remove(folder)


def named_object(name: str, folders: Sequence[Path], *, what: str) -> Any:
    """Import 'module:attribute'. DataLayerFailed says which part of it is wrong."""
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        raise DataLayerFailed(f"{what} {name!r} is not of the form module:name", hint="Write package.module:factory.")
    _forget_other(module_name, folders)
    try:
        with _quiet():
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            hint = "Check methods.python_path: it names folders, relative to the configuration file."
            raise DataLayerFailed(f"{what}: there is no module {module_name}", hint=hint) from None
        raise DataLayerFailed(
            f"{what}: module {module_name} needs {error.name}, which is not installed", hint="Install it here."
        ) from None
    except Exception as error:
        raise DataLayerFailed(
            f"{what}: module {module_name} cannot be imported ({type(error).__name__}{_where(error)})"
        ) from error
    found: Any = module
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise DataLayerFailed(f"{what}: module {module_name} has no {attribute}", hint="Check the name after ':'.")
        found = getattr(found, part)
    if not callable(found):
        raise DataLayerFailed(f"{what}: {name} cannot be called", hint="Name a function or a class.")
    return found


def _forget_other(module_name: str, folders: Sequence[Path]) -> None:
    """Drop a module of the same name that was imported from elsewhere: this project's own one is meant."""
    top = module_name.partition(".")[0]
    loaded = sys.modules.get(top)
    wanted = importlib.machinery.PathFinder.find_spec(top, [str(folder) for folder in folders])
    if loaded is None or wanted is None or wanted.origin is None or top == __name__.partition(".")[0]:
        return
    if getattr(loaded, "__file__", None) != wanted.origin:
        for each in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
            del sys.modules[each]


def _where(error: BaseException) -> str:
    """File and line in which an exception arose; its text may hold values and is left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def _quiet() -> contextlib.redirect_stdout[TextIO]:
    """Standard output belongs to the results: what a data layer prints goes to standard error."""
    return contextlib.redirect_stdout(sys.stderr)


class Layer:
    """A data layer that was built. Its coroutines run in the event loop of its side."""

    def __init__(self, factory: LayerFactory, context: LayerContext, runner: asyncio.Runner) -> None:
        """Call the factory. DataLayerFailed where it raises, with the type of the error and not its text."""
        self._runner = runner
        self.side = factory.side
        try:
            with _quiet():
                self._subject = self._settled(factory.make(context))
        except DataLayerFailed:
            raise
        except Exception as error:
            raise DataLayerFailed(
                f"the {factory.side} layer {factory.name} could not be built: {type(error).__name__}{_where(error)}",
                hint="The factory is called with one object that has dsn, rest_url and api_key.",
            ) from error

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
            with _quiet():
                answer = self._settled(getattr(self._subject, method)(**arguments))
        except Exception as error:  # noqa: BLE001 - whatever a data layer raises is compared
            failed = error
        return Called(answer, failed, (time.perf_counter() - started) * 1000)

    def close(self) -> None:
        """Call close() or aclose(), where there is one; an error in it changes no answer."""
        for name in _CLOSING:
            closing = getattr(self._subject, name, None)
            if callable(closing):
                with contextlib.suppress(Exception):
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
