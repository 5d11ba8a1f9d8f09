"""The settings of `pgparity gateway` (docs: "Configuration"; sections: Environment Variables, List of parameters)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigurationError
from harness.gateway.configuration.sources import SETTINGS, Configuration, Sources
from harness.gateway.settings import HOISTED_TX_SETTINGS

URI = 'db-uri = "postgresql://localhost/salon"\n'
SECRET = "a secret of thirty-two characters"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads a file's text with an environment and flags."""

    def read(text: str = URI, environment: dict[str, str] | None = None, **flags: str) -> Configuration:
        file = tmp_path / "salon.conf"
        file.write_text(text, encoding="utf-8")
        given = {name.replace("_", "-"): value for name, value in flags.items()}
        return Sources(file, environment or {}, given).read()

    return read


# Config File


def test_the_defaults_are_postgrests(read: Any) -> None:
    found = read()
    settings, listen = found.settings, found.listen
    assert settings.db_uri == "postgresql://localhost/salon"
    assert settings.db_schemas == settings.db_extra_search_path == ("public",)
    assert (settings.db_anon_role, settings.db_max_rows, settings.jwt_secret, settings.jwt_aud) == (None,) * 4
    assert (settings.jwt_role_claim_key, settings.jwt_cache_max_entries) == ("$.role", 1000)
    assert (settings.db_tx_end, settings.db_aggregates_enabled, settings.db_plan_enabled) == ("commit", False, False)
    assert (settings.db_channel, settings.db_channel_enabled, settings.db_config) == ("pgrst", True, True)
    assert (settings.db_pool, settings.db_pool_acquisition_timeout) == (10, 10.0)
    assert settings.db_hoisted_tx_settings == HOISTED_TX_SETTINGS
    assert (settings.log_level, settings.openapi_mode, settings.client_error_verbosity) == (
        "error",
        "follow-privileges",
        "verbose",
    )
    assert settings.server_cors_allowed_origins == settings.app_settings == ()
    assert (listen.server_host, listen.server_port, listen.admin_server_port) == ("127.0.0.1", 3000, None)
    assert listen.server_unix_socket_mode == 0o660
    assert not settings.safe_update
    assert found.notes == ()


def test_a_file_sets_them(read: Any) -> None:
    text = (
        URI + 'db-schemas = "api, private"\ndb-anon-role = "anon"\ndb-max-rows = 50\nserver-port = 0\n'
        'db-extra-search-path = ""\ndb-tx-end = "rollback-allow-override"\nserver-unix-socket-mode = "600"\n'
        'server-cors-allowed-origins = "http://a.example, http://b.example"\napp.settings.colour = "green"\n'
    )
    found = read(text)
    settings = found.settings
    assert settings.db_schemas == ("api", "private")
    assert (settings.db_anon_role, settings.db_max_rows, settings.db_extra_search_path) == ("anon", 50, ())
    assert settings.db_tx_end == "rollback-allow-override"
    assert settings.server_cors_allowed_origins == ("http://a.example", "http://b.example")
    assert settings.app_settings == (("app.settings.colour", "green"),)
    assert (found.listen.server_port, found.listen.server_unix_socket_mode) == (0, 0o600)


def test_old_names_are_known(read: Any) -> None:
    text = (
        URI + 'db-schema = "api"\nmax-rows = 5\npre-request = "door"\nroot-spec = "front"\nsecret-is-base64 = true\n'
        f'role-claim-key = "$$.groups[0]"\njwt-secret = "{base64.b64encode(SECRET.encode()).decode()}"\n'
        "db-pool-timeout = 7\n"
    )
    settings = read(text).settings
    assert (settings.db_schemas, settings.db_max_rows, settings.db_pre_request) == (("api",), 5, "door")
    assert (settings.db_root_spec, settings.jwt_role_claim_key) == ("front", "$.groups[0]")
    assert (settings.jwt_secret_is_base64, settings.db_pool_max_idletime) == (True, 7.0)


def test_the_name_of_today_goes_before_the_old_one(read: Any) -> None:
    assert read(URI + 'db-schemas = "new"\ndb-schema = "old"').settings.db_schemas == ("new",)


@pytest.mark.parametrize("said", ["true", '"true"', '"True"', '"TRUE"', '"1"', '"5"', "on", '"\\"true\\""', "1"])
def test_true_in_all_its_spellings(read: Any, said: str) -> None:
    assert read(f"{URI}db-aggregates-enabled = {said}").settings.db_aggregates_enabled is True


@pytest.mark.parametrize("said", ["false", '"false"', '"False"', '"0"', '"-1"', "off", "0"])
def test_false_in_all_its_spellings(read: Any, said: str) -> None:
    assert read(f"{URI}db-prepared-statements = {said}").settings.db_prepared_statements is False


def test_numbers_may_be_written_as_strings_and_strings_as_numbers(read: Any) -> None:
    found = read(URI + 'server-port = "3333"\ndb-max-rows = 1e3\ndb-anon-role = 7')
    assert (found.listen.server_port, found.settings.db_max_rows, found.settings.db_anon_role) == (3333, 1000, "7")


def test_an_empty_value_is_no_value(read: Any) -> None:
    found = read(URI + 'db-anon-role = ""\nserver-port = ""\nlog-level = ""\ndb-max-rows = ""')
    assert (found.settings.db_anon_role, found.listen.server_port) == (None, 3000)
    assert (found.settings.log_level, found.settings.db_max_rows) == ("error", None)


def test_an_unknown_key_is_ignored_with_a_note(read: Any) -> None:
    assert read(URI + "server-prot = 1").notes == ("salon.conf: there is no setting server-prot; it is ignored",)


