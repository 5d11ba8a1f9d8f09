"""Recorded answers: what a recorded side answered to the checks of the configuration, beside its digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from harness.core.check_answers import Answer
from harness.core.configuration import RowCheck
from harness.core.record import Record, Side
from harness.core.row_forms import DescribedType

_AGAIN: Final = "Record the side again with this configuration."


class AnswerType(Record):
    """The type of a column of an answer, as the recorded server described it."""

    oid: int
    schema_: str = Field(alias="schema", serialization_alias="schema")
    name: str
    sql: str
    element: str | None = None

    model_config = Record.model_config | {"populate_by_name": True, "serialize_by_alias": True}


class RecordedAnswer(Record):
    """One check's answer. Values are in it only where they were asked for (--with-answers)."""

    name: str
    sql: str = Field(description="The SELECT that was answered; it is compared with the configured one, never run")
    count: int = Field(default=0, ge=0, description="Rows of the answer")
    columns: tuple[str, ...] = ()
    types: tuple[AnswerType, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] | None = Field(default=None, description="None: they were not recorded")
    refused: str | None = Field(default=None, description="Why the side did not answer")


class AnswerMissing(Exception):
    """A recorded side cannot say what it would answer to a check."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """The answers of one recorded side, by the name of the check."""

    side: Side
    by_name: Mapping[str, RecordedAnswer]

    def answer(self, check: RowCheck, text: str) -> Answer:
        """The answer to `text`, the side's SELECT of a check; of a check for no rows, their number alone counts.

        AnswerMissing: it was not recorded, was another SELECT, or was refused.
        """
        found = self.by_name.get(check.name)
        if found is None:
            raise AnswerMissing(f"the {self.side} was recorded without it", _AGAIN)
        if found.sql != text:
            raise AnswerMissing(f"the {self.side} was recorded with another SELECT of that name", _AGAIN)
        if found.refused is not None:
            raise AnswerMissing(f"when it was recorded: {found.refused}", _AGAIN)
        if check.expect == "no rows":
            return Answer(columns=(), types=(), rows=((),) * found.count)
        if found.rows is None:
            raise AnswerMissing(
                f"the {self.side} was recorded without the values of its answer of {found.count:,} rows",
                "Record the side again with --with-answers: the file holds what these SELECTs answer then. Answers of"
                " more than 10,000 rows are never kept.",
            )
        types = tuple(
            DescribedType(oid=each.oid, schema=each.schema_, name=each.name, sql=each.sql, element=each.element)
            for each in found.types
        )
        return Answer(columns=found.columns, types=types, rows=found.rows)


def recorded_answer(check: RowCheck, text: str, answer: Answer, *, with_values: bool) -> RecordedAnswer:
    """What is kept of an answer: of a check for no rows, or without values, only how many rows there are."""
    count = len(answer.rows)
    if check.expect == "no rows" or not with_values:
        return RecordedAnswer(name=check.name, sql=text, count=count)
    types = tuple(
        AnswerType(oid=each.oid, schema=each.schema, name=each.name, sql=each.sql, element=each.element)
        for each in answer.types
    )
    return RecordedAnswer(name=check.name, sql=text, count=count, columns=answer.columns, types=types, rows=answer.rows)


def answers_of(side: Side, answers: Iterable[RecordedAnswer]) -> RecordedAnswers:
    """The answers of a side, by name."""
    return RecordedAnswers(side, {each.name: each for each in answers})
