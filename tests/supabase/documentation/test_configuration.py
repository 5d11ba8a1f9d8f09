"""Configuration (https://docs.postgrest.org/en/v16/references/configuration.html), what needs a database of it.

Sections: In-Database Configuration, Configuration Reloading; "Connection Pool", sections Acquisition Timeout,
Max Lifetime, Max Idletime. The file format and the list of parameters are in tests/unit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from harness.errors import ConfigurationError, ConnectionFailed
from harness.gateway.configuration import database as database_configuration
from harness.gateway.configuration.sources import Sources
from harness.gateway.server import GatewayServer
from harness.gateway.settings import GatewaySettings
from tests.supabase.documentation.conftest import SECRET, Serve, Served

DDL = f"""
CREATE SCHEMA desk;
CREATE FUNCTION desk.pre_config() RETURNS void LANGUAGE sql AS $$
    SELECT set_config('pgrst.db_schemas', 'desk, public', true),
        set_config('pgrst.jwt_secret', '{SECRET}', true),
        set_config('pgrst.db_uri', 'never', true),
        set_config('pgrst.db_max_rows', '5', true)
$$;
CREATE TABLE rooms AS SELECT 1 AS number;
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Served:
    return serve(DDL)


@pytest.fixture
def role(served: Served) -> Iterator[str]:
    """A role to connect as."""
    name = f"desk_{time.monotonic_ns()}"
    served.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA desk TO {name}")
    yield name
    served.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


def _sources(served: Served, role: str, file: Path | None = None, **flags: str) -> Sources:
    uri = make_conninfo(served.dsn, user=role, password="x")
    return Sources(file, {"PGRST_DB_URI": uri}, {name.replace("_", "-"): value for name, value in flags.items()})


# In-Database Configuration


def test_a_function_makes_settings(served: Served, role: str) -> None:
    settings = database_configuration.read(_sources(served, role, db_pre_config="desk.pre_config")).settings
    assert settings.db_schemas == ("desk", "public")
    assert (settings.jwt_secret, settings.db_max_rows) == (SECRET, 5)
    assert settings.db_uri != "never"


def test_settings_of_the_role_count_and_those_in_the_database_go_before(served: Served, role: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(served.dsn)["dbname"]
    served.sql(f"ALTER ROLE {role} SET pgrst.db_max_rows = '3'; ALTER ROLE {role} SET pgrst.db_anon_role = 'anon'")
    served.sql(f"ALTER ROLE {role} IN DATABASE {name} SET pgrst.db_max_rows = '4'")
    settings = database_configuration.read(_sources(served, role)).settings
    assert (settings.db_max_rows, settings.db_anon_role) == (4, "anon")
    by_function = database_configuration.read(_sources(served, role, db_pre_config="desk.pre_config")).settings
    assert (by_function.db_max_rows, by_function.db_anon_role) == (5, "anon")


def test_a_flag_goes_before_the_database(served: Served, role: str) -> None:
    sources = _sources(served, role, db_pre_config="desk.pre_config", db_max_rows="9")
    assert database_configuration.read(sources).settings.db_max_rows == 9


def test_db_config_turns_it_off(served: Served, role: str) -> None:
    served.sql(f"ALTER ROLE {role} SET pgrst.db_max_rows = '3'")
    sources = _sources(served, role, db_pre_config="desk.nothing", db_config="false")
    assert database_configuration.read(sources).settings.db_max_rows is None


def test_what_the_database_sets_wrongly_is_an_error(served: Served, role: str) -> None:
    served.sql(f"ALTER ROLE {role} SET pgrst.db_tx_end = 'sometimes'")
    with pytest.raises(ConfigurationError, match="the value of db-tx-end is not one of"):
        database_configuration.read(_sources(served, role))


def test_a_function_that_cannot_be_called_is_an_error(served: Served, role: str) -> None:
    with pytest.raises(ConfigurationError, match=r"the function of db-pre-config failed: function desk\.nothing\(\)"):
        database_configuration.read(_sources(served, role, db_pre_config="desk.nothing"))


# Configuration Reloading


def test_what_is_fixed_stays_as_it_was(served: Served, role: str, tmp_path: Path) -> None:
    file = tmp_path / "salon.conf"
    file.write_text('db-pool = 3\ndb-max-rows = 1\nserver-host = "127.0.0.1"\nsafe-update = true\n')
    sources = _sources(served, role, file)
    before = database_configuration.read(sources)
    file.write_text('db-pool = 4\ndb-max-rows = 2\nserver-host = "!6"\nlog-level = "info"\n')
    after = database_configuration.reread(sources, before)
    assert after.settings == GatewaySettings(
        **{
            **{name: getattr(before.settings, name) for name in GatewaySettings.__dataclass_fields__},
            "db_max_rows": 2,
            "log_level": "info",
        }
    )
    assert after.listen == before.listen


def test_a_database_that_is_gone_is_an_error_without_its_password(served: Served) -> None:
    sources = Sources(None, {"PGRST_DB_URI": make_conninfo(served.dsn, dbname="nowhere", password="hush-hush")}, {})
    with pytest.raises(ConnectionFailed) as caught:
        database_configuration.read(sources)
    assert "hush-hush" not in caught.value.message + caught.value.hint


# Connection Pool


def _pids(served: Served, **settings: Any) -> list[int]:
    """The server processes that three requests in a row, a moment apart, were served by."""
    chosen = GatewaySettings(db_uri=served.dsn, db_pool=2, **settings)
    found = []
    with GatewayServer.start(chosen) as running, httpx.Client(base_url=running.url) as client:
        for _ in range(3):
            found.append(client.get("/rpc/pid").json())
            time.sleep(0.03)
    return found


def test_connections_are_kept_until_they_are_too_old_or_idle_for_too_long(served: Served) -> None:
    served.sql("CREATE FUNCTION pid() RETURNS int STABLE LANGUAGE sql AS 'SELECT pg_backend_pid()'")
    assert len(set(_pids(served))) == 1
    assert len(set(_pids(served, db_pool_max_idletime=0.01))) == 3
    assert len(set(_pids(served, db_pool_max_lifetime=0.01))) == 3


def test_prepared_statements_may_be_turned_off(served: Served) -> None:
    served.sql(
        "CREATE FUNCTION prepared() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT count(*) FROM pg_prepared_statements'"
    )
    for wanted, expected in ((True, True), (False, False)):
        settings = GatewaySettings(db_uri=served.dsn, db_pool=1, db_prepared_statements=wanted)
        with GatewayServer.start(settings) as running, httpx.Client(base_url=running.url) as client:
            counts = [client.get("/rpc/prepared").json() for _ in range(8)]
        assert (counts[-1] > 0) is expected


def test_a_schema_that_does_not_exist_is_an_error_and_not_an_empty_api(served: Served) -> None:
    both: tuple[dict[str, Any], ...] = ({"db_schemas": ("nowhere",)}, {"db_extra_search_path": ("nowhere",)})
    for wrong in both:
        with pytest.raises(Exception, match='schema "nowhere" does not exist'):
            GatewayServer.start(GatewaySettings(db_uri=served.dsn, **wrong))
