"""Sides that answer checks: a database is asked in its snapshot, a recorded side says what it answered then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harness.core.check_answers import Answer, Settle
from harness.core.configuration import RowCheck
from harness.core.record import Side
from harness.core.recorded_answers import AnswerMissing, RecordedAnswer, RecordedAnswers, recorded_answer
from harness.core.row_checks import check_row_checks
from harness.errors import PrivilegeMissing
from harness.postgres.check_answer import answer
from harness.postgres.connect import Connection, Endpoint
from harness.postgres.failures import StatementFailed
from harness.postgres.row_fetch import settle
from harness.postgres.volatility import refuse_volatile_check

ROWS_OF_ANSWER: Final = 10_000
_READ_ONLY: Final = "25006"
_NOT_THERE: Final = frozenset({"42P01", "42883", "42704", "3F000"})

AnsweringSide = tuple[Connection, Endpoint] | RecordedAnswers


class NotCompared(Exception):
    """A check's answers cannot be compared, and what to do about it."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


def record_answers(
    side: tuple[Connection, Endpoint], checks: Iterable[RowCheck], *, with_values: bool
) -> tuple[RecordedAnswer, ...]:
    """What one side answers to the checks, to be compared later by compare_checks.

    ConfigurationError: a check is not one statement that reads.
    """
    checks = tuple(checks)
    check_row_checks(checks)
    found: list[RecordedAnswer] = []
    for check in checks:
        text = (check.target_sql if side[1].side is Side.TARGET else None) or check.sql
        try:
            given = answered(side, check, text)
        except NotCompared as refused:
            found.append(RecordedAnswer(name=check.name, sql=text, refused=refused.reason))
        else:
            kept = with_values and len(given.rows) <= ROWS_OF_ANSWER
            found.append(recorded_answer(check, text, given, with_values=kept))
    return tuple(found)


def settling(source: AnsweringSide, target: AnsweringSide) -> Settle:
    """Equality is asked of the target, else of the source; of two recorded sides nobody can be asked."""
    live = next((each for each in (target, source) if not isinstance(each, RecordedAnswers)), None)

    def settled(as_type: str, pairs: list[tuple[str, str]]) -> list[bool]:
        if live is None:
            raise NotCompared(
                "both sides are recorded, and whether values of other texts are equal only a server can say",
                "Compare with one side that is a database.",
            )
        return settle(*live, as_type, pairs)

    return settled


def answered(side: AnsweringSide, check: RowCheck, text: str) -> Answer:
    """The answer of one side, at most ROWS_OF_ANSWER rows and one. NotCompared: it does not answer;
    ConfigurationError: it has another answer each time.
    """
    if isinstance(side, RecordedAnswers):
        try:
            return side.answer(check, text)
        except AnswerMissing as missing:
            raise NotCompared(missing.reason, missing.advice) from None
    connection, endpoint = side
    try:
        found = answer(connection, endpoint, text, ROWS_OF_ANSWER + 1)
    except StatementFailed as failure:
        if failure.sqlstate == _READ_ONLY:
            raise NotCompared(
                f"on the {endpoint.side}: it writes, and a check runs read only",
                "Write a SELECT that calls nothing that writes.",
            ) from None
        advice = (
            "Write names of tables, functions and types with their schema; search_path is empty."
            if failure.sqlstate in _NOT_THERE
            else "Run the SELECT on that side by hand; where names differ there, give target_sql."
        )
        raise NotCompared(f"on the {endpoint.side}: {failure.reason}", advice) from None
    except PrivilegeMissing as refused:
        raise NotCompared(str(refused), "Give the role the right to read what the check reads.") from None
    # Afterwards: of a function that writes, and is volatile, it is told that it writes.
    refuse_volatile_check(side, check.name, text)
    return found
