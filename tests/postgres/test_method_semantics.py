"""What differs between two calls by right, and what is a fault: moments of the call, order, numbers, statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from harness.embedded.server import Server
from tests.data_pair import pair_of
from tests.method_pair import MethodPair, opened

VISITS = """
CREATE TABLE visits (
    id bigserial PRIMARY KEY, room int NOT NULL, rank int, guest text NOT NULL,
    noted timestamptz NOT NULL DEFAULT now(), changed timestamptz);
INSERT INTO visits (room, rank, guest, noted)
  SELECT n % 3, n / 6, 'guest ' || n, timestamptz '2025-01-01 21:30+00' + n * interval '1h'
  FROM generate_series(1, 36) n;
CREATE TABLE gaps (id serial PRIMARY KEY, note text);
INSERT INTO gaps (id, note) VALUES (1, 'a'), (2, 'b');
"""

LAYER = """
import datetime as dt

import psycopg
from psycopg.rows import dict_row


class Visits:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    def add(self, room, guest):
        return self._rows("INSERT INTO visits (room, guest) VALUES (%s, %s) RETURNING *", room, guest)[0]

    def touch(self, number):
        return len(self._rows("UPDATE visits SET changed = now() WHERE id = %s RETURNING id", number))

    def stamped(self):
        self._rows("SELECT 1 AS one")
        return {"at": dt.datetime.now(dt.UTC).isoformat(), "key": f"visit-{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}"}

    def noted(self, number):
        return self._rows("SELECT noted FROM visits WHERE id = %s", number)[0]["noted"]

    def of_room(self, room):
        return self._rows("SELECT id, rank, guest FROM visits WHERE room = %s ORDER BY rank", room)

    def first_of_room(self, room, limit):
        return self._rows("SELECT id, rank, guest FROM visits WHERE room = %s ORDER BY rank LIMIT %s", room, limit)

    def guests(self, room):
        return [row["guest"] for row in self._rows("SELECT guest FROM visits WHERE room = %s", room)]

    def some_visit(self, room):
        return self._rows("SELECT id, guest, room FROM visits WHERE room = %s LIMIT 1", room)[0]

    def by_id(self, room):
        return self._rows("SELECT id, guest FROM visits WHERE room = %s ORDER BY id", room)

    def several(self, numbers):
        return self._rows("SELECT id, guest FROM visits WHERE id = ANY(%s) ORDER BY id", numbers)

    def note(self, note):
        return self._rows("INSERT INTO gaps (note) VALUES (%s) RETURNING id", note)[0]["id"]

    def close(self):
        self.connection.close()


def create(context):
    return Visits(context.dsn)
"""


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        for opened_pair in opened(pair, tmp_path_factory.mktemp("layers")):
            pair.on_both(VISITS)
            pair.on_both("SELECT setval('gaps_id_seq', 2)")
            pair.on_target("SELECT setval('visits_id_seq', 5000)", "SELECT setval('gaps_id_seq', 1)")
            yield opened_pair


def case(method: str, **kwargs: Any) -> dict[str, Any]:
    return {"id": method, "method": method, "kwargs": kwargs}


CASES = [
    case("add", room=1, guest="new"),
    case("touch", number=7),
    case("stamped"),
    case("noted", number=7),
    case("of_room", room=1),
    case("first_of_room", room=1, limit=3),
    case("guests", room=1),
    case("some_visit", room=2),
    case("by_id", room=1),
    case("several", numbers=list(range(1, 13))),
]


def codes(pair: MethodPair, *changes: tuple[str, str], **more: Any) -> dict[str, set[str]]:
    """The codes of each case's method, by method, of those that have some; LAYER against LAYER with the changes."""
    text = LAYER
    for old, new in changes:
        assert old in text, f"the layer has no {old!r}"
        text = text.replace(old, new)
    found = pair.compare(text, source=LAYER, cases=more.pop("cases", CASES), **more)
    told: dict[str, set[str]] = {}
    for code, method in found.codes:
        if code != "MET008":
            told.setdefault(method, set()).add(code)
    return told


OPEN = {method: {"MET013"} for method in ("of_room", "guests", "some_visit")}


