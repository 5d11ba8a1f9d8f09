"""Clones on the target's own server: as good as those of a dump, refused where they would disturb, and gone after."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import conninfo

from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import CloneFailed, DataLayerFailed
from harness.postgres.in_place import MARK, cloned_in_place
from harness.wire import ServerIdentity, dsn_through, postgres_relay
from harness.wire.postgres_tls import like_libpq
from tests.data_pair import Pair, pair_of
from tests.method_pair import COMPANY, Compared, MethodPair, opened
from tests.postgres.tls_front import tls_front

FEW = [
    {"id": "ten", "method": "latest_clients", "kwargs": {"company_id": COMPANY}},
    {"id": "new", "method": "upsert_client", "kwargs": {"number": 9900001, "company_id": COMPANY, "name": "Test"}},
    {"id": "one order is refused", "method": "add_orders", "kwargs": {"orders": [[1, 10], [2, -1]]}},
    {"id": "one goes", "method": "delete_client", "kwargs": {"number": 1, "company_id": COMPANY}},
]
STATE = (
    "SELECT (SELECT array_agg(c::text ORDER BY ctid) FROM clients c), (SELECT count(*) FROM orders),"
    " (SELECT last_value FROM orders_id_seq), (SELECT last_value FROM clients_id_seq)"
)
GAPS = {"MET008", "MET011"}
"""Of methods that the few cases do not call, or call in vain"""
PASSWORD = "pa ss'word"


@pytest.fixture(scope="module")
def methods(server: Server, newer_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MethodPair]:
    with pair_of(server, newer_server) as pair:
        yield from opened(pair, tmp_path_factory.mktemp("layers"))


@pytest.fixture
def admin(methods: MethodPair) -> Iterator[psycopg.Connection[Any]]:
    """A session in another database of the target's server."""
    with psycopg.connect(
        conninfo.make_conninfo(methods.pair.target_dsn, dbname="postgres"), autocommit=True
    ) as session:
        yield session


@pytest.fixture
def compare(methods: MethodPair, admin: psycopg.Connection[Any]) -> Iterator[Callable[..., Compared]]:
    """Compare in place; afterwards the target's database is as it was, and the server has no other one."""

    def databases() -> set[str]:
        return {name for (name,) in admin.execute("SELECT datname::text FROM pg_database").fetchall()}

    def call(*changes: tuple[str, str], dsn: str = "", **more: Any) -> Compared:
        pair = Pair(methods.pair.source_dsn, dsn or methods.pair.target_dsn)
        own = MethodPair(pair, methods.stack, methods.folder)
        try:
            return own.planted(*changes, methods={"clone_in_place": True}, **({"cases": FEW} | more))
        finally:
            own.forget()

    before = databases(), methods.pair.rows_of_target(STATE)
    yield call
    assert (databases(), methods.pair.rows_of_target(STATE)) == before


@pytest.fixture
def owner(methods: MethodPair, admin: psycopg.Connection[Any]) -> Iterator[str]:
    """A DSN of the role that owns the target's database and everything in it, and is no superuser."""
    name = conninfo.conninfo_to_dict(methods.pair.target_dsn)["dbname"]
    admin.execute(f"CREATE ROLE in_place_owner LOGIN CREATEDB PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
    admin.execute(f"ALTER DATABASE {name} OWNER TO in_place_owner")
    tables = ("clients", "orders", "audit")
    methods.pair.on_target(
        *(f"ALTER TABLE {table} OWNER TO in_place_owner" for table in tables),
        "GRANT ALL ON SCHEMA public TO in_place_owner",
    )
    try:
        yield conninfo.make_conninfo(methods.pair.target_dsn, user="in_place_owner", password=PASSWORD)
    finally:
        methods.pair.on_target(
            "REASSIGN OWNED BY in_place_owner TO CURRENT_USER",
            "DROP OWNED BY in_place_owner",
            "DROP ROLE in_place_owner",
        )


def test_equal_layers_are_equal_and_the_targets_own_server_answered(
    methods: MethodPair, compare: Callable[..., Compared]
) -> None:
    found = compare(cases=None)
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"equal"}
    assert found.codes == set()
    assert found.method("upsert_client").exercised == ("rows", "error", "writes")
    (server,) = (each for each in found.result.artifact.servers if each.side == "target")
    info = conninfo.conninfo_to_dict(methods.pair.target_dsn)
    assert server.address == f"{info['host']}:{info['port']}"
    assert server.database.startswith("pgparity_clone_")
    assert not [each for each in found.result.findings if each.code == "MET012" and "target" in each.object.identity]


