"""What a facade refuses at its start, and backends of any form behind it: coroutines, overridden methods, odd keys."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from harness.datalayer.envelope import Envelope, answered
from harness.datalayer.methods import reads, writes
from harness.datalayer.switching.assembly import Beside, open_facade
from harness.datalayer.switching.attestation import last_answered
from harness.datalayer.switching.facade import Facade
from harness.datalayer.switching.ramp import share_of
from harness.datalayer.switching.recording import JsonLinesFile
from harness.datalayer.switching.shadow_records import ShadowSettings
from harness.errors import ConfigurationError, DataLayerFailed
from tests.datalayer.salons import layer, switches

TARGET_ONLY = {"use_legacy_supabase": False, "target_is_primary": True}


class Small:
    """A backend of two methods; each knows which backend it is of."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.closed = False

    @reads("things", key="number")
    @answered
    def get(self, number: int) -> object:
        return [self.word, number]

    @writes("things", key="number")
    @answered
    def put(self, number: int) -> object:
        return number

    def close(self) -> None:
        self.closed = True


class Undeclared(Small):
    def more(self) -> None:
        """Neither reads nor writes."""


class Alike(Small):
    @reads("things")
    @answered
    def more(self) -> object:
        return None


class ReadsWhereTheOtherWrites(Small):
    @reads("things", key="number")
    @answered
    def put(self, number: int) -> object:
        return number


class OtherParameters(Small):
    @answered
    def get(self, other: int) -> object:
        return other


class OneCoroutine(Small):
    async def get(self, number: int) -> Envelope:  # type: ignore[override]
        return {"success": True, "data": number, "error": None}


