"""One JSON object a line: the findings, worst first, and the verdict as the last line."""

from __future__ import annotations

import json
from typing import Any

from harness.core.document import RunDocument
from harness.render.json import escaped


def render_jsonl(document: RunDocument) -> str:
    """A line {"type": "finding", …} for each finding, then one {"type": "verdict", …}."""
    lines = [_line("finding", finding.to_data()) for finding in document.findings]
    last = {"run": document.id, "findings": len(document.findings), **document.verdict.to_data()}
    return "\n".join([*lines, _line("verdict", last)]) + "\n"


def _line(kind: str, data: dict[str, Any]) -> str:
    return escaped(json.dumps({"type": kind, **data}, ensure_ascii=False, separators=(",", ":")))
