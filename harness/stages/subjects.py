"""Subjects: the two data layers that a run compares and the cases that it calls them with, found by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.core.configuration import Configuration
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.stages.cases import load_cases
from harness.stages.layers import LayerFactory, hosting, named_object


@dataclass(frozen=True, slots=True)
class Subjects:
    """Two factories, the cases, and the folders that they import from."""

    source: LayerFactory
    target: LayerFactory
    cases: tuple[Case, ...]
    folders: tuple[Path, ...]


def load_subjects(configuration: Configuration, base: Path) -> Subjects | None:
    """Import what [methods] names; None where it names nothing.

    `base` is the folder that names of files start from. ConfigurationError where a part is missing, DataLayerFailed
    and CaseError where one cannot be used.
    """
    section = configuration.methods
    parts = {"source_layer": section.source_layer, "target_layer": section.target_layer, "cases": section.cases}
    if not any(parts.values()):
        return None
    for name, value in parts.items():
        if not value:
            raise ConfigurationError(
                f"methods.{name} is not set, and {' and '.join(each for each, given in parts.items() if given)} is",
                hint="The method comparison needs methods.source_layer, methods.target_layer and methods.cases.",
            )
    folders = tuple((base / folder).resolve() for folder in section.python_path)
    with hosting(folders):
        source, target = (
            LayerFactory(side, name, named_object(name, folders, what=f"methods.{side}_layer"))
            for side, name in ((Side.SOURCE, str(section.source_layer)), (Side.TARGET, str(section.target_layer)))
        )
        cases = load_cases(str(section.cases), base, folders)
    return Subjects(source, target, cases, folders)
