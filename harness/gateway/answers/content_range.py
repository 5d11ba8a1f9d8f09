"""Which rows of how many an answer has: the Content-Range header and the status that follows from it
(https://docs.postgrest.org/en/v16/references/api/pagination_count.html).
"""

from __future__ import annotations


def content_range(lower: int, upper: int, total: int | None) -> str:
    """The Content-Range of rows `lower` to `upper` of `total` (None: not counted)."""
    rows = f"{lower}-{upper}" if total != 0 and lower <= upper else "*"
    return f"{rows}/{'*' if total is None else total}"


def range_status(lower: int, upper: int, total: int | None) -> int:
    """200 for everything that there is, 206 for a part, 416 for what lies behind the end."""
    if total is None:
        return 200
    if lower > total:
        return 416
    return 206 if 1 + upper - lower < total else 200
