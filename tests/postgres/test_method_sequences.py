"""Sequences of calls on real servers: what one call does to the next is found, by the shortest sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from harness.core.call_sequences import KnownCase
from harness.core.findings import Finding
from harness.embedded.server import Server
from harness.stages.sequences import SequenceResult, diverging_sequences
from tests.data_pair import pair_of
from tests.method_bench import MethodBench, bench_of
from tests.method_pair import LAYER, opened

SEQUENCES = 6
ABOUT = {"get_client", "latest_clients", "upsert_client", "delete_client", "add_orders"}


@pytest.fixture(scope="module")
def bench(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodBench]:
    with pair_of(server, newer_server) as pair:
        pair.on_both("CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text)")
        for methods in opened(pair, tmp_path_factory.mktemp("layers")):
            with bench_of(methods) as made:
                yield made


@pytest.fixture(scope="module")
def known(bench: MethodBench) -> tuple[KnownCase, ...]:
    """What the cases came to alone, on an equal pair: the planted faults are not to be seen there."""
    with bench.run() as run:
        return bench.alone(run)[0]


Sequences = Callable[..., SequenceResult]


@pytest.fixture
def sequences(bench: MethodBench, known: tuple[KnownCase, ...]) -> Sequences:
    """Sequences about clients, with a target in which texts were replaced by others."""

    def called(
        *changes: tuple[str, str],
        source: str = LAYER,
        seed: int = 7,
        number: int = SEQUENCES,
        audit: bool = False,
        failures: bool = True,
    ) -> SequenceResult:
        # Deleting writes to the audit too: sequences about that table would call the same again.
        wanted = [
            replace(each, writes=each.writes - {"public.audit"})
            for each in known
            if (audit or each.case.method in ABOUT) and (failures or not each.failed)
        ]
        with bench.run(bench.altered(*changes, text=source), source=source) as run:
            return diverging_sequences(run, wanted, sequences=number, seed=seed)

    return called


def the_finding(found: SequenceResult) -> Finding:
    (finding,) = found.findings
    assert finding.code == "MET020"
    return finding


def calls(finding: Finding) -> list[str]:
    """The methods of a sequence, in order."""
    return [each.label.split(": ")[1].split("(")[0] for each in finding.evidence]


def planted_in_object(body: str, *, before: str) -> tuple[str, str]:
    """A change of the layer that puts lines at the beginning of a method."""
    return before, before + body


GET = "    def get_client(self, number, company_id):\n"
UPSERT = "    def upsert_client(self, number, company_id, name, phone=None):\n"
DELETE = "    def delete_client(self, number, company_id):\n"
KEPT = """        if (number, company_id) in self._kept:
            return self._kept[number, company_id]
"""
FOUND = """        return found[0] if found else None

    @answered
    def latest"""
EXECUTED = "        return self.connection.execute(statement, parameters).fetchall()\n"
COMMITTED = """        rows = self.connection.execute(statement, parameters).fetchall()
        if self.connection.info.transaction_status == 2 and "INTO orders" not in statement:
            self.connection.commit()
        return rows
"""
BEGUN = """        if self._wrote:
            self.connection.execute("BEGIN")
        self._wrote = True
