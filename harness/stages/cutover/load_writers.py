"""The writers and readers of a load: marked rows with a token each, sent again until acknowledged, all of it noted."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from harness.core.cutover.load_events import Acknowledged, Begun, Event, ReadDone, Refused, RowName
from harness.datalayer.envelope import Envelope
from harness.reference.invented.phones import phone
from harness.stages.cutover.load_application import Application
from harness.stages.cutover.load_layers import LoadLayer

MARKS: Final = (9_950_000, 9_999_999)
"""Numbers of the rows that loads write; test rows of other kinds have lower ones"""
MARKS_OF_A_WRITER: Final = 5_000
MOST_WRITERS: Final = (MARKS[1] + 1 - MARKS[0]) // MARKS_OF_A_WRITER
COMPANY: Final = 900_100
CONVERSATIONS: Final = 5
_AGAIN_SECONDS: Final = 0.02
"""Between two attempts of one write"""
_KINDS: Final = {
    "a client": 15,
    "a client again": 30,
    "a booking": 15,
    "a booking again": 15,
    "a booking with its client": 15,
    "a conversation": 10,
}

Note = Callable[[Event], None]


@dataclass(slots=True)
class Shown:
    """What was acknowledged, for the readers: by row, the tokens in their order and how many of them are certain."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tokens: dict[RowName, list[str]] = field(default_factory=dict)
    certain: dict[RowName, int] = field(default_factory=dict)

    def begun(self, write: Begun) -> None:
        """A write is on its way: a read may see it from now on."""
        with self.lock:
            for name in write.rows:
                self.tokens.setdefault(name, []).append(write.token)

    def acknowledged(self, write: Begun) -> None:
        """A write is done: every read that begins now has to see it."""
        with self.lock:
            for name in write.rows:
                self.certain[name] = self.tokens[name].index(write.token)

    def some(self, chosen: random.Random) -> tuple[RowName, int] | None:
        """A row that readers can ask for, and the least that they have to see of it."""
        with self.lock:
            names = [name for name in self.certain if not name.startswith("bookings ")]
            if not names:
                return None
            name = chosen.choice(names)
            return name, self.certain[name]


