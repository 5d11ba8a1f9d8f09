"""Flags of `pgparity methods` over the configuration: a flag beats the file, key by key."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.configuration import Configuration
from harness.core.record import Severity
from harness.errors import ConfigurationError

_SAME_NAME = (
    "generate",
    "sequences",
    "concurrency",
    "min_coverage",
    "max_slowdown",
    "api_role",
    "source_rest_url",
    "source_api_key",
    "allow_writes",
    "clone_in_place",
    "show_values",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFlags:
    """What was given on the command line; None: not given."""

    source_layer: str | None = None
    target_layer: str | None = None
    source_command: str | None = None
    target_command: str | None = None
    cases: str | None = None
    generate: int | None = None
    sequences: int | None = None
    concurrency: int | None = None
    min_coverage: float | None = None
    max_slowdown: float | None = None
    api_role: str | None = None
    source_rest_url: str | None = None
    source_api_key: str | None = None
    allow_writes: bool | None = None
    clone_in_place: bool | None = None
    show_values: bool | None = None
    allow_drift: bool | None = None
    fail_on: Severity | None = None
    methods: tuple[str, ...] = ()


def configured(configuration: Configuration, flags: MethodFlags, folder: Path) -> Configuration:
    """The configuration with the flags in it. `folder` is the one that the command was called in.

    What a flag names is found from there, not from the configuration file's folder. ConfigurationError where two flags
    contradict each other.
    """
    section: dict[str, Any] = {name: value for name in _SAME_NAME if (value := getattr(flags, name)) is not None}
    for side in ("source", "target"):
        section |= _layer(side, getattr(flags, f"{side}_layer"), getattr(flags, f"{side}_command"))
    if flags.cases is not None:
        section["cases"] = _placed(flags.cases, folder)
    if any(value is not None for value in (flags.source_layer, flags.target_layer, flags.cases)):
        section["python_path"] = (str(folder), *configuration.methods.python_path)
    run = {name: value for name in ("allow_drift", "fail_on") if (value := getattr(flags, name)) is not None}
    # The stage is asked for by name: a file that leaves it out of whole runs does not mean this one.
    run["exclude_stages"] = {}
    return configuration.model_copy(
        update={
            "methods": configuration.methods.model_copy(update=section),
            "run": configuration.run.model_copy(update=run),
        }
    )


def _layer(side: str, layer: str | None, command: str | None) -> dict[str, Any]:
    """A flag for one kind of data layer takes the place of the file's other kind."""
    if layer is not None and command is not None:
        raise ConfigurationError(
            f"--{side}-layer and --{side}-command are both given", hint="A side has one data layer: drop one of them."
        )
    if layer is not None:
        return {f"{side}_layer": layer, f"{side}_command": ()}
    if command is None:
        return {}
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise ConfigurationError(f"--{side}-command cannot be read: {error}", hint="Close the quotes.") from None
    if not words:
        raise ConfigurationError(f"--{side}-command is empty", hint="An unset variable in the call?")
    return {f"{side}_command": words, f"{side}_layer": None}


def _placed(cases: str, folder: Path) -> str:
    """Files relative to the current folder; module:name as it is."""
    return ",".join(
        str((folder / name).resolve()) if name.endswith((".toml", ".jsonl")) else name
        for name in (part.strip() for part in cases.split(","))
    )
