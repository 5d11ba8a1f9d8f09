"""The script of a repair does what the repair does, also where no order of single writes would do: psql runs it."""

from __future__ import annotations

import dataclasses
import io
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.configuration import Configuration
from harness.core.plan import Hazard
from harness.embedded.binaries import installations
from harness.embedded.server import Server
from harness.stages.pipeline import RunRequest
from harness.stages.repair import repair_rows
from tests.data_pair import Pair, pair_of


@dataclass(frozen=True)
class Scene:
    """Tables whose rows hinder each other, and the statements that make them."""

    both: tuple[str, ...]
    source: tuple[str, ...]
    target: tuple[str, ...]
    tables: tuple[str, ...]


SCENES = {
    "two rows swap": Scene(
        ("CREATE TABLE swaps (id int PRIMARY KEY, place int NOT NULL UNIQUE, note text)",),
        ("INSERT INTO swaps VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')",),
        ("INSERT INTO swaps VALUES (1, 20, 'a'), (2, 10, 'x'), (3, 30, 'c')",),
        ("swaps",),
    ),
    "three rows go round": Scene(
        ("CREATE TABLE rings (id int PRIMARY KEY, place text NOT NULL UNIQUE)",),
        ("INSERT INTO rings VALUES (1, 'б'), (2, 'в'), (3, 'а')",),
        ("INSERT INTO rings VALUES (1, 'а'), (2, 'б'), (3, 'в')",),
        ("rings",),
    ),
    "a swap across two unique indexes": Scene(
        ("CREATE TABLE doubles (id int PRIMARY KEY, a int NOT NULL UNIQUE, b int NOT NULL UNIQUE)",),
        ("INSERT INTO doubles VALUES (1, 2, 1), (2, 1, 3), (3, 9, 2)",),
        ("INSERT INTO doubles VALUES (1, 1, 1), (2, 2, 2), (3, 9, 3)",),
        ("doubles",),
    ),
    "a partial unique index": Scene(
        (
            "CREATE TABLE partials (id int PRIMARY KEY, place int, open boolean)",
            "CREATE UNIQUE INDEX ON partials (place) WHERE open",
        ),
        ("INSERT INTO partials VALUES (1, 2, true), (2, 1, true), (3, 1, false), (4, 5, true), (5, 6, false)",),
        ("INSERT INTO partials VALUES (1, 1, true), (2, 2, true), (3, 2, false), (4, 6, false), (5, 5, true)",),
        ("partials",),
    ),
    "a unique index over an expression": Scene(
        (
            "CREATE TABLE logins (id int PRIMARY KEY, name text)",
            "CREATE UNIQUE INDEX ON logins ((lower(name)))",
        ),
        ("INSERT INTO logins VALUES (1, 'Boris'), (2, 'ANNA')",),
        ("INSERT INTO logins VALUES (1, 'anna'), (2, 'BORIS')",),
        ("logins",),
    ),
    "an exclusion constraint": Scene(
        ("CREATE TABLE slots (id int PRIMARY KEY, at int4range, EXCLUDE USING gist (at WITH &&))",),
        ("INSERT INTO slots VALUES (1, '[10,20)'), (2, '[1,5)'), (3, '[40,50)')",),
        ("INSERT INTO slots VALUES (1, '[1,9)'), (2, '[10,15)'), (3, '[15,20)')",),
        ("slots",),
    ),
    "a unique constraint that can be deferred": Scene(
        ("CREATE TABLE deferrables (id int PRIMARY KEY, place int UNIQUE DEFERRABLE)",),
        ("INSERT INTO deferrables VALUES (1, 2), (2, 1)",),
        ("INSERT INTO deferrables VALUES (1, 1), (2, 2)",),
        ("deferrables",),
    ),
    "a chain": Scene(
        ("CREATE TABLE chains (id int PRIMARY KEY, place int NOT NULL UNIQUE)",),
        ("INSERT INTO chains SELECT g, g + 1 FROM generate_series(1, 20) g",),
        ("INSERT INTO chains SELECT g, g FROM generate_series(1, 20) g",),
        ("chains",),
    ),
    "values of rows that go, and rows that come": Scene(
        ("CREATE TABLE codes (id int PRIMARY KEY, code text NOT NULL UNIQUE)",),
        ("INSERT INTO codes VALUES (1, 'b'), (2, 'c'), (3, 'a'), (5, 'e')",),
        ("INSERT INTO codes VALUES (1, 'a'), (2, 'b'), (4, 'c'), (6, 'e')",),
        ("codes",),
    ),
    "a row that points to one which waits": Scene(
        (
            "CREATE TABLE owners (id int PRIMARY KEY, code text NOT NULL UNIQUE)",
            "CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES owners)",
        ),
        ("INSERT INTO owners VALUES (1, 'x'), (2, 'a')", "INSERT INTO pets VALUES (1, 2), (2, 2)"),
        ("INSERT INTO owners VALUES (1, 'a')", "INSERT INTO pets VALUES (1, 1)"),
        ("owners", "pets"),
    ),
    "a table that points to itself": Scene(
        ("CREATE TABLE parts (id int PRIMARY KEY, above int NOT NULL REFERENCES parts)",),
        ("INSERT INTO parts VALUES (1, 2), (2, 3), (3, 1)",),
        ("INSERT INTO parts VALUES (8, 9), (9, 8)",),
        ("parts",),
    ),
    "tables that point to each other": Scene(
        (
            "CREATE TABLE hens (id int PRIMARY KEY, egg int NOT NULL)",
            "CREATE TABLE eggs (id int PRIMARY KEY, hen int NOT NULL REFERENCES hens)",
            "ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs",
        ),
        ("WITH h AS (INSERT INTO hens VALUES (1, 2), (2, 1)) INSERT INTO eggs VALUES (1, 1), (2, 2)",),
        ("WITH h AS (INSERT INTO hens VALUES (7, 8), (8, 7)) INSERT INTO eggs VALUES (7, 7), (8, 8)",),
        ("hens", "eggs"),
    ),
}


