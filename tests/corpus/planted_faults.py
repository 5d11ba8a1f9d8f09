"""Reads tests/corpus/planted: one schema with every kind of object, and statements that plant one fault each."""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.cases import Expected

FOLDER = Path(__file__).parent / "planted"
FAMILIES = ("relations", "rules", "programs", "types", "access")
"""Files of faults"""
OLDEST = 15
"""The major version that loads the schema"""


@dataclass(frozen=True, slots=True)
class Fault:
    """A statement, and the one change that a comparison has to find behind it."""

    sql: str
    change: Expected
    since: int

    @property
    def name(self) -> str:
        """What a test of it is called."""
        each = self.change
        return " ".join(word for word in (each.kind, each.identity, each.attribute or each.change) if word)


def schema() -> str:
    """The schema without faults."""
    return (FOLDER / "base.sql").read_text(encoding="utf-8")


def of_each_database() -> str:
    """What CREATE DATABASE … TEMPLATE does not copy."""
    return (FOLDER / "database.sql").read_text(encoding="utf-8")


def faults() -> list[Fault]:
    """All of them.

    ValueError: a statement has no line before it that says what it plants.
    """
    found: list[Fault] = []
    for family in FAMILIES:
        expected: list[str] = []
        for line in (FOLDER / f"{family}.sql").read_text(encoding="utf-8").splitlines()[2:]:
            if line.startswith("-- "):
                expected = [each.strip() for each in line[3:].split("|")]
            elif len(expected) < 5:
                raise ValueError(f"{family}.sql does not say what this plants: {line}")
            else:
                found.append(_fault(line, *expected))
                expected = []
    return found


def _fault(sql: str, kind: str, identity: str, attribute: str, change: str, consequence: str, since: str = "") -> Fault:
    expected = Expected(kind, identity, None if attribute == "-" else attribute, change, consequence)
    return Fault(sql, expected, int(since) if since else OLDEST)


def chosen() -> list[Fault]:
    """All of them where PGPARITY_CORPUS asks for that, else every tenth."""
    everything = os.environ.get("PGPARITY_CORPUS") == "all"
    return [each for each in faults() if everything or zlib.crc32(each.sql.encode()) % 10 == 0]
