"""Recorded calls: what production calls leave in a file, and how they are replayed; nobody's value is in the file."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import decimal
import json
import os
import re
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness.core.configuration import Configuration
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.datalayer.recorded_calls import KEY_VARIABLE, CallRecording, record_calls
from harness.errors import CaseError, ConfigurationError
from harness.postgres.connect import Endpoint, session
from harness.postgres.introspect import introspect
from harness.stages.cases import load_cases
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import LayerContext
from harness.stages.python_layer import PythonFactory, PythonLayer
from harness.stages.recorded_cases import Replay, replayable, without_tokens

KEY = "a key of the tests that is long enough"
PHONE = "80005550007"


class Clients:
    """A data layer of an application."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def by_phone(self, phone: str, limit: int = 10) -> str:
        self.seen.append((phone, limit))
        return phone

    def find(self, company_id: int, status: str = "new", **filters: Any) -> dict[str, Any]:
        return {"company": company_id, "inner": self.by_phone(PHONE)} | filters

    def save(self, rows: list[dict[str, Any]]) -> int:
        number = len(rows)
        rows.clear()
        return number

    async def later(self, number: int) -> int:
        await asyncio.sleep(0)
        return number

    def fail(self, number: int) -> None:
        raise KeyError(number)

    @staticmethod
    def version(number: int) -> int:
        return number

    @property
    def size(self) -> int:
        return 3

    def close(self) -> None: ...


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "calls.jsonl"


@pytest.fixture
def recording(file: Path) -> Iterator[CallRecording]:
    made = CallRecording(file, key=KEY, personal={"phone": "clients.phone"}, plain={"status"})
    yield made
    made.close()


def written(recording: CallRecording, file: Path) -> list[tuple[str, dict[str, Any]]]:
    """Method and arguments of what was recorded."""
    recording.close()
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert all(record["format"] == "pgparity-calls-1" for record in records)
    return [(record["method"], record["arguments"]) for record in records]


def test_a_class_an_object_and_a_function_are_recorded_and_answer_as_before(
    recording: CallRecording, file: Path
) -> None:

    @recording
    class Recorded(Clients):
        pass

    assert Recorded().find(5, status="old") == {"company": 5, "inner": PHONE}
    assert Recorded.version(1) == 1
    layer = recording(Clients())
    assert (layer.find(6), layer.size, layer.version(2)) == ({"company": 6, "inner": PHONE}, 3, 2)
    assert asyncio.run(layer.later(7)) == 7

    @recording
    def alone(number: int) -> int:
        return number

    assert alone(8) == 8
    assert written(recording, file) == [
        ("find", {"company_id": 5, "status": "old"}),
        ("version", {"number": 1}),
        ("find", {"company_id": 6}),
        ("version", {"number": 2}),
        ("later", {"number": 7}),
        ("alone", {"number": 8}),
    ]
    assert recording.lost == 0


def test_no_text_is_in_the_file_but_what_was_declared_plain(recording: CallRecording, file: Path) -> None:
    @dataclasses.dataclass
    class Person:
        name: str
        born: dt.date
        number: int

    layer = recording(Clients())
    layer.by_phone(PHONE)
    layer.find(1, status="paid", query="Anna", phone=80005550008, user_id=12, spent=decimal.Decimal("1.10"))
    layer.save([{"person": Person("Boris", dt.date(2000, 1, 2), 7), "note": "+7 (000) 555-00-09", "phones": [PHONE]}])
    # Digits of a hash say nothing.
    text = re.sub(r'"hash": "[0-9a-f]{32}"', '"hash"', json.dumps(written(recording, file), ensure_ascii=False))
    for personal in (PHONE, "555", "Anna", "Boris", "12"):
        assert personal not in text
    assert '"status": "paid"' in text
    assert '"spent": {"$decimal": "1.10"}' in text
    assert '"born": {"$date": "2000-01-02"}, "number": 7' in text
    assert text.count('"column": "clients.phone"') == 2


