"""Subjects: the two data layers that a run compares and the cases that it calls them with, found by name."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from harness.core.configuration import Configuration, MethodsSection
from harness.core.outcomes import Case
from harness.core.record import Side
from harness.errors import ConfigurationError
from harness.stages.cases import case_names, load_cases
from harness.stages.command_layer import CommandFactory
from harness.stages.layers import LayerFactory, hosting, named_object
from harness.stages.python_layer import PythonFactory

_BY_NAME = "env:"


@dataclass(frozen=True, slots=True)
class Subjects:
    """Two factories, the cases, and the folders that they import from."""

    source: LayerFactory
    target: LayerFactory
    cases: tuple[Case, ...]
    folders: tuple[Path, ...]


def load_subjects(configuration: Configuration, base: Path) -> Subjects | None:
    """Import what [methods] names; None where it names nothing.

    `base` is the folder that names of files start from. Without written or recorded cases the generated ones are all.
    ConfigurationError where a part is missing, DataLayerFailed and CaseError where one cannot be used.
    """
    section = configuration.methods
    names = case_names(section.cases)
    sides = {side: _given(section, side) for side in Side}
    if not names and not any(sides.values()):
        return None
    for side, given in sides.items():
        if not given:
            raise ConfigurationError(
                f"methods.{side}_layer is not set, and other settings of [methods] are",
                hint=f"The method comparison needs a data layer of each side: {side}_layer, or {side}_command.",
            )
    if not names and not (section.generate or section.sequences):
        raise ConfigurationError(
            "methods.cases is not set, and no case is to be generated",
            hint="Name a file of cases in methods.cases, or set methods.generate above 0.",
        )
    folders = tuple((base / folder).resolve() for folder in section.python_path)
    with hosting(folders):
        source, target = (_factory(configuration, side, base, folders) for side in (Side.SOURCE, Side.TARGET))
        cases = load_cases(names, base, folders) if names else ()
    return Subjects(source, target, cases, folders)


def _given(section: MethodsSection, side: Side) -> bool:
    """Whether one side has a data layer. ConfigurationError where it has two."""
    layer, command = _named(section, side)
    if layer and command:
        raise ConfigurationError(
            f"methods.{side}_layer and methods.{side}_command are both set", hint="Keep the one that is meant."
        )
    return bool(layer or command)


def _named(section: MethodsSection, side: Side) -> tuple[str | None, str | tuple[str, ...]]:
    if side is Side.SOURCE:
        return section.source_layer, section.source_command
    return section.target_layer, section.target_command


def _factory(configuration: Configuration, side: Side, base: Path, folders: tuple[Path, ...]) -> LayerFactory:
    layer, command = _named(configuration.methods, side)
    if layer:
        made = named_object(layer, folders, what=f"methods.{side}_layer")
        return PythonFactory(side, layer, made, seconds=configuration.methods.call_timeout)
    return CommandFactory(
        side=side,
        command=_words(command, side),
        folder=base.resolve(),
        seconds=configuration.methods.call_timeout,
        hidden=_variables_of_servers(configuration),
    )


def _words(command: str | tuple[str, ...], side: Side) -> tuple[str, ...]:
    """The words of a command as a shell would split it; no shell is asked."""
    try:
        words = tuple(shlex.split(command)) if isinstance(command, str) else command
    except ValueError as error:
        raise ConfigurationError(f"methods.{side}_command cannot be split into words: {error}") from None
    if not words or not words[0]:
        raise ConfigurationError(f"methods.{side}_command names no program")
    return words


def _variables_of_servers(configuration: Configuration) -> frozenset[str]:
    """The environment variables that the configuration takes DSNs and keys of the real servers from."""
    given = (configuration.source.dsn, configuration.target.dsn, configuration.methods.source_api_key)
    return frozenset(value.removeprefix(_BY_NAME) for value in given if value and value.startswith(_BY_NAME))
