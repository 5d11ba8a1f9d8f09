"""The method comparison as one JSON object, for a program that drives `pgparity methods`."""

from __future__ import annotations

from typing import Any

import orjson

from harness.core.document import RunDocument
from harness.core.method_coverage import matrix_of

STAGE = "methods"


def render_methods_json(document: RunDocument) -> str:
    """The object as text."""
    return orjson.dumps(methods_report(document), option=orjson.OPT_INDENT_2).decode()


def methods_report(document: RunDocument) -> dict[str, Any]:
    """{"methods": […], "findings": […], "coverage": {…}, "pairs": […]}, of a document whose methods were compared.

    `pairs` are those that are not equal. `coverage.cells` counts methods x kinds of case, as far as a kind makes sense
    for a method; `coverage.servers` are those that were seen to answer.
    """
    matrix = matrix_of(document.methods)
    about = [each for each in document.coverage if each.stage == STAGE]
    return {
        "methods": [each.to_data() for each in document.methods],
        "findings": [each.to_data() for each in document.findings],
        "coverage": {
            "checked": sum(each.checked for each in about),
            "methods": len(document.methods),
            "exercised": sum(each.cases > 0 for each in document.methods),
            "cells": {
                "applicable": matrix.applicable,
                "exercised": matrix.exercised,
                "percent": matrix.percent,
                "missing": {each.method: list(each.missing) for each in matrix.methods if each.missing},
            },
            "skipped": [each.to_data() for coverage in document.coverage for each in coverage.skipped],
            "servers": [each.to_data() for each in document.servers],
        },
        "pairs": [each.to_data() for each in document.outcomes],
    }
