"""The public names of the package are these, and importing the package loads nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

import harness


def test_the_public_names_are_pinned() -> None:
    assert harness.__all__ == [
        "Catalog",
        "Configuration",
        "Endpoint",
        "Finding",
        "PgparityError",
        "RowComparison",
        "RunDocument",
        "RunRequest",
        "Side",
        "compare_rows",
        "run",
    ]


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(harness, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = harness.nothing_of_this_name


def test_an_application_that_imports_the_data_layer_loads_no_stage() -> None:
    code = "import sys, harness.datalayer.postgres.repository as _; "
    code += "print(*sorted(m for m in sys.modules if m.startswith('harness')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name.startswith(("harness.stages", "harness.cli", "harness.core"))]