def test_a_setting_without_effect_here_is_noted(read: Any) -> None:
    (note,) = read(URI + "log-query = true").notes
    assert note.startswith("log-query is ignored")


# Environment Variables


def test_the_environment_beats_the_file_and_a_flag_beats_both(read: Any) -> None:
    text, environment = URI + 'db-anon-role = "file"', {"PGRST_DB_ANON_ROLE": "environment"}
    assert read(text).settings.db_anon_role == "file"
    assert read(text, environment).settings.db_anon_role == "environment"
    assert read(text, environment, db_anon_role="flag").settings.db_anon_role == "flag"


def test_every_setting_may_come_from_the_environment() -> None:
    values = {
        "flag": "true",
        "count": "9",
        "size": "9",
        "seconds": "9",
        "port": "9",
        "mode": "777",
        "list": "a,b",
        "schemas": "a,b",
        "tx-end": "rollback",
        "openapi-mode": "disabled",
        "log-level": "warn",
        "verbosity": "minimal",
        "proxy": "https://api.example",
        "audience": "salon",
    }
    special = {
        "jwt-secret": base64.b64encode(SECRET.encode()).decode(),
        "jwt-role-claim-key": "$.a",
        "admin-server-port": "10",
    }
    environment = {
        setting.variable: special.get(setting.name, values.get(setting.kind, "text")) for setting in SETTINGS
    }
    found = Sources(None, environment, {}).read()
    for setting in SETTINGS:
        holder: Any = found.settings if hasattr(found.settings, setting.field) else found.listen
        unlike = setting.default if setting.kind != "flag" else None
        assert getattr(holder, setting.field) != unlike, setting.name


def test_app_settings_come_from_the_environment_as_well(read: Any) -> None:
    environment = {"PGRST_APP_SETTINGS_COLOUR": "red", "PGRST_APP_SETTINGS_Size": "9"}
    found = dict(read(URI + 'app.settings.Size = "1"', environment).settings.app_settings)
    assert found == {"app.settings.Size": "9", "app.settings.COLOUR": "red"}


# In-Database Configuration


def test_the_database_beats_the_environment_but_not_a_flag() -> None:
    sources = Sources(None, {"PGRST_DB_URI": "x=y", "PGRST_DB_SCHEMAS": "environment"}, {"db-max-rows": "3"})
    settings = sources.read({"db_schemas": "database", "db_max_rows": "4", "db_uri": "never"}).settings
    assert (settings.db_schemas, settings.db_max_rows, settings.db_uri) == (("database",), 3, "x=y")


# List of parameters: db-uri, jwt-secret


def test_a_missing_db_uri_is_an_error_unless_libpq_has_variables() -> None:
    with pytest.raises(ConfigurationError, match="db-uri is not set"):
        Sources(None, {}, {}).read()
    assert Sources(None, {"PGHOST": "localhost"}, {}).read().settings.db_uri == "postgresql://"


def test_values_may_stand_in_files_of_their_own(read: Any, tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("  postgresql://elsewhere/x \n")
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    settings = read(f'db-uri = "@{tmp_path}/uri"\njwt-secret = "@{tmp_path}/secret"').settings
    assert (settings.db_uri, settings.jwt_secret) == ("postgresql://elsewhere/x", SECRET)


def test_a_secret_is_measured_after_it_was_decoded(read: Any) -> None:
    short = base64.b64encode(b"x" * 31).decode()
    assert len(short) > 32
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        read(f'{URI}jwt-secret = "{short}"\njwt-secret-is-base64 = true')


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('jwt-secret = "hush hush"', "The JWT secret must be at least 32 characters long."),
        ('jwt-secret = "no base-64!"\njwt-secret-is-base64 = true', "jwt-secret is not base64"),
        ('jwt-secret = "@/no/such/file"', "the file of jwt-secret /no/such/file cannot be read"),
        ('db-tx-end = "random"', "the value of db-tx-end is not one of commit, "),
        ('log-level = "never"', "the value of log-level is not one of crit, "),
        ('openapi-mode = "follow-"', "the value of openapi-mode is not one of follow-privileges, "),
        ('client-error-verbosity = "loud"', "the value of client-error-verbosity is not one of verbose, minimal"),
        ('openapi-server-proxy-uri = "htp:/@@local.invalid"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://salon.example/?page=1"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://salon.example/#top"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://ann@salon.example"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://salon.example:70000"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://salon.example:"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https:///api"', "Malformed proxy uri"),
        ('openapi-server-proxy-uri = "https://sa lon.example"', "Malformed proxy uri"),
        ('server-unix-socket-mode = "800"', "not an octal"),
        ('server-unix-socket-mode = "577"', "needs to be between 600 and 777"),
        ('db-schemas = "api, pg_catalog"', "db-schemas does not allow schema: 'pg_catalog'"),
        ('db-schemas = "information_schema"', "db-schemas does not allow schema: 'information_schema'"),
        ("admin-server-port = 3000", "admin-server-port cannot be the same as server-port"),
        ('jwt-aud = "foo://%%^^.com"', "jwt-aud should be a string or a valid URI"),
        ('jwt-role-claim-key = ".role"', "failed to parse jwt-role-claim-key value (.role)"),
        ("server-port = 70000", "the value of server-port is not a port"),
        ("db-max-rows = 1.5", "the value of db-max-rows is not a whole number"),
        ('db-plan-enabled = "maybe"', "the value of db-plan-enabled is not true or false"),
        ("db-pool = 0", "the value of db-pool is not a whole number above 0"),
    ],
)
def test_a_wrong_value_is_an_error_that_says_what_to_do(read: Any, line: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(URI + line)
    assert said in caught.value.message
    assert caught.value.hint
    assert "hush" not in caught.value.message
