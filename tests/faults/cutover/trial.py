"""A cutover that faults are planted in: a load, the command in processes of its own, and what has to be true."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.core.cutover.load_events import Acknowledged
from harness.core.record import Side
from harness.embedded.stack import API_ROLES, OWNER
from harness.postgres.connect import Endpoint
from harness.stages.cutover.load import Load, loaded
from tests.faults.cutover import witness
from tests.faults.cutover.command import COMMAND_SECONDS, Ended, Running
from tests.faults.cutover.moments import Moment, Overheard
from tests.faults.cutover.town import APPLICATION, BOTH, DATABASES, Town, Which, configuration
from tests.faults.migrate.trial import ROOT
from tests.faults.migrate.witness import PATIENCE

ATTEMPTS: Final = 6
"""Runs after the last fault, at most: one has to come to an end"""
WRITES_PER_SECOND: Final = 25.0
"""Half of what the rehearsal measures with: other tests run beside"""
WRITES_AFTER: Final = 12
"""So many have to be acknowledged by the server that answers in the end"""


@dataclass
class Trial:
    """One cutover under load, from the morning's databases."""

    town: Town
    folder: Path
    load: Load
    seed: str
    code: Path = ROOT
    overheard: Overheard = field(default_factory=Overheard)
    rights: dict[Which, Counter[tuple[Any, ...]]] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    kills: list[str] = field(default_factory=list)
    file_bytes: int | None = None
    """How long a file of the command may grow: a disk that is full"""

    @property
    def config(self) -> Path:
        return self.folder / "pgparity.toml"

    @property
    def switches(self) -> Path:
        return self.folder / "switches.env"

    @property
    def journal(self) -> Path:
        return self.folder / "reports" / "cutover" / "cutover.jsonl"

    def environment(self) -> dict[str, str]:
        """Of the command."""
        own = {"PGPARITY_SOURCE": self.town.through("source"), "PGPARITY_TARGET": self.town.through("target")}
        return os.environ | own | {"PYTHONPATH": str(self.code)}

    def configure(self, *, methods: bool = False, **cutover: object) -> None:
        """Write pgparity.toml anew."""
        text = configuration(cutover.pop("run", None) or str(self.town.run), methods=methods, **cutover)  # type: ignore[arg-type]
        self.config.write_text(text, encoding="utf-8")

    # The command

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

    def cutover(self) -> Ended:
        return self.run("--yes")

    def rollback(self) -> Ended:
        return self.run("rollback", "--yes")

    def status(self) -> dict[str, Any]:
        """What `pgparity cutover status` says, which has to be what the databases say."""
        ended = self.run("status")
        assert ended.exit_code in (0, 1, 3), str(ended)
        said = ended.record
        assert sorted(said["fenced"]) == sorted(self.fenced()), said
        return said

    def fenced(self) -> list[Which]:
        """The sides on which somebody of the application lacks a right to write that it had."""
        return [which for which in BOTH if self.rights[which] - witness.rights(self.town.dsn(which, "postgres"))]

    def killed_at(self, moment: Moment, *arguments: str) -> bool:
        """Run the command until it comes to the moment, and kill it there; whether it came there."""
        return self.happens_at(moment, lambda running: running.kill(), *arguments)

    def happens_at(self, moment: Moment, what: Callable[[Running], bool], *arguments: str) -> bool:
        """Run the command, and do something when it comes to a moment; whether it came there."""
        print(f"{moment}: {' '.join(arguments)}")
        self.overheard = Overheard(moment)
        with self.listening(), self.running(*arguments) as running:
            self.overheard.happens = lambda: what(running)
            running.ended_within(COMMAND_SECONDS)
            return self.overheard.happened.is_set()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """All that the commands of the block say passes by."""
        self.overheard.listen(self.town)
        try:
            yield
        finally:
            for proxy in self.town.proxies.values():
                proxy.hearing = lambda: lambda _, data: (data,)

    def killed_at_line(self, count: int, delay: float, *arguments: str) -> str:
        """Kill it so many seconds after its journal has got so many lines more; what the last of them was."""
        before = len(self.lines())
        with self.running(*arguments) as running:
            while len(self.lines()) < before + count and not running.ended_within(0.003):
                pass
            if not running.ended_within(delay):
                running.kill()
        last = self.lines()[-1:] or [{}]
        return f"{last[0].get('event', 'the beginning')} {last[0].get('step', '')}".strip()

    def lines(self) -> list[dict[str, Any]]:
        """Whole lines of the journal."""
        with contextlib.suppress(FileNotFoundError):
            text = self.journal.read_text(encoding="utf-8")
            return [json.loads(each) for each in text[: text.rfind("\n") + 1].splitlines()]
        return []

    # The end

    def finish(self, way: str) -> Ended:
        """Go on, or back, until it says that it is done; then see that this is true."""
        for _ in range(ATTEMPTS):
            ended = self.rollback() if way == "rollback" else self.cutover()
            if ended.exit_code in (0, 1):
                self.assert_done(ended)
                return ended
            self.status()
        raise AssertionError(f"{ATTEMPTS} runs did not end it: {ended!s}")

    def assert_done(self, ended: Ended) -> None:
        """What the exit code says is so."""
        state = ended.record["state"]
        if state == "open":
            assert ended.exit_code == 0, str(ended)
            self.assert_open()
        elif state == "rolled back":
            assert ended.exit_code == 0, str(ended)
            self.assert_on_source()
        else:
            # Refused before anything was done, or taken back whole.
            assert state in ("stopped", "planned"), str(ended)
            assert ended.exit_code == 1 or state == "stopped", str(ended)
            self.assert_on_source()

    def assert_open(self) -> None:
        """The application writes to the target, which has everything; the source is locked."""
        self.assert_application_writes("target")
        self.load.stop()
        assert self.status()["state"] == "open"
        self.assert_rights("target")
        assert not any(witness.may_write(self.town.dsn("source", "postgres"), role) for role in API_ROLES)
        self.assert_judged("target", "source")

    def assert_on_source(self) -> None:
        """Everything is as it was before, and the source has every row that was ever acknowledged."""
        self.assert_application_writes("source")
        self.load.stop()
        for which in BOTH:
            self.assert_rights(which)
        assert self.status()["fenced"] == []
        self.assert_judged("source", "target")

    def assert_application_writes(self, which: Which) -> None:
        """The application goes on there by itself."""
        since = time.time()
        self.load.wait_for_writes(WRITES_AFTER)
        since_then = (each for each in self.load.noted() if isinstance(each, Acknowledged) and each.at > since)
        backends = {each.backend for each in since_then}
        assert backends == {which}, backends

    def assert_rights(self, which: Which) -> None:
        """Every privilege is what it was, and no lock is left."""
        found = witness.rights(self.town.dsn(which, "postgres"))
        assert found == self.rights[which], (found - self.rights[which], self.rights[which] - found)
        wait_until_commands_are_gone(self.town, which)
        held = witness.locked(self.town.dsn(which, "postgres"))
        assert held == [], held

    def assert_judged(self, primary: Which, secondary: Which) -> None:
        """No acknowledged write is lost, doubled or half; the rows that nobody wrote are the same on both sides."""
        assert self.load.judged(self.endpoint(primary), self.endpoint(secondary)) == ()
        sides = [unmarked(witness.rows(self.town.dsn(which, "postgres"))) for which in BOTH]
        assert sides[0] == sides[1], {
            table: (sides[0][table] - sides[1][table], sides[1][table] - sides[0][table]) for table in sides[0]
        }
        assert witness.sequences_behind(self.town.dsn(primary, "postgres")) == []

    def endpoint(self, which: Which) -> Endpoint:
        return Endpoint(Side(which), self.town.dsn(which, "postgres"))


