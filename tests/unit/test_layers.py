"""Data layers by name: imported, built, called and closed; what is wrong with one is said without what it holds."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.errors import CaseError, ConfigurationError, DataLayerFailed
from harness.stages.cases import check_cases, load_cases
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import Layer, LayerContext, hosting, named_object
from harness.stages.python_layer import PythonFactory
from harness.stages.subjects import load_subjects

CONTEXT = LayerContext(dsn="postgresql://user:secret@h/d", rest_url="http://h", api_key="key")
Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write a module and give its name; it is forgotten after the test."""
    names = []

    def written(text: str) -> str:
        name = f"layer_{uuid.uuid4().hex[:8]}"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        names.append(name)
        return name

    yield written
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def thread() -> Iterator[LayerThread]:
    with LayerThread() as running:
        yield running


def built(make: Callable[[LayerContext], Any], thread: LayerThread, side: Side = Side.SOURCE) -> Layer:
    return PythonFactory(side, "module:make", make).build(CONTEXT, thread)


class Clients:
    """A data layer of nobody's base class."""

    limit = 5
    closed = False

    def __init__(self, context: LayerContext) -> None:
        self.dsn = context.dsn

    @property
    def size(self) -> int:
        raise AssertionError("a property is no method")

    def get(self, number: int, *, name: str = "") -> dict[str, Any]:
        return {"number": number, "name": name}

    async def fetch(self, number: int) -> int:
        await asyncio.sleep(0)
        return number

    def rows(self) -> Iterator[int]:
        yield from (1, 2)

    async def stream(self) -> Any:
        for number in (1, 2):
            yield number

    def fail(self) -> None:
        raise KeyError("secret")

    def _hidden(self) -> None: ...

    def close(self) -> None:
        type(self).closed = True


def test_public_methods_are_callables_without_underscore_properties_or_closing(thread: LayerThread) -> None:
    assert built(Clients, thread).methods == {"get", "fetch", "rows", "stream", "fail"}


def test_coroutines_are_awaited_and_iterators_read_to_their_end(thread: LayerThread) -> None:
    layer = built(Clients, thread)
    assert layer.call("get", {"number": 1, "name": "a"}).answer == {"number": 1, "name": "a"}
    assert layer.call("fetch", {"number": 7}).answer == 7
    assert layer.call("rows", {}).answer == [1, 2]
    assert layer.call("stream", {}).answer == [1, 2]


def test_a_raised_error_is_an_answer(thread: LayerThread) -> None:
    called = built(Clients, thread).call("fail", {})
    assert isinstance(called.exception, KeyError)
    assert called.milliseconds >= 0


def test_a_factory_may_be_a_coroutine_and_closing_too(thread: LayerThread) -> None:
    closed = []

    class Async:
        async def aclose(self) -> None:
            closed.append(True)

    async def make(context: LayerContext) -> Async:
        return Async()

    built(make, thread).close()
    assert closed == [True]


def test_a_factory_that_raises_is_named_with_the_errors_type_and_place_and_not_its_text(thread: LayerThread) -> None:
    def make(context: LayerContext) -> None:
        raise RuntimeError(f"cannot connect to {context.dsn}")

    with pytest.raises(DataLayerFailed, match=r"RuntimeError in test_layers.py:\d+") as failed:
        built(make, thread)
    assert "secret" not in failed.value.message


def test_the_context_shows_no_secret() -> None:
    assert "secret" not in repr(CONTEXT)
    assert "key" not in repr(CONTEXT).replace("api_key", "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_colon", "not of the form module:name"),
        ("no_such_module_at_all:f", "there is no module no_such_module_at_all"),
        ("json:no_such_name", "module json has no no_such_name"),
        ("json:__doc__", "cannot be called"),
    ],
)
def test_a_name_that_leads_nowhere_says_which_part_is_wrong(name: str, message: str) -> None:
    with pytest.raises(DataLayerFailed, match=message):
        named_object(name, (), what="methods.source_layer")


def test_a_module_that_fails_is_told_from_one_that_is_missing(tmp_path: Path, write: Write) -> None:
    with hosting([tmp_path]):
        with pytest.raises(DataLayerFailed, match="needs not_installed_here"):
            named_object(f"{write('import not_installed_here')}:f", [tmp_path], what="x")
        with pytest.raises(DataLayerFailed, match=r"cannot be imported \(ZeroDivisionError in layer_.*:1\)"):
            named_object(f"{write('1 / 0')}:f", [tmp_path], what="x")


def test_a_module_of_the_same_name_from_another_folder_is_not_taken_for_this_one(tmp_path: Path) -> None:
    for folder, value in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same_named_layer.py").write_text(f"def make(context):\n    return {value}\n")
    found = []
    for folder in ("one", "two"):
        with hosting([tmp_path / folder]):
            found.append(named_object("same_named_layer:make", [tmp_path / folder], what="x")(None))
    sys.modules.pop("same_named_layer")
    assert found == [1, 2]


