"""A source that is recorded: the same random tables, by the digest of one side and the rows asked for later."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.stages.digest import answer_request, record_side
from harness.stages.recorded_alone import compare_recorded
from harness.stages.recorded_side import recorded_side
from tests.property.row_oracle import assert_as_expected, expected
from tests.property.row_storing import load, stored_rows
from tests.property.row_tables import Tables
from tests.property.row_ways import Sides

SHAPES = (
    "plain",
    "columns in another order",
    "partitions against a plain table",
    "rows chosen by a condition",
    "a column that is ignored",
)


def assert_recorded_as_expected(sides: Sides, tables: Tables, folder: Path) -> None:
    """Record the source, compare, ask for the rows of unequal segments with their values, and compare again."""
    connections = (sides.source, sides.target)
    for side, connection in enumerate(connections):
        load(connection, tables, side)
    wanted = expected(tables, *(stored_rows(connection, tables, side) for side, connection in enumerate(connections)))
    configuration = Configuration.model_validate({**tables.settings, "scope": {"tables": ["public.t"]}})
    file = folder / "source.digest.json"
    file.write_text(record_side(sides.pair.source, configuration).to_json(), encoding="utf-8")
    recorded = recorded_side(str(file), Side.SOURCE)
    assert recorded is not None
    document, requests = compare_recorded(recorded, sides.pair.target, configuration)
    (rows,) = document.rows
    if not wanted.found:
        assert requests == ()
    else:
        assert rows.status in ("incomplete", "differs")
        (request,) = requests
        lines = answer_request(sides.pair.source, request, configuration, with_values=True)
        answer = folder / "rows.jsonl"
        answer.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        document, _ = compare_recorded(
            dataclasses.replace(recorded, rows_file=answer), sides.pair.target, configuration
        )
        (rows,) = document.rows
    assert_as_expected(tables, rows, wanted, rows.differences)
