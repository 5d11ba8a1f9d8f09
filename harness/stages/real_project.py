"""RealProject: the source layer on a real project beside the rehearsal copy: reads, and test rows where allowed.

Whether a case writes is seen on the copy first. Between the layer and the project stands a relay that sends nothing on
but GET and HEAD, so that a method that only seems to read cannot write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core.configuration import MethodsSection
from harness.core.effects import NO_EFFECTS
from harness.core.findings import Evidence, Finding, FoundObject
from harness.core.noise import without_noise
from harness.core.observations import Observation
from harness.core.outcomes import Attestation, Case
from harness.core.pairs import Comparison, Rules, compare_calls
from harness.core.record import Severity, Side
from harness.core.statements import CapturedStatement, RestRequest
from harness.core.truncation import is_capped
from harness.errors import ConfigurationError, ConnectionFailed
from harness.stages.exact_count import counted_exactly
from harness.stages.layer_thread import LayerThread
from harness.stages.layers import LayerContext, LayerFactory
from harness.stages.project_address import project_key, project_url
from harness.stages.project_rows import ProjectRows
from harness.stages.project_writes import ProjectWrites
from harness.stages.scratch import ROW_CAP
from harness.wire import ServerIdentity, counted, url_through
from harness.wire.guard import Guard, guarded_relay

STAGE = "methods"
REST = "/rest/v1"
CASES_SHOWN = 200

Observe = Callable[[], Observation]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the project answered to a case, and the means to ask it once more; or why it was not asked."""

    observation: Observation | None = None
    again: Observe | None = None
    reason: str = ""


