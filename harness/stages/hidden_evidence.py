"""Asks the source's clone what policies hide: as the data layer's role, and as one that none of them binds."""

from __future__ import annotations

from harness.core.contract_gaps import told
from harness.core.hidden_rows import RowsSeen, secured_relations
from harness.core.observations import Observation
from harness.core.request_usage import usage_of_request
from harness.core.statements import CapturedStatement
from harness.core.usage import NotUnderstood
from harness.stages.stand import Stand


class HiddenEvidence:
    """How many rows the role sees, and how many there are: of a request where it says all, else of whole tables."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._of_tables: dict[tuple[str, str], RowsSeen | None] = {}

    def rows_seen(self, source: Observation) -> tuple[RowsSeen, ...]:
        """Of what a call asked for; none where a part of it cannot be told."""
        of_requests = [self._of_request(each) for each in source.statements]
        known = [each for each in of_requests if each is not None]
        if known and len(known) == len(of_requests):
            return tuple(dict.fromkeys(known))
        of_tables = [self._of_table(each, source) for each in secured_relations(source)]
        return tuple(each for each in of_tables if each is not None) if all(of_tables) else ()

    def _of_request(self, statement: CapturedStatement) -> RowsSeen | None:
        """Of a read of one table. Rows that are embedded in others are not counted by the interface."""
        request = statement.request
        usage = usage_of_request(request) if request is not None else None
        if request is None or usage is None or isinstance(usage, NotUnderstood) or len(usage.relations) != 1:
            return None
        seen, there = (self._stand.number_of_rows(request, unbound=unbound) for unbound in (False, True))
        if seen is None or there is None:
            return None
        return RowsSeen(what=told(statement), role=self._stand.role(through_rest=True), seen=seen, there=there)

    def _of_table(self, identity: str, source: Observation) -> RowsSeen | None:
        role = self._stand.role(through_rest=source.through_rest)
        key = (role, identity)
        if key not in self._of_tables:
            counted = self._stand.rows_seen_by(role, identity)
            self._of_tables[key] = (
                None if counted is None else RowsSeen(what=identity, role=role, seen=counted[0], there=counted[1])
            )
        return self._of_tables[key]
