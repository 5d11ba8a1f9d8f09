"""Recorded calls in a comparison: their personal values are found in the source's clone, and what is not is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.datalayer.recorded_calls import KEY_VARIABLE, CallRecording
from harness.embedded.server import Server
from harness.stages.events import Silent
from harness.stages.rehearsal import rehearse
from harness.stages.subjects import load_subjects
from tests.data_pair import pair_of
from tests.method_pair import COMPANY, LAYER, MethodPair, opened

KEY = "a key of the tests that is long enough"


class Called:
    """What production calls, as far as a recording sees it."""

    def get_client(self, number: int, company_id: int) -> None: ...

    def client_by_phone(self, phone: str) -> None: ...

    def renamed_since(self, number: int) -> None: ...


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    folder = tmp_path_factory.mktemp("layers")
    recording = CallRecording(folder / "calls.jsonl", key=KEY, personal={"phone": "clients.phone"})
    layer = recording(Called())
    layer.get_client(7, company_id=COMPANY)
    layer.client_by_phone("80005550007")
    layer.client_by_phone("80005559999")
    layer.renamed_since(1)
    recording.close()
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, folder)


SETTINGS = {"cases": "calls.jsonl", "generate": 0, "sequences": 0, "concurrency": 0}


def test_a_fault_that_only_a_personal_value_brings_out_is_found_and_no_call_is_dropped_silently(
    methods: MethodPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    planted = LAYER.replace("WHERE phone = %s", "WHERE phone <> %s AND number = 1 AND company_id = 900100")
    found = methods.compare(planted, methods=SETTINGS)
    assert {(pair.method, pair.verdict) for pair in found.result.artifact.pairs} == {
        ("get_client", "equal"),
        ("client_by_phone", "different"),
    }
    reasons = [reason for reason in found.gaps.values() if "cannot be replayed" in reason]
    assert sorted(reason.partition(": ")[2] for reason in reasons) == [
        "no data layer has a method renamed_since",
        "no value of clients.phone is the one that was recorded",
    ]
    assert "8000555" not in str([finding.to_data() for finding in found.result.findings])


def test_a_rehearsal_needs_no_personal_value(methods: MethodPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    configuration = methods.configuration(methods=SETTINGS)
    subjects = load_subjects(configuration, methods.folder)
    assert subjects is not None
    pair = methods.pair
    said = rehearse(pair.source, pair.target, subjects, configuration, Silent(), stack=methods.stack).statements
    assert {each.origin for each in said if each.sql is not None} == {"get_client", "client_by_phone"}
