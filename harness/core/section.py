"""Section: the base of every table of pgparity.toml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: unknown keys are an error, so that a misspelt key is never silently without effect."""

    model_config = ConfigDict(frozen=True, extra="forbid")
