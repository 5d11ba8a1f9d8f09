"""How the values of settings are read: the spellings that PostgREST takes, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from harness.errors import ConfigurationError
from harness.gateway.configuration.file import Value

_WHOLE = re.compile(r"[+-]?[0-9]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
# scheme, host, port and path: no user, no query, no fragment
_PROXY = re.compile(r"(?i:https?)://(?:\[[^]@/?#]+\]|[^]\[@:/?#]+)(?::(\d+))?(?:/[^?#]*)?", re.ASCII)
_HIDDEN_SCHEMAS = ("pg_catalog", "information_schema")
_APP_SETTINGS = "app.settings."


def _refused(name: str, wanted: str) -> ConfigurationError:
    return ConfigurationError(f"the value of {name} is not {wanted}", hint=f"Give {name} {wanted}.")


def text(_name: str, value: Value) -> str:
    """A string; other values as they are written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def flag(name: str, value: Value) -> bool:
    """True or false, in any spelling: true, "True", on, "1", 0 in quotes."""
    if isinstance(value, bool):
        return value
    said = text(name, value)
    word = re.sub(r"[^A-Za-z]", "", said).lower()
    if word in ("true", "on", "yes"):
        return True
    if word in ("false", "off", "no"):
        return False
    if _WHOLE.fullmatch(said.strip()):
        return int(said) > 0
    raise _refused(name, "true or false")


def whole(name: str, value: Value) -> int:
    """A whole number."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    said = text(name, value).strip()
    if isinstance(value, Decimal) or not _WHOLE.fullmatch(said):
        raise _refused(name, "a whole number")
    return int(said)


def _between(least: int, most: int | None, wanted: str) -> Callable[[str, Value], int]:
    def read(name: str, value: Value) -> int:
        number = whole(name, value)
        if number < least or (most is not None and number > most):
            raise _refused(name, wanted)
        return number

    return read


def _seconds(name: str, value: Value) -> float:
    return float(_between(0, None, "a number of seconds")(name, value))


def names(name: str, value: Value) -> tuple[str, ...]:
    """Names with commas between them; none where the text is empty."""
    said = text(name, value)
    return tuple(part.strip() for part in said.split(",")) if said.strip() else ()


def _schemas(name: str, value: Value) -> tuple[str, ...]:
    found = names(name, value)
    hidden = next((schema for schema in found if schema in _HIDDEN_SCHEMAS), None)
    if hidden is not None:
        raise ConfigurationError(
            f"{name} does not allow schema: '{hidden}'", hint="Expose schemas of your own, with commas between them."
        )
    return found


def _one_of(*known: str) -> Callable[[str, Value], str]:
    def read(name: str, value: Value) -> str:
        said = text(name, value)
        if said not in known:
            raise _refused(name, f"one of {', '.join(known)}")
        return said

    return read


def _audience(name: str, value: Value) -> str:
    said = text(name, value)
    if ":" in said and _URI.fullmatch(said) is None:
        raise ConfigurationError(
            f"{name} should be a string or a valid URI", hint="A value with a colon has to be a URI."
        )
    return said


def _proxy(name: str, value: Value) -> str:
    said = text(name, value)
    found = _PROXY.fullmatch(said) if _URI.fullmatch(said) is not None else None
    if found is None or not 0 < int(found[1] or 80) < 65536:
        raise ConfigurationError(
            f"Malformed proxy uri in {name}", hint="A correct example: https://example.com:8443/basePath"
        )
    return said


def _mode(name: str, value: Value) -> int:
    said = text(name, value)
    if re.fullmatch(r"[0-7]+", said) is None:
        raise ConfigurationError(f"Invalid {name}: not an octal", hint="Give it as 660, for example.")
    mode = int(said, 8)
    if not 0o600 <= mode <= 0o777:
        raise ConfigurationError(
            f"Invalid {name}: needs to be between 600 and 777", hint="Give it as 660, for example."
        )
    return mode


KINDS: Mapping[str, Callable[[str, Value], Any]] = {
    "text": text,
    "flag": flag,
    "count": _between(0, None, "a whole number that is not negative"),
    "size": _between(1, None, "a whole number above 0"),
    "port": _between(0, 65535, "a port: 0 to 65535"),
    "seconds": _seconds,
    "list": names,
    "schemas": _schemas,
    "audience": _audience,
    "proxy": _proxy,
    "mode": _mode,
    "tx-end": _one_of("commit", "commit-allow-override", "rollback", "rollback-allow-override"),
    "openapi-mode": _one_of("follow-privileges", "ignore-privileges", "disabled"),
    "log-level": _one_of("crit", "error", "warn", "info", "debug"),
    "verbosity": _one_of("verbose", "minimal"),
}


def app_settings(values: Mapping[str, Value], environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The settings `app.settings.*` with their values; the environment's beat the file's."""
    found = {key: text(key, value) for key, value in values.items() if key.startswith(_APP_SETTINGS)}
    prefix = "PGRST_APP_SETTINGS_"
    of_environment = {
        _APP_SETTINGS + name.removeprefix(prefix): value
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return tuple({**found, **of_environment}.items())
