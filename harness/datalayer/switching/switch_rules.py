"""Which switches go together: the rules that hold between them, each with its reason and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from harness.datalayer.switching.switches import Switches


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong where `broken` says so. The text names settings and never a value of a secret one."""

    settings: tuple[str, ...]
    broken: Callable[[Switches], bool]
    reason: str
    remedy: str


def _both(switches: Switches) -> bool:
    return switches.use_legacy_supabase and switches.use_repository_pattern


def _malformed_dsn(switches: Switches) -> bool:
    if not switches.use_repository_pattern or switches.database_dsn is None:
        return False
    return _parsed(switches.database_dsn.get_secret_value()) is None


def _no_password(switches: Switches) -> bool:
    if not switches.use_repository_pattern or switches.database_dsn is None or switches.database_password is not None:
        return False
    settings = _parsed(switches.database_dsn.get_secret_value())
    if settings is None:
        return False
    over_a_socket = str(settings.get("host", "")).startswith("/")
    return not over_a_socket and not {"password", "passfile", "sslcert", "service"} & settings.keys()


def _parsed(dsn: str) -> dict[str, object] | None:
    try:
        return dict(conninfo_to_dict(dsn))
    except psycopg.ProgrammingError:
        return None


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        ("USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: not s.use_legacy_supabase and not s.use_repository_pattern,
        "no backend is on",
        "set USE_LEGACY_SUPABASE=true, USE_REPOSITORY_PATTERN=true, or both",
    ),
    Rule(
        ("ENABLE_DUAL_WRITE", "USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: s.enable_dual_write and not _both(s),
        "ENABLE_DUAL_WRITE writes to both backends, and not both are on",
        "turn both on, or set ENABLE_DUAL_WRITE=false",
    ),
    Rule(
        ("TARGET_IS_PRIMARY", "USE_REPOSITORY_PATTERN"),
        lambda s: s.target_is_primary and not s.use_repository_pattern,
        "TARGET_IS_PRIMARY needs the target, which USE_REPOSITORY_PATTERN turns off",
        "set USE_REPOSITORY_PATTERN=true, or TARGET_IS_PRIMARY=false",
    ),
    Rule(
        ("TARGET_IS_PRIMARY", "USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: not s.target_is_primary and not s.use_legacy_supabase and s.use_repository_pattern,
        "the source is the primary, and USE_LEGACY_SUPABASE turns it off",
        "set TARGET_IS_PRIMARY=true, or USE_LEGACY_SUPABASE=true",
    ),
    Rule(
        ("REPOSITORY_MODULES", "TARGET_IS_PRIMARY", "USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: bool(s.modules) and not (_both(s) and s.target_is_primary),
        "REPOSITORY_MODULES splits the modules between two backends, and needs both and TARGET_IS_PRIMARY=true",
        "turn them on, or leave REPOSITORY_MODULES out",
    ),
    Rule(
        ("TARGET_PERCENT", "TARGET_IS_PRIMARY", "USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: s.target_percent < 100 and not (_both(s) and s.target_is_primary),
        "TARGET_PERCENT below 100 splits the calls between two backends, and needs both and TARGET_IS_PRIMARY=true",
        "turn them on, or leave TARGET_PERCENT out",
    ),
    Rule(
        ("TARGET_PERCENT", "ENABLE_DUAL_WRITE"),
        lambda s: 0 < s.target_percent < 100 and not s.enable_dual_write,
        "TARGET_PERCENT between 0 and 100 moves users from one backend to the other, where their rows would be missing",
        "set ENABLE_DUAL_WRITE=true, or TARGET_PERCENT to 0 or 100",
    ),
    Rule(
        ("SHADOW_READ_RATE", "USE_LEGACY_SUPABASE", "USE_REPOSITORY_PATTERN"),
        lambda s: s.shadow_read_rate > 0 and not _both(s),
        "SHADOW_READ_RATE asks the secondary, and not both backends are on",
        "turn both on, or set SHADOW_READ_RATE=0",
    ),
    Rule(
        ("SUPABASE_URL",),
        lambda s: s.use_legacy_supabase and s.supabase_url is None,
        "SUPABASE_URL is missing, which USE_LEGACY_SUPABASE needs",
        "set the URL of the project",
    ),
    Rule(
        ("SUPABASE_KEY",),
        lambda s: s.use_legacy_supabase and s.supabase_key is None,
        "SUPABASE_KEY is missing, which USE_LEGACY_SUPABASE needs",
        "set the key of the project",
    ),
    Rule(
        ("DATABASE_DSN",),
        lambda s: s.use_repository_pattern and s.database_dsn is None,
        "DATABASE_DSN is missing, which USE_REPOSITORY_PATTERN needs",
        "set the DSN of the target",
    ),
    Rule(
        ("DATABASE_DSN",),
        _malformed_dsn,
        "DATABASE_DSN is malformed",
        "write postgresql://role:password@host:port/database, with special characters percent-encoded",
    ),
    Rule(
        ("DATABASE_PASSWORD", "DATABASE_DSN"),
        _no_password,
        "DATABASE_DSN has no password, passfile or client certificate, and DATABASE_PASSWORD is missing",
        "set DATABASE_PASSWORD",
    ),
    Rule(
        ("SENTRY_DSN", "ENVIRONMENT"),
        lambda s: s.environment == "production" and s.sentry_dsn is None,
        "SENTRY_DSN is missing, which ENVIRONMENT=production needs",
        "set the DSN of the error tracking",
    ),
)
"""Every rule; the settings of one are those that its judgement rests on."""


def broken_rules(switches: Switches, *, malformed: frozenset[str] = frozenset()) -> list[Rule]:
    """The rules that do not hold; those that rest on a malformed setting cannot be judged and are left out."""
    return [rule for rule in RULES if not malformed & set(rule.settings) and rule.broken(switches)]
