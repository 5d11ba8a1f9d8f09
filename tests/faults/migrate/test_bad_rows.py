"""A row that the target's constraints refuse: its table is named with the reason, the others move, and nothing half."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from tests.faults.migrate import witness
from tests.faults.migrate.trial import Trial


@dataclass(frozen=True)
class BadRow:
    """A row of the source that is fine there, and what the target demands besides."""

    table: str
    planted: str
    demanded: str
    state: str
    """The SQLSTATE of the refusal"""
    mended: str
    secret: str
    """A value of the row that nobody may print"""


BAD_ROWS = {
    "check": BadRow(
        "public.visit",
        "UPDATE public.visit SET note = 'lost-and-found', price = -5 WHERE id = 1777",
        "ALTER TABLE public.visit ADD CONSTRAINT not_negative CHECK (price >= 0)",
        "23514",
        "UPDATE public.visit SET price = 5 WHERE id = 1777",
        "lost-and-found",
    ),
    "unique": BadRow(
        "public.entry",
        "INSERT INTO public.entry VALUES ('kind-of-blue', 7777, NULL), ('kind-of-blue', 7777, NULL)",
        "CREATE UNIQUE INDEX entry_large ON public.entry (amount) WHERE amount > 7000",
        "23505",
        "UPDATE public.entry SET amount = 7778 "
        "WHERE ctid = (SELECT max(ctid) FROM public.entry WHERE kind = 'kind-of-blue')",
        "kind-of-blue",
    ),
    "not null": BadRow(
        "public.document",
        "INSERT INTO public.document VALUES (md5('77')::uuid, NULL, NULL, 'deep-scan')"
        " ON CONFLICT (id) DO UPDATE SET body = NULL, scan = 'deep-scan'",
        "ALTER TABLE public.document ALTER body SET NOT NULL",
        "23502",
        "UPDATE public.document SET body = '' WHERE body IS NULL",
        "deep-scan",
    ),
    "foreign key": BadRow(
        "public.document",
        "ALTER TABLE public.document DROP CONSTRAINT document_owner_fkey;"
        "UPDATE public.document SET owner = 7654321 WHERE id = md5('7')::uuid",
        "",
        "23503",
        "UPDATE public.document SET owner = NULL WHERE id = md5('7')::uuid",
        "7654321",
    ),
    "upserted": BadRow(
        "public.price",
        "UPDATE public.price SET value = -12345.75 WHERE id = 300",
        "ALTER TABLE public.price ADD CONSTRAINT above CHECK (value >= -10)",
        "23514",
        "UPDATE public.price SET value = 1 WHERE id = 300",
        "12345.75",
    ),
    "partition": BadRow(
        "public.measurement",
        "INSERT INTO public.measurement VALUES (9, '2026-05-05', 4242.5)",
        "ALTER TABLE public.measurement_2026 ADD CHECK (value < 4000)",
        "23514",
        "DELETE FROM public.measurement WHERE value = 4242.5",
        "4242.5",
    ),
}


@pytest.mark.parametrize(
    "kind", [each if each == "check" else pytest.param(each, marks=pytest.mark.long) for each in BAD_ROWS]
)
def test_a_row_that_the_target_refuses_costs_its_table_alone_until_it_is_mended(kind: str, own_trial: Trial) -> None:
    bad, trial = BAD_ROWS[kind], own_trial
    trial.secrets += (bad.secret,)
    written(trial.source, bad.planted)
    written(trial.target, bad.demanded)
    trial.settle()
    ended = trial.run()
    assert ended.exit_code == 1, ended
    assert list(ended.findings) == [bad.table], ended
    assert any(bad.state in each for each in ended.findings[bad.table]), ended
    there = witness.rows_of(trial.target)
    assert {each.split("_")[0] for each in trial.differing()} == {bad.table}
    source = witness.rows_of(trial.source)
    assert not any(there[each] - source[each] for each in there if bad.table != "public.price"), "rows that nobody sent"
    assert_said_of_each_table(ended.report["tables"], bad.table, there)
    written(trial.source, bad.mended)
    trial.settle()
    trial.finish()


def written(dsn: str, statement: str) -> None:
    with witness.connect(dsn) as connection:
        connection.execute(statement)


def assert_said_of_each_table(said: list[dict[str, object]], bad: str, there: dict[str, Counter[str]]) -> None:
    """The others are verified; of the bad one the rows that are reported are those that are there: no half chunk."""
    for each in said:
        assert each["verified"] is (each["table"] != bad), each
        if each["table"] == bad and bad != "public.price":
            held = sum(found.total() for table, found in there.items() if table.startswith(bad))
            assert each["rows"] == held, each
