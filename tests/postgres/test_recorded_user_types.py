"""Types of users of a recorded side: the record says what they are made of; a name alone makes none the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.deltas import TableRows
from tests.data_pair import Pair
from tests.recorded_pair import Recording

MADE = (
    "CREATE TYPE mood AS ENUM ('calm', 'glad')",
    "CREATE DOMAIN share AS numeric",
    "CREATE TABLE clients (id int PRIMARY KEY, mood mood, shares share[])",
    "INSERT INTO clients VALUES (1, 'calm', '{1.5}')",
)


@pytest.fixture
def recording(databases: Pair, tmp_path: Path) -> Recording:
    databases.emptied().on_both(*MADE)
    return Recording(databases, tmp_path)


def compared(recording: Recording) -> TableRows:
    return recording.compare(recording.record())


def test_types_of_one_name_that_are_made_alike_are_one(recording: Recording) -> None:
    rows = compared(recording)
    assert (rows.status, rows.type_drift) == ("identical", ())


def test_an_enum_with_a_label_more_is_another_type(recording: Recording) -> None:
    recording.pair.on_target("ALTER TYPE mood ADD VALUE 'sad'")
    rows = compared(recording)
    assert (rows.status, rows.type_drift) == ("drift", ("mood",))
