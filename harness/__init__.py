"""pgparity: proves, before a cutover, that a PostgreSQL target is a true replacement for its source.

The public names are loaded when first used: an application that imports harness.datalayer pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.version import __version__ as __version__

if TYPE_CHECKING:
    from harness.core.configuration import Configuration as Configuration
    from harness.core.document import RunDocument as RunDocument
    from harness.core.findings import Finding as Finding
    from harness.core.model.catalog import Catalog as Catalog
    from harness.core.record import Side as Side
    from harness.errors import PgparityError as PgparityError
    from harness.postgres.connect import Endpoint as Endpoint
    from harness.stages.pipeline import RunRequest as RunRequest
    from harness.stages.pipeline import run as run
    from harness.stages.row_stream import RowComparison as RowComparison
    from harness.stages.row_stream import compare_rows as compare_rows

_HOMES = {
    "Catalog": "harness.core.model.catalog",
    "Configuration": "harness.core.configuration",
    "Endpoint": "harness.postgres.connect",
    "Finding": "harness.core.findings",
    "PgparityError": "harness.errors",
    "RowComparison": "harness.stages.row_stream",
    "RunDocument": "harness.core.document",
    "RunRequest": "harness.stages.pipeline",
    "Side": "harness.core.record",
    "compare_rows": "harness.stages.row_stream",
    "run": "harness.stages.pipeline",
}

__all__ = [
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


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'harness' has no attribute {name!r}")