def unmarked(rows: dict[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Without the rows that the load writes."""
    marks = ('"yclients_id": 99', '"yclients_record_id": 99', '"user_id": "99')
    return {
        table: Counter({text: count for text, count in found.items() if not any(each in text for each in marks)})
        for table, found in rows.items()
    }


def wait_until_commands_are_gone(town: Town, which: Which) -> None:
    """No session of a command is left: those of the application stay, which is another role."""
    deadline = time.monotonic() + PATIENCE
    query = "SELECT pid, application_name, state FROM pg_stat_activity WHERE datname = %s AND usename = %s"
    while True:
        with town.admin(which) as admin:
            left = admin.execute(query, [DATABASES[which], OWNER]).fetchall()
        if not left:
            return
        assert time.monotonic() < deadline, f"sessions that outlive the command: {left}"
        time.sleep(0.05)


@contextlib.contextmanager
def trial_of(town: Town, folder: Path, seed: str, *, methods: bool = False, **cutover: object) -> Iterator[Trial]:
    """A cutover under load that has just begun to write to the source."""
    for each in town.proxies.values():
        each.hearing = lambda: lambda _, data: (data,)
    town.copied()
    with town.gateway() as gateway:
        (folder / "switches.env").write_text(
            "# of the application\nUSE_LEGACY_SUPABASE=true\nUSE_REPOSITORY_PATTERN=false\nTARGET_IS_PRIMARY=false\n"
            f"SUPABASE_URL={gateway.url}\nSUPABASE_KEY={town.keys.service_role_key}\n"
            f"DATABASE_DSN={town.dsn('target', APPLICATION)}\nLOG_DATABASE_CALLS=false\n",
            encoding="utf-8",
        )
        rights = {which: witness.rights(town.dsn(which, "postgres")) for which in BOTH}
        with loaded(
            folder / "switches.env",
            folder / "load.jsonl",
            writes_per_second=WRITES_PER_SECOND,
            writers=4,
            seed=seed,
        ) as load:
            trial = Trial(town, folder, load, seed, rights=rights)
            trial.secrets = (*town.passwords.values(), town.keys.service_role_key, "Тестовый клиент")
            trial.configure(methods=methods, **cutover)
            yield trial
