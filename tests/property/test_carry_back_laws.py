"""Laws of carrying back: whatever happened on the target, nothing is called carried that is not on the source."""

from __future__ import annotations

import contextlib
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg import sql

from harness.core.configuration import Configuration
from harness.errors import PgparityError
from harness.postgres.fence import write_sentinel
from harness.stages import repair_run
from harness.stages.cutover.carry_back import CarriedBack, carry_back
from harness.stages.pipeline import RunRequest
from tests.data_pair import Pair, copied_text

TABLES = ("people", "places", "visits", "words")
MADE = (
    "CREATE TABLE places (id int PRIMARY KEY, inside int REFERENCES places DEFERRABLE, name text UNIQUE)",
    """CREATE TABLE people (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, home int REFERENCES places ON DELETE SET NULL,
        phone text UNIQUE, shown text GENERATED ALWAYS AS ('+' || phone) STORED
    )""",
    """CREATE TABLE visits (
        person int REFERENCES people ON DELETE CASCADE, place int REFERENCES places, day int, note jsonb,
        PRIMARY KEY (person, place, day)
    )""",
    "CREATE TABLE words (word text, said numeric)",
)
STEPS = 60


def _step(random: Random) -> str:
    number = random.choice(("1", "1.0", "NULL", "-0", "2"))
    small, other, word = random.randint(1, 12), random.randint(1, 12), random.choice("abcdef") * random.randint(1, 2)
    return random.choice(
        (
            f"INSERT INTO places VALUES ({small}, NULL, '{word}{small}')",
            f"INSERT INTO places VALUES ({small}, {other}, '{word}')",
            f"UPDATE places SET inside = {other} WHERE id = {small}",
            f"UPDATE places SET name = '{word}' WHERE id = {small}",
            f"DELETE FROM places WHERE id = {small}",
            f"INSERT INTO people (home, phone) VALUES ({other}, '8000555{small:04}')",
            f"INSERT INTO people (home, phone) VALUES (NULL, '7000555{other:04}')",
            f"UPDATE people SET phone = '8000555{small:04}' WHERE id = {other}",
            f"UPDATE people SET home = {small} WHERE id % 3 = 0",
            f"DELETE FROM people WHERE id = {small}",
            f"INSERT INTO visits VALUES ({small}, {other}, {random.randint(1, 3)}, '{{\"n\": [{small}, null]}}')",
            f"UPDATE visits SET day = day + 10, note = NULL WHERE person = {small}",
            f"DELETE FROM visits WHERE place = {small}",
            f"INSERT INTO words SELECT '{word}', {number} FROM generate_series(1, 2)",
            f"DELETE FROM words WHERE ctid = (SELECT ctid FROM words WHERE word = '{word}' LIMIT 1)",
            f"UPDATE words SET said = {small} WHERE word = '{word}'",
        )
    )


def _happen(dsn: str, random: Random, steps: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(steps):
            with contextlib.suppress(psycopg.Error):
                connection.execute(sql.SQL(_step(random)))


def _texts(dsn: str) -> dict[str, bytes]:
    return {table: copied_text(dsn, table, "1, 2") for table in TABLES} | {
        "words": copied_text(dsn, "(SELECT word, said::text FROM words) AS w", "1, 2"),
    }


def _carry(pair: Pair) -> CarriedBack:
    request = RunRequest(configuration=Configuration(), base=Path(), source=pair.source, target=pair.target)
    return carry_back(request, cutover="c", consent=True)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_what_happened_on_the_target_is_on_the_source_or_is_told(
    pair: Pair, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    pair.on_both(*MADE)
    # The same on both: sides are equal at the switch.
    _happen(pair.source_dsn, Random(seed + 1), STEPS)
    _happen(pair.target_dsn, Random(seed + 1), STEPS)
    before = _texts(pair.source_dsn)
    assert before == _texts(pair.target_dsn)
    write_sentinel(pair.source, "c", consent=True)
    _happen(pair.target_dsn, random, random.choice((5, STEPS, 3 * STEPS)))
    wanted = _texts(pair.target_dsn)
    if seed % 2:
        _killed(pair, random, monkeypatch)
    found = _carry(pair)
    after = _texts(pair.source_dsn)
    differing = {table for table in TABLES if after[table] != wanted[table]}
    assert {table for table in TABLES if any(f"public.{table}:" in each for each in found.left)} == differing
    assert found.complete is not bool(differing)
    again = _carry(pair)
    assert (_texts(pair.source_dsn), again.left) == (after, found.left)
    assert _texts(pair.target_dsn) == wanted


def _killed(pair: Pair, random: Random, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends after some transaction; the next one knows nothing of it."""
    left, original = random.randint(0, 6), repair_run._write

    def dying(*arguments: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise PgparityError("killed")
        original(*arguments)

    with monkeypatch.context() as patched, contextlib.suppress(PgparityError):
        patched.setattr(repair_run, "BATCH_ROWS", 2)
        patched.setattr(repair_run, "_write", dying)
        _carry(pair)
