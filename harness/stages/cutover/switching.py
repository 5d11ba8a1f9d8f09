"""The switch: the application is led to the target, or back, by a program of the user or by its file of switches."""

from __future__ import annotations

from harness.core.cutover.record import CutoverCheck
from harness.errors import PgparityError
from harness.stages.cutover.before_switch import before_switch
from harness.stages.cutover.hooks import Ran, call
from harness.stages.cutover.request import CutoverRequest, Outcome, Situation, failed, judged, ok
from harness.stages.cutover.switches_file import SwitchesFile


def switches_file(request: CutoverRequest, cutover: str = "") -> SwitchesFile | None:
    """The file of switches; None where a program switches. `cutover`: who leads the application by it."""
    name = request.section.switches_file
    return SwitchesFile(request.base / name, request.section.switch_to, cutover) if name is not None else None


def switch(situation: Situation) -> Outcome:
    """Lead the application to the target, and ask whether it is led there. A second time does no harm."""
    request = situation.request
    checks = before_switch(situation)
    if not all(each.ok for each in checks):
        return Outcome(checks=tuple(checks), summary="not switched")
    file = switches_file(request, situation.cutover)
    if file is not None:
        file.lead_to_target()
        checks.append(judged("switches", file.leads_to_target, f"{file.file.name} leads to the target"))
        checks += _reloaded(situation)
    else:
        ran = call(request, request.section.switch_command, cutover=situation.cutover, step="switch")
        checks.append(_succeeded("switch command", ran))
    if all(each.ok for each in checks):
        checks += _asked(situation, wanted=True)
    return Outcome(checks=tuple(checks), summary="the application is led to the target")


def switch_back(situation: Situation) -> Outcome:
    """Lead the application back to the source, and ask whether it is. A second time does no harm."""
    request = situation.request
    checks: list[CutoverCheck] = []
    file = switches_file(request, situation.cutover)
    if file is not None:
        file.lead_back()
        checks.append(judged("switches", file.is_back, f"{file.file.name} is as it was"))
        checks += _reloaded(situation)
    else:
        ran = call(request, request.section.switch_back_command, cutover=situation.cutover, step="switch back")
        checks.append(_succeeded("switch-back command", ran))
    if all(each.ok for each in checks):
        checks += _asked(situation, wanted=False)
    return Outcome(checks=tuple(checks), summary="the application is led to the source")


def forget_switches(request: CutoverRequest, cutover: str) -> None:
    """Drop what the cutover kept of the file of switches, once everything is as it was."""
    file = switches_file(request, cutover)
    if file is not None:
        file.forget()


def leads_to_target(situation: Situation) -> bool | None:
    """Whether the application is led to the target now; None where nothing tells. Nothing is changed."""
    request = situation.request
    if request.section.switched_command:
        code = call(request, request.section.switched_command, cutover=situation.cutover, step="switch").code
        return {0: True, 1: False}.get(code) if code is not None else None
    file = switches_file(request)
    try:
        return file.leads_to_target if file is not None else None
    except PgparityError:
        return None


def _reloaded(situation: Situation) -> list[CutoverCheck]:
    command = situation.request.section.reload_command
    if not command:
        return []
    return [_succeeded("reload command", call(situation.request, command, cutover=situation.cutover, step="switch"))]


def _asked(situation: Situation, *, wanted: bool) -> list[CutoverCheck]:
    command = situation.request.section.switched_command
    if not command:
        return []
    ran = call(situation.request, command, cutover=situation.cutover, step="switch" if wanted else "switch back")
    holds = ran.code == (0 if wanted else 1)
    return [ok("switched command", ran.text) if holds else failed("switched command", ran.text)]


def _succeeded(name: str, ran: Ran) -> CutoverCheck:
    return judged(name, ran.code == 0, ran.text)
