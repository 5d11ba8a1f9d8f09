"""A pair of databases of which a side is recorded into files of a folder, and compared from there."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.digest import read_request
from harness.core.document import RunDocument
from harness.core.record import Side
from harness.stages.digest import answer_request, record_side
from harness.stages.recorded_alone import compare_recorded
from harness.stages.recorded_side import RecordedSide, recorded_side
from tests.data_pair import Pair


class Recording:
    """Sides of a pair, recorded into files of a folder."""

    def __init__(self, pair: Pair, folder: Path, **settings: Any) -> None:
        self.pair = pair
        self.folder = folder
        self.configuration = Configuration.model_validate(settings)

    def record(self, side: Side = Side.SOURCE, *, as_text: bool = False, with_answers: bool = False) -> RecordedSide:
        endpoint = self.pair.source if side is Side.SOURCE else self.pair.target
        document = record_side(endpoint, self.configuration, as_text=as_text, with_answers=with_answers)
        file = self.folder / f"{side}.digest.json"
        file.write_text(document.to_json(), encoding="utf-8")
        found = recorded_side(str(file), side)
        assert found is not None
        return found

    def compare(self, recorded: RecordedSide) -> TableRows:
        (rows,) = self.document(recorded).rows
        return rows

    def document(self, recorded: RecordedSide) -> RunDocument:
        return compare_recorded(recorded, self.pair.target, self.configuration)[0]

    def with_rows(self, recorded: RecordedSide, *, with_values: bool = False) -> RecordedSide:
        """The recorded side with the rows that a comparison asks for."""
        _, (request,) = compare_recorded(recorded, self.pair.target, self.configuration)
        read = read_request(request.to_json(), "wanted.json")
        lines = answer_request(self.pair.source, read, self.configuration, with_values=with_values)
        file = self.folder / "rows.jsonl"
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return dataclasses.replace(recorded, rows_file=file)
