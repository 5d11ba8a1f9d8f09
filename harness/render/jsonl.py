"""One JSON object a line: findings, worst first, what changed since an older run, and the verdict as the last line.

The JSON Schema of a line is schemas/contracts/report-line.v1.json.
"""

from __future__ import annotations

import json
from typing import Any

from harness.core.document import RunDocument
from harness.render.json import escaped


def render_jsonl(document: RunDocument) -> str:
    """A line {"type": "finding", …} for each finding, {"type": "change", …} for each that was compared with those of
    an older run, then one {"type": "verdict", …}.
    """
    lines = [_line("finding", finding.to_data()) for finding in document.findings]
    changed = document.comparison.findings if document.comparison else ()
    lines += (_line("change", each.to_data()) for each in changed)
    last = {"run": document.id, "findings": len(document.findings), **document.verdict.to_data()}
    return "\n".join([*lines, _line("verdict", last)]) + "\n"


def _line(kind: str, data: dict[str, Any]) -> str:
    return escaped(json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":")))
