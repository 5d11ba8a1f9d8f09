"""Switches are checked together: which of them go together, what each needs, and that no secret is repeated."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest

from harness.datalayer.switching.switches import Switches, read_switches
from harness.errors import ConfigurationError

SETTINGS = {
    "SUPABASE_URL": "http://127.0.0.1:1",
    "SUPABASE_KEY": "hunter2-key",
    "DATABASE_DSN": "postgresql://salon@127.0.0.1:1/salon",
    "DATABASE_PASSWORD": "hunter2-password",
    "SENTRY_DSN": "http://hunter2@127.0.0.1:1/1",
}
FIVE = (
    "USE_LEGACY_SUPABASE",
    "USE_REPOSITORY_PATTERN",
    "TARGET_IS_PRIMARY",
    "ENABLE_DUAL_WRITE",
    "LOG_DATABASE_CALLS",
)
NO_BACKEND = "no backend is on"
DUAL_NEEDS_BOTH = "ENABLE_DUAL_WRITE writes to both backends"
NO_TARGET = "TARGET_IS_PRIMARY needs the target"
NO_SOURCE = "the source is the primary, and USE_LEGACY_SUPABASE turns it off"

# source, target, target is primary, dual write -> what is wrong; logging changes nothing, so that each stands for two
COMBINATIONS: Mapping[tuple[bool, bool, bool, bool], tuple[str, ...]] = {
    (True, True, True, True): (),
    (True, True, True, False): (),
    (True, True, False, True): (),
    (True, True, False, False): (),
    (True, False, True, True): (DUAL_NEEDS_BOTH, NO_TARGET),
    (True, False, True, False): (NO_TARGET,),
    (True, False, False, True): (DUAL_NEEDS_BOTH,),
    (True, False, False, False): (),
    (False, True, True, True): (DUAL_NEEDS_BOTH,),
    (False, True, True, False): (),
    (False, True, False, True): (DUAL_NEEDS_BOTH, NO_SOURCE),
    (False, True, False, False): (NO_SOURCE,),
    (False, False, True, True): (NO_BACKEND, DUAL_NEEDS_BOTH, NO_TARGET),
    (False, False, True, False): (NO_BACKEND, NO_TARGET),
    (False, False, False, True): (NO_BACKEND, DUAL_NEEDS_BOTH),
    (False, False, False, False): (NO_BACKEND,),
}
ALL_32 = [
    (dict(zip(FIVE, (*switches, logging), strict=True)), reasons)
    for switches, reasons in COMBINATIONS.items()
    for logging in (False, True)
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the settings that both backends need."""
    for field in Switches.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


