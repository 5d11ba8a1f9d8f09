"""Data layers behind a program: asked over JSON-RPC, their values kept, their ends told, nothing left running."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import os
import select
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.generation.parameter_types import ANYTHING, TEXT, Choice, OptionalOf
from harness.core.outcome_errors import error_of_exception, is_infrastructure
from harness.core.record import Side
from harness.errors import CaseError, ConfigurationError, DataLayerFailed
from harness.stages.command_layer import CommandFactory, CommandLayer
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Called, LayerContext
from harness.stages.subjects import load_subjects

PROGRAM = Path(__file__).with_name("rpc_program.py")
CONTEXT = LayerContext(dsn="postgresql://user:secret@h/d", rest_url="http://h", api_key="key")


@contextlib.contextmanager
def started(*words: str, seconds: float = 20.0, **more: Any) -> Iterator[CommandLayer]:
    command = (sys.executable, "-S", str(PROGRAM), *words)
    factory = CommandFactory(side=Side.TARGET, command=command, folder=PROGRAM.parent, seconds=seconds, **more)
    with LayerThread() as thread, contextlib.closing(factory.build(CONTEXT, thread)) as layer:
        yield layer


@pytest.fixture(scope="module")
def layer() -> Iterator[CommandLayer]:
    """One program that all tests may ask that leave it running."""
    with started() as running:
        yield running


def kind_of(called: Called) -> str:
    assert called.exception is not None
    return error_of_exception(called.exception).kind


def test_the_program_describes_its_public_methods(layer: CommandLayer) -> None:
    assert layer.methods == {"echo", "fail", "misbehave", "told"}
    assert [each.type for each in layer.signature("fail").parameters] == [TEXT, OptionalOf(TEXT)]
    assert layer.signature("misbehave").parameters[0].type == Choice(("exit", "print", "sleep", "child"))
    assert layer.signature("echo").parameters[0].type == ANYTHING


def test_arguments_that_a_method_cannot_take_are_named_without_asking(layer: CommandLayer) -> None:
    assert layer.misfit("echo", {"value": 1}) == ""
    assert layer.misfit("echo", {"valeu": 1}) == "it has no parameter valeu"
    assert layer.misfit("fail", {"code": None}) == "the argument kind is missing"
    assert layer.misfit("told", {"anything": 1}) == ""


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        -1.5,
        'Ünï \u2028 "quoted"\n',
        2**60,
        decimal.Decimal("1.10"),
        float("inf"),
        dt.datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC),
        dt.date(2025, 1, 2),
        dt.time(3, 4),
        dt.timedelta(days=1, seconds=2),
        uuid.UUID(int=5),
        b"\x00\xff",
        [{"a": [1, {"$decimal": "text"}]}, {"$b": 1, "c": 2}],
        ["x" * 50_000] * 8,
    ],
)
def test_a_value_comes_back_as_it_was_given(layer: CommandLayer, value: Any) -> None:
    called = layer.call("echo", {"value": value})
    assert called.exception is None
    assert called.answer == value
    assert isinstance(called.answer, type(value))


def test_an_argument_without_a_form_is_refused_by_its_type(layer: CommandLayer) -> None:
    with pytest.raises(CaseError, match="argument of type object, which cannot be given to a program"):
        layer.call("echo", {"value": object()})


def test_what_a_method_raises_is_known_by_its_kind_and_code(layer: CommandLayer) -> None:
    failed = layer.call("fail", {"kind": "DatabaseError", "code": "23505"}).exception
    assert failed is not None
    error = error_of_exception(failed)
    assert (error.kind, error.code, error.raised) == ("conflict", "23505", True)
    assert kind_of(layer.call("fail", {"kind": "not_found"})) == "not_found"


def test_the_program_is_told_of_its_server_over_the_pipe_and_never_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGPARITY_SOURCE", "postgresql://user:secret@production/d")
    with started() as layer:
        told = layer.call("told", {}).answer
    assert told == {"protocol": 1, "dsn": CONTEXT.dsn, "rest_url": "http://h", "api_key": "key", "own": []}


@pytest.mark.parametrize(
    ("how", "why", "kind"),
    [
        ("exit", "ended with exit status 3", "connection"),
        ("print", "wrote a line that is not JSON", "connection"),
        ("sleep", "gave no answer within 0.5 s", "timeout"),
    ],
)
def test_a_program_that_goes_wrong_is_an_error_with_one_line_and_does_not_answer_again(
    how: str, why: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    with started(seconds=0.5 if how == "sleep" else 20.0) as layer:
        assert kind_of(layer.call("misbehave", {"how": how})) == kind
        assert [f"The program of the target layer {why}, when it was asked for misbehave." in caplog.text] == [True]
        again = layer.call("echo", {"value": 1}).exception
        assert again is not None
        assert is_infrastructure(error_of_exception(again))


def test_closing_ends_the_program_and_what_it_started(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ours = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with started() as layer:
        child = layer.call("misbehave", {"how": "child", "pipe": str(pipe)}).answer
        os.kill(child, 0)
    assert capfd.readouterr().err == "closed\n"
    # The pipe ends when the child, which alone holds its other end, is there no more.
    ended, _, _ = select.select([ours], [], [], 20)
    assert ended
    assert os.read(ours, 1) == b""
    os.close(ours)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("exit",), "the program ended with exit status 2"),
        (("print",), "the program wrote a line that is not JSON"),
        (("no methods",), "the program wrote initialize without a list of methods"),
    ],
)
def test_a_program_that_does_not_start_says_why_and_shows_no_secret(words: tuple[str, ...], why: str) -> None:
    with pytest.raises(DataLayerFailed, match=why) as failed, started(*words):
        pass
    assert "secret" not in failed.value.message


def test_a_program_that_is_not_there_is_named() -> None:
    factory = CommandFactory(side=Side.SOURCE, command=("no-such-program", "url=x"), folder=PROGRAM.parent)
    assert factory.name == "no-such-program"
    with LayerThread() as thread, pytest.raises(DataLayerFailed, match="no-such-program, cannot be started"):
        factory.build(CONTEXT, thread)


def methods_section(**section: Any) -> Configuration:
    return Configuration.model_validate({"methods": section})


def test_a_command_stands_in_place_of_a_layer_and_is_split_as_a_shell_would(tmp_path: Path) -> None:
    configuration = methods_section(
        source_command="node 'my layer.mjs' --verbose", target_layer="json:loads", call_timeout=5
    )
    subjects = load_subjects(configuration, tmp_path)
    assert subjects is not None
    assert isinstance(subjects.source, CommandFactory)
    assert (subjects.source.command, subjects.source.seconds) == (("node", "my layer.mjs", "--verbose"), 5)
    assert (subjects.target.name, subjects.cases) == ("json:loads", ())


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"source_command": "node a", "source_layer": "a:b", "target_layer": "a:b"}, "are both set"),
        ({"source_command": "node 'a", "target_layer": "json:loads"}, "cannot be split into words"),
        ({"source_command": "node a"}, r"methods\.target_layer is not set"),
        ({"source_layer": "a:b", "target_layer": "a:b", "generate": 0, "sequences": 0}, r"methods\.cases is not set"),
    ],
)
def test_subjects_that_are_not_whole_are_refused(section: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_subjects(methods_section(**section), tmp_path)
