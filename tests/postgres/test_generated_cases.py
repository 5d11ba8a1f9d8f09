"""Cases that are generated on real servers: they find rows, follow the seed, hold no values, and show faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.core.outcomes import Case
from harness.core.record import Side
from harness.embedded.server import Server
from harness.stages.generation import generated_cases, sample
from harness.stages.methods import paired
from harness.stages.paired_run import PairedRun
from harness.stages.scratch import ScratchStack
from harness.stages.subject import Subject
from harness.stages.subjects import load_subjects
from tests.data_pair import pair_of
from tests.method_pair import LAYER, MethodPair, opened

TABLES = ("public.clients", "public.orders", "public.audit")
EACH = 16


class Generating:
    """Both sides open, and the cases that were made for them."""

    def __init__(
        self,
        methods: MethodPair,
        run: PairedRun,
        tables: tuple[str, ...] = TABLES,
        layer: str = LAYER,
        written: list[dict[str, Any]] | None = None,
    ) -> None:
        self.methods = methods
        self.run = run
        self.tables = tables
        self.layer = layer
        self.written = written
        self.made = self.cases(0)

    def cases(self, seed: int) -> tuple[Case, ...]:
        """The cases of a seed."""
        self.run.renew([Side.SOURCE])
        catalog = self.methods.pair.catalogs()[0]
        layer = self.run.source.layer
        signatures = {method: layer.signature(method) for method in layer.methods}
        rows = sample(self.run.source.stand, catalog, self.tables)
        return generated_cases(signatures, rows, catalog, self.run.explore, each=EACH, seed=seed)

    def of(self, method: str) -> list[Case]:
        """The cases of one method."""
        return [case for case in self.made if case.method == method]

    def verdicts(self, method: str, *change: str) -> dict[str, str]:
        """What the cases of a method come to when one text of the target's layer is replaced by another."""
        old, new = change or ("", "")
        assert old in self.layer
        layer = self.layer.replace(old, new) if change else self.layer
        configuration = self.methods.configuration(layer, cases=self.written)
        subjects = load_subjects(configuration, self.methods.folder)
        assert subjects is not None
        target = Subject(self.run.target.stand, subjects.target)
        try:
            with PairedRun(self.run.source, target, self.run.rules) as run:
                return {case.purpose: run.pair(case).pair.verdict for case in self.of(method)}
        finally:
            target.close()


@pytest.fixture(scope="module")
def generating(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generating]:
    with pair_of(server, newer_server) as pair:
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            configuration = methods.configuration()
            subjects = load_subjects(configuration, methods.folder)
            assert subjects is not None
            with paired(
                pair.source, pair.target, *pair.catalogs(), TABLES, subjects, configuration, stack=methods.stack
            ) as run:
                yield Generating(methods, run)


def test_every_method_gets_cases_and_none_twice(generating: Generating) -> None:
    assert {case.method for case in generating.made} == generating.run.source.layer.methods
    assert len({case.id for case in generating.made}) == len(generating.made)
    for method in generating.run.source.layer.methods:
        arguments = [repr(sorted(case.kwargs.items())) for case in generating.of(method)]
        assert len(set(arguments)) == len(arguments) <= 2 * EACH


@pytest.mark.parametrize(
    "method",
    ["get_client", "latest_clients", "search_clients", "client_by_phone", "count_clients"],
)
def test_a_reading_method_is_asked_for_what_is_there_and_for_what_is_not(generating: Generating, method: str) -> None:
    found = {bool(generating.run.explore(case)[0].has_content) for case in generating.of(method)}
    assert found == {True, False}


@pytest.mark.parametrize("method", ["upsert_client", "add_orders", "delete_client"])
def test_a_writing_method_is_brought_to_write(generating: Generating, method: str) -> None:
    assert any(generating.run.explore(case)[0].effects.touched for case in generating.of(method)[:4])


def test_a_seed_gives_the_same_cases_again_and_another_seed_others(generating: Generating) -> None:
    again, other = generating.cases(0), generating.cases(1)
    assert [(case.id, repr(case.kwargs)) for case in again] == [
        (case.id, repr(case.kwargs)) for case in generating.made
    ]
    assert [repr(case.kwargs) for case in other] != [repr(case.kwargs) for case in generating.made]


def test_no_value_of_a_row_stands_in_a_name_or_a_purpose(generating: Generating) -> None:
    for case in generating.made:
        assert not any(word in case.id + case.purpose for word in ("8000555", "9001", "9002", "Boris", "Анна"))


def test_equal_layers_are_equal_in_every_generated_case_of_a_read(generating: Generating) -> None:
    for method in ("get_client", "latest_clients", "search_clients", "client_by_phone", "count_clients"):
        assert set(generating.verdicts(method).values()) == {"equal"}


FAULTS = {
    "wrong filter column": ("get_client", "WHERE number = %s AND", "WHERE id + 1 = %s AND"),
    "limit off by one": ("latest_clients", "company_id, limit)", "company_id, limit + 1)"),
    "another default": ("latest_clients", "limit=10", "limit=12"),
    "lost order of NULLs": ("latest_clients", "NULLS FIRST", "NULLS LAST"),
    "case folding": ("search_clients", "ILIKE", "LIKE"),
    "several rows where one was meant": (
        "client_by_phone",
        "raise psycopg.errors.CardinalityViolation",
        "pass",
    ),
    "write that is not atomic": ("add_orders", "with self.connection.transaction():", "if True:"),
    "another kind of error": ("add_orders", 'return "conflict" if error.sqlstate == "23505" else', "return"),
    "lost tenant": ("delete_client", "AND company_id = %s RETURNING", "AND %s > 0 RETURNING"),
}


