"""The switches of a migration, read from the environment and checked together before anything starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from harness.datalayer.switching.switch_rules import broken_rules
from harness.errors import ConfigurationError

_HINT = "Nothing was started; there is no fallback. Mend the settings and start again."


class Switches(BaseSettings):
    """Which backend answers, which one is written as well, and what each needs; every field is a variable in capitals.

    With nothing set, the source alone answers, as before the migration. An empty variable is an unset one.
    Switches that do not go together cannot be made: ConfigurationError names all that is wrong.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    use_legacy_supabase: bool = True
    """The source is built: it answers, is written as well, or is asked beside the target."""
    use_repository_pattern: bool = False
    """The target is built."""
    target_is_primary: bool = False
    """The target answers, for the modules and the share of keys that are named; else the source."""
    enable_dual_write: bool = False
    """What the primary has written is written to the secondary as well."""
    log_database_calls: bool = False
    """One log line a call: method, module, backend, milliseconds and the kind of error."""
    repository_modules: str = ""
    """The modules whose primary is the target, separated by commas; all where none is named."""
    target_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 100
    """The share of keys whose primary is the target, from 0 to 100; the start of a ramp."""
    shadow_read_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0
    """The share of reads that the secondary is asked as well, from 0 to 1."""
    environment: Literal["development", "staging", "production"] = "development"
    supabase_url: str | None = None
    supabase_key: SecretStr | None = None
    database_dsn: SecretStr | None = None
    database_password: SecretStr | None = None
    sentry_dsn: SecretStr | None = None

    @property
    def modules(self) -> frozenset[str]:
        """The modules whose primary is the target; empty: all of them."""
        return frozenset(name.strip() for name in self.repository_modules.split(",") if name.strip())

    @property
    def target_conninfo(self) -> str:
        """What the target is connected with: the DSN, with the password where that is a setting of its own."""
        dsn = self.database_dsn.get_secret_value() if self.database_dsn else ""
        return make_conninfo(dsn, password=self.database_password.get_secret_value()) if self.database_password else dsn

    @model_validator(mode="after")
    def _together(self) -> Self:
        rules = broken_rules(self)
        if rules:
            raise _refused([f"{rule.reason}: {rule.remedy}" for rule in rules])
        return self


def read_switches(**given: Any) -> Switches:
    """The switches of the environment; `given`, by field, beats it. ConfigurationError names everything that is wrong.

    A value is never repeated: it may be a key that stands in the wrong variable.
    """
    try:
        return Switches(**given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
    malformed = {str(one["loc"][0]): one["msg"].removeprefix("Input ") for one in found}
    wrong = [f"{name.upper()} {message}" for name, message in malformed.items()]
    rules = broken_rules(_without(malformed, given), malformed=frozenset(name.upper() for name in malformed))
    raise _refused([*wrong, *(f"{rule.reason}: {rule.remedy}" for rule in rules)])


class _Unchecked(Switches):
    """The same settings before they are checked together."""

    @model_validator(mode="after")
    def _together(self) -> Self:
        return self


def _without(malformed: dict[str, str], given: dict[str, Any]) -> Switches:
    """The switches with the malformed ones at their defaults, only to judge the rules that rest on others."""
    defaults = {name: Switches.model_fields[name].get_default() for name in malformed}
    return _Unchecked(**{**given, **defaults})


def _refused(reasons: Sequence[str]) -> ConfigurationError:
    return ConfigurationError(f"The switches of the data layer cannot be used: {'; '.join(reasons)}.", hint=_HINT)
