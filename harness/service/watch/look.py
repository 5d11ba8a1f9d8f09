"""One look: what is due and can be afforded is looked at, and what must not be becomes an alert."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from harness.core.configuration import Configuration
from harness.core.coverage import Skipped
from harness.core.record import Side
from harness.core.watch.alerts import Condition, judged
from harness.core.watch.budget import affordable
from harness.core.watch.conditions import conditions_of, key_of, known_at_the_beginning, looked_by
from harness.core.watch.durations import seconds_of
from harness.core.watch.history import (
    KINDS,
    Baseline,
    BytesReceived,
    History,
    Kind,
    Look,
    NotLookedAt,
    WatchedDatabase,
    WatchedPair,
    moment_text,
)
from harness.errors import ConfigurationError, PgparityError, SameDatabase, TableMissing
from harness.postgres.connect import Endpoint, ensure_distinct, ensure_session_kept, session
from harness.postgres.failures import StatementFailed, meaning
from harness.render.secrets import blotted
from harness.render.visible import one_line
from harness.service.watch.both_received import BothReceived
from harness.service.watch.counts import Counter
from harness.service.watch.digests import compare_digests
from harness.service.watch.schemas import SchemaReader, write_baseline
from harness.service.watch.watched_pair import others, pair_of, refuse, watched_database

_TO_BE_MENDED = (ConfigurationError, SameDatabase, TableMissing)
"""What a person has written down wrong: no look would come of it, and no server is to blame"""


@dataclass(slots=True)
class _Found:
    """What a look has found so far: fields of its record, and what could not be asked."""

    fields: dict[str, Any] = field(default_factory=dict)
    skipped: list[NotLookedAt] = field(default_factory=list)
    beside: list[Condition] = field(default_factory=list)
    unreachable: dict[str, str] = field(default_factory=dict)
    """A side or a kind of look, and why"""
    answered: set[str] = field(default_factory=set)
    met: dict[Side, WatchedDatabase] = field(default_factory=dict)
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A look, and the baseline where it was the first at the schemas."""

    look: Look
    baseline: Baseline | None