@dataclass
class RealProject:
    """A project and a data layer on it. `close` ends the layer, the relay and the connections."""

    url: str = field(repr=False)
    key: str = field(repr=False)
    factory: LayerFactory
    copy: LayerContext
    test_ids: tuple[int, int]
    allow_writes: bool = False

    def __post_init__(self) -> None:
        """Build the layer. ConfigurationError: no such URL; ConnectionFailed: no answer; DataLayerFailed."""
        parts, port = project_url(self.url, "methods.source_rest_url")
        path = parts.path.rstrip("/").removesuffix(REST)
        base = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.host = f"{parts.hostname}:{port}"
        self._opened = ExitStack()
        with ExitStack() as opened:
            self._rest = f"{base}{path}{REST}"
            rows = opened.enter_context(closing(ProjectRows(self._rest, self.key)))
            if reason := rows.reachable():
                raise ConnectionFailed(f"the project at {self.host}: {reason}", hint="Check --source-rest-url.")
            self.identity = ServerIdentity(
                side=Side.SOURCE, address=self.host, database="project", system_identifier="not told through REST"
            )
            self.guard = Guard(below=f"{path}{REST}/")
            self.relay = opened.enter_context(closing(guarded_relay(self.identity, base, self.guard)))
            self._path = path
            self._writes = ProjectWrites(
                rows, self.guard, self.relay, path=path, test_ids=self.test_ids, allowed=self.allow_writes
            )
            thread = opened.enter_context(LayerThread(self.relay.cut))
            context = LayerContext(dsn=self.copy.dsn, rest_url=url_through(self.relay) + path, api_key=self.key)
            self._layer = opened.enter_context(closing(self.factory.build(context, thread)))
            # Only what is complete is kept; until then the first error closes what was opened.
            self._opened = opened.pop_all()
        self._silent = ""
        self.asked = 0
        self.attestations: list[Attestation] = []
        self.left_to_the_copy: dict[str, str] = {}

    def answer(self, case: Case, seen: Observation, requests: Sequence[RestRequest]) -> Answered:
        """Ask the project, where the copy has shown that it may be asked.

        `seen` is what the copy did with the case, and `requests` are those that it got.
        """
        if self._silent:
            answered = Answered(reason=f"it is not asked any more since a call of {self._silent} did not return")
        else:
            answered = self._written(case, seen, requests) if _wrote(seen) else self._read(case)
        if answered.observation is None:
            self.left_to_the_copy[case.id] = answered.reason
        else:
            self.asked += 1
            self.attestations += answered.observation.attestations
        return answered

    def _read(self, case: Case) -> Answered:
        observation = self._observed(case)
        refused = self.guard.taken_refusals()
        if refused:
            first = refused[0]
            return Answered(reason=f"{first.verb} {first.path} was not sent to the project: {first.reason}")
        if not observation.attestations:
            return Answered(reason="it asks nothing of the project's REST interface")
        return Answered(observation, lambda: self._observed(case))

    def _written(self, case: Case, seen: Observation, requests: Sequence[RestRequest]) -> Answered:
        writable = self._writes.judged(seen, requests)
        if isinstance(writable, str):
            return Answered(reason=writable)

        def once() -> Observation:
            with self._writes.around(case.id, writable):
                return replace(self._observed(case), effects=seen.effects)

        observation = once()
        if self.guard.taken_refusals():
            return Answered(reason="it sent the project another request than the copy: that was not sent on")
        return Answered(observation, once)

    def _observed(self, case: Case) -> Observation:
        marker = self.relay.marker()
        called = self._layer.call(case.method, case.kwargs)
        if called.gave_up:
            # What it goes on with must not pass as another case's: the project gets no further call.
            self._silent = case.method
            self.relay.cut()
        requests = [self._below(each.request) for each in counted(self.relay.since(marker)) if each.request is not None]
        return Observation(
            side=Side.SOURCE,
            database=self.identity.database,
            answer=called.answer,
            exception=called.exception,
            milliseconds=called.milliseconds,
            attestations=self.relay.attest(marker),
            through_rest=True,
            effects=NO_EFFECTS,
            total=self._total(called.answer, requests),
            statements=tuple(
                CapturedStatement(side=Side.SOURCE, origin=case.method, case=case.id, request=each) for each in requests
            ),
            gave_up=called.gave_up,
        )

    def _below(self, request: RestRequest) -> RestRequest:
        """A request as if nothing stood before the REST path."""
        return replace(request, path=request.path.removeprefix(self._path))

    def _total(self, answer: Any, requests: Sequence[RestRequest]) -> int | None:
        """How many rows the project has, where the answer is as long as the row cap and one request was made for it."""
        if len(requests) != 1 or not is_capped(answer, ROW_CAP):
            return None
        return counted_exactly(self._rest, self.key, requests[0])

    def findings(self) -> list[Finding]:
        """What was asked of the project and what was not, and what became of test rows."""
        found = []
        if self.left_to_the_copy:
            number = len(self.left_to_the_copy)
            title = f"{number} cases were compared on the rehearsal copy, {self.asked} on the project {self.host}"
            found.append(_finding("MET022", Severity.COSMETIC, self.host, title, self.left_to_the_copy))
        if self._writes.removed:
            number = sum(self._writes.removed.values())
            title = f"{number} test rows were written to the project {self.host} and removed again"
            told = {table: f"{rows} removed" for table, rows in self._writes.removed.items()}
            found.append(_finding("MET022", Severity.COSMETIC, f"{self.host} test rows", title, told))
        if self._writes.remaining:
            title = f"test rows may be left in {len(self._writes.remaining)} tables of the project {self.host}"
            told = {table: f"after case {case}: remove them by hand" for table, case in self._writes.remaining.items()}
            found.append(_finding("MET023", Severity.BLOCKER, self.host, title, told))
        return found

    def taken_findings(self) -> list[Finding]:
        """The findings of what was done since this was last asked."""
        found = self.findings()
        self.asked = 0
        for known in (self.left_to_the_copy, self._writes.removed, self._writes.remaining):
            known.clear()
        return found

    def close(self) -> None:
        """End everything; a second call does nothing."""
        self._opened.close()


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds for a case: the project's answer where it was asked, else the rehearsal copy's."""

    source: Observation
    found: Comparison
    twice: bool
    """Whether the project was asked twice"""


def settled(
    project: RealProject,
    case: Case,
    seen: Observation,
    target: Observation,
    found: Comparison,
    rules: Rules,
    said: Iterable[CapturedStatement],
) -> Settled:
    """Ask the project too, where `seen` and `found`, of the copy, allow it. `said` is what the copy was asked."""
    if found.void:
        return Settled(seen, found, twice=False)
    requests = [each.request for each in said if each.request is not None]
    answered = project.answer(case, seen, requests)
    if answered.observation is None or answered.again is None:
        note = f"answered by the rehearsal copy and not by the project: {answered.reason}"
        return Settled(seen, replace(found, notes=(*found.notes, note)), twice=False)
    live = compare_calls(case, answered.observation, target, rules)
    twice = not live.void and bool(live.deltas or live.effects)
    if twice:
        live = without_noise(live, compare_calls(case, answered.observation, answered.again(), rules))
    if live.verdict != found.verdict:
        note = (
            f"the rehearsal copy's answer was {found.verdict}: the project's rows or settings are not those of its copy"
        )
        live = replace(live, notes=(*live.notes, note))
    return Settled(answered.observation, live, twice)


def open_project(section: MethodsSection, factory: LayerFactory, copy: LayerContext) -> RealProject | None:
    """The project that the configuration names; None where it names none. ConfigurationError: half of it is missing."""
    if section.source_rest_url is None:
        for name in ("source_api_key", "allow_writes"):
            if getattr(section, name):
                raise ConfigurationError(
                    f"methods.{name} is set, and methods.source_rest_url is not", hint="Name the project's URL too."
                )
        return None
    return RealProject(
        url=section.source_rest_url,
        key=project_key(section.source_api_key, "methods.source_api_key"),
        factory=factory,
        copy=copy,
        test_ids=section.test_ids,
        allow_writes=section.allow_writes,
    )


def _wrote(seen: Observation) -> bool:
    effects = seen.effects
    return bool(effects.touched or effects.tables or effects.sequences or effects.open_transaction)


def _finding(code: str, severity: Severity, identity: str, title: str, told: dict[str, str]) -> Finding:
    evidence = [Evidence(label=label, text=text) for label, text in list(told.items())[:CASES_SHOWN]]
    if len(told) > CASES_SHOWN:
        evidence.append(Evidence(label="more", text=f"{len(told) - CASES_SHOWN} more"))
    return Finding(
        code=code,
        severity=severity,
        stage=STAGE,
        object=FoundObject(kind="project", identity=identity),
        title=title,
        evidence=tuple(evidence),
    )
