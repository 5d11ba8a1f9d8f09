"""Where a sequence goes after a load, what identifies a migration, and which triggers it sets off."""

from __future__ import annotations

import dataclasses

import pytest

from harness.core.mapping import Mapping
from harness.core.migration import SequenceState, firing_triggers, migration_identity, sequence_after_load
from harness.core.model.relations import Column, Sequence, Table
from harness.core.model.rules import Index, Trigger
from tests.unit.catalogs import catalog, columns, primary_key


@pytest.mark.parametrize(
    ("current", "extreme", "source_next", "after"),
    [
        (SequenceState(1, is_called=False), 900, None, SequenceState(901, is_called=False)),
        (SequenceState(1, is_called=False), None, None, None),
        (SequenceState(1, is_called=False), None, 51, SequenceState(51, is_called=False)),
        (SequenceState(5000, is_called=True), 900, 1000, None),
        (SequenceState(900, is_called=True), 900, None, None),
        (SequenceState(1, is_called=False), 900, 1200, SequenceState(1200, is_called=False)),
    ],
)
def test_a_sequence_goes_past_column_and_source_and_never_back(
    current: SequenceState, extreme: int | None, source_next: int | None, after: SequenceState | None
) -> None:
    sequence = Sequence(schema="public", name="s")
    assert sequence_after_load(sequence, current, extreme, source_next) == after


def test_a_sequence_that_counts_down_goes_below() -> None:
    sequence = Sequence(schema="public", name="s", increment=-1, minimum=-1000, maximum=-1)
    after = sequence_after_load(sequence, SequenceState(-1, is_called=False), -40, -12)
    assert after == SequenceState(-41, is_called=False)


def test_a_sequence_whose_column_holds_its_maximum_is_used_up() -> None:
    sequence = Sequence(schema="public", name="s", maximum=100)
    after = sequence_after_load(sequence, SequenceState(1, is_called=False), 100, None)
    assert after == SequenceState(100, is_called=True)


SIDE = catalog({"t": columns("t", id="integer!", v="text"), "u": columns("u", id="integer")}, [primary_key("t", "id")])


def identity(
    mapping: Mapping | None = None,
    target: object = SIDE,
    tables: tuple[str, ...] = ("public.t",),
    source: object = SIDE,
) -> str:
    return migration_identity(mapping or Mapping(), tables, source, target)  # type: ignore[arg-type]


def test_a_migration_is_another_one_when_mapping_tables_or_definitions_change() -> None:
    renamed = Mapping.model_validate({"tables": {"public.t": {"columns": {"v": {"constant": "x"}}}}})
    wider = dataclasses.replace(SIDE, columns=(*SIDE.columns, *columns("t", w="integer")))
    unkeyed = dataclasses.replace(SIDE, constraints=())
    others = [
        identity(renamed),
        identity(target=wider),
        identity(source=unkeyed),
        identity(tables=("public.t", "public.u")),
    ]
    assert len({identity(), *others}) == 5


def test_a_migration_is_the_same_one_once_the_target_has_its_keys() -> None:
    """They are made after the rows: the run after that must find what this one has moved."""
    assert identity(target=dataclasses.replace(SIDE, constraints=())) == identity()


def test_a_migration_is_the_same_one_whatever_is_measured_or_belongs_to_other_tables() -> None:
    measured = dataclasses.replace(
        SIDE,
        tables=(*(dataclasses.replace(each, estimated_rows=99, bytes=5) for each in SIDE.tables),
                Table(schema="pgparity", name="ledger")),
        columns=(*SIDE.columns, *columns("u", w="integer"),
                 Column(schema="pgparity", table="ledger", name="rows", type="bigint")),
        indexes=(Index(schema="public", table="t", name="i", definition="", columns=("v",)),),
    )  # fmt: skip
    assert identity(target=measured) == identity()


def test_the_order_of_the_tables_does_not_make_another_migration() -> None:
    assert identity(tables=("public.t", "public.u")) == identity(tables=("public.u", "public.t"))


def test_triggers_fire_that_are_enabled_and_about_writes() -> None:
    def trigger(name: str, event: str, enabled: str = "origin", table: str = "t") -> Trigger:
        definition = f"{event} ON public.{table} EXECUTE FUNCTION f()"
        return Trigger(schema="public", table=table, name=name, definition=definition, enabled=enabled)

    target = dataclasses.replace(
        SIDE,
        triggers=(
            trigger("insert_row", "BEFORE INSERT"),
            trigger("off", "BEFORE INSERT", "disabled"),
            trigger("replica", "BEFORE INSERT", "replica"),
            trigger("forever", "AFTER UPDATE", "always"),
            trigger("insert_gone", "AFTER DELETE"),
            trigger("both", "AFTER DELETE OR UPDATE OF v"),
            trigger("elsewhere", "AFTER INSERT", table="u"),
        ),
    )
    assert [each.name for each in firing_triggers(target, ["public.t"])] == ["insert_row", "forever", "both"]
