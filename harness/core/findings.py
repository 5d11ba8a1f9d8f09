"""Finding: what a person has to know about, with evidence and, where there is one, a fix."""

from __future__ import annotations

import hashlib
import re

from pydantic import Field, computed_field

from harness.core.codes import CODES
from harness.core.record import Record, Severity


class Evidence(Record):
    """One thing that was seen: a label, and what it is on either side (or a single text)."""

    label: str
    source: str | None = None
    target: str | None = None
    text: str | None = None


class Fix(Record):
    """A way to mend it. `safe` says that it loses nothing and takes no lock that an application would feel."""

    text: str = Field(description="What to do, in words")
    sql: str | None = Field(default=None, description="The statements that do it, on the target")
    safe: bool = False


class FoundObject(Record):
    """What the finding is about."""

    kind: str = Field(description="table, column, index, method, …")
    identity: str


class Finding(Record):
    """A fact with a code, a severity and an address that survives reruns."""

    code: str = Field(pattern=r"^[A-Z]{3}[0-9]{3}$")
    severity: Severity
    stage: str
    object: FoundObject
    title: str = Field(description="One sentence: what is the matter with the object")
    table: str | None = Field(default=None, description="Identity of the table it concerns, for filters")
    evidence: tuple[Evidence, ...] = ()
    breaks: tuple[str, ...] = Field(default=(), description="What fails because of it: methods, statements, rows")
    fix: Fix | None = None
    query: str | None = Field(default=None, description="A query that shows it")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def anchor(self) -> str:
        """The finding's address in a report: made of code and object, so that it is the same in the next run."""
        return anchor(self.code, self.object.kind, self.object.identity)

    @property
    def meaning(self) -> str:
        """The one sentence of docs/findings.md about this code."""
        return CODES[self.code].sentence


def anchor(code: str, kind: str, identity: str) -> str:
    """An HTML id from a code and an object; what cannot be kept of the name is replaced by a short hash."""
    slug = re.sub(r"[^a-z0-9_.]+", "-", identity.lower()).strip("-")
    if slug != identity:
        slug = f"{slug}-{hashlib.sha256(f'{kind}:{identity}'.encode()).hexdigest()[:6]}".lstrip("-")
    return f"{code}-{slug}"


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Findings by severity, then code, then object: a stable order for every output."""
    return sorted(findings, key=lambda f: (f.severity.rank, f.code, f.object.identity, f.title))
