"""The user's project: finds and reads pgparity.toml, lets the environment beat it and flags beat both."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from harness.core.configuration import Configuration, EndpointSection
from harness.core.record import Severity, Side
from harness.errors import ConfigurationError
from harness.postgres.connect import Endpoint

if TYPE_CHECKING:  # What reads files of DDL on a scratch server is loaded where a side may be one.
    from harness.stages.sides import Standing

FILE = "pgparity.toml"


class EnvironmentSettings(BaseModel):
    """What the environment may set; each variable is PGPARITY_ and the name in capitals."""

    model_config = ConfigDict(extra="ignore")

    source: str | None = None
    target: str | None = None
    config: Path | None = None
    fail_on: Severity | None = None
    max_connections: int | None = None
    report_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """The configuration and where it came from; relative paths of it are relative to `base`."""

    configuration: Configuration
    base: Path
    file: Path | None
    environment: EnvironmentSettings


def load_project(config: Path | None = None, *, start: Path | None = None) -> Project:
    """Read `config`, else PGPARITY_CONFIG, else pgparity.toml or [tool.pgparity] of pyproject.toml in `start`.

    No file at all is fine: every key has a default, and databases may come from flags. ConfigurationError names the
    file, the key and the nearest known key.
    """
    environment = _environment()
    folder = (start or Path.cwd()).resolve()
    named = config or environment.config
    file = named.resolve() if named else _found(folder)
    if file is None:
        data: dict[str, Any] = {}
    else:
        data = _read(file, named=named is not None)
        folder = file.parent
    if file is not None and (policy := _policy_file(data, folder)):
        data = data | {"schema": data["schema"] | {"policy": policy}}
    configuration = _parsed(data, file)
    overrides = {key: value for key in ("fail_on", "max_connections") if (value := getattr(environment, key))}
    if overrides:
        data = configuration.model_dump(by_alias=True)
        data["run"] |= overrides
        configuration = _parsed(data, None)
    return Project(configuration, folder, file, environment)


def _policy_file(data: dict[str, Any], folder: Path) -> str | None:
    """The policy of the file as a path that does not depend on the current folder, where it is a path."""
    section = data.get("schema")
    policy = section.get("policy") if isinstance(section, dict) else None
    return str(folder / policy) if isinstance(policy, str) and policy.endswith(".toml") else None


def endpoint(project: Project, side: Side, flag: str | None) -> Endpoint:
    """The endpoint of a side: the flag, else PGPARITY_SOURCE or PGPARITY_TARGET, else the file. Unset is an error."""
    dsn, _ = location(project, side, flag)
    point = Endpoint(side, dsn, _section(project, side).label or "", project.configuration.run.statement_timeout)
    point.parameters()
    return point


def given_endpoint(project: Project, side: Side, flag: str | None) -> Endpoint | None:
    """The endpoint of a side that was given anywhere, else None: for commands that look at one side alone, too."""
    if flag is None and getattr(project.environment, side) is None and _section(project, side).dsn is None:
        return None
    return endpoint(project, side, flag)


def schema_side(project: Project, side: Side, flag: str | None) -> Standing:
    """What stands on a side of a schema comparison, where files may stand for a database."""
    value, base = location(project, side, flag)
    from harness.stages.sides import standing

    timeout = project.configuration.run.statement_timeout
    return standing(side, value, base, label=_section(project, side).label or "", statement_timeout=timeout)


def location(project: Project, side: Side, flag: str | None) -> tuple[str, Path]:
    """What a user gave for a side, with env:NAME resolved, and the folder that a path in it is relative to."""
    value = flag if flag is not None else getattr(project.environment, side)
    base = Path.cwd()
    if value is None:
        value, base = _section(project, side).dsn, project.base
    if value is None:
        raise ConfigurationError(
            f"no {side} database is given",
            hint=f"Use --{side} DSN, set PGPARITY_{side.name}, or write dsn under [{side}] in {FILE}.",
        )
    return _resolved(value, side), base


def _section(project: Project, side: Side) -> EndpointSection:
    return project.configuration.source if side is Side.SOURCE else project.configuration.target


def _resolved(value: str, side: Side) -> str:
    """env:NAME becomes the variable's value; an empty value is unset, never libpq's defaults."""
    if value.startswith("env:"):
        name = value.removeprefix("env:")
        found = os.environ.get(name, "")
        if not found.strip():
            raise ConfigurationError(
                f"the environment variable {name} of the {side} database is not set",
                hint=f"Export {name}=postgresql://user:password@host:port/database and run again.",
            )
        return found
    if not value.strip():
        raise ConfigurationError(
            f"the {side} database is an empty string", hint="An unset variable in the call? Give a DSN or env:NAME."
        )
    return value


def _environment() -> EnvironmentSettings:
    # Not by pydantic-settings, which takes longer to be loaded than the rest of the configuration.
    prefix = "pgparity_"
    given = {name.lower(): value for name, value in os.environ.items() if name.lower().startswith(prefix)}
    try:
        return EnvironmentSettings.model_validate({name.removeprefix(prefix): given[name] for name in given})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = f"PGPARITY_{str(first['loc'][0]).upper()}"
        raise ConfigurationError(f"{name}: {_sentence(first)}", hint="Mend or unset the variable.") from None


def _found(folder: Path) -> Path | None:
    """pgparity.toml of the folder, else a pyproject.toml that has [tool.pgparity]."""
    own = folder / FILE
    if own.is_file():
        return own
    shared = folder / "pyproject.toml"
    if shared.is_file() and "tool.pgparity" in shared.read_text(encoding="utf-8", errors="replace"):
        return shared
    return None


def _read(file: Path, *, named: bool) -> dict[str, Any]:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no configuration file {file.name}", hint="`pgparity init` writes one."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        name = type(error).__name__
        raise ConfigurationError(f"{file.name} cannot be read: {name}", hint="Check the file.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file.name} is not TOML: {error}", hint="Mend the line that is named.") from None
    if file.name == "pyproject.toml":
        section = data.get("tool", {}).get("pgparity")
        if section is None and named:
            raise ConfigurationError(f"{file.name} has no [tool.pgparity]", hint=f"Add it, or use a {FILE}.")
        data = section or {}
    return data


def _parsed(data: dict[str, Any], file: Path | None) -> Configuration:
    try:
        return Configuration.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        where = file.name if file else "the configuration"
        if first["type"] == "extra_forbidden":
            near = _nearest(first)
            hint = f"Did you mean {near}?" if near else "Every key is described in docs/configuration.md."
            raise ConfigurationError(f"{where}: unknown key {place}", hint=hint) from None
        raise ConfigurationError(f"{where}: {place}: {_sentence(first)}", hint="See docs/configuration.md.") from None


def _sentence(error: ErrorDetails) -> str:
    """Pydantic's message without its technical prefix; it never holds the value."""
    return error["msg"].removeprefix("Value error, ")


def _nearest(error: ErrorDetails) -> str | None:
    """The known key most like the unknown one: at its own place first, then anywhere."""
    *parents, last = (str(part) for part in error["loc"])
    keys = _keys(Configuration)
    here = [key for key in keys if key.split(".")[:-1] == parents]
    for candidates in (here, keys):
        names = {key.rsplit(".", 1)[-1]: key for key in candidates}
        close = difflib.get_close_matches(last, names, n=1, cutoff=0.6)
        if close:
            return names[close[0]]
    return None


def _keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    """Dotted names of all keys that a model knows."""
    keys: list[str] = []
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        keys.append(key)
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                keys += _keys(kind, f"{key}.")
    return keys
