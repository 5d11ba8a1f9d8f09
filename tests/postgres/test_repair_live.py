"""Repair of databases that are written meanwhile: what is only late is not written, and nothing stale is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.core import repair as reasons
from harness.core.configuration import Configuration
from harness.core.repair import Repair, TableRepair
from harness.stages import repair_plan
from harness.stages.events import Silent
from harness.stages.pipeline import RunRequest
from harness.stages.repair import repair_rows
from harness.stages.rows_recheck import Patience
from tests.data_pair import Pair


@pytest.fixture
def pair(databases: Pair) -> Pair:
    databases.emptied().on_both("CREATE TABLE clients (id int PRIMARY KEY, name text)")
    databases.on_source("INSERT INTO clients VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    databases.on_target("INSERT INTO clients VALUES (1, 'a'), (2, 'x')")
    return databases


class Meanwhile(Silent):
    """Does something once the snapshots are taken."""

    def __init__(self, done: Callable[[], None]) -> None:
        super().__init__()
        self.waiting = [done]

    def progress(self, stage: str, done: int, total: int, what: str) -> None:
        if self.waiting:
            self.waiting.pop()()


def repaired(
    pair: Pair, meanwhile: Callable[[], None], decide: Callable[[Repair], bool] = lambda _: True
) -> tuple[Repair, TableRepair]:
    configuration = Configuration.model_validate({"rows": {"settle_seconds": 0.1}})
    request = RunRequest(configuration=configuration, base=Path(), source=pair.source, target=pair.target)
    found = repair_rows(request, decide, Meanwhile(meanwhile))
    return found, found.tables[0]


def test_rows_that_arrive_while_they_are_compared_are_not_written(pair: Pair) -> None:
    pair.on_target("CREATE TABLE written (id int)")
    pair.on_target(
        "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO public.written VALUES (NEW.id); RETURN NEW; END'",
    )

    def arrive() -> None:
        pair.on_target(
            "INSERT INTO clients VALUES (3, 'c')",
            "CREATE TRIGGER noted BEFORE INSERT OR UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION noted()",
        )

    found, rows = repaired(pair, arrive)
    assert (rows.insert, rows.updated, rows.left, rows.after, found.exit_code) == (0, 1, {}, "identical", 0)
    assert pair.rows_of_target("SELECT id FROM written") == [(2,)]


def test_the_row_is_written_as_the_source_has_it_when_it_is_read_again(pair: Pair) -> None:
    found, rows = repaired(pair, lambda: pair.on_source("UPDATE clients SET name = 'new' WHERE id = 2"))
    assert (rows.updated, rows.after, found.exit_code) == (1, "identical", 0)
    assert pair.rows_of_target("SELECT name FROM clients WHERE id = 2") == [("new",)]


def test_a_row_that_changed_on_the_source_after_it_was_compared_is_not_written_stale(pair: Pair) -> None:
    def decide(_: Repair) -> bool:
        pair.on_source("UPDATE clients SET name = 'since' WHERE id = 2", "DELETE FROM clients WHERE id = 3")
        return True

    found, rows = repaired(pair, lambda: None, decide)
    assert (rows.inserted, rows.updated, rows.left[reasons.SOURCE_CHANGED], found.exit_code) == (0, 0, 2, 1)
    assert pair.rows_of_target("SELECT * FROM clients ORDER BY id") == [(1, "a"), (2, "x")]


def test_rows_that_keep_moving_are_left_alone_and_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count()

    def moving(_: float) -> None:
        pair.on_source("UPDATE clients SET name = name || 'b' WHERE id = 2")

    def patience(**settings: Any) -> Patience:
        return Patience(seconds=3, since=0, clock=lambda: float(next(seconds)), pause=moving)

    monkeypatch.setattr(repair_plan, "Patience", patience)
    found, rows = repaired(pair, lambda: moving(0), lambda _: False)
    assert (rows.insert, rows.update, rows.left, found.exit_code) == (1, 1, {reasons.MOVING: 1}, 1)


def test_copies_in_a_table_without_a_key_are_counted_among_rows_that_are_written(pair: Pair) -> None:
    pair.on_both("DROP TABLE clients", "CREATE TABLE clients (name text)")
    pair.on_source("INSERT INTO clients VALUES ('a'), ('a'), ('b'), ('c')")
    pair.on_target("INSERT INTO clients VALUES ('a'), ('x')")
    found, rows = repaired(pair, lambda: pair.on_both("INSERT INTO clients VALUES ('late'), ('late')"))
    assert (rows.inserted, sum(rows.left.values()), found.exit_code) == (3, 1, 1)
    assert pair.rows_of_target("SELECT name, count(*) FROM clients GROUP BY name ORDER BY name") == [
        ("a", 2),
        ("b", 1),
        ("c", 1),
        ("late", 2),
        ("x", 1),
    ]
