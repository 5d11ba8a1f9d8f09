"""Whoever is told is down, slow, refuses, comes back: no alert is lost, none is told twice, no secret is shown."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.watch.alerts import Condition, judged
from harness.core.watch.history import Look
from harness.errors import ConfigurationError
from harness.service.watch.channels import Channel, Channels
from harness.service.watch.sentry import Sentry
from harness.service.watch.webhook import Webhook
from harness.stages.watch_history import HistoryFile, opened_history
from tests.datalayer.sentry_sink import sentry_sink
from tests.faults.watch.receiver import Receiver, receiving
from tests.unit.test_watch_history import look
from tests.watching import Time, at


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def file(tmp_path: Path) -> Iterator[HistoryFile]:
    with opened_history(tmp_path / "watch.jsonl") as opened:
        yield opened


class Telling:
    """A watch without its looks: writes down what looks would have found, and tells."""

    def __init__(self, file: HistoryFile, *channels: Channel) -> None:
        self.file = file
        self.time = Time()
        self.log: list[str] = []
        self.channels = Channels(channels, 24, self.log.append)

    def found(self, hour: float, *keys: str) -> Look:
        """A look that found these conditions and no other."""
        conditions = [Condition(key, f"{key}: it is so") for key in keys]
        after = judged(
            self.file.history.open_alerts, conditions, lambda _key: True, at=at(hour), remind_seconds=24 * 3600
        )
        last = self.file.history.last
        number = 1 if last is None else last.number + 1
        made = look(number, hour, changes=after.changes, open=after.open, source="old", target="new")
        self.file.append(made)
        return made

    def tell(self) -> bool:
        return self.channels.tell(self.file, self.time.clock, self.time.sleep)


def test_an_alert_is_told_once_when_it_begins_and_once_when_it_ends(file: HistoryFile, receiver: Receiver) -> None:
    telling = Telling(file, Webhook(receiver.url))
    telling.found(0, "counts public.a")
    assert telling.tell()
    assert telling.tell()
    telling.found(1, "counts public.a")
    assert telling.tell()
    telling.found(2)
    assert telling.tell()
    assert [change for _, change in receiver.changes()] == ["begun", "ended"]
    assert receiver.taken[0]["format"] == "pgparity/watch-notice"
    assert "ALERT: counts public.a" in receiver.taken[0]["text"]


def test_who_restarts_tells_what_was_written_down_and_not_told(tmp_path: Path, receiver: Receiver) -> None:
    path = tmp_path / "watch.jsonl"
    with opened_history(path) as first:
        Telling(first, Webhook(receiver.url)).found(0, "counts public.a")
        # Killed here, between the look and its telling.
    with opened_history(path) as second:
        telling = Telling(second, Webhook(receiver.url))
        assert telling.tell()
        assert telling.tell()
    assert [change for _, change in receiver.changes()] == ["begun"]


def test_an_error_of_the_receiver_is_tried_again_after_longer_and_longer_pauses(
    file: HistoryFile, receiver: Receiver
) -> None:
    receiver.answers = lambda attempt: 500 if attempt < 3 else 204
    telling = Telling(file, Webhook(receiver.url, attempts=3))
    telling.found(0, "counts public.a")
    begun = telling.time.now
    assert telling.tell()
    assert telling.time.now - begun == 1 + 4
    assert len(receiver.attempts) == 3
    assert len({each["Idempotency-Key"] for each in receiver.attempts}) == 1
    assert file.history.told[-1].attempts == 3


def test_a_receiver_that_is_down_gets_all_that_it_missed_in_one_notice(file: HistoryFile, receiver: Receiver) -> None:
    receiver.answers = lambda _attempt: 503
    telling = Telling(file, Webhook(receiver.url, attempts=1))
    telling.found(0, "counts public.a")
    assert not telling.tell()
    telling.found(1, "counts public.a", "counts public.b")
    assert not telling.tell()
    telling.found(2, "counts public.b")
    receiver.answers = lambda _attempt: 200
    assert telling.tell()
    assert len(receiver.taken) == 1
    assert [change for _, change in receiver.changes()] == ["begun", "begun", "ended"]
    assert [line.split(";")[0] for line in telling.log] == ["webhook: not told: HTTP 503"] * 2


def test_a_refusal_is_not_repeated_at_once(file: HistoryFile, receiver: Receiver) -> None:
    receiver.answers = lambda _attempt: 403
    telling = Telling(file, Webhook(receiver.url, attempts=3))
    telling.found(0, "counts public.a")
    assert not telling.tell()
    assert len(receiver.attempts) == 1


def test_a_redirect_is_not_followed_since_the_token_is_for_this_address(file: HistoryFile, receiver: Receiver) -> None:
    receiver.answers = lambda _attempt: 307
    telling = Telling(file, Webhook(receiver.url, token="t0ken", attempts=1))
    telling.found(0, "counts public.a")
    assert not telling.tell()
    assert len(receiver.attempts) == 1
    assert receiver.attempts[0]["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize("trickle", [False, True], ids=["silent", "a byte now and then"])
def test_a_slow_receiver_holds_the_watch_for_its_time_limit_and_no_longer(
    file: HistoryFile, receiver: Receiver, trickle: bool
) -> None:
    receiver.delay, receiver.trickle = (0.0, True) if trickle else (5.0, False)
    telling = Telling(file, Webhook(receiver.url, seconds=0.3, attempts=1))
    telling.found(0, "counts public.a")
    begun = time.monotonic()
    assert not telling.tell()
    assert time.monotonic() - begun < 2
    assert "no answer within 0.3 s" in telling.log[0]


def test_a_webhook_that_is_not_there_neither_ends_the_watch_nor_shows_its_address(file: HistoryFile) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/hidden/path"
    telling = Telling(file, Webhook(address, token="hidden-token", attempts=2))
    telling.found(0, "counts public.a")
    assert not telling.tell()
    shown = "\n".join([*telling.log, file.path.read_text(encoding="utf-8"), repr(telling.channels)])
    assert "hidden" not in shown
    assert "127.0.0.1" not in shown


def test_a_channel_that_is_down_for_long_does_not_fill_the_history(file: HistoryFile, receiver: Receiver) -> None:
    receiver.answers = lambda _attempt: 500
    telling = Telling(file, Webhook(receiver.url, attempts=1))
    telling.found(0, "counts public.a")
    for _ in range(20):
        assert not telling.tell()
    assert len(file.history.told) == 1


def test_a_channel_that_is_new_is_not_told_of_last_month(file: HistoryFile, receiver: Receiver) -> None:
    telling = Telling(file, Webhook(receiver.url))
    telling.found(0, "counts public.a")
    telling.found(700, "counts public.a", "counts public.b")
    telling.time.now += 700.5 * 3600
    assert telling.tell()
    assert [each["key"] for notice in receiver.taken for each in notice["changes"]] == [
        "counts public.a",
        "counts public.b",
    ]
    assert {each["change"] for notice in receiver.taken for each in notice["changes"]} == {"reminded", "begun"}


def test_one_channel_that_is_down_does_not_keep_the_other_from_being_told(
    file: HistoryFile, receiver: Receiver
) -> None:
    receiver.answers = lambda _attempt: 500
    with sentry_sink() as sink:
        telling = Telling(file, Webhook(receiver.url, attempts=1), Sentry(sink.dsn))
        telling.found(0, "counts public.a")
        assert not telling.tell()
        (event,) = sink.wait_for(1)
    assert event["message"] == "begun: counts public.a: it is so"
    assert event["fingerprint"] == ["pgparity watch", "counts public.a"]
    assert event["tags"]["change"] == "begun"
    assert set(event) <= {
        *("environment", "event_id", "fingerprint", "level", "logger", "message"),
        *("platform", "release", "sdk", "tags", "timestamp"),
    }


def test_a_sentry_that_refuses_is_told_again_later(file: HistoryFile) -> None:
    with sentry_sink() as sink:
        sink.status = 500
        telling = Telling(file, Sentry(sink.dsn))
        telling.found(0, "counts public.a")
        assert not telling.tell()
        assert "events were not taken" in telling.log[0]
        sink.status = 200
        assert telling.tell()
        assert len(sink.wait_for(2)) == 2


@pytest.mark.parametrize("address", ["", "alerts", "ftp://host/x", "http://", "https://host:port/", "http://[::1"])
def test_an_address_that_is_none_is_refused_when_the_watch_begins(address: str) -> None:
    with pytest.raises(ConfigurationError, match="address of the webhook is none"):
        Webhook(address)


def test_a_sentry_dsn_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sentry("https://secret-key@/none")
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"
