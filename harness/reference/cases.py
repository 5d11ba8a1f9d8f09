"""The written cases of the method comparison: every public method on rows, on no rows and on bad input, and its edges.

Writes touch company 900100 alone: marked test rows (numbers 9900000 to 9999999) and, by upsert, rows that exist.
"""

from __future__ import annotations

from typing import Any

from harness.reference.cases_of_reads import READS
from harness.reference.cases_of_writes import WRITES

Case = dict[str, Any]


def cases() -> list[Case]:
    """Each case as {"id", "method", "kwargs", "ordered"}; the id is the method and what is special, and is unique."""
    return [
        {"id": f"{method}: {what}", "method": method, "kwargs": dict(kwargs), "ordered": True}
        for written in (READS, WRITES)
        for method, of_method in written.items()
        for what, kwargs in of_method.items()
    ]