def test_equal_layers_differ_in_nothing_but_the_order_that_nobody_asked_for(methods: MethodPair) -> None:
    assert codes(methods) in (OPEN, OPEN | {"first_of_room": {"MET013"}})


FAULTS = {
    "wrong zone of the moment of the call": (
        "add", {"MET001", "MET006"}, ("(room, guest) VALUES (%s, %s)",
                                      "(room, guest, noted) VALUES (%s, %s, now() - interval '3h')")),
    "moment that is not set": ("touch", {"MET006"}, ("SET changed = now()", "SET changed = changed")),
    "yesterday instead of now": (
        "touch", {"MET006"}, ("changed = now()", "changed = now() - interval '1 day'")),
    "moment of the start instead of the call": (
        "stamped", {"MET001"}, ('"at": dt.datetime.now(dt.UTC).isoformat()',
                                '"at": (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat()')),
    "wrong zone of what is read": (
        "noted", {"MET001"}, ("SELECT noted FROM", "SELECT noted + interval '3h' AS noted FROM")),
    "lost order": ("by_id", {"MET001"}, ("room = %s ORDER BY id", "room = %s")),
    "order by another column": (
        "of_room", {"MET001"}, ("WHERE room = %s ORDER BY rank\"", "WHERE room = %s ORDER BY rank DESC\"")),
    "lost order before a limit": (
        "first_of_room", {"MET001"}, ("ORDER BY rank LIMIT", "ORDER BY id DESC LIMIT")),
    "another room's rows": (
        "some_visit", {"MET001"}, ("WHERE room = %s LIMIT 1\", room", "WHERE room < %s LIMIT 1\", room")),
    "a value that no row has": (
        "some_visit", {"MET001"}, ("id, guest, room FROM", "id, guest || '!' AS guest, room FROM")),
    "other values in an order that is open": (
        "guests", {"MET001"}, ("SELECT guest FROM", "SELECT upper(guest) AS guest FROM")),
    "a statement for each row": (
        "several", {"MET014"},
        ('return self._rows("SELECT id, guest FROM visits WHERE id = ANY(%s) ORDER BY id", numbers)',
         'return [self._rows("SELECT id, guest FROM visits WHERE id = %s", n)[0] for n in numbers]')),
}  # fmt: skip


def rounds() -> list[list[str]]:
    """The faults, put together so that each method has one at most: each round costs a pair of clones."""
    found: list[list[str]] = []
    for fault, (method, _, _) in FAULTS.items():
        free = next((each for each in found if all(FAULTS[other][0] != method for other in each)), None)
        if free is None:
            found.append(free := [])
        free.append(fault)
    return found


@pytest.mark.parametrize("faults", rounds(), ids=", ".join)
def test_faults_are_told_apart_from_what_differs_by_right(methods: MethodPair, faults: list[str]) -> None:
    wrong = {FAULTS[fault][0] for fault in faults}
    cases = [each for each in CASES if each["method"] in wrong]
    expected = {method: found for method, found, _ in (FAULTS[fault] for fault in faults)}
    assert codes(methods, *(FAULTS[fault][2] for fault in faults), cases=cases) == expected


def test_a_sequence_that_is_behind_its_column_stays_behind(methods: MethodPair) -> None:
    """The target's next number is there already: the first insert fails with 23505, which must show."""
    found = methods.compare(LAYER, source=LAYER, cases=[case("note", note="new")])
    assert ("MET004", "note") in found.codes
    error = found.pair("note").target.error
    assert error is not None
    assert error.code == "23505"


CAPITALS = ("SELECT id, guest FROM visits WHERE room", "SELECT id, upper(guest) AS guest FROM visits WHERE room")


def test_an_expected_difference_is_left_out_and_nothing_else_is(methods: MethodPair) -> None:
    accepted = {"method": "by_id", "path": "[*].guest", "reason": "in capitals", "expires": date(2999, 12, 31)}
    others = (
        "SELECT id, guest FROM visits WHERE id = ANY",
        "SELECT id, upper(guest) AS guest FROM visits WHERE id = ANY",
    )
    cases = [case("by_id", room=1), case("several", numbers=[1, 2])]
    found = codes(methods, CAPITALS, (others[0], others[1]), cases=cases, methods={"expected": [accepted]})
    assert found == {"several": {"MET001"}}
