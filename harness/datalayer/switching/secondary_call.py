"""One call as it is repeated on the secondary: a copy, which nobody can change afterwards."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from harness.datalayer.methods import Method, named_arguments

Backend = Literal["source", "target"]


@dataclass(frozen=True, slots=True)
class SecondaryCall:
    """What was asked of the primary, and whom to ask the same."""

    name: str
    method: Method
    primary: Backend
    key: object
    parameters: tuple[str, ...]
    function: Callable[..., Any]
    """The secondary's bound method"""
    arguments: bytes | None
    """None where they cannot be copied"""

    def given(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments as they were."""
        args, kwargs = given_back(self.arguments)
        return args, kwargs

    def named(self) -> dict[str, object]:
        """The arguments by name."""
        args, kwargs = self.given()
        return named_arguments(self.parameters, args, kwargs)

    def ask(self) -> Any:
        """Ask the secondary."""
        args, kwargs = self.given()
        return self.function(*args, **kwargs)


def kept(value: object) -> bytes | None:
    """A copy that nobody else can change, made several times faster than by copy.deepcopy; None where there is none."""
    try:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001 - what an object raises while it is copied is its own affair
        return None


def given_back(copy: bytes | None) -> Any:
    """The value of a copy, made by this process a moment ago; None where there is none."""
    return None if copy is None else pickle.loads(copy)  # noqa: S301