def refused(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as failed:
        read_switches()
    return failed.value.message


def test_the_table_has_every_combination_of_the_five_switches() -> None:
    assert set(COMBINATIONS) == set(itertools.product((True, False), repeat=4))
    assert len(ALL_32) == 32


@pytest.mark.parametrize(("switches", "reasons"), ALL_32)
def test_a_combination_is_legal_or_refused_with_each_of_its_reasons(
    switches: dict[str, bool], reasons: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, on in switches.items():
        monkeypatch.setenv(name, "true" if on else "false")
    if not reasons:
        read = read_switches()
        assert {name: getattr(read, name.lower()) for name in FIVE} == switches
        return
    with pytest.raises(ConfigurationError) as failed:
        read_switches()
    assert all(reason in failed.value.message for reason in reasons)
    others = {NO_BACKEND, DUAL_NEEDS_BOTH, NO_TARGET, NO_SOURCE} - set(reasons)
    assert not [reason for reason in others if reason in failed.value.message]


def test_with_nothing_set_the_source_alone_answers() -> None:
    switches = read_switches()
    assert (switches.use_legacy_supabase, switches.use_repository_pattern, switches.target_is_primary) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("missing", "switches"),
    [
        ("SUPABASE_URL", {}),
        ("SUPABASE_KEY", {}),
        ("DATABASE_DSN", {"USE_REPOSITORY_PATTERN": "true"}),
        ("DATABASE_PASSWORD", {"USE_REPOSITORY_PATTERN": "true"}),
        ("SENTRY_DSN", {"ENVIRONMENT": "production"}),
    ],
)
def test_a_setting_that_a_switch_needs_is_named_when_it_is_missing_or_empty(
    missing: str, switches: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(missing)
    assert f"{missing} is missing" in refused(monkeypatch, **switches)
    monkeypatch.setenv(missing, "")
    assert f"{missing} is missing" in refused(monkeypatch)


def test_what_a_backend_that_is_off_would_need_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_DSN", "DATABASE_PASSWORD", "SENTRY_DSN"):
        monkeypatch.delenv(name)
    assert read_switches().database_dsn is None
    monkeypatch.setenv("DATABASE_DSN", SETTINGS["DATABASE_DSN"])
    monkeypatch.setenv("DATABASE_PASSWORD", SETTINGS["DATABASE_PASSWORD"])
    for name in ("SUPABASE_URL", "SUPABASE_KEY"):
        monkeypatch.delenv(name)
    only_target = {"USE_LEGACY_SUPABASE": "0", "USE_REPOSITORY_PATTERN": "1", "TARGET_IS_PRIMARY": "1"}
    for name, value in only_target.items():
        monkeypatch.setenv(name, value)
    assert read_switches().supabase_key is None


def test_everything_that_is_wrong_is_named_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUPABASE_URL", "DATABASE_DSN", "SENTRY_DSN"):
        monkeypatch.delenv(name)
    message = refused(
        monkeypatch,
        USE_REPOSITORY_PATTERN="true",
        ENVIRONMENT="production",
        LOG_DATABASE_CALLS="perhaps",
        SHADOW_READ_RATE="2",
    )
    for name in ("SUPABASE_URL", "DATABASE_DSN", "SENTRY_DSN", "LOG_DATABASE_CALLS", "SHADOW_READ_RATE"):
        assert name in message


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"REPOSITORY_MODULES": "clients"}, "REPOSITORY_MODULES splits the modules"),
        ({"REPOSITORY_MODULES": "clients", "USE_REPOSITORY_PATTERN": "true"}, "REPOSITORY_MODULES splits the modules"),
        ({"TARGET_PERCENT": "50"}, "TARGET_PERCENT below 100 splits the calls"),
        (
            {"TARGET_PERCENT": "50", "USE_REPOSITORY_PATTERN": "true", "TARGET_IS_PRIMARY": "true"},
            "TARGET_PERCENT between 0 and 100 moves users",
        ),
        ({"SHADOW_READ_RATE": "0.1"}, "SHADOW_READ_RATE asks the secondary"),
        ({"SHADOW_READ_RATE": "nan", "USE_REPOSITORY_PATTERN": "true"}, "SHADOW_READ_RATE"),
        ({"TARGET_PERCENT": "101"}, "TARGET_PERCENT"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        ({"USE_REPOSITORY_PATTERN": "true", "DATABASE_DSN": "hunter2 is no DSN"}, "DATABASE_DSN is malformed"),
    ],
)
def test_a_setting_that_does_not_go_with_the_others_is_refused(
    settings: dict[str, str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reason in refused(monkeypatch, **settings)


@pytest.mark.parametrize("dsn", ["postgresql://salon:hunter2@127.0.0.1/salon", "host=/run/sockets dbname=salon"])
def test_a_password_is_not_asked_for_where_the_dsn_has_one_or_needs_none(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_PASSWORD")
    monkeypatch.setenv("DATABASE_DSN", dsn)
    monkeypatch.setenv("USE_REPOSITORY_PATTERN", "true")
    assert read_switches().target_conninfo == dsn


def test_a_password_of_its_own_is_put_into_the_connection_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_REPOSITORY_PATTERN", "true")
    assert "password=hunter2-password" in read_switches().target_conninfo


@pytest.mark.parametrize("name", [*SETTINGS, *FIVE, "TARGET_PERCENT", "SHADOW_READ_RATE", "ENVIRONMENT"])
def test_no_error_repeats_a_value_even_where_a_secret_stands_in_the_wrong_variable(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes with these switches, so that all of the texts are shown."""
    monkeypatch.setenv("USE_LEGACY_SUPABASE", "false")
    message = refused(monkeypatch, **{name: "hunter2 secret"})
    assert "hunter2" not in message
    assert "postgresql://" not in message


def test_the_switches_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in repr(read_switches())


def test_modules_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USE_REPOSITORY_PATTERN", "TARGET_IS_PRIMARY"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("REPOSITORY_MODULES", " clients, staff,")
    assert read_switches().modules == {"clients", "staff"}
