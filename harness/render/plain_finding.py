"""A finding as plain lines: the body that the outputs without layout (JUnit, annotations) share."""

from __future__ import annotations

from harness.core.codes import CODES
from harness.core.findings import Finding
from harness.render.visible import clipped, visible

LONGEST = 2_000


def sentence(code: str) -> str:
    """What a code means; a document of a newer pgparity may hold codes that this one does not know."""
    known = CODES.get(code)
    return known.sentence if known else "A code of a newer pgparity."


def title_of(code: str) -> str:
    """The short title of a code."""
    known = CODES.get(code)
    return known.title if known else "Unknown code"


def plain(finding: Finding) -> str:
    """The finding in lines: what it means, the evidence, what breaks, the fix, the query."""
    lines = [finding.title, sentence(finding.code)]
    for evidence in finding.evidence:
        if evidence.source is None and evidence.target is None:
            lines.append(f"{evidence.label}: {evidence.text or ''}")
        else:
            source, target = (value if value is not None else "absent" for value in (evidence.source, evidence.target))
            lines += [f"{evidence.label}:", f"  source: {source}", f"  target: {target}"]
            if evidence.text:
                lines.append(f"  {evidence.text}")
    lines += [f"breaks: {broken}" for broken in finding.breaks]
    if finding.fix is not None:
        lines.append(f"fix ({'safe' if finding.fix.safe else 'not safe'}): {finding.fix.text}")
        if finding.fix.sql:
            lines.append(finding.fix.sql)
    if finding.query:
        lines += ["shown by:", finding.query]
    return "\n".join(clipped(visible(line), LONGEST) for line in lines)