def test_equal_personal_values_have_equal_tokens_under_one_key_and_others_under_another(tmp_path: Path) -> None:
    hashes = []
    for number, key in enumerate((KEY, KEY, "another key that is long enough")):
        file = tmp_path / f"{number}.jsonl"
        recording = CallRecording(file, key=key)
        recording(Clients()).by_phone(PHONE)
        hashes.append(written(recording, file)[0][1]["phone"]["$personal"]["hash"])
    assert hashes[0] == hashes[1] != hashes[2]


def test_arguments_are_recorded_as_they_were_when_the_method_was_called(recording: CallRecording, file: Path) -> None:
    rows = [{"id": number} for number in range(3)]
    assert recording(Clients()).save(rows) == 3
    assert rows == []
    assert written(recording, file) == [("save", {"rows": [{"id": 0}, {"id": 1}, {"id": 2}]})]


def test_a_call_that_cannot_be_recorded_is_counted_and_made(recording: CallRecording, file: Path) -> None:
    layer = recording(Clients())
    assert layer.find(1, thing=object())["company"] == 1
    assert layer.find(1, thing={PHONE: 1})["company"] == 1
    assert layer.find(1, thing=[0] * 60_000)["company"] == 1
    with pytest.raises(KeyError):
        layer.fail(1)
    with pytest.raises(TypeError):
        layer.by_phone("a", 1, 2, 3)  # type: ignore[call-arg]
    assert written(recording, file) == [("fail", {"number": 1})]
    assert recording.lost == 4


