"""How a data layer tells an observer of its calls that failed: an attribute of the layer, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from harness.errors import ConfigurationError

L = TypeVar("L")

_ATTRIBUTE: Final = "_observer_of_failed_calls"


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call of a layer's method that is about to be answered with `success: false`.

    `operation` is the method's name. `error` may hold values of rows and arguments, in its text, its causes and the
    frames of its traceback: an observer that lets anything of it out masks it.
    """

    operation: str
    error: Exception
    seconds: float


class FailureObserver(Protocol):
    """Is called in the thread or task of the call, before the caller has the answer; what it raises is not seen."""

    def __call__(self, failed: FailedCall, /) -> None:
        """Take a call that failed."""
        ...


def observe_failed_calls(layer: L, observer: FailureObserver) -> L:
    """Have an observer told of every call of a layer that fails; returns the layer.

    The layer's methods are decorated with `envelope.answered` or `envelope.answered_async`, which tell it.
    """
    try:
        setattr(layer, _ATTRIBUTE, observer)
    except AttributeError:
        raise ConfigurationError(
            f"The failed calls of {type(layer).__name__} cannot be observed: it takes no attribute.",
            hint="Leave __slots__ out of the layer's class.",
        ) from None
    return layer


def tell(arguments: Sequence[object], operation: str, error: Exception, seconds: float) -> None:
    """Tell the observer of the layer, the first of a method's arguments, where it has one; raises nothing."""
    try:
        observer: FailureObserver | None = getattr(arguments[0], _ATTRIBUTE, None) if arguments else None
        if observer is not None:
            observer(FailedCall(operation, error, seconds))
    except Exception:  # noqa: BLE001 - whoever watches a call does not fail it
        return