@dataclass(slots=True)
class Writer:
    """One writer, which waits for each write to be acknowledged before it begins the next."""

    number: int
    application: Application
    shown: Shown
    note: Note
    stop: threading.Event
    going: threading.Event
    """Not set: no new write is begun"""
    interval: float
    chosen: random.Random
    made: int = 0
    clients: list[int] = field(default_factory=list)
    bookings: list[tuple[int, int]] = field(default_factory=list)
    """Number of a booking, and of its client"""

    def run(self) -> None:
        """Write until it is told to stop."""
        due = time.monotonic() + self.chosen.uniform(0, self.interval)
        while not self.stop.wait(max(0.0, due - time.monotonic())):
            if self.going.is_set():
                self._write()
            due = max(due + self.interval, time.monotonic())

    def _write(self) -> None:
        self.made += 1
        token = f"w{self.number}-{self.made:06d}-{self.chosen.getrandbits(24):06x}"
        kind = self._kind()
        rows, call = self._call(kind, token)
        write = Begun(time.time(), self.number, token, kind, rows)
        self.note(write)
        self.shown.begun(write)
        started = time.perf_counter()
        while not self.stop.is_set():
            serving = self.application.serving()
            if serving is None:
                self.note(Refused(time.time(), self.number, token, "target", "not started", ""))
            else:
                answer = call(serving.opened.layer)
                if answer["success"]:
                    seconds = time.perf_counter() - started
                    numbers = _numbers(answer["data"])
                    self.shown.acknowledged(write)
                    self.note(Acknowledged(time.time(), self.number, token, serving.backend, seconds, numbers))
                    return
                error = answer["error"] or {"kind": "internal", "code": ""}
                self.note(Refused(time.time(), self.number, token, serving.backend, error["kind"], error["code"]))
            self.stop.wait(_AGAIN_SECONDS)

    def _kind(self) -> str:
        kind = self.chosen.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
        if kind == "a booking again" and not self.bookings:
            kind = "a booking"
        if kind in ("a client again", "a booking") and not self.clients:
            kind = "a booking with its client"
        return kind

    def _call(self, kind: str, token: str) -> tuple[tuple[RowName, ...], Callable[[LoadLayer], Envelope]]:
        """The rows that a write is of, and the write itself; it may be made any number of times."""
        fresh = MARKS[0] + self.number * MARKS_OF_A_WRITER + self.made % MARKS_OF_A_WRITER
        if kind == "a conversation":
            user = f"{MARKS[0] + self.number * MARKS_OF_A_WRITER + self.chosen.randrange(CONVERSATIONS)}@c.us"
            context = {"company_id": COMPANY, "state": "load", "data": {"token": token}, "message_count": self.made}
            return (f"dialog_contexts {user}",), lambda layer: layer.upsert_dialog_context(user, context)
        if kind in ("a client", "a client again"):
            number = fresh if kind == "a client" else self.chosen.choice(self.clients)
            self._knows(number)
            client = self._client(number, token)
            return (f"clients {number}",), lambda layer: layer.upsert_client(client)
        if kind == "a booking with its client":
            self._knows(fresh)
            self.bookings.append((fresh, fresh))
            client, booking = self._client(fresh, token), self._booking(fresh, None, token)
            names = (f"clients {fresh}", f"bookings {fresh}")
            return names, lambda layer: layer.create_booking_with_client(client, booking)
        if kind == "a booking":
            record, owner = fresh, self.chosen.choice(self.clients)
            self.bookings.append((record, owner))
        else:
            record, owner = self.chosen.choice(self.bookings)
        booking = self._booking(record, owner, token)
        return (f"bookings {record}",), lambda layer: layer.upsert_booking(booking)

    def _knows(self, client: int) -> None:
        if client not in self.clients:
            self.clients.append(client)

    def _client(self, number: int, token: str) -> dict[str, Any]:
        name = f"Тестовый клиент {number}"
        ours = {"yclients_id": number, "company_id": COMPANY, "phone": phone(number % 10_000, 1)}
        return {**ours, "name": name, "comment": token, "visit_count": self.made, "raw_data": {"token": token}}

    def _booking(self, record: int, owner: int | None, token: str) -> dict[str, Any]:
        day = 1 + self.made % 28
        row: dict[str, Any] = {"yclients_record_id": record, "company_id": COMPANY, "comment": token}
        row |= {"datetime": f"2027-02-{day:02d}T10:00:00+00:00", "price": self.made % 5_000, "status": "confirmed"}
        return row if owner is None else {**row, "client_yclients_id": owner, "client_phone": phone(owner % 10_000, 1)}


def read_beside(
    application: Application, shown: Shown, note: Note, stop: threading.Event, interval: float, chosen: random.Random
) -> None:
    """Read rows that were acknowledged until it is told to stop; each has to show at least that."""
    while not stop.wait(interval):
        wanted = shown.some(chosen)
        serving = application.serving()
        if wanted is None or serving is None:
            continue
        name, least = wanted
        table, _, key = name.partition(" ")
        layer = serving.opened.layer
        started = time.perf_counter()
        answer = layer.find_client(int(key), COMPANY) if table == "clients" else layer.find_conversation(key)
        seconds = time.perf_counter() - started
        error = answer["error"]
        if error is not None:
            note(ReadDone(time.time(), serving.backend, seconds, error["kind"], error["code"]))
            continue
        row = answer["data"]
        token = None if row is None else row["comment"] if table == "clients" else row["data"].get("token")
        with shown.lock:
            tokens = list(shown.tokens[name])
        behind = token not in tokens or tokens.index(token) < least
        note(ReadDone(time.time(), serving.backend, seconds, behind=behind))


def _numbers(data: Any) -> tuple[int, ...]:
    """The numbers that the database gave the rows of an answer."""
    rows = (data["client"], data["booking"]) if "booking" in data else (data,)
    return tuple(row["id"] for row in rows)
