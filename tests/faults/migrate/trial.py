"""A migration that faults are planted in: the command in a process of its own, run again until it ends, and judged."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import conninfo, sql

from tests.faults.command_process import CommandProcess
from tests.faults.migrate import witness

ROOT: Final = Path(__file__).parents[3]
HERE: Final = Path(__file__).parent
SEED: Final = os.environ.get("PGPARITY_SEED") or secrets.token_hex(4)
"""Every delay follows from it and the test's own name; it is printed where a test fails"""
ATTEMPTS: Final = 4
"""Runs after the last fault: one has to end; before it a server may still end what the dead process began"""
COMMAND_SECONDS: Final = 300
"""A run that takes longer hangs"""
BATCH_ROWS: Final = 500
ROWS: Final = 12_000 if os.environ.get("PGPARITY_FAULTS") == "all" else 2_000
"""Visits, the largest table; `make test-migrate-faults` sets the variable"""
SMALL_ROWS: Final = 500


def chance(*test: object) -> random.Random:
    """The random numbers of one test."""
    print(f"PGPARITY_SEED={SEED} makes these delays again (of {test})")
    return random.Random(f"{SEED} {test}")


@dataclass(frozen=True)
class Ended:
    """What a run of the command left."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON of a run that ended by itself."""
        report: dict[str, Any] = json.loads(self.stdout)
        return report

    @property
    def findings(self) -> dict[str, list[str]]:
        """What was said of each table."""
        found: dict[str, list[str]] = {}
        for each in self.report["findings"]:
            found.setdefault(each["table"], []).append(json.dumps(each, ensure_ascii=False))
        return found


