"""Deletes the expired keys of chat sessions, in batches that each are a transaction of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from harness.datalayer.postgres.database import Database
from harness.reference import session_statements

KEYS_DELETED_AT_ONCE: Final = 500
"""So many rows are locked at a time, for some milliseconds: a chat that writes keys meanwhile hardly waits."""


@dataclass(frozen=True, slots=True)
class KeyCount:
    """Keys of one type: all of them, and those that are expired."""

    keys: int
    expired: int


@dataclass(frozen=True, slots=True)
class CleanUp:
    """What a clean-up did, or a dry run would do. Counts by key type; `deleted` has no type of which nothing goes."""

    dry_run: bool
    before: dict[str, KeyCount]
    after: dict[str, KeyCount]
    deleted: dict[str, int]

    def document(self) -> dict[str, Any]:
        """The clean-up as JSON has it, with totals."""
        return {
            "dry_run": self.dry_run,
            "before": _document(self.before),
            "after": _document(self.after),
            "deleted": self.deleted,
            "deleted_in_all": sum(self.deleted.values()),
        }


def clean_up(database: Database, company_id: int | None, now: datetime, *, dry_run: bool) -> CleanUp:
    """Delete the keys that are expired at `now`, of one company or of all; with `dry_run` only count them.

    A key that somebody writes at the moment stays, whatever becomes of it; `after` is counted again at the end, and
    so has it. An interrupted clean-up leaves whole batches deleted, and the next one goes on. CallFailed.
    """
    before = _counted(database, company_id, now)
    if dry_run:
        after = {name: KeyCount(one.keys - one.expired, 0) for name, one in before.items() if one.keys > one.expired}
        deleted = {name: one.expired for name, one in before.items() if one.expired}
        return CleanUp(dry_run, before, after, deleted)
    gone = _deleted(database, company_id, now)
    return CleanUp(dry_run, before, _counted(database, company_id, now), gone)


def _deleted(database: Database, company_id: int | None, now: datetime) -> dict[str, int]:
    deleted: Counter[str] = Counter()
    while True:
        rows = database.rows(session_statements.delete_expired(company_id, now, KEYS_DELETED_AT_ONCE))
        batch = {row["key_type"]: row["count"] for row in rows}
        deleted.update(batch)
        if sum(batch.values()) < KEYS_DELETED_AT_ONCE:
            return dict(sorted(deleted.items()))


def _counted(database: Database, company_id: int | None, now: datetime) -> dict[str, KeyCount]:
    rows = database.rows(session_statements.keys_by_type(company_id, now))
    return {row["key_type"]: KeyCount(row["keys"], row["expired"]) for row in rows}


def _document(counts: dict[str, KeyCount]) -> dict[str, dict[str, int]]:
    return {name: {"keys": one.keys, "expired": one.expired} for name, one in counts.items()}