@dataclass(slots=True)
class Looker:
    """Takes looks at one pair of databases."""

    source: Endpoint
    target: Endpoint
    configuration: Configuration
    base: Path
    folder: Path
    """Of the history"""
    name: str
    """Of the history's file, without its ending"""
    received: BothReceived = field(default_factory=BothReceived)
    _counter: Counter = field(init=False)
    _reader: SchemaReader = field(init=False)
    _looked: bool = False
    _begun_anew: bool = False
    """Whether tables were counted since the source is taken as it is (--new-baseline)"""

    def __post_init__(self) -> None:
        self.source, self.target = self.received.of(self.source), self.received.of(self.target)
        self._counter = Counter(self.source, self.target, self.configuration)
        self._reader = SchemaReader(self.source, self.target, self.configuration, self.folder)

    def take(
        self,
        history: History,
        due: Sequence[Kind],
        *,
        due_at: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        new_baseline: bool = False,
    ) -> Taken:
        """Look at what is due. A server that is down is what the look finds, and no error.

        ConfigurationError, SameDatabase, TableMissing: the first look shows that something was asked for that is not
        there, or that the history is of other databases; of later ones it is an alert, for the watch has worked before.
        """
        watch = self.configuration.watch
        began = clock()
        before = self.received.amounts
        found = _Found()
        can = affordable(history, due, budget=watch.budget_bytes, days=watch.budget_days, now=began)
        found.skipped += [
            NotLookedAt(item=kind, reason=f"put off: {reason}", what=kind) for kind, reason in can.put_off
        ]
        baseline = None if new_baseline else history.baseline
        with self.received.within(seconds_of(watch.time_limit)):
            if can.kinds and self._reachable(found, history.pair):
                beginning = new_baseline and not self._begun_anew
                counted = () if beginning else tuple(each.table for each in history.last_counts)
                by_kind = self._looked_at(can.kinds, found, baseline, counted, moment_text(began), sleep)
            else:
                by_kind = {}
                found.skipped += [
                    NotLookedAt(item=kind, reason=_why(found.unreachable), what=kind) for kind in can.kinds
                ]
        look = Look(
            number=(history.last.number if history.last is not None else 0) + 1,
            what=tuple(kind for kind in KINDS if kind in due),
            due=moment_text(due_at),
            at=moment_text(began),
            seconds=round(max(clock() - began, 0), 3),
            source=self.source.name,
            target=self.target.name,
            pair=pair_of(found.met, history.pair),
            skipped=tuple(found.skipped),
            received=self.received.since(before),
            received_by=by_kind,
            **found.fields,
        )
        self._looked = self._looked or bool(by_kind)
        return Taken(self._judged(look, history, found, new_baseline=new_baseline), found.baseline)

    def _looked_at(
        self,
        kinds: Sequence[Kind],
        found: _Found,
        baseline: Baseline | None,
        counted: Collection[str],
        at: str,
        sleep: Callable[[float], None],
    ) -> dict[Kind, BytesReceived]:
        """Look at each kind; of those that came to their end, what was received."""
        by_kind: dict[Kind, BytesReceived] = {}
        for kind in kinds:
            if self.received.cut:
                self._failed(kind, PgparityError("the time of the look was over"), found)
                continue
            before = self.received.amounts
            if self._attempt(kind, found, baseline, counted, at, sleep):
                by_kind[kind] = self.received.since(before)
        return by_kind

    def _judged(self, look: Look, history: History, found: _Found, *, new_baseline: bool) -> Look:
        configuration = self.configuration
        baseline = found.baseline or (None if new_baseline else history.baseline)
        conditions = conditions_of(
            look,
            fail_on=configuration.run.fail_on,
            known=baseline.known if baseline is not None else (),
            allow_drift=configuration.run.allow_drift,
            unreachable=found.unreachable.items(),
        )
        # One line each, wherever it is told: a name may hold anything.
        told = [Condition(each.key, one_line(blotted(each.title))) for each in (*conditions, *found.beside)]
        counts = look.counts if "counts" in found.answered else history.last_counts
        looked = looked_by(look, found.answered, (each.table for each in counts if each.reason))
        begun_anew = found.baseline is not None
        after = judged(
            history.open_alerts,
            told,
            # What the source had become is its beginning now.
            lambda key: looked(key) or (begun_anew and key.startswith("schema source")),
            at=look.at,
            remind_seconds=configuration.watch.remind_hours * 3600,
        )
        begun = {each.key for each in after.changes if each.change == "begun"}
        # What stands for months is not written down with every look.
        schemas = tuple(
            each.model_copy(update={"listed": tuple(one for one in each.listed if key_of(each.side, one) in begun)})
            for each in look.schemas
        )
        unchanged = history.looks and after.open == history.open_alerts
        return look.model_copy(
            update={"changes": after.changes, "open": None if unchanged else after.open, "schemas": schemas}
        )

    def _reachable(self, found: _Found, known: WatchedPair | None) -> bool:
        """Whether both sides can be asked, are two, and are those of the history; each of them is tried."""
        for endpoint in (self.source, self.target):
            try:
                ensure_session_kept(endpoint)
                with session(endpoint, purpose="watch") as connection:
                    found.met[endpoint.side] = watched_database(connection, endpoint)
            except ConfigurationError:
                raise
            except PgparityError as error:
                found.unreachable[endpoint.side] = error.message
        unlike = others(found.met, known)
        if not self._looked:
            refuse(unlike)
        found.unreachable |= {side: f"it is not the database of the history: {told}" for side, told in unlike.items()}
        found.answered |= set(found.met) - set(unlike)
        if found.unreachable:
            return False
        try:
            if not self._looked:
                ensure_distinct(self.source, self.target)
        except SameDatabase:
            raise
        except PgparityError as error:
            found.unreachable["both sides"] = error.message
            return False
        found.answered.add("both sides")
        return True

    def _attempt(
        self,
        kind: Kind,
        found: _Found,
        baseline: Baseline | None,
        counted: Collection[str],
        at: str,
        sleep: Callable[[float], None],
    ) -> bool:
        """Look at one kind; whether it came to its end."""
        try:
            if kind == "counts":
                found.fields["counts"], skipped = self._counter(sleep, counted)
                self._begun_anew = True
            elif kind == "digests":
                digests = compare_digests(self.source, self.target, self.configuration, self.base)
                found.fields["digests"], skipped = digests.digests, digests.skipped
                found.beside += digests.beside
            else:
                skipped = self._schemas(found, baseline, at)
        except _TO_BE_MENDED as error:
            if not self._looked:
                raise
            self._failed(kind, error, found)
            return False
        except PgparityError as error:
            self._failed(kind, error, found)
            return False
        except (StatementFailed, psycopg.Error) as error:
            # A table that goes while it is read, a catalog that is damaged: the next look may fare better.
            told = error.reason if isinstance(error, StatementFailed) else meaning(error)
            self._failed(kind, PgparityError(told), found)
            return False
        known = {(each.item, each.reason) for each in found.skipped if each.decided}
        found.skipped += [
            NotLookedAt(item=each.item, reason=each.reason, decided=each.decided, what=kind)
            for each in skipped
            if (each.item, each.reason) not in known
        ]
        found.answered.add(kind)
        return True

    def _schemas(self, found: _Found, baseline: Baseline | None, at: str) -> tuple[Skipped, ...]:
        schemas = self._reader(baseline)
        found.fields["schemas"] = schemas.looks
        if schemas.lost:
            found.unreachable["baseline"] = schemas.lost
        else:
            found.answered.add("baseline")
        if baseline is None:
            found.baseline = Baseline(
                at=at,
                source=self.source.name,
                target=self.target.name,
                source_fingerprint=schemas.source.fingerprint,
                source_catalog=write_baseline(self.folder, self.name, schemas.source),
                known=known_at_the_beginning(schemas.looks, self.configuration.run.fail_on),
            )
        return schemas.skipped

    def _failed(self, kind: Kind, error: PgparityError, found: _Found) -> None:
        limit = self.configuration.watch.time_limit
        told = f"it took longer than {limit}, and was given up" if self.received.cut else error.message
        found.unreachable[kind] = told
        found.skipped.append(NotLookedAt(item=kind, reason=blotted(told), what=kind))


def _why(unreachable: Mapping[str, str]) -> str:
    return blotted("; ".join(unreachable.values())) or "nothing of it was due"
