"""A cutover in which something breaks: a program, a disk, a server, a connection, the journal, a method."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cutover.command import Running
from tests.faults.cutover.test_faults import UNDER_THE_FENCE
from tests.faults.cutover.town import BOTH, Town, Which
from tests.faults.cutover.trial import Trial, trial_of

pytestmark = pytest.mark.long


HOOK = """\
#!/usr/bin/env python3
import os, pathlib, re, signal, sys, time
file, mode = pathlib.Path("switches.env"), sys.argv[1]
to_target = "true" if sys.argv[2] == "target" else "false"
def switch():
    text = file.read_text()
    for name in ("USE_REPOSITORY_PATTERN", "TARGET_IS_PRIMARY"):
        text = re.sub(f"(?m)^{name}=.*$", f"{name}={to_target}", text)
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)
if sys.argv[2] == "asked":
    sys.exit(0 if "TARGET_IS_PRIMARY=true" in file.read_text() else 1)
if mode == "fails":
    sys.exit(7)
if mode == "hangs":
    time.sleep(60)
switch()
if mode == "dies":
    os.kill(os.getpid(), signal.SIGKILL)
if mode == "kills" and not pathlib.Path("killed").exists():
    pathlib.Path("killed").touch()
    os.kill(os.getppid(), signal.SIGKILL)
"""


def hooked(trial: Trial, mode: str) -> None:
    """The application is led over by a program of its own."""
    hook = trial.folder / "switch.py"
    hook.write_text(HOOK, encoding="utf-8")
    hook.chmod(0o755)
    trial.configure(
        switches_file=None,
        switch_command=["./switch.py", mode, "target"],
        switch_back_command=["./switch.py", "works", "source"],
        switched_command=["./switch.py", "works", "asked"],
        hook_seconds=3.0,
    )


def test_a_program_that_switches_is_as_good_as_the_file(trial: Trial) -> None:
    hooked(trial, "works")
    assert trial.finish("cutover").exit_code == 0


@pytest.mark.parametrize("mode", ["fails", "hangs", "dies"])
def test_a_program_that_does_not_end_well_stops_the_cutover_and_the_application_is_on_the_source(
    mode: str, trial: Trial
) -> None:
    hooked(trial, mode)
    ended = trial.cutover()
    assert ended.exit_code == 1, str(ended)
    assert "TARGET_IS_PRIMARY=false" in trial.switches.read_text(encoding="utf-8")
    trial.assert_done(ended)


def test_a_program_that_switched_while_the_command_died_is_asked_and_the_cutover_goes_on(trial: Trial) -> None:
    hooked(trial, "kills")
    with trial.running("--yes") as running:
        assert running.ended_within(60)
    assert (trial.folder / "killed").exists()
    trial.finish("cutover")


def test_a_disk_that_is_full_for_the_journal_never_opens_and_room_lets_it_go_on(trial: Trial) -> None:
    trial.file_bytes = 1200
    for _ in range(2):
        ended = trial.cutover()
        assert ended.exit_code in (1, 2, 3), str(ended)
    trial.file_bytes = None
    trial.finish("cutover")


@pytest.mark.parametrize("which", BOTH)
def test_a_server_that_dies_under_the_fence_is_gone_on_with_once_it_is_back(which: Which, trial: Trial) -> None:
    def die(running: Running) -> bool:
        trial.town.servers[which].kill()
        return True

    assert trial.happens_at(UNDER_THE_FENCE, die, "--yes")
    trial.town.servers[which].start()
    trial.finish("cutover" if which == "target" else "rollback")


@pytest.mark.parametrize("which", BOTH)
def test_connections_that_are_cut_under_the_fence_leave_nobody_locked_out(which: Which, trial: Trial) -> None:
    def cut(running: Running) -> bool:
        trial.town.proxies[which].reset()
        return False

    assert trial.happens_at(UNDER_THE_FENCE, cut, "--yes")
    trial.status()
    trial.finish("cutover")


def test_a_journal_that_is_lost_does_not_keep_anybody_from_going_back(trial: Trial) -> None:
    assert trial.killed_at(UNDER_THE_FENCE, "--yes")
    trial.journal.unlink()
    assert trial.fenced() == ["source", "target"]
    trial.finish("rollback")


def test_a_journal_whose_last_line_is_torn_is_gone_on_with(trial: Trial) -> None:
    assert trial.killed_at(UNDER_THE_FENCE, "--yes")
    text = trial.journal.read_bytes()
    trial.journal.write_bytes(text[:-7])
    trial.finish("cutover")


def test_methods_that_answer_otherwise_on_the_target_lead_the_application_back(salon: Town, tmp_path: Path) -> None:
    with trial_of(salon, tmp_path, "smoke", methods=True) as trial:
        other_answers_lead_back(trial)


LAYER = """\
import time
from pathlib import Path
from harness.reference.repository_layer import RepositoryLayer, connected

class Broken(RepositoryLayer):
    def get_company(self, company_id: int) -> object:
        answer = super().get_company(company_id)
        if "TARGET_IS_PRIMARY=true" in Path(__file__).with_name("switches.env").read_text():
            time.sleep(4)  # until the writes that wait for the source's lock have given up
            answer["data"]["title"] = "?"
        return answer

def create(context):
    return Broken(connected(context))
"""


def other_answers_lead_back(trial: Trial) -> None:
    """One method of the target's data layer is broken, which shows once the application is led there."""
    (trial.folder / "broken_layer.py").write_text(LAYER, encoding="utf-8")
    config = trial.config.read_text(encoding="utf-8")
    broken = config.replace("harness.reference.repository_layer:create", "broken_layer:create")
    assert broken != config
    trial.config.write_text(broken, encoding="utf-8")
    ended = trial.cutover()
    assert ended.exit_code == 1, str(ended)
    assert [each["name"] for each in ended.record["steps"] if each["status"] == "failed"] == ["smoke"]
    trial.assert_done(ended)


def test_methods_that_answer_alike_let_it_be_opened(salon: Town, tmp_path: Path) -> None:
    with trial_of(salon, tmp_path, "smoke", methods=True) as trial:
        trial.finish("cutover")
