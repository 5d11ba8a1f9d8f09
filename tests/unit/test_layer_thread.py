"""Data layers that do not come back, or ask for the end of the process: the run goes on, and knows what happened."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.outcome_errors import error_of_exception
from harness.core.record import Side
from harness.errors import DataLayerFailed
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Layer, LayerContext
from harness.stages.python_layer import PythonFactory

ROOT = Path(__file__).parents[2]
SECONDS = 0.1
NAME = contextvars.ContextVar("NAME", default="")


class Stuck(BaseException):
    """As pytest's outcomes are, and what cancels a task: no Exception."""


class Hanging:
    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.closed = 0

    def get(self) -> str:
        return NAME.get() or "here"

    def thread(self) -> int:
        return threading.get_ident()

    def wait(self) -> None:
        self.let_go.wait()

    def turn(self) -> None:
        try:
            while True:
                with contextlib.suppress(Exception):
                    self.let_go.is_set()
        finally:
            self.ended.set()

    async def sleep(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()

    async def stream(self) -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    async def answer(self) -> int:
        await asyncio.sleep(0)
        return 7

    def interrupt(self) -> None:
        raise KeyboardInterrupt

    async def interrupt_later(self) -> None:
        await asyncio.sleep(0)
        raise KeyboardInterrupt

    async def cancelled(self) -> None:
        raise asyncio.CancelledError

    def stuck(self) -> None:
        raise Stuck

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def thread() -> Iterator[LayerThread]:
    with LayerThread() as running:
        yield running


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.let_go.set()


def built(subject: Any, thread: LayerThread, seconds: float = SECONDS) -> Layer:
    factory = PythonFactory(Side.SOURCE, "module:make", lambda _: subject, seconds=seconds)
    return factory.build(LayerContext(dsn=""), thread)


@pytest.mark.parametrize("method", ["wait", "turn", "sleep", "stream"])
def test_a_method_that_does_not_return_is_an_error_of_kind_timeout(
    thread: LayerThread, hanging: Hanging, method: str
) -> None:
    layer = built(hanging, thread)
    assert layer.call("get", {}).answer == "here"
    called = layer.call(method, {})
    assert called.gave_up
    assert called.exception is not None
    assert error_of_exception(called.exception).kind == "timeout"
    after = layer.call("get", {})
    assert (after.answer, after.gave_up) == (None, True), "nothing is asked of it any more"


def test_a_coroutine_that_is_given_up_is_cancelled_and_leaves_its_thread_to_the_next_layer(
    thread: LayerThread, hanging: Hanging
) -> None:
    assert built(hanging, thread).call("sleep", {}).gave_up
    assert hanging.ended.is_set()
    assert not thread.lost
    assert built(hanging, thread, 10).call("answer", {}).answer == 7


PROFILED = """
import sys, threading
from harness.stages.layer_thread import DidNotReturn, LayerThread

thread = LayerThread()
try:
    thread.run(threading.Event().wait, 0.1)
except DidNotReturn:
    pass
sys.setprofile(lambda *_: None)
sum(number for number in range(10000))
for number in range(10000):
    pass
sys.setprofile(None)
print("went on")
"""


def test_a_thread_that_never_comes_back_does_not_keep_a_profiled_process_busy() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROFILED], capture_output=True, text=True, timeout=60, check=False, cwd=ROOT
    )
    assert ended.stdout == "went on\n", ended.stderr


def test_a_loop_without_end_is_ended_and_does_not_go_on_beside_what_follows(
    thread: LayerThread, hanging: Hanging
) -> None:
    assert built(hanging, thread).call("turn", {}).gave_up
    assert hanging.ended.wait(10)
    assert thread.lost


def test_what_a_call_waits_on_is_cut_and_the_error_of_that_is_not_its_answer(hanging: Hanging) -> None:
    with LayerThread(cut=hanging.let_go.set) as thread:
        called = built(hanging, thread).call("wait", {})
        assert called.gave_up
        assert not thread.lost


def test_a_method_that_takes_its_time_is_waited_for(thread: LayerThread, hanging: Hanging) -> None:
    layer = built(hanging, thread, 60)
    letting_go = threading.Timer(0.01, hanging.let_go.set)
    letting_go.start()
    called = layer.call("wait", {})
    assert (called.exception, called.gave_up) == (None, False)
    letting_go.join()


def test_a_factory_that_does_not_return_could_not_be_built(thread: LayerThread, hanging: Hanging) -> None:
    def make(_: LayerContext) -> Hanging:
        hanging.let_go.wait()
        return hanging

    with pytest.raises(DataLayerFailed, match=r"the factory did not return within 0\.1 s"):
        PythonFactory(Side.SOURCE, "module:make", make, seconds=SECONDS).build(LayerContext(dsn=""), thread)


@pytest.mark.parametrize("closing", ["close", "aclose"])
def test_a_closing_that_does_not_return_is_waited_for_once_and_shortly_after_that(
    closing: str, hanging: Hanging, caplog: pytest.LogCaptureFixture
) -> None:
    method: Callable[[Any], Any] = Hanging.wait if closing == "close" else Hanging.sleep
    shape = type("Closing", (Hanging,), {"close": None, closing: method})
    factory = PythonFactory(Side.SOURCE, "module:make", lambda _: shape(), seconds=SECONDS)
    for _ in range(2):
        with LayerThread() as thread:
            layer = factory.build(LayerContext(dsn=""), thread)
            layer.close()
            layer.close()
    assert factory.unclosed == [closing]
    assert [each.getMessage() for each in caplog.records] == [
        f"{closing}() of the source layer did not return within 0.1 s."
    ]


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("interrupt", "KeyboardInterrupt"),
        ("interrupt_later", "KeyboardInterrupt"),
        ("cancelled", "CancelledError"),
        ("stuck", "Stuck"),
    ],
)
def test_what_would_end_the_process_is_an_error_of_the_method(
    thread: LayerThread, hanging: Hanging, method: str, kind: str
) -> None:
    layer = built(hanging, thread, 10)
    called = layer.call(method, {})
    assert not called.gave_up
    assert called.exception is not None
    assert error_of_exception(called.exception).kind == kind
    assert layer.call("answer", {}).answer == 7, "the layer and its event loop go on"


def test_a_factory_that_raises_keyboard_interrupt_could_not_be_built(thread: LayerThread, hanging: Hanging) -> None:
    with pytest.raises(DataLayerFailed, match="could not be built: KeyboardInterrupt"):
        PythonFactory(Side.SOURCE, "module:make", lambda _: hanging.interrupt()).build(LayerContext(dsn=""), thread)


def test_all_layers_of_a_side_live_in_one_thread_with_the_context_of_the_one_that_made_it() -> None:
    token = NAME.set("set by an import")
    try:
        with LayerThread() as thread:
            layers = [built(Hanging(), thread, 10) for _ in range(2)]
            assert {each.call("thread", {}).answer for each in layers} != {threading.get_ident()}
            assert len({each.call("thread", {}).answer for each in layers}) == 1
            assert layers[0].call("get", {}).answer == "set by an import"
    finally:
        NAME.reset(token)


def test_a_thread_that_is_closed_ends_with_its_event_loop(thread: LayerThread, hanging: Hanging) -> None:
    assert built(hanging, thread, 10).call("answer", {}).answer == 7
    thread.close()
    thread.close()
    assert not thread.running
    gc.collect()
