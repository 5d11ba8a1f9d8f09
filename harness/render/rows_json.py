"""The row comparison as one JSON object, for a program that drives `pgparity data diff`."""

from __future__ import annotations

from typing import Any

import orjson

from harness.core.deltas import Cell, RowDelta, TableRows
from harness.core.document import RunDocument


def render_rows_json(document: RunDocument) -> str:
    """The object as text."""
    return orjson.dumps(rows_report(document), option=orjson.OPT_INDENT_2).decode()


def rows_report(document: RunDocument) -> dict[str, Any]:
    """{"tables": […], "findings": […], "coverage": {…}, "verdict": {…}}, of a document whose rows were compared.

    A table is {"table", "status", "source_rows", "target_rows", "differences": […]} and what else is known of it; a
    difference {"key": {column: value}, "status", "cells": [{"column", "class", …}]}. The keys are described by the
    schema of the run document; values of cells are there only with --show-values, masked.
    """
    return {
        "tables": [_table(each) for each in document.rows],
        "findings": [each.to_data() for each in document.findings],
        "coverage": {
            "checked": sum(each.checked for each in document.coverage if each.stage == "rows"),
            "skipped": [each.to_data() for coverage in document.coverage for each in coverage.skipped],
        },
        "verdict": document.verdict.to_data(),
    }


def _table(rows: TableRows) -> dict[str, Any]:
    first = {
        "table": rows.table,
        "status": rows.status,
        "source_rows": rows.source_rows,
        "target_rows": rows.target_rows,
    }
    return first | rows.to_data() | {"differences": [_difference(each) for each in rows.differences]}


def _difference(delta: RowDelta) -> dict[str, Any]:
    return {"key": delta.key, "status": delta.status, "cells": [_cell(each) for each in delta.cells]}


def _cell(cell: Cell) -> dict[str, Any]:
    """Without what is not known of it: a thousand differences are read by people too."""
    return {name: value for name, value in cell.to_data().items() if value is not None}