QUICK = ("limit off by one", "case folding", "write that is not atomic", "lost tenant")
"""Of a filter, of an answer, and two of writes; the others are for `make test-long`"""


@pytest.mark.parametrize(
    "fault", [pytest.param(each, marks=() if each in QUICK else pytest.mark.long) for each in FAULTS]
)
def test_a_fault_shows_in_the_generated_cases_alone(generating: Generating, fault: str) -> None:
    method, *change = FAULTS[fault]
    assert set(generating.verdicts(method, *change).values()) > {"equal"}


def test_the_sample_is_read_from_the_clone_and_in_one_order(generating: Generating) -> None:
    generating.run.renew([Side.SOURCE])
    rows = sample(generating.run.source.stand, generating.methods.pair.catalogs()[0], TABLES)
    assert rows == sample(generating.run.source.stand, generating.methods.pair.catalogs()[0], TABLES)
    assert [row["id"] for row in rows.tables["public.clients"].rows] == list(range(1, 42))


SPARSE_TABLES = ("public.rooms", "public.bookings", "public.complaints")
SPARSE = """
CREATE TABLE rooms (id bigint PRIMARY KEY, company_id int NOT NULL, tags text[] NOT NULL);
INSERT INTO rooms SELECT n, 900100, (ARRAY['Quiet', 'large', 'lake view'])[1 + n % 3:] FROM generate_series(1, 12) n;
CREATE TABLE bookings (id bigint PRIMARY KEY, room_id bigint NOT NULL REFERENCES rooms);
INSERT INTO bookings SELECT n + 500, n FROM generate_series(1, 12) n;
CREATE TABLE complaints (
    id bigserial PRIMARY KEY, booking_id bigint NOT NULL REFERENCES bookings, body text NOT NULL CHECK (body <> ''));
"""
SPARSE_LAYER = """
import psycopg
from psycopg.rows import dict_row


class Rooms:
    def __init__(self, dsn):
        self.connection = psycopg.connect(dsn, autocommit=True, row_factory=dict_row)

    def _rows(self, statement, *parameters):
        return self.connection.execute(statement, parameters).fetchall()

    def complain(self, booking_id: int, body: str):
        return self._rows(
            "INSERT INTO complaints (booking_id, body) VALUES (%s, %s) RETURNING booking_id, body", booking_id, body)

    def rooms_with_tag(self, tag: str):
        return self._rows("SELECT id FROM rooms WHERE tags @> ARRAY[%s::text] ORDER BY id", tag)

    def rooms_like(self, wish: str):
        return self._rows("SELECT id FROM rooms WHERE %s = ANY(tags) ORDER BY id", wish)

    def close(self):
        self.connection.close()


def create(context):
    return Rooms(context.dsn)
"""
SPARSE_CASES: list[dict[str, Any]] = [{"id": "large", "method": "rooms_like", "kwargs": {"wish": "large"}}]
SPARSE_FAULTS = {
    "text trimmed before it is stored": ("complain", "%s) RETURNING", "btrim(%s)) RETURNING"),
    "first element alone": ("rooms_with_tag", "tags @> ARRAY[%s::text]", "tags[1] = %s"),
    "case folding": ("rooms_like", "%s = ANY(tags)", "lower(%s) = ANY(lower(tags::text)::text[])"),
}


@pytest.fixture(scope="module")
def sparse(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generating]:
    """A table that is empty, and one with arrays; beside the run of `generating`, on a stack of its own."""
    with pair_of(server, newer_server) as pair, ScratchStack() as own:
        for methods in opened(pair, tmp_path_factory.mktemp("sparse"), own):
            pair.on_both(SPARSE)
            configuration = methods.configuration(SPARSE_LAYER, source=SPARSE_LAYER, cases=SPARSE_CASES)
            subjects = load_subjects(configuration, methods.folder)
            assert subjects is not None
            with paired(
                pair.source, pair.target, *pair.catalogs(), SPARSE_TABLES, subjects, configuration, stack=methods.stack
            ) as run:
                yield Generating(methods, run, SPARSE_TABLES, SPARSE_LAYER, SPARSE_CASES)


def test_a_method_that_writes_to_an_empty_table_is_brought_to_write(sparse: Generating) -> None:
    cases = sparse.of("complain")
    assert sparse.run.explore(cases[0])[0].effects.touched
    assert {"body with blanks around", "body that is empty", "booking_id that is missing"} <= {
        each.purpose for each in cases
    }


@pytest.mark.parametrize("method", ["rooms_with_tag", "rooms_like"])
def test_an_element_of_an_array_finds_rows_and_a_text_that_is_none_does_not(sparse: Generating, method: str) -> None:
    found = [sparse.run.explore(case)[0].has_content for case in sparse.of(method)]
    assert sum(found) >= 3
    assert not all(found)


@pytest.mark.parametrize("method", ["complain", "rooms_with_tag", "rooms_like"])
def test_equal_layers_are_equal_on_empty_tables_and_arrays(sparse: Generating, method: str) -> None:
    assert set(sparse.verdicts(method).values()) == {"equal"}


@pytest.mark.parametrize("fault", SPARSE_FAULTS)
def test_a_fault_on_empty_tables_and_arrays_shows(sparse: Generating, fault: str) -> None:
    method, *change = SPARSE_FAULTS[fault]
    assert set(sparse.verdicts(method, *change).values()) > {"equal"}
