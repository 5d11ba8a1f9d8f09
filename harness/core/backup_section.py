"""[backup] of pgparity.toml: where dumps are kept, and for how long."""

from __future__ import annotations

from pydantic import Field

from harness.core.section import Section


class BackupSection(Section):
    """Where dumps are kept, and for how long."""

    dir: str | None = Field(default=None, description="Folder of the dumps and their manifests")
    keep_days: int = Field(
        default=7,
        ge=1,
        description="Older dumps are removed after a new one was verified; never the last verified one of a schema",
    )
    exclude_schemas: dict[str, str] = Field(
        default_factory=dict,
        description="Schema to the reason it is not dumped, as a platform's that the role may not read: a decision",
    )
