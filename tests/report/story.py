"""A run document with all that the report draws: earlier runs, a migration over time, classes, slices, intervals."""

from __future__ import annotations

from harness.core.deltas import ClassCount, Slice
from harness.core.document import RunDocument, RunSummary
from harness.core.ledger import Chunk
from harness.core.outcomes import Latency
from harness.core.verdict import Status
from tests.report import samples
from tests.report.reference_pair import ledger


def earlier(place: int, status: Status, *, blockers: int = 0, risks: int = 0, seconds: float = 9.0) -> RunSummary:
    """The run of the day `place` of July."""
    return RunSummary(
        id=f"201{place}",
        title=f"Rehearsal {place}",
        started_at=f"2026-07-{place:02d}T09:00:00+00:00",
        seconds=seconds,
        status=status,
        source="Supabase project (production)",
        target="New server",
        blockers=blockers,
        risks=risks,
        cosmetic=1,
        rows=1490,
        methods=8,
        cases=48,
        href=f"../{place}/report.html" if place > 10 else None,
    )


HISTORY = (
    earlier(9, Status.NO_GO, blockers=12, risks=3, seconds=4.5),
    earlier(11, Status.INCOMPLETE, risks=2, seconds=7.2),
    earlier(13, Status.NO_GO, blockers=4, seconds=9.9),
)


def told_in_full() -> RunDocument:
    """The planted fault, with earlier runs, throughput, differences by class and slice, and confidence intervals."""
    document = samples.planted()
    clients = document.rows[0].model_copy(
        update={
            "classes": (
                ClassCount.model_validate({"column": "name", "class": "trailing spaces", "rows": 40}),
                ClassCount.model_validate({"column": "discount", "class": "scale", "drift": True, "rows": 10}),
            ),
            "slices": (Slice(column="company_id", value=900100, differences=45, share=0.9, share_of_rows=0.25),),
            "classified": 50,
        }
    )
    intervals = ((1.4, 26.0), (0.8, 1.3), (0.2, 0.6))
    methods = [
        result.model_copy(update={"latency": _with_interval(result.latency, *intervals[place % 3])})
        if result.latency is not None and place != 7
        else result
        for place, result in enumerate(document.methods)
    ]
    return document.model_copy(
        update={
            "rows": (clients, *document.rows[1:]),
            "methods": tuple(methods),
            "migration": ledger().model_copy(update={"chunks": CHUNKS}),
            "history": HISTORY,
        }
    )


def _with_interval(times: Latency, low: float, high: float) -> Latency:
    return times.model_copy(update={"ratio": (low * high) ** 0.5, "ratio_low": low, "ratio_high": high, "pairs": 9})


def chunk(table: str, ordinal: int, *, rows: int, ended: float, took: float) -> Chunk:
    """A chunk that ended so many seconds after 09:12."""
    return Chunk(
        table=table, ordinal=ordinal, rows=rows, seconds=took, finished_at=f"2026-07-14T09:12:{ended:09.6f}+00:00"
    )


CHUNKS = (
    chunk("public.companies", 0, rows=1, ended=4.1, took=0.1),
    chunk("public.clients", 0, rows=650, ended=6.0, took=1.8),
    chunk("public.clients", 1, rows=649, ended=7.0, took=2.7),
    chunk("public.bookings", 0, rows=38, ended=8.0, took=0.5),
)