def test_a_fault_in_what_is_read_and_one_in_what_is_written_are_found(compare: Callable[..., Compared]) -> None:
    found = compare(
        ("visited DESC NULLS FIRST", "visited DESC NULLS LAST"),
        ("DELETE FROM clients WHERE number = %s AND company_id = %s RETURNING 1", "SELECT 1 WHERE %s > 0 AND %s > 0"),
    )
    assert {each for each in found.codes if each[0] not in GAPS} == {
        ("MET001", "latest_clients"),
        ("MET006", "delete_client"),
    }


@pytest.mark.long
def test_a_role_that_is_no_superuser_may_do_it_with_its_own_database(
    compare: Callable[..., Compared], owner: str
) -> None:
    found = compare(dsn=owner)
    assert {pair.case: pair.verdict for pair in found.result.artifact.pairs} == {each["id"]: "equal" for each in FEW}
    assert found.pair("one goes").target.effects == {"public.clients deleted": 1, "public.audit inserted": 1}
    assert {each for each in found.codes if each[0] not in GAPS} == set()


@pytest.mark.long
def test_what_others_write_on_the_server_does_not_look_like_a_write(
    methods: MethodPair, compare: Callable[..., Compared]
) -> None:
    elsewhere = conninfo.make_conninfo(methods.pair.target_dsn, dbname="postgres")
    busy = f"with psycopg.connect({elsewhere!r}) as other: other.execute('SELECT pg_current_xact_id()')\n        "
    asked = 'found = self._rows("SELECT * FROM clients WHERE number'
    found = compare((asked, busy + asked), only="get_client", cases=None)
    assert {pair.verdict for pair in found.result.artifact.pairs} == {"equal"}
    assert found.method("get_client").exercised == ("rows", "no rows")


@pytest.mark.long
def test_a_clone_has_the_settings_of_its_database_and_lets_nobody_else_in(
    methods: MethodPair, compare: Callable[..., Compared], admin: psycopg.Connection[Any]
) -> None:
    name = conninfo.conninfo_to_dict(methods.pair.target_dsn)["dbname"]
    admin.execute(f"ALTER DATABASE {name} SET TimeZone TO 'Asia/Tokyo'")
    try:
        with cloned_in_place(methods.pair.target, schemas=("public",), shuffle=0.5) as made:
            assert made.copy.template.settings["TimeZone"] == "Asia/Tokyo"
            open_to_all = "SELECT has_database_privilege('pg_monitor', %s, 'CONNECT')"
            assert admin.execute(open_to_all, (f"{made.prefix}_template",)).fetchone() == (False,)
    finally:
        admin.execute(f"ALTER DATABASE {name} RESET TimeZone")


@pytest.mark.long
@pytest.mark.parametrize(
    ("factory", "error"),
    [
        ("raise ValueError", DataLayerFailed),
        ("raise KeyboardInterrupt", DataLayerFailed),
        ("import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", KeyboardInterrupt),
    ],
)
def test_nothing_is_left_where_the_data_layer_cannot_be_built_or_somebody_interrupts(
    compare: Callable[..., Compared], factory: str, error: type[BaseException]
) -> None:
    with pytest.raises(error):
        compare(("return Clients(context.dsn)", factory))


@pytest.mark.long
def test_a_database_that_others_are_connected_to_is_left_alone(
    methods: MethodPair, compare: Callable[..., Compared]
) -> None:
    with psycopg.connect(methods.pair.target_dsn) as other:
        with pytest.raises(CloneFailed, match="another session is connected to the database") as refused:
            compare()
        assert other.execute("SELECT 1").fetchone() == (1,)
    assert "End them" in refused.value.hint


