"""Reads schemas/corpus: pairs of schemas that differ in one thing, and what a comparison has to say of each."""

from __future__ import annotations

import os
import tomllib
import zlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "schemas" / "corpus"
ROLES = ("corpus_reader", "corpus_writer", "corpus_owner")
"""Roles that the cases grant to and that own things; whoever loads a case makes them first"""


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """One change that the target has: kind, identity, attribute (None: the whole object), change, consequence."""

    kind: str
    identity: str
    attribute: str | None
    change: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Case:
    """Two schemas: `since` is the oldest major version that loads both; `rows` fills either of them."""

    name: str
    about: str
    since: int
    source: str
    target: str
    rows: str | None
    loss: bool
    changes: tuple[Expected, ...]


def read_case(folder: Path) -> Case:
    """The case of one folder.

    ValueError: a key of expect.toml is missing or unknown.
    """
    told = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))
    unknown = set(told) - {"about", "since", "loss", "change"}
    if unknown:
        raise ValueError(f"{folder.name}/expect.toml has unknown keys: {', '.join(sorted(unknown))}")
    rows = folder / "rows.sql"
    return Case(
        name=folder.name,
        about=told["about"],
        since=told.get("since", 13),
        source=(folder / "source.sql").read_text(encoding="utf-8"),
        target=(folder / "target.sql").read_text(encoding="utf-8"),
        rows=rows.read_text(encoding="utf-8") if rows.exists() else None,
        loss=told.get("loss", False),
        changes=tuple(
            Expected(
                kind=each["kind"],
                identity=each["identity"],
                attribute=each.get("attribute"),
                change=each["change"],
                consequence=each["consequence"],
            )
            for each in told.get("change", ())
        ),
    )


def cases() -> list[Case]:
    """All of them, by name."""
    return [read_case(folder) for folder in sorted(ROOT.iterdir()) if (folder / "expect.toml").exists()]


EVERYTHING = os.environ.get("PGPARITY_CORPUS") == "all"
"""As `make test-corpus` sets it"""


def chosen() -> list[Case]:
    """All of them where PGPARITY_CORPUS asks for that, else every thirtieth."""
    return [case for case in cases() if EVERYTHING or zlib.crc32(case.name.encode()) % 30 == 0]


def long(case: Case) -> bool:
    """Whether `make test` leaves a chosen case to `make test-long` where it takes more than a comparison."""
    return not EVERYTHING and zlib.crc32(case.name.encode()) % 60 != 0
