"""Data layers: what a run asks of one, whatever it is written in, and how a factory is found by its name."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

from harness.core.generation.signatures import MethodSignature
from harness.core.record import Side
from harness.errors import DataLayerFailed
from harness.stages.layer_thread import LayerThread

CALL_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerContext:
    """Where a data layer finds its server. It leads through relays; nothing of it is shown."""

    dsn: str = field(repr=False)
    rest_url: str | None = None
    """What supabase.create_client takes; None on the target"""
    api_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call: an answer, or an exception."""

    answer: Any
    exception: Exception | None
    milliseconds: float
    gave_up: bool = False
    """It did not return, and nobody waits for it any more; the data layer is of no use after that"""


class Layer(Protocol):
    """A data layer that was built on a context; nothing of ours is the base of what it calls."""

    @property
    def side(self) -> Side:
        """Whose server it speaks to."""
        ...

    @property
    def methods(self) -> frozenset[str]:
        """The public methods: what can be called and does not begin with an underscore, but close and aclose."""
        ...

    def signature(self, method: str) -> MethodSignature:
        """What a method takes."""
        ...

    def misfit(self, method: str, arguments: dict[str, Any]) -> str:
        """Why the method cannot take the arguments; '' where it can, or where that cannot be told."""
        ...

    def call(self, method: str, arguments: dict[str, Any]) -> Called:
        """Call a method; what it raises is its answer too."""
        ...

    def close(self) -> None:
        """Give back what it holds; an error in it changes no answer."""
        ...


class LayerFactory(Protocol):
    """Builds a data layer on a context, as often as a run has clones."""

    @property
    def side(self) -> Side:
        """Whose server its layers speak to."""
        ...

    @property
    def name(self) -> str:
        """What the configuration calls it."""
        ...

    def build(self, context: LayerContext, thread: LayerThread) -> Layer:
        """A data layer that lives in `thread`. DataLayerFailed where that cannot be, without a value."""
        ...


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
        with quiet():
            module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and (module_name == error.name or module_name.startswith(f"{error.name}.")):
            hint = "Check methods.python_path: it names folders, relative to the configuration file."
            raise DataLayerFailed(f"{what}: there is no module {module_name}", hint=hint) from None
        raise DataLayerFailed(
            f"{what}: module {module_name} needs {error.name}, which is not installed", hint="Install it here."
        ) from None
    except (Exception, SystemExit) as error:
        raise DataLayerFailed(
            f"{what}: module {module_name} cannot be imported ({type(error).__name__}{place(error)})"
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


def place(error: BaseException) -> str:
    """File and line in which an exception arose; its text may hold values and is left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def quiet() -> contextlib.redirect_stdout[TextIO]:
    """Standard output belongs to the results: what a data layer prints goes to standard error."""
    return contextlib.redirect_stdout(sys.stderr)
