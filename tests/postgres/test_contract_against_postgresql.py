"""The contract check says what PostgreSQL itself says of the same statements on the same schemas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psycopg
import pytest
from psycopg import sql
from psycopg.abc import QueryNoTemplate

from harness.core.configuration import Configuration
from harness.core.model.catalog import Catalog
from harness.core.names import split
from harness.core.record import Side
from harness.core.statements import CapturedStatement
from harness.embedded.server import Server
from harness.postgres.introspect import introspect
from harness.stages.contract import contract_stage
from tests.api_roles import create_api_roles
from tests.statements import FAULTS, READS, WRITES

SCHEMAS = Path(__file__).parents[2] / "schemas" / "reference"
TARGETS = ("first_built", "aligned_plain", "aligned_single", "aligned")
SAYS = {
    "CTR001": "42P01",
    "CTR002": "42703",
    "CTR003": "42703",
    "CTR004": "42P10",
    "CTR005": "42P10",
    "CTR006": "42883",
}


class Database:
    """One of the reference schemas on a server, with no row in it, and its catalog."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.catalog: Catalog = introspect(connection)
        connection.rollback()

    def verdict(self, statement: str) -> str | None:
        """The SQLSTATE with which PostgreSQL refuses to plan the statement; None where it would run it."""
        try:
            self.connection.execute(sql.SQL("PREPARE asked AS {}").format(sql.SQL(statement)))
            row = self.connection.execute(
                "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'"
            ).fetchone()
            nothing = sql.SQL(", ").join([sql.NULL] * (row[0] if row else 0))
            arguments = sql.SQL("({})").format(nothing) if row and row[0] else sql.SQL("")
            self.connection.execute(sql.SQL("EXPLAIN EXECUTE asked {}").format(arguments))
        except psycopg.Error as error:
            return error.sqlstate
        finally:
            self.connection.rollback()
            self.connection.execute("DEALLOCATE ALL")
            self.connection.commit()
        return None


def _load(server: Server, name: str) -> Iterator[Database]:
    database = f"contract_{name}"
    create_api_roles(server)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    text = (SCHEMAS / f"{name}.sql").read_text(encoding="utf-8")
    with psycopg.connect(server.dsn(database)) as connection:
        connection.execute(cast("QueryNoTemplate", text))
        connection.commit()
        yield Database(connection)
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))


@pytest.fixture(scope="module")
def source(server: Server) -> Iterator[Database]:
    yield from _load(server, "source")


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest, newer_server: Server) -> Iterator[Database]:
    yield from _load(newer_server, request.param)


def says(source: Catalog, target: Catalog, statement: str) -> set[str]:
    """What the check says of a statement of the target's layer: SQLSTATEs, and gaps for what it did not understand."""
    captured = CapturedStatement(side=Side.TARGET, origin="method", sql=statement)
    result = contract_stage(source, target, (captured,), Configuration())
    # A column that is silently taken from the query around it is a finding, and no error of PostgreSQL.
    erring = [finding for finding in result.findings if "no error says so" not in finding.title]
    return {SAYS.get(finding.code, finding.code) for finding in erring} | {
        each.reason for each in result.coverage.skipped
    }


def disagreements(
    source: Catalog, target: Database, statements: tuple[str, ...]
) -> dict[str, tuple[str | None, set[str]]]:
    """Statements of which PostgreSQL and the check do not say the same."""
    differing = {}
    for statement in statements:
        postgresql, check = target.verdict(statement), says(source, target.catalog, statement)
        if (postgresql is None) != (not check) or (postgresql is not None and postgresql not in check):
            differing[statement] = (postgresql, check)
    return differing


def test_the_samples_are_sound_on_the_source(source: Database) -> None:
    verdicts = {statement: source.verdict(statement) for statement in (*READS, *WRITES)}
    assert {statement: verdict for statement, verdict in verdicts.items() if verdict is not None} == {}


def test_the_check_finds_a_fault_exactly_where_postgresql_does(source: Database, target: Database) -> None:
    assert disagreements(source.catalog, target, (*READS, *WRITES, *FAULTS)) == {}


@pytest.mark.long
def test_each_missing_column_is_found_exactly_where_postgresql_misses_it(
    source: Database, newer_server: Server
) -> None:
    statements = tuple(each for each in (*READS, *WRITES) if "clients_with_phone" not in each)  # planned with its body
    columns = source.catalog.columns_by_table
    found = 0
    for round_ in range(0, max(map(len, columns.values())), 6):  # each takes a second: these are every sixth
        for poorer in _load(newer_server, "source"):
            for table, parts in columns.items():
                if round_ < len(parts):
                    poorer.connection.execute(
                        sql.SQL("ALTER TABLE {} DROP COLUMN {} CASCADE").format(
                            sql.Identifier(*split(table)), sql.Identifier(parts[round_].name)
                        )
                    )
            poorer.connection.commit()
            target = Database(poorer.connection)
            assert disagreements(source.catalog, target, statements) == {}
            found += sum(1 for statement in statements if says(source.catalog, target.catalog, statement))
    assert found > 40  # or the columns that were taken away are used by nothing


def test_the_recorded_faults_are_found_with_no_row_on_either_side(source: Database, target: Database) -> None:
    for database in (source, target):
        for table in ("clients", "bookings", "staff"):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            assert database.connection.execute(query).fetchone() == (0,)
        database.connection.rollback()
    name = target.connection.info.dbname.removeprefix("contract_")
    for statement, (code, identity) in FAULTS.items():
        captured = CapturedStatement(side=Side.TARGET, origin="method", sql=statement)
        result = contract_stage(source.catalog, target.catalog, (captured,), Configuration())
        found = [(each.code, each.object.identity) for each in result.findings if each.code != "CTR010"]
        if identity == "public.clients (yclients_id)" and name == "aligned_single":
            assert found == []  # it has that very index, which is a fault of its own: the diff's
        elif identity == "public.clients (yclients_id)" and name == "first_built":
            assert found == [("CTR002", "public.clients.yclients_id")]
        else:
            assert (code, identity) in found