def test_a_full_file_is_counted_and_nobody_fails(file: Path) -> None:
    recording = CallRecording(file, key=KEY, most_bytes=400)
    layer = recording(Clients())
    threads = [threading.Thread(target=layer.find, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < len(written(recording, file)) + recording.lost <= 20
    assert recording.lost > 0
    assert layer.find(1)["company"] == 1


def test_a_process_that_was_forked_records_into_the_same_file(recording: CallRecording, file: Path) -> None:
    layer = recording(Clients())
    layer.find(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of what this test is about
        child = os.fork()
    if not child:
        try:
            layer.find(2)
            recording.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert sorted(arguments["company_id"] for _, arguments in written(recording, file)) == [1, 2]


@pytest.mark.parametrize("settings", [{"key": "short"}, {"key": KEY, "share": 2}, {"key": KEY, "personal": "phone"}])
def test_settings_that_cannot_be_are_refused_at_the_start(file: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="Recorded calls"):
        record_calls(Clients(), file, **settings)


def cases_of(file: Path, *, calls: int = 1) -> tuple[Case, ...]:
    """The cases of a file into which the same three calls were recorded so many times."""
    recording = CallRecording(file, key=KEY, personal={"phone": "clients.phone"})
    layer = recording(Clients())
    for _ in range(calls):
        layer.by_phone(PHONE, limit=5)
        layer.find(900100, status="new")
        layer.find(900100, status="nobody has it")
    recording.close()
    return load_cases(file.name, file.parent, [])


def test_equal_calls_are_one_case_and_say_how_often_they_were_seen(file: Path) -> None:
    cases = cases_of(file, calls=3)
    assert [(case.method, case.purpose, case.origin) for case in cases] == [
        ("by_phone", "recorded 3 times", "recorded"),
        ("find", "recorded 3 times", "recorded"),
        ("find", "recorded 3 times", "recorded"),
    ]
    assert without_tokens(cases[0]).kwargs == {"phone": "", "limit": 5}


@pytest.fixture
def replayed(file: Path, database: str) -> Mapping[str | None, Replay]:
    """The recorded calls of a file, by the key that is given to replay them, on a database with two clients."""
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE clients (phone text, status text)")
        connection.execute("INSERT INTO clients VALUES (%s, 'new'), ('80005550008', 'old')", [PHONE])
    cases = cases_of(file)
    found = {}
    with LayerThread() as thread, session(Endpoint(Side.SOURCE, database), purpose="test") as connection:
        layers = [PythonFactory(side, "x", lambda _: Clients()).build(LayerContext(dsn=""), thread) for side in Side]
        for key in (KEY, "another key that is long enough", None):
            with pytest.MonkeyPatch.context() as patch:
                patch.delenv(KEY_VARIABLE, raising=False)
                if key:
                    patch.setenv(KEY_VARIABLE, key)
                found[key] = replayable(cases, layers, connection, introspect(connection))
    return found


def test_personal_values_are_found_again_in_their_columns_and_other_calls_are_named(
    replayed: Mapping[str | None, Replay],
) -> None:
    replay = replayed[KEY]
    assert [case.kwargs for case in replay.cases] == [
        {"phone": PHONE, "limit": 5},
        {"company_id": 900100, "status": "new"},
    ]
    (skipped,) = replay.skipped
    assert skipped.reason == (
        "the recorded call cannot be replayed: no value of a column named status is the one that was recorded"
    )
    assert not skipped.decided


@pytest.mark.parametrize(
    ("key", "reason"),
    [("another key that is long enough", "no value of"), (None, f"{KEY_VARIABLE} is not set")],
)
def test_without_the_right_key_no_call_with_a_personal_value_is_replayed(
    replayed: Mapping[str | None, Replay], key: str | None, reason: str
) -> None:
    assert replayed[key].cases == ()
    assert [reason in skipped.reason for skipped in replayed[key].skipped] == [True] * 3


def test_a_recorded_method_that_is_gone_is_named_and_the_rest_is_replayed(database: str) -> None:
    called: list[tuple[str, dict[str, Any]]] = [("gone", {}), ("later", {"number": 1}), ("version", {})]
    cases = [Case(id=name, method=name, kwargs=kwargs, origin="recorded") for name, kwargs in called]
    with session(Endpoint(Side.SOURCE, database), purpose="test") as connection:
        catalog = introspect(connection)
    with LayerThread() as thread:
        layers: Sequence[PythonLayer] = [
            PythonFactory(side, "x", lambda _: Clients()).build(LayerContext(dsn=""), thread) for side in Side
        ]
        replay = replayable(cases, layers, None, catalog)
    assert [case.id for case in replay.cases] == ["later"]
    assert [skipped.reason.partition(": ")[2] for skipped in replay.skipped] == [
        "no data layer has a method gone",
        "version does not take these arguments: missing a required argument: 'number'",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no recorded call"),
        ('{"format": "something else"}\n', "line 1, is no recorded call"),
        ("[]\n", "line 1, is no recorded call"),
        ("not json\n{}\n", "line 1, is no JSON"),
        ('{"format": "pgparity-calls-1", "method": "m"}\n', "line 1, has no method or no arguments"),
        (
            '{"format": "pgparity-calls-1", "method": "m", "arguments": {"a": {"$date": "x"}}}\n',
            "line 1, cannot be read",
        ),
    ],
)
def test_a_file_that_is_no_recording_says_which_line(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(CaseError, match=message):
        load_cases(file.name, file.parent, [])


def test_a_line_that_was_not_finished_is_left_out(file: Path) -> None:
    cases = cases_of(file)
    with file.open("a") as unfinished:
        unfinished.write('{"format": "pgpar')
    assert load_cases(file.name, file.parent, []) == cases


def test_cases_come_from_several_places(file: Path) -> None:
    cases_of(file)
    file.with_name("cases.toml").write_text(
        '[[case]]\nid = "one"\nmethod = "pay"\nkwargs = { sum = { "$decimal" = "1.10" }, day = 2025-01-31 }\n'
    )
    for given in ("cases.toml, calls.jsonl", ["cases.toml", "calls.jsonl"]):
        made = load_cases(given, file.parent, [])
        assert [case.origin for case in made] == ["written", "recorded", "recorded", "recorded"]
        assert made[0].kwargs == {"sum": decimal.Decimal("1.10"), "day": dt.date(2025, 1, 31)}
    assert Configuration.model_validate({"methods": {"cases": ["a.toml", "b:c"]}}).methods.cases == ("a.toml", "b:c")