"""
LATEST = "    def latest_clients(self, company_id, limit=10):\n"


def remembering(**attributes: str) -> tuple[str, str]:
    """A change of the layer that gives the object attributes of its own."""
    constructor = "    def __init__(self, dsn):\n"
    lines = "".join(f"        self.{name} = {value}\n" for name, value in attributes.items())
    return constructor, constructor + lines


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_an_equal_pair_is_silent_whatever_the_seed(sequences: Sequences, seed: int) -> None:
    found = sequences(seed=seed, audit=True)
    assert (found.findings, found.pairs, found.notes) == ((), (), ())
    assert found.executed >= 4


def test_every_table_that_is_written_gets_a_sequence_however_few_are_asked_for(sequences: Sequences) -> None:
    found = sequences(number=1, audit=True)
    assert found.findings == ()
    assert found.executed == 2
    assert found.notes == ("2 sequences of calls in place of 1: one for each table that is written",)


def test_a_cache_that_a_write_leaves_as_it_is(sequences: Sequences) -> None:
    found = sequences(
        remembering(_kept="{}"),
        (GET, GET + KEPT),
        (FOUND, f"        self._kept[number, company_id] = found[0] if found else None\n{FOUND}"),
    )
    finding = the_finding(found)
    first, write, last = calls(finding)
    assert (first, last) == ("get_client", "get_client")
    assert write in {"upsert_client", "delete_client"}
    assert finding.title.endswith("after 2 other calls, and not alone")


@pytest.mark.long
def test_a_place_in_a_list_that_the_object_keeps_between_calls(sequences: Sequences) -> None:
    found = sequences(
        remembering(_place="-1"),
        (LATEST, LATEST + "        self._place += 1\n"),
        ('NULLS FIRST, number LIMIT %s", company_id, limit)',
         'NULLS FIRST, number LIMIT %s OFFSET %s", company_id, limit, self._place)'),
    )  # fmt: skip
    assert calls(the_finding(found)) == ["latest_clients", "latest_clients"]


@pytest.mark.long
def test_an_upsert_that_works_once(sequences: Sequences) -> None:
    found = sequences(
        remembering(_done="set()"),
        (UPSERT, UPSERT + "        if (number, company_id) in self._done:\n"
         "            raise psycopg.errors.UniqueViolation\n        self._done.add((number, company_id))\n"),
    )  # fmt: skip
    finding = the_finding(found)
    assert calls(finding) == ["upsert_client", "upsert_client"]
    assert finding.title.startswith("upsert_client fails on the target only after 1 other call")


@pytest.mark.long
def test_what_was_deleted_cannot_be_put_in_again(sequences: Sequences) -> None:
    found = sequences(
        remembering(_gone="set()"),
        (DELETE, DELETE + "        self._gone.add((number, company_id))\n"),
        (UPSERT, UPSERT + "        if (number, company_id) in self._gone:\n            return None\n"),
    )
    assert calls(the_finding(found)) == ["delete_client", "upsert_client"]


@pytest.mark.long
def test_a_second_write_that_its_own_connection_alone_can_see(sequences: Sequences) -> None:
    found = sequences(
        remembering(_wrote="False"),
        (UPSERT, UPSERT + BEGUN),
        failures=False,
    )
    assert any("leaves other rows behind" in each.title for each in found.findings)


@pytest.mark.long
def test_a_transaction_that_stays_aborted_after_a_call_that_failed(sequences: Sequences) -> None:
    found = sequences(
        ("psycopg.connect(dsn, autocommit=True,", "psycopg.connect(dsn,"),
        (EXECUTED, COMMITTED),
    )
    assert found.findings
    for finding in found.findings:
        assert len(calls(finding)) == 2
        assert "fails on the target only" in finding.title
        assert "error" in str(finding.evidence[0].source)


@pytest.mark.long
def test_a_connection_that_is_closed_after_an_error(sequences: Sequences) -> None:
    found = sequences(
        ('            return {"success": False, "data": None',
         '            args[0].connection.close()\n            return {"success": False, "data": None'),
    )  # fmt: skip
    assert found.findings
    assert all("fails on the target only after 1 other call" in each.title for each in found.findings)


@pytest.mark.long
def test_a_value_that_differs_by_chance_in_every_run_is_no_divergence(sequences: Sequences) -> None:
    chance = ("SELECT * FROM clients WHERE number", "SELECT *, random() AS chance FROM clients WHERE number")
    changed = LAYER.replace(*chance)
    found = sequences(source=changed)
    assert (found.findings, found.pairs) == ((), ())


@pytest.mark.long
@pytest.mark.parametrize("chance", [2, 7, 9, 10, 11])
def test_one_of_two_answers_drawn_by_chance_is_no_divergence_though_some_runs_draw_alike(
    sequences: Sequences, bench: MethodBench, chance: int
) -> None:
    drawn = "        if self._wrote:\n            return {'name': self._wrote.choice('ab')}\n"
    changed = bench.altered(
        remembering(_wrote="None"),
        planted_in_object(drawn, before=GET),
        planted_in_object("        self._wrote = _CHANCE\n", before=UPSERT),
        ("import functools\n", "import functools\nimport random\n\n_CHANCE = random.Random(0)\n"),
    )
    source = changed.replace("Random(0)", f"Random({chance})")
    found = sequences((f"Random({chance})", f"Random({chance + 100})"), source=source)
    assert (found.findings, found.pairs) == ((), ())


@pytest.mark.long
def test_ids_that_each_side_makes_for_itself_are_followed_by_each_side_s_own(bench: MethodBench) -> None:
    body = (
        "    @answered\n    def add_note(self, what):\n"
        '        return self._rows("INSERT INTO notes (what) VALUES (%s) RETURNING id, what", what)[0]\n'
        "    @answered\n    def note(self, id):\n"
        '        found = self._rows("SELECT what FROM notes WHERE id = %s", id)\n'
        "        return found[0] if found else None\n"
    )
    source = LAYER.replace("    def close(self):", f"{body}\n    def close(self):")
    forgetful = source.replace("SELECT what FROM notes", "SELECT lower(what) AS what FROM notes")
    cases: list[dict[str, Any]] = [
        {"id": "add", "method": "add_note", "kwargs": {"what": "Anna"}},
        {"id": "read", "method": "note", "kwargs": {"id": "00000000-0000-0000-0000-000000000001"}},
    ]
    for target, expected in ((source, []), (forgetful, [["add_note", "note"]])):
        with bench.run(target, source=source) as run:
            known, pairs = bench.alone(run, cases)
            assert {each.pair.verdict for each in pairs} == {"equal"}
            found = diverging_sequences(run, known, sequences=12, seed=3)
        assert [calls(each) for each in found.findings] == expected


@pytest.mark.long
def test_nothing_of_arguments_or_rows_is_in_the_finding(sequences: Sequences) -> None:
    found = sequences(
        remembering(_done="set()"),
        (UPSERT, UPSERT + "        name = name + 'x' if self._done else name\n        self._done.add(1)\n"),
    )
    written = the_finding(found).to_json()
    for secret in ("Other", "Test", "8000555"):
        assert secret not in written
