"""A data layer in another language: a program that speaks JSON-RPC 2.0 on its standard input and output."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.core.described_methods import described_methods, misfit
from harness.core.generation.signatures import MethodSignature
from harness.core.json_rpc import PROTOCOL, Failure, ProtocolBroken, meant, request, response
from harness.core.outcome_errors import is_word
from harness.core.record import Side
from harness.errors import CaseError, DataLayerFailed
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import CALL_SECONDS, Called, LayerContext
from harness.stages.line_program import LineProgram, ProgramStopped, ProgramTooSlow
from harness.tagged_values import NoJsonForm, tagged

_LOG: Final = logging.getLogger(__name__)

_CLOSE_SECONDS: Final = 2.0
_OWN_VARIABLES: Final = "PGPARITY_"
_ADDRESSES: Final = ("postgresql://", "postgres://")
_NO_SUCH_METHOD: Final = -32601
_WRONG_ARGUMENTS: Final = -32602


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFactory:
    """A command that serves a data layer; it is started once for each clone, and never through a shell."""

    side: Side
    command: tuple[str, ...]
    folder: Path
    """Where it is started; relative names of files in the command begin there"""
    seconds: float = CALL_SECONDS
    """What an answer may take"""
    hidden: frozenset[str] = frozenset()
    """Environment variables that the program does not get, beside pgparity's own: they lead to the real databases"""

    @property
    def name(self) -> str:
        """The command without words that may hold a secret: URLs and assignments."""
        return " ".join(word for word in self.command if "://" not in word and "=" not in word)

    def build(self, context: LayerContext, thread: LayerThread) -> CommandLayer:  # noqa: ARG002 - it has a process
        """Start the program and tell it where its server is. DataLayerFailed where it does not answer."""
        try:
            program = LineProgram(self.command, folder=self.folder, environment=environment_without(self.hidden))
        except OSError as error:
            raise DataLayerFailed(
                f"the program of the {self.side} layer, {self.command[0]}, cannot be started: {error.strerror}",
                hint=f"Check methods.{self.side}_command; it is started in the folder of the configuration file.",
            ) from None
        return CommandLayer(self, program, context)