class Running(CommandProcess):
    """The command while it runs."""

    hangs_after_seconds = COMMAND_SECONDS

    def __init__(self, trial: Trial, *arguments: str) -> None:
        command = [sys.executable, "-m", "harness", "migrate", "--source", "env:OFFICE_SOURCE"]
        command += ["--target", "env:OFFICE_TARGET", "--yes", "--format", "json", "--no-progress"]
        self.trial = trial
        self.process = subprocess.Popen(
            [*command, "--batch-rows", str(BATCH_ROWS), *arguments],
            cwd=trial.folder,
            env=os.environ
            | {
                "OFFICE_SOURCE": trial.through_source,
                "OFFICE_TARGET": trial.through_target,
                "PYTHONPATH": str(trial.code),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kill(self) -> None:
        """SIGKILL to the command alone: what it started has to notice by itself."""
        self.process.kill()
        self.process.wait()
        self.close_streams()

    def hung(self) -> str:
        return f"the command hangs; sessions of the target: {self.trial.sessions()}"

    def end(self) -> Ended:
        """Wait for its end."""
        return Ended(*self.said(self.trial.secrets))


@dataclass
class Office:
    """The source with its rows, which trials share, and the database that each target is a copy of."""

    source: str = field(repr=False)
    server: str = field(repr=False)
    """DSN of the server of the targets"""
    template: str
    marks: dict[str, Any] = field(repr=False)
    folder: Path
    ledger: list[str] | None = None
    """Relations of the ledger after a run that nothing happened to"""

    @contextlib.contextmanager
    def trial(self, *, own_source: bool = False) -> Iterator[Trial]:
        """A new target; `own_source`: a source for this trial alone, because the test writes to it."""
        with contextlib.ExitStack() as cleanup:
            target = cleanup.enter_context(copy_of(self.server, self.template))
            source = cleanup.enter_context(copy_of(self.source, None)) if own_source else self.source
            trial = Trial(self, source, target, source, target, self.folder)
            trial.marks = witness.untouched_marks(source) if own_source else self.marks
            trial.made_of = witness.made_of(target)
            yield trial


@dataclass
class Trial:
    """A source and a target, what has to be true of them at the end, and the command between them."""

    office: Office = field(repr=False)
    source: str = field(repr=False)
    target: str = field(repr=False)
    through_source: str = field(repr=False)
    """What the command is given: the same, or a proxy before it"""
    through_target: str = field(repr=False)
    folder: Path
    code: Path = ROOT
    """What holds the package: this project, or a copy of it with a fault of its own"""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    marks: dict[str, Any] = field(default_factory=dict, repr=False)
    made_of: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        passwords = [conninfo.conninfo_to_dict(each).get("password") for each in (self.source, self.target)]
        self.secrets = tuple(str(each) for each in passwords if each)

    @contextlib.contextmanager
    def running(self, *arguments: str) -> Iterator[Running]:
        """The command, and no process of it after the block."""
        running = Running(self, *arguments)
        try:
            yield running
        finally:
            running.close()

    def run(self, *arguments: str) -> Ended:
        """The command, to its end."""
        with self.running(*arguments) as running:
            return running.end()

    def finish(self, *arguments: str, between: Callable[[Ended], None] = lambda ended: None) -> Ended:
        """Run the command until it says that all is there, and see that this is true.

        Before that it may say that it could not run (2); that rows differ (1) would be false: nobody wrote any.
        """
        for _ in range(ATTEMPTS):
            ended = self.run(*arguments)
            if ended.exit_code == 0:
                self.assert_complete(ended)
                return ended
            assert ended.exit_code == 2, (
                f"exit {ended.exit_code}, but the rows of the source are what they were: {ended}"
            )
            between(ended)
        raise AssertionError(f"{ATTEMPTS} runs did not end it: {ended}")

    def settle(self) -> None:
        """The test itself wrote to its own source, or changed the target's tables: from here on nobody may."""
        self.marks = witness.untouched_marks(self.source)
        self.made_of = witness.made_of(self.target)

    def sequences_jumped(self) -> None:
        """The source died and recovered: its sequences went on by the values that they write ahead of use."""
        for marks in (self.marks, self.office.marks):
            marks["sequences"] = witness.untouched_marks(self.source)["sequences"]

    def sessions(self) -> list[tuple[Any, ...]]:
        return witness.sessions(self.target)

    def differing(self) -> dict[str, str]:
        """The tables whose rows are not the same on both sides, by the witness."""
        return witness.differing(witness.rows_of(self.source), witness.rows_of(self.target))

    def assert_complete(self, ended: Ended) -> None:
        """All rows are there once, the command said no more and no less, and nothing else is left of it."""
        rows = witness.rows_of(self.source)
        assert witness.differing(rows, witness.rows_of(self.target)) == {}
        self.assert_said(ended, rows)
        self.assert_left_alone()
        was = witness.sequences_of(self.source)
        for name, sequence in witness.sequences_of(self.target).items():
            assert sequence.next > sequence.highest, name
            assert sequence.next >= was[name].next, f"{name} is behind that of the source"

    def assert_said(self, ended: Ended, rows: dict[str, Counter[str]]) -> None:
        """Each table is reported, with the rows that it holds, and as verified."""
        said = {each["table"]: (each["rows"], each["verified"]) for each in ended.report["tables"]}
        held = {table: found.total() for table, found in rows.items() if "measurement" not in table}
        held["public.measurement"] = sum(found.total() for table, found in rows.items() if "measurement" in table)
        assert said == {table: (count, True) for table, count in held.items()}

    def assert_left_alone(self) -> None:
        """The source is as it was to the bit, the target is made of what it was, and nobody is connected."""
        for dsn in (self.source, self.target):
            witness.wait_until_alone(dsn)
        marks = witness.untouched_marks(self.source)
        assert [each for each in marks if marks[each] != self.marks[each]] == [], "the source was written to"
        changed = sorted(witness.made_of(self.target).items() ^ self.made_of.items())
        assert changed == [], f"the target is not made of what it was: {changed}"
        if self.office.ledger is not None:
            assert witness.ledger_relations(self.target) == self.office.ledger


@contextlib.contextmanager
def copy_of(dsn: str, template: str | None) -> Iterator[str]:
    """A copy of a database of the same server, dropped after; without a name, of the DSN's own database."""
    known = conninfo.conninfo_to_dict(dsn)
    name = f"office_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(conninfo.make_conninfo(dsn, dbname="postgres"), autocommit=True) as admin:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(template or str(known["dbname"]))))
    try:
        yield conninfo.make_conninfo(dsn, dbname=name)
    finally:
        with psycopg.connect(conninfo.make_conninfo(dsn, dbname="postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def fill_source(dsn: str, rows: int = ROWS) -> None:
    """The office's tables with their rows."""
    make_tables(dsn)
    with witness.connect(dsn) as connection:
        connection.execute("SELECT set_config('office.rows', %s, false)", [str(rows)])
        connection.execute(sql.SQL((HERE / "office_rows.sql").read_text(encoding="utf-8")))


def make_target(dsn: str, rows: int = ROWS) -> None:
    """The same tables, empty but for one, which holds some of its rows as they once were."""
    make_tables(dsn)
    with witness.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO public.price (id, label, value) SELECT g * 3, NULL, -1 FROM generate_series(1, %s, 4) g",
            [rows // 5],
        )


def make_tables(dsn: str) -> None:
    with witness.connect(dsn) as connection:
        connection.execute(sql.SQL((HERE / "office.sql").read_text(encoding="utf-8")))