@pytest.mark.long
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER ROLE in_place_owner NOCREATEDB", "neither CREATEDB nor SUPERUSER"),
        ("ALTER DATABASE {name} OWNER TO CURRENT_USER", "not the owner of the database"),
    ],
)
def test_a_role_that_may_not_make_clones_is_told_so(
    compare: Callable[..., Compared], owner: str, admin: psycopg.Connection[Any], change: str, reason: str
) -> None:
    admin.execute(change.format(name=conninfo.conninfo_to_dict(owner)["dbname"]))
    with pytest.raises(CloneFailed, match=reason) as refused:
        compare(dsn=owner)
    assert refused.value.exit_code == 2
    assert "without --clone-in-place" in refused.value.hint


@pytest.mark.long
def test_a_database_with_foreign_servers_is_refused_because_writes_would_reach_them(
    methods: MethodPair, compare: Callable[..., Compared]
) -> None:
    methods.pair.on_target("CREATE FOREIGN DATA WRAPPER nowhere", "CREATE SERVER far FOREIGN DATA WRAPPER nowhere")
    try:
        with pytest.raises(CloneFailed, match="foreign servers"):
            compare()
    finally:
        methods.pair.on_target("DROP FOREIGN DATA WRAPPER nowhere CASCADE")


def test_the_source_is_never_cloned_on_its_own_server(methods: MethodPair, compare: Callable[..., Compared]) -> None:
    names = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgparity clones'"
    with psycopg.connect(methods.pair.source_dsn) as source:
        assert {each.database for each in compare().result.artifact.servers if each.side == "source"} == {
            "source_clone"
        }
        assert source.execute(names).fetchone() == (0,)


@pytest.mark.long
def test_clones_of_a_killed_run_are_dropped_and_what_only_looks_like_one_is_named(
    methods: MethodPair, admin: psycopg.Connection[Any]
) -> None:
    killed, unproven, living = (f"pgparity_clone_00000000000{number}" for number in range(3))
    for name in (killed, f"{killed}_spare", unproven, living):
        admin.execute(f"CREATE DATABASE {name}")
        if name != unproven:
            admin.execute(f"COMMENT ON DATABASE {name} IS '{MARK}'")
    try:
        with (
            psycopg.connect(conninfo.make_conninfo(methods.pair.target_dsn, dbname=living)),
            cloned_in_place(methods.pair.target, schemas=("public",), shuffle=0.5) as made,
        ):
            rows = admin.execute("SELECT datname::text FROM pg_database WHERE datname ~ '^pgparity_clone_0{11}'")
            assert {name for (name,) in rows.fetchall()} == {unproven, living}
            assert made.remarks == (
                "databases that a killed run had left on the server were dropped: 2",
                f"{unproven} looks like a clone that a killed run left: drop it by hand",
            )
    finally:
        for name in (killed, f"{killed}_spare", unproven, living):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.long
def test_two_runs_on_one_server_leave_each_others_clones_alone(methods: MethodPair) -> None:
    with contextlib.ExitStack() as both:
        first, second = (
            both.enter_context(cloned_in_place(methods.pair.target, schemas=("public",), shuffle=0.5)) for _ in range(2)
        )
        assert first.remarks == second.remarks == ()
        with first.server.connect(first.copy.template.database, purpose="test") as still:
            assert still.execute("SELECT count(*) FROM public.clients").fetchone() == (41,)


@pytest.mark.long
def test_a_server_that_is_reached_over_tls_is_reached_so_by_the_relay_too(methods: MethodPair, tmp_path: Path) -> None:
    info = {key: str(value) for key, value in conninfo.conninfo_to_dict(methods.pair.target_dsn).items()}
    identity = ServerIdentity(side=Side.TARGET, address="front", database=info["dbname"], system_identifier="1")
    with tls_front(int(info["port"]), tmp_path, dt.datetime.now(dt.UTC) + dt.timedelta(days=2)) as (port, chain):
        for authority, answers in ((chain, True), (None, False)):
            parameters = {"sslmode": "verify-full", "sslrootcert": str(authority) if authority else "system"}
            relay = postgres_relay(identity, host="127.0.0.1", port=port, context=like_libpq(parameters))
            dsn = dsn_through(relay, user=info["user"], password=info.get("password"), database=info["dbname"])
            try:
                with psycopg.connect(dsn, connect_timeout=5) as through:
                    assert through.execute("SELECT count(*) FROM public.clients").fetchone() == (41,)
            except psycopg.OperationalError:
                assert not answers
            else:
                assert answers
            finally:
                relay.close()