def test_what_a_layer_prints_does_not_reach_standard_output(
    thread: LayerThread, capsys: pytest.CaptureFixture[str]
) -> None:
    class Noisy:
        def get(self) -> None:
            print("noise")

    built(lambda context: Noisy(), thread).call("get", {})
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "noise\n")


def test_folders_are_importable_only_while_layers_are_hosted(tmp_path: Path) -> None:
    with hosting([tmp_path]):
        assert str(tmp_path) in sys.path
    assert str(tmp_path) not in sys.path


CASES = """
[[case]]
id = "one"
method = "get"
kwargs = { number = 1 }

[[case]]
id = "any order"
method = "rows"
ordered = false
ignore = ["at"]
"""


def test_cases_are_read_from_toml_and_from_functions(tmp_path: Path, write: Write) -> None:
    (tmp_path / "cases.toml").write_text(CASES)
    one, two = load_cases("cases.toml", tmp_path, [])
    assert (one.id, one.kwargs, one.ordered) == ("one", {"number": 1}, True)
    assert (two.ordered, two.ignore) == (False, ("at",))
    name = write("def cases():\n    return ({'id': str(n), 'method': 'get'} for n in range(3))\n")
    with hosting([tmp_path]):
        assert [case.id for case in load_cases(f"{name}:cases", tmp_path, [tmp_path])] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no case"),
        ("[[case]]\nid = 'a'\n", r"case 'a' of cases\.toml: method: Field required"),
        ("[[case]]\nmethod = 'get'\n", r"case number 1 of cases\.toml: id: Field required"),
        ("[[case]]\nid = 'a'\nmethod = 'm'\nargs = 1\n", r"case 'a' of cases\.toml: args is no field of a case"),
        ("[[cases]]\nid = 'a'\n", "unknown key 'cases'"),
        ("[case]\nid = 'a'\n", r"\[case\] instead of \[\[case\]\]"),
        ("[[case]]\nid = 'a'\nmethod = 'm'\n" * 2, "two cases have the id 'a'"),
        ("not toml", "cannot be read"),
    ],
)
def test_a_wrong_case_file_says_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "cases.toml").write_text(text)
    with pytest.raises(CaseError, match=message):
        load_cases("cases.toml", tmp_path, [])


def test_a_case_file_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"nothing\.toml does not exist"):
        load_cases("nothing.toml", tmp_path, [])


def test_a_case_for_a_method_that_nobody_has_is_refused_with_the_nearest_one(thread: LayerThread) -> None:
    layer = built(Clients, thread)
    with pytest.raises(CaseError, match="no data layer has a method fetsh") as failed:
        check_cases([Case(id="a", method="fetsh")], layer, layer)
    assert failed.value.hint == "Did you mean fetch?"


@pytest.mark.parametrize("kwargs", [{"nummer": 1}, {}, {"number": 1, "more": 2}])
def test_a_case_with_arguments_that_neither_side_takes_is_refused(thread: LayerThread, kwargs: dict[str, Any]) -> None:
    layer = built(Clients, thread)
    with pytest.raises(CaseError, match="get does not take these arguments"):
        check_cases([Case(id="a", method="get", kwargs=kwargs)], layer, layer)


def test_a_case_that_one_side_takes_is_a_matter_of_the_comparison(thread: LayerThread) -> None:
    class Older:
        def get(self, number: int) -> None: ...

    check_cases(
        [Case(id="a", method="get", kwargs={"number": 1, "name": "x"})],
        built(Clients, thread),
        built(lambda context: Older(), thread, Side.TARGET),
    )


def test_subjects_are_none_where_nothing_is_named_and_all_parts_where_something_is(tmp_path: Path) -> None:
    assert load_subjects(Configuration(), tmp_path) is None
    partly = Configuration.model_validate({"methods": {"source_layer": "a:b"}})
    with pytest.raises(ConfigurationError, match=r"methods\.target_layer is not set"):
        load_subjects(partly, tmp_path)


class Exiting:
    """Asks for the end of the process wherever it is asked for anything."""

    def leave(self) -> None:
        raise SystemExit(0)

    def close(self) -> None:
        raise SystemExit(3)


def test_a_layer_that_asks_for_the_end_of_the_process_does_not_end_it(thread: LayerThread) -> None:
    layer = built(lambda _: Exiting(), thread)
    called = layer.call("leave", {})
    assert (called.answer, type(called.exception).__name__) == (None, "LayerExited")
    layer.close()


def test_a_factory_that_asks_for_the_end_of_the_process_could_not_be_built(thread: LayerThread) -> None:
    with pytest.raises(DataLayerFailed, match="could not be built: SystemExit"):
        built(lambda _: sys.exit(7), thread)


def test_a_factory_that_returns_nothing_is_named(thread: LayerThread) -> None:
    with pytest.raises(DataLayerFailed, match="the source layer module:make is None"):
        built(lambda _: None, thread)


def test_a_layer_is_closed_once(thread: LayerThread) -> None:
    closed = []

    class Closing:
        def close(self) -> None:
            closed.append(1)

    layer = built(lambda _: Closing(), thread)
    layer.close()
    layer.close()
    assert closed == [1]