def asked(pair: Pair) -> RunRequest:
    return RunRequest(
        configuration=Configuration(),
        base=Path(),
        source=pair.source,
        target=pair.target,
        allow=frozenset({Hazard.DATA_LOSS}),
    )


def filled(pair: Pair) -> Pair:
    """The target as it is before a repair."""
    pair.on_target("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    for scene in SCENES.values():
        pair.on_target(*scene.both, *scene.target)
    return pair


def by_psql(dsn: str, script: str) -> subprocess.CompletedProcess[str]:
    psql = next(each.bin / "psql" for each in installations() if (each.bin / "psql").is_file())
    command = [str(psql), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", dsn]
    return subprocess.run(command, input=script, capture_output=True, text=True, check=False)


def statuses(pair: Pair) -> dict[str, str]:
    return {rows.table.removeprefix("public."): rows.status for rows in pair.compare().artifact}


@pytest.fixture(scope="module")
def repaired(server: Server, newer_server: Server) -> Iterator[dict[str, dict[str, str]]]:
    """What a comparison says of each table after psql ran the script, and after the repair itself wrote."""
    with pair_of(server, newer_server) as pair:
        for scene in SCENES.values():
            pair.on_source(*scene.both, *scene.source)
        text = io.StringIO()
        repair_rows(asked(filled(pair)), lambda _: False, output=text)
        done = by_psql(pair.target_dsn, text.getvalue())
        assert done.returncode == 0, done.stderr
        by_script = statuses(pair)
        again = by_psql(pair.target_dsn, text.getvalue())
        assert again.returncode == 0, again.stderr
        twice = statuses(pair)
        repair_rows(asked(filled(pair)), lambda _: True)
        yield {"script": by_script, "script twice": twice, "repair": statuses(pair)}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("way", ["script", "script twice", "repair"])
def test_rows_that_hinder_each_other_are_written(repaired: dict[str, dict[str, str]], scene: str, way: str) -> None:
    assert {table: repaired[way][table] for table in SCENES[scene].tables} == dict.fromkeys(
        SCENES[scene].tables, "identical"
    )


def test_a_row_whose_unique_value_stays_taken_is_named_and_costs_no_other(server: Server, newer_server: Server) -> None:
    with pair_of(server, newer_server) as pair:
        pair.on_both("CREATE TABLE codes (id int PRIMARY KEY, code text NOT NULL UNIQUE)")
        pair.on_source("INSERT INTO codes VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        pair.on_target("INSERT INTO codes VALUES (3, 'b'), (9, 'a')")
        text = io.StringIO()
        repair_rows(dataclasses.replace(asked(pair), allow=frozenset()), lambda _: False, output=text)
        done = by_psql(pair.target_dsn, text.getvalue())
        assert done.returncode == 0, done.stderr
        assert "-- public.codes: 1 rows are not in this script: another row, which stays" in text.getvalue()
        assert pair.rows_of_target("SELECT * FROM codes ORDER BY id") == [(2, "b"), (3, "c"), (9, "a")]


def test_a_swap_of_which_one_row_changed_since_is_left_as_it_is(server: Server, newer_server: Server) -> None:
    with pair_of(server, newer_server) as pair:
        pair.on_both("CREATE TABLE swaps (id int PRIMARY KEY, place int NOT NULL UNIQUE, note text)")
        pair.on_source("INSERT INTO swaps VALUES (1, 10), (2, 20)")
        pair.on_target("INSERT INTO swaps VALUES (1, 20), (2, 10)")
        text = io.StringIO()
        repair_rows(asked(pair), lambda _: False, output=text)
        pair.on_target("UPDATE swaps SET note = 'since' WHERE id = 2")
        assert by_psql(pair.target_dsn, text.getvalue()).returncode == 0
        assert pair.rows_of_target("SELECT * FROM swaps ORDER BY id") == [(1, 20, None), (2, 10, "since")]
