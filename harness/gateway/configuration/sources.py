"""The settings of `pgparity gateway`: PostgREST's, from a file, the environment, the database and flags.

A flag beats the database, the database beats the environment, the environment beats the file
(https://docs.postgrest.org/en/v16/references/configuration.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError
from harness.gateway.access.identity import Authenticator
from harness.gateway.configuration import file as configuration_file
from harness.gateway.configuration.file import Value
from harness.gateway.configuration.values import KINDS, app_settings
from harness.gateway.settings import HOISTED_TX_SETTINGS, GatewaySettings, ListenSettings

_LIBPQ_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGDATABASE", "PGUSER", "PGSERVICE", "PGPORT")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, how its value is read, its default here, and its older names.

    `help` is what its flag says of it. `reloads` says whether it may change while the server runs, `in_database`
    whether the database may set it.
    """

    name: str
    kind: str
    default: object
    help: str
    aliases: tuple[str, ...] = ()
    reloads: bool = True
    in_database: bool = True

    @property
    def field(self) -> str:
        """Its name in Python, and in the database behind `pgrst.`."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"PGRST_{self.field.upper()}"


def _setting(name: str, kind: str, default: object, about: str, *aliases: str) -> Setting:
    return Setting(name, kind, default, about, aliases)


def _outside(name: str, kind: str, default: object, about: str, *aliases: str) -> Setting:
    """A setting that may be reloaded, but that the database may not make."""
    return Setting(name, kind, default, about, aliases, in_database=False)


def _fixed(name: str, kind: str, default: object, about: str, *aliases: str) -> Setting:
    """A setting that stays as it was at the start."""
    return Setting(name, kind, default, about, aliases, reloads=False, in_database=False)


SETTINGS: Sequence[Setting] = (
    _fixed("db-uri", "text", None, "Connection string of the database; @FILE reads it from a file."),
    _setting("db-schemas", "schemas", ("public",), "Exposed schemas, with commas between them.", "db-schema"),
    _setting("db-anon-role", "text", None, "Role of requests without a token; without it they are refused."),
    _setting("db-extra-search-path", "list", ("public",), "Schemas that are searched behind the exposed one."),
    _setting("db-max-rows", "count", None, "At most so many rows an answer.", "max-rows"),
    _setting("jwt-secret", "text", None, "Secret (32 characters at least), JSON Web Key or set of them; or @FILE."),
    _setting("jwt-secret-is-base64", "flag", False, "The secret is written in base64.", "secret-is-base64"),
    _setting("jwt-aud", "audience", None, "Audience that a token with an aud claim has to name."),
    _setting("jwt-role-claim-key", "text", "$.role", "Where the role stands in a token: a JSONPath.", "role-claim-key"),
    _setting("jwt-cache-max-entries", "count", 1000, "How many verified tokens are remembered."),
    _setting("db-aggregates-enabled", "flag", False, "Allow aggregate functions in select."),
    _setting("db-pre-request", "text", None, "Function that runs before every request.", "pre-request"),
    _setting("db-tx-end", "tx-end", "commit", "How transactions end: commit, rollback, with -allow-override or not."),
    _setting("db-hoisted-tx-settings", "list", HOISTED_TX_SETTINGS, "Settings of functions that transactions take on."),
    _setting("db-plan-enabled", "flag", False, "Allow execution plans as answers."),
    _setting("db-prepared-statements", "flag", True, "Keep prepared statements in the connections."),
    _setting("db-root-spec", "text", None, "Function that answers at the root.", "root-spec"),
    _setting("url-use-legacy-target-names", "flag", True, "Aliased embeds answer to the relation's name as well."),
    _setting("openapi-mode", "openapi-mode", "follow-privileges", "Description at the root."),
    _setting("openapi-security-active", "flag", False, "Describe security in it."),
    _setting("openapi-server-proxy-uri", "proxy", None, "Address of the proxy in front, for it."),
    _setting("client-error-verbosity", "verbosity", "verbose", "verbose, or minimal: code and message alone."),
    _setting("server-cors-allowed-origins", "list", (), "Origins that browsers may ask from; all where empty."),
    _setting("server-timing-enabled", "flag", False, "Say in Server-Timing how long a request took."),
    _setting("server-trace-header", "text", None, "Request header that is sent back."),
    _fixed("db-channel", "text", "pgrst", "Channel of NOTIFY that reloads the schema cache."),
    _fixed("db-channel-enabled", "flag", True, "Listen to it."),
    _outside("db-config", "flag", True, "Let the database make settings."),
    _setting("db-pre-config", "text", None, "Function of the database that makes settings."),
    _outside("log-level", "log-level", "error", "Requests on stderr: crit none, error 5xx, warn 4xx, info all, debug."),
    _fixed("db-pool", "size", 10, "At most so many connections."),
    _fixed("db-pool-acquisition-timeout", "seconds", 10.0, "Seconds that a request waits for one."),
    _fixed("db-pool-max-idletime", "seconds", 30.0, "Seconds after which an idle one is ended.", "db-pool-timeout"),
    _fixed("db-pool-max-lifetime", "seconds", 1800.0, "Seconds after which any is ended."),
    _fixed("server-host", "text", "127.0.0.1", "Where to listen; *4, !4, *6, !6 and * as in PostgREST."),
    _fixed("server-port", "port", 3000, "Port; 0 picks one."),
    _fixed("server-unix-socket", "text", None, "Unix socket to listen at instead."),
    _fixed("server-unix-socket-mode", "mode", 0o660, "Its file mode, in octal."),
    _fixed("admin-server-host", "text", None, "Where the admin server listens; as server-host by default."),
    _fixed("admin-server-port", "port", None, "Port of the admin server: /live, /ready, /metrics."),
    _fixed("safe-update", "flag", False, "Ours: refuse an UPDATE or DELETE without a filter."),
    _fixed("anon-key", "text", None, "Ours: Supabase's API key of the anonymous role."),
    _fixed("service-role-key", "text", None, "Ours: Supabase's API key of service_role."),
)
IN_DATABASE = tuple(setting.field for setting in SETTINGS if setting.in_database)

_IGNORED = {
    "log-query": "SQL is not logged here",
    "db-pool-automatic-recovery": "the gateway always connects again",
    "db-timezone-enabled": "time zones are always taken from the database",
    "server-reuseport": "the port is never shared",
    "server-otel-enabled": "there are no traces here",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was read: the settings, where to listen, and notes for whoever started the gateway."""

    settings: GatewaySettings
    listen: ListenSettings
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings come from: a file, the environment and flags; by name, flags as they were written."""

    file: Path | None
    environment: Mapping[str, str]
    flags: Mapping[str, str]

    def read(self, of_database: Mapping[str, str] | None = None) -> Configuration:
        """The configuration as it is now.

        :param of_database: what the database sets, by the names of fields.
        :raises ConfigurationError: what is wrong, and what to do; no secret is shown.
        """
        values, notes = self._file_values()
        environment = {name: value for name, value in self.environment.items() if name.startswith("PGRST_")}
        notes += _notes(values, environment)
        found: dict[str, Any] = {}
        for setting in SETTINGS:
            raw = self._raw(setting, values, environment, of_database or {})
            # empty is unset, but for the search path, which may be empty
            if raw is None or (raw == "" and setting.name != "db-extra-search-path"):
                found[setting.field] = setting.default
            else:
                found[setting.field] = KINDS[setting.kind](setting.name, raw)
        found["app_settings"] = app_settings(values, environment)
        return _checked(found, self.environment, self._beside, tuple(notes))

    def _file_values(self) -> tuple[dict[str, Value], list[str]]:
        if self.file is None:
            return {}, []
        text = _text(self.file, "the configuration file")
        read = lambda name: _text(self._beside(name), "an imported file")  # noqa: E731
        values = configuration_file.parse(text, self.file.name, self.environment, read)
        known = {name for setting in SETTINGS for name in (setting.name, *setting.aliases)}
        unknown = [key for key in values if key not in known | _IGNORED.keys() and not key.startswith("app.settings.")]
        return values, [f"{self.file.name}: there is no setting {key}; it is ignored" for key in unknown]

    def _beside(self, name: str) -> Path:
        """A file that the configuration names; relative to the folder of the process, as in PostgREST."""
        return Path(name)

    def _raw(
        self,
        setting: Setting,
        values: Mapping[str, Value],
        environment: Mapping[str, str],
        of_database: Mapping[str, str],
    ) -> Value | None:
        if setting.name in self.flags:
            return self.flags[setting.name]
        names = (setting.name, *setting.aliases)
        for name in names:
            field = name.replace("-", "_")
            if setting.in_database and field in of_database:
                return of_database[field]
            variable = f"PGRST_{field.upper()}"
            if variable in environment:
                return environment[variable]
            if name in values:
                return values[name]
        return None


def _notes(values: Mapping[str, Value], environment: Mapping[str, str]) -> list[str]:
    named = {*values, *(name.removeprefix("PGRST_").lower().replace("_", "-") for name in environment)}
    return [f"{name} is ignored: {why}" for name, why in _IGNORED.items() if name in named]


def _text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigurationError(
            f"{what} {path} cannot be read: {reason}", hint="Give the path of a file that can be read."
        ) from None


def _checked(
    found: dict[str, Any],
    environment: Mapping[str, str],
    beside: Callable[[str], Path],
    notes: tuple[str, ...],
) -> Configuration:
    if found["db_uri"] is None:
        if not any(environment.get(name) for name in _LIBPQ_VARIABLES):
            raise ConfigurationError(
                "db-uri is not set",
                hint="Give a configuration file with db-uri, --db-uri, PGRST_DB_URI, or libpq's variables (PGHOST, …).",
            )
        found["db_uri"] = "postgresql://"
    if found["db_uri"].startswith("@"):
        found["db_uri"] = _text(beside(found["db_uri"][1:]), "the file of db-uri").strip()
    secret = found["jwt_secret"]
    if secret is not None and secret.startswith("@"):
        found["jwt_secret"] = _text(beside(secret[1:]), "the file of jwt-secret").removesuffix("\n")
    if found["admin_server_port"] is not None and found["admin_server_port"] == found["server_port"] != 0:
        raise ConfigurationError(
            "admin-server-port cannot be the same as server-port", hint="Give the admin server a port of its own."
        )
    listen = ListenSettings(**{field.name: found[field.name] for field in fields(ListenSettings)})
    names = {field.name for field in fields(GatewaySettings)}
    settings = GatewaySettings(**{name: value for name, value in found.items() if name in names})
    Authenticator(settings)
    return Configuration(settings, listen, notes)