class CommandLayer:
    """A data layer behind a running program. A call that the program does not survive is an error of its connection."""

    def __init__(self, factory: CommandFactory, program: LineProgram, context: LayerContext) -> None:
        self.side = factory.side
        self._factory = factory
        self._program = program
        self._number = 0
        # One request at a time: the program answers in the order in which it is asked.
        self._lock = threading.Lock()
        try:
            self._signatures = self._initialized(context)
        except BaseException:
            program.end(0)
            raise

    def _initialized(self, context: LayerContext) -> dict[str, MethodSignature]:
        """Ask for the methods. The DSN and the key go over the pipe: others can read arguments and environments."""
        params = {
            "protocol": PROTOCOL,
            "dsn": context.dsn,
            "rest_url": context.rest_url,
            "api_key": context.api_key,
        }
        try:
            result = self._asked("initialize", params, max(self._factory.seconds, CALL_SECONDS))
            if not isinstance(result, Failure) and result.get("protocol", PROTOCOL) == PROTOCOL:
                return described_methods(result.get("methods"))
            why = f"speaks another version of the protocol than {PROTOCOL}"
            if isinstance(result, Failure):
                why = f"answered initialize with error {result.code}"
        except ProtocolBroken as error:
            why = f"wrote {error}"
        except ProgramStopped as error:
            why = str(error)
        raise DataLayerFailed(
            f"the {self.side} layer {self._factory.name} could not be built: the program {why}",
            hint="docs/json-rpc.md says what it is asked. What a program has to say to people goes to standard error.",
        )

    @property
    def methods(self) -> frozenset[str]:
        """The methods that the program described when it was started."""
        return frozenset(self._signatures)

    def signature(self, method: str) -> MethodSignature:
        """What a method takes, as the program described it."""
        return self._signatures[method]

    def misfit(self, method: str, arguments: dict[str, Any]) -> str:
        """Why the method cannot take the arguments; '' where it can, or where that cannot be told."""
        return misfit(self._signatures[method], arguments)

    def call(self, method: str, arguments: dict[str, Any]) -> Called:
        """Ask the program to call a method. CaseError where an argument has no form in JSON."""
        try:
            given = tagged(arguments)
        except NoJsonForm as error:
            raise CaseError(
                f"a case of {method} has an argument of type {error}, which cannot be given to a program",
                hint="Use numbers, texts, dates, UUIDs, bytes, lists and objects.",
            ) from None
        started = time.perf_counter()
        try:
            result = self._asked("call", {"method": method, "arguments": given}, self._factory.seconds)
            milliseconds = (time.perf_counter() - started) * 1000
            if isinstance(result, Failure):
                return Called(None, _failure(result), milliseconds)
            return Called(*_outcome(result), _own_time(result, milliseconds))
        except ProtocolBroken as error:
            self._program.end(0)
            failed = self._lost(method, f"wrote {error}")
        except ProgramTooSlow as error:
            failed = self._lost(method, str(error), kind="timeout")
        except ProgramStopped as error:
            failed = self._lost(method, str(error))
        return Called(None, failed, (time.perf_counter() - started) * 1000)

    def close(self) -> None:
        """Ask the program to close; then end it, with whatever it started."""
        if self._program.running:
            with contextlib.suppress(ProgramStopped, ProtocolBroken):
                self._asked("close", {}, _CLOSE_SECONDS)
        self._program.end()

    def _asked(self, method: str, params: Mapping[str, Any], seconds: float) -> dict[str, Any] | Failure:
        with self._lock:
            self._number += 1
            return response(self._program.ask(request(self._number, method, params), seconds), self._number)

    def _lost(self, method: str, why: str, *, kind: str = "connection") -> CallFailed:
        _LOG.warning("The program of the %s layer %s, when it was asked for %s.", self.side, why, method)
        return call_error(kind)


class CallFailed(Exception):
    """What a method of a program raised. The class bears its kind as a name, as an exception of Python's would."""

    code: str | None = None


def call_error(kind: str, code: str | None = None) -> CallFailed:
    """An error of this kind, with the SQLSTATE, PostgREST code or HTTP status that came with it."""
    named: type[CallFailed] = type(kind, (CallFailed,), {"code": code})
    return named()


def environment_without(hidden: Collection[str] = ()) -> dict[str, str]:
    """Our environment without pgparity's own variables and addresses of databases: they lead to the real ones."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_OWN_VARIABLES) and name not in hidden and not value.startswith(_ADDRESSES)
    }


def _outcome(result: Mapping[str, Any]) -> tuple[Any, CallFailed | None]:
    """The answer of a call, or what it raised. ProtocolBroken where the result is neither."""
    failed = result.get("error")
    if failed is None:
        if "answer" not in result:
            raise ProtocolBroken("a result of call with neither an answer nor an error")
        return meant(result["answer"]), None
    kind, code = (failed.get("kind"), failed.get("code")) if isinstance(failed, Mapping) else (None, None)
    if not isinstance(kind, str) or not is_word(kind):
        raise ProtocolBroken("an error of call whose kind is no word")
    return None, call_error(kind, str(code) if isinstance(code, str | int) else None)


def _own_time(result: Mapping[str, Any], measured: float) -> float:
    """The milliseconds that the program measured around its method, where it says so and they can be true."""
    own = result.get("milliseconds")
    return float(own) if isinstance(own, int | float) and 0 <= own <= measured else measured


def _failure(failure: Failure) -> CallFailed:
    """What the error object of JSON-RPC means as the answer to a call."""
    if failure.code == _WRONG_ARGUMENTS:
        return call_error("invalid_input")
    return call_error("no_such_method" if failure.code == _NO_SUCH_METHOD else "internal")
