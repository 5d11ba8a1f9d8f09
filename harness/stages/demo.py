"""The demo: the story of the reference application in four acts, each an ordinary run on the local stack."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.document import RelatedRun, RunDocument
from harness.core.record import Side
from harness.core.verdict import Status
from harness.embedded.stack import LocalStack
from harness.postgres.connect import Endpoint
from harness.shipped import shipped
from harness.stages.events import Events
from harness.stages.pipeline import RunRequest, run
from harness.stages.reference_stack import TargetSchema, reference_stack, replace_target
from harness.stages.scratch import ScratchStack

TABLES = ("companies", "clients", "services", "staff", "staff_schedules", "bookings", "dialog_contexts")
ROWS = 1490
MISSING_COLUMNS = (
    "public.bookings.yclients_record_id",
    "public.clients.yclients_id",
    "public.companies.company_id",
    "public.dialog_contexts.user_id",
    "public.services.yclients_id",
    "public.staff.yclients_id",
    "public.staff_schedules.staff_name",
)
MEMORY = 2 * 1024**3
"""Bytes that must be free before the demo keeps its small databases in memory"""
MORE_CASES = {"generate": 4, "sequences": 0, "concurrency": 0}
"""The demo tells its story in half a minute: the written cases, and a few generated ones"""
PLANTED = "search_clients_by_name"
"""The method that harness.reference.regressed breaks"""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What an act has to show: a sentence, and the check on its document."""

    sentence: str
    holds: Callable[[RunDocument], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: a target schema, a version of the repository code, and what the run has to find."""

    name: str
    title: str
    text: str
    target: TargetSchema | None
    """None: the target as the act before left it"""
    layer: str
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """An act that was played, and which of its expectations held."""

    act: Act
    document: RunDocument
    outcome: tuple[tuple[str, bool], ...]

    @property
    def as_told(self) -> bool:
        """Whether everything happened as the story says."""
        return all(held for _, held in self.outcome)


def _status(status: Status) -> Expectation:
    return Expectation(f"the verdict is {status}", lambda document: document.verdict.status is status)


def _found(code: str, identities: tuple[str, ...], sentence: str) -> Expectation:
    def holds(document: RunDocument) -> bool:
        found = {finding.object.identity for finding in document.findings if finding.code == code}
        return set(identities) <= found

    return Expectation(sentence, holds)


def _about(code: str, words: tuple[str, ...], sentence: str) -> Expectation:
    def holds(document: RunDocument) -> bool:
        titles = [finding.title for finding in document.findings if finding.code == code]
        return all(any(word in title for title in titles) for word in words)

    return Expectation(sentence, holds)


_NOTHING_MOVED = Expectation(
    "no row was moved", lambda document: document.migration is None or document.migration.rows == 0
)
_ALL_MOVED = Expectation(
    f"{ROWS:,} rows arrived in {len(TABLES)} tables",
    lambda document: document.migration is not None and document.migration.rows == ROWS,
)
_ALL_EQUAL = Expectation(
    "every row was compared and is identical",
    lambda document: (
        len(document.rows) == len(TABLES)
        and sum(table.source_rows for table in document.rows) == ROWS
        and all(table.status == "identical" for table in document.rows)
    ),
)
_ALL_METHODS = Expectation(
    "every method was exercised and answers alike on both sides",
    lambda document: (
        len(document.methods) > 0
        and all(result.cases > 0 and result.cases == result.equal for result in document.methods)
    ),
)
_DECIDED = Expectation(
    "reminders is named as out of scope by decision",
    lambda document: any(each.table == "public.reminders" and each.scope == "excluded" for each in document.scope),
)
_PLANTED = Expectation(
    f"the report points at {PLANTED}, and at no other method",
    lambda document: (
        {result.method for result in document.methods if result.cases != result.equal} == {PLANTED}
        and any(finding.object.identity == PLANTED for finding in document.findings)
    ),
)

ACTS: tuple[Act, ...] = (
    Act(
        name="a",
        title="The target that was built first",
        text="Made for another product: seven columns that the bot needs are not there. Found before a row moves.",
        target="first-built",
        layer="harness.reference.first_version:create",
        expectations=(
            _status(Status.NO_GO),
            _found("COL001", MISSING_COLUMNS, "the seven missing columns are named"),
            Expectation("renames are suggested", lambda document: len(document.renames) > 0),
            _NOTHING_MOVED,
        ),
    ),
    Act(
        name="b",
        title="Columns aligned, every row moved, and still NO-GO",
        text="All rows are equal, and the code still fails: upserts without a unique index, filters on names that "
        "do not exist.",
        target="aligned-plain",
        layer="harness.reference.first_version:create",
        expectations=(
            _status(Status.NO_GO),
            _ALL_MOVED,
            _ALL_EQUAL,
            _about("CTR004", ("yclients_id, company_id",), "the missing arbiter (yclients_id, company_id) is named"),
            _about("CTR005", ("phone, company_id",), "an arbiter that no schema has is named"),
            _about("CTR003", ("active", "fired", "client_id"), "the filters on names that do not exist are named"),
        ),
    ),
    Act(
        name="c",
        title="Schema aligned, code mended",
        text="Every row is equal and every method gives the same answer on both sides.",
        target="aligned",
        layer="harness.reference.repository_layer:create",
        expectations=(_status(Status.GO), _ALL_MOVED, _ALL_EQUAL, _ALL_METHODS, _DECIDED),
    ),
    Act(
        name="d",
        title="One method regresses",
        text="The same databases, one planted fault in one method of the new code.",
        target=None,
        layer="harness.reference.regressed:create",
        expectations=(_status(Status.NO_GO), _PLANTED),
    ),
)


def reference_configuration(layer: str, title: str = "") -> Configuration:
    """The configuration of the reference application's migration, with another version of its repository code."""
    data = tomllib.loads(shipped("schemas", "reference", "pgparity.toml").read_text(encoding="utf-8"))
    data["methods"] |= {"target_layer": layer} | MORE_CASES
    data["run"] = {"title": title}
    return Configuration.model_validate(data)


def play(events: Callable[[Act], Events]) -> Iterator[Played]:
    """Play the acts one after the other on one local stack."""
    with reference_stack("first-built", memory=MEMORY) as stack, ScratchStack() as scratch:
        for act in ACTS:
            if act.target not in (None, "first-built"):
                replace_target(stack, act.target)
            document = run(_request(stack, act), events(act), scratch=scratch)
            outcome = tuple((each.sentence, each.holds(document)) for each in act.expectations)
            yield Played(act, document, outcome)


def _request(stack: LocalStack, act: Act) -> RunRequest:
    configuration = reference_configuration(act.layer, f"Act ({act.name}): {act.title}")
    return RunRequest(
        configuration=configuration,
        base=Path.cwd(),
        source=Endpoint(Side.SOURCE, stack.source.dsn, configuration.source.label or ""),
        target=Endpoint(Side.TARGET, stack.target.dsn, configuration.target.label or ""),
        consent=True,
        title=configuration.run.title,
    )


def linked(played: list[Played], *, prefix: str) -> dict[str, RunDocument]:
    """The documents of the acts, each with links to all four; `prefix` leads from a report to the runs' folder."""
    related = tuple(
        RelatedRun(
            title=f"({each.act.name}) {each.act.title}",
            text=each.act.text,
            href=f"{prefix}{each.act.name}/report.html",
            status=each.document.verdict.status,
        )
        for each in played
    )
    return {each.act.name: each.document.model_copy(update={"related": related}) for each in played}