@pytest.mark.parametrize(
    ("source_type", "target_type", "told"),
    [
        (Small, Alike, "more: the source has no such method"),
        (Alike, Small, "more: the target has no such method"),
        (Undeclared, Undeclared, "more: neither reads nor writes is declared"),
        (Small, ReadsWhereTheOtherWrites, "put: is declared in two ways"),
        (Small, OneCoroutine, "get: is a coroutine on one backend alone"),
        (Small, OtherParameters, "get has other parameters"),
    ],
)
def test_backends_that_cannot_stand_in_for_one_another_are_refused_at_start(
    source_type: type[Small], target_type: type[Small], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Facade(switches=switches(), source=source_type("source"), target=target_type("target"))


def test_a_method_that_is_overridden_keeps_its_declaration() -> None:
    class Overriding(Small):
        @answered
        def get(self, number: int) -> object:
            return ["overridden", number]

    facade: Facade[Any] = Facade(switches=switches(), source=Overriding("source"), target=Small("target"))
    assert facade.layer.get(1)["data"] == ["overridden", 1]
    assert not facade.methods["get"].writes


@pytest.mark.parametrize(
    ("on", "layers", "told"),
    [
        ({}, {"source": Small("source")}, "USE_REPOSITORY_PATTERN is on, and there is no target"),
        (TARGET_ONLY, {"source": Small("s"), "target": Small("t")}, "USE_LEGACY_SUPABASE is off, and a source"),
        ({"enable_dual_write": True}, {"source": Small("s"), "target": Small("t")}, "writer for dual write"),
        (
            {"target_is_primary": True, "repository_modules": "thing"},
            {"source": Small("s"), "target": Small("t")},
            "No method belongs to the module thing",
        ),
    ],
)
def test_switches_and_backends_that_do_not_match_are_refused(
    on: dict[str, Any], layers: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Facade(switches=switches(**on), **layers)


def test_one_object_for_both_backends_is_refused() -> None:
    small = Small("both")
    with pytest.raises(ConfigurationError, match="compared with itself"):
        Facade(switches=switches(), source=small, target=small)


def test_a_key_or_an_argument_that_no_method_takes_is_refused() -> None:
    class Wrong(Small):
        @reads("things", key="nobody", plain_arguments=("number",))
        @answered
        def get(self, number: int) -> object:
            return number

    with pytest.raises(ConfigurationError, match="get has no argument nobody"):
        Facade(switches=switches(use_repository_pattern=False), source=Wrong("source"))


@pytest.mark.parametrize("target_is_primary", [False, True])
def test_a_backend_that_cannot_be_built_fails_the_start_and_closes_the_other_one(target_is_primary: bool) -> None:
    built = Small("source")

    def failing() -> Small:
        raise RuntimeError("password hunter2")

    with pytest.raises(DataLayerFailed, match=r"The target backend could not be built \(RuntimeError\)") as failed:
        open_facade(switches(target_is_primary=target_is_primary), source=lambda: built, target=failing)
    assert built.closed
    assert "hunter2" not in str(failed.value)


def test_a_target_that_cannot_be_reached_fails_the_start_although_the_source_is_the_primary() -> None:
    built: Any = Small("source")
    with pytest.raises(DataLayerFailed, match="cannot connect"):
        open_facade(
            switches(), source=lambda: built, target=lambda: layer("host=127.0.0.1 port=1 dbname=salon"), methods={}
        )
    assert built.closed


def test_the_factory_of_a_backend_that_is_off_is_not_called() -> None:
    opened = open_facade(
        switches(use_repository_pattern=False), source=lambda: Small("source"), target=lambda: pytest.fail("called")
    )
    assert opened.layer.get(1)["data"] == ["source", 1]
    opened.close()


@pytest.mark.parametrize("on", [{"enable_dual_write": True}, {"shadow_read_rate": 0.5}])
def test_what_runs_beside_needs_a_place_for_its_records(on: dict[str, Any]) -> None:
    both = [Small("source"), Small("target")]
    with pytest.raises(ConfigurationError, match="nowhere to record"):
        open_facade(switches(**on), source=lambda: both[0], target=lambda: both[1])
    assert [each.closed for each in both] == [True, True]


def test_an_application_that_imports_the_facade_loads_no_backend_and_no_error_tracking() -> None:
    code = "import sys; from harness.datalayer.switching import assembly, divergences; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    unwanted = ("supabase", "sentry_sdk", "prometheus_client", "sqlglot", "harness.core", "harness.reference")
    assert not [name for name in loaded if name in unwanted]


ODD_KEYS: list[Any] = [10**5000, -(10**5000), 2**63, None, True, 1.5, [], {}, Decimal("NaN"), "\ud800"]


@pytest.mark.parametrize("key", ODD_KEYS, ids=[type(key).__name__ for key in ODD_KEYS])
def test_a_key_of_any_form_fails_no_call(key: Any, tmp_path: Path) -> None:
    opened = open_facade(
        switches(target_is_primary=True, target_percent=50, enable_dual_write=True),
        source=lambda: Small("source"),
        target=lambda: Small("target"),
        beside=Beside(divergences=JsonLinesFile(tmp_path / "divergences.jsonl")),
    )
    assert opened.layer.get(key)["success"]
    assert opened.layer.put(key)["success"]
    opened.close()


def test_a_shadow_rate_of_a_module_that_no_method_has_is_refused(tmp_path: Path) -> None:
    beside = Beside(
        shadow_outcomes=JsonLinesFile(tmp_path / "shadow.jsonl"), shadow_reads=ShadowSettings(rates={"thing": 1.0})
    )
    with pytest.raises(ConfigurationError, match="No method belongs to the module thing"):
        open_facade(switches(), source=lambda: Small("source"), target=lambda: Small("target"), beside=beside)


class AsyncSmall:
    """A backend of coroutines."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.closed = False

    @reads("things", key="number")
    async def get(self, number: int) -> Envelope:
        await asyncio.sleep(0)
        return {"success": True, "data": [self.word, number], "error": None}

    async def aclose(self) -> None:
        self.closed = True


def test_a_facade_over_coroutines_is_awaited_and_tells_each_task_who_answered(tmp_path: Any) -> None:
    layers = [AsyncSmall("source"), AsyncSmall("target")]

    async def run() -> dict[int, tuple[Any, str]]:
        opened = open_facade(
            switches(target_is_primary=True, target_percent=50, enable_dual_write=True),
            source=lambda: layers[0],
            target=lambda: layers[1],
            beside=Beside(divergences=JsonLinesFile(tmp_path / "divergences.jsonl")),
        )

        async def ask(number: int) -> tuple[Any, str]:
            data = (await opened.layer.get(number))["data"]
            told = last_answered()
            return data[0], told.backend if told else ""

        numbers = range(20)
        told = dict(zip(numbers, await asyncio.gather(*map(ask, numbers)), strict=True))
        await opened.aclose()
        return told

    told = asyncio.run(run())
    assert told == {n: (("target",) * 2 if share_of(n) < 5000 else ("source",) * 2) for n in range(20)}
    assert len({word for word, _ in told.values()}) == 2
    assert [each.closed for each in layers] == [True, True]


def test_an_argument_that_is_given_by_name_alone_is_an_argument() -> None:
    class Limited(Small):
        @reads("things", plain_arguments=("number", "limit"))
        @answered
        def get(self, number: int, *, limit: int | None = None) -> object:
            return [number, limit]

    class Named(Small):
        @reads("things", plain_arguments=("number", "limit"))
        @answered
        def get(self, number: int, *, most: int | None = None) -> object:
            return [number, most]

    facade: Facade[Any] = Facade(switches=switches(), source=Limited("source"), target=Limited("target"))
    assert facade.layer.get(1, limit=2)["data"] == [1, 2]
    with pytest.raises(ConfigurationError, match="get has other parameters"):
        Facade(switches=switches(), source=Limited("source"), target=Named("target"))


def test_a_percentage_that_changes_nothing_is_refused() -> None:
    alone: Facade[Any] = Facade(switches=switches(**TARGET_ONLY), target=Small("target"))
    of_source: Facade[Any] = Facade(switches=switches(), source=Small("source"), target=Small("target"))
    for facade, percent in ((alone, 0), (of_source, 100)):
        with pytest.raises(ConfigurationError, match="A percentage changes nothing here"):
            facade.set_percent(percent)
