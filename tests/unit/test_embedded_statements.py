"""Statements inside Python and TypeScript programs: which texts are some, where they stand, what is put into them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.sql.embedded import is_statement, statements_of
from harness.core.sql.placeholders import numbered
from harness.core.sql.python_literals import python_literals
from harness.core.sql.script_literals import script_literals
from harness.errors import ConfigurationError
from harness.stages.contract import contract_stage
from harness.stages.statement_files import read_statement_files
from tests.statements.checking import SOURCE, configured

PYTHON = '''"""Select a client from the list; SELECT nothing FROM here."""
TABLE = "clients"

def lapsed(connection, since, extra):
    """SELECT doc FROM docstring"""
    log.info("Select one from the list below")
    connection.execute("SELECT id FROM clients WHERE fired = %s AND name LIKE 'a%%'", (since,))
    connection.execute(f"SELECT name FROM {TABLE} WHERE client_id = {since}")
    connection.execute(
        "SELECT phone "
        "FROM staff " + "WHERE active = %(on)s OR is_active = %(on)s", {"on": True})
    connection.execute("""
        insert into clients (nothing) values (%s)
    """, (1,))
    connection.execute(f"SELECT id FROM clients {extra}")
    connection.execute(sql.SQL("UPDATE clients SET nobody = {} WHERE id = {}").format(1, 2))
'''
SCRIPT = """// SELECT x FROM comment
import { Pool } from 'pg';
const pattern = /['"`]/g, half = whole / 2 / 3;
export async function lapsed(pool: Pool, id: number, name: string) {
  await pool.query('SELECT fired FROM clients WHERE id = $1', [id]);
  await sql`SELECT id, ${columns(`SELECT inner_one FROM staff`)} FROM clients WHERE client_id = ${id}`;
  await pool.query("UPDATE clients SET nobody = " + quote(name, 'x') + " WHERE id = 1");
  await knex.raw('select nothing from clients where id = :id and phone::text = :id', { id });
  return db.prepare("DELETE FROM bookings_old WHERE id = ?").run(id);
}
const text = <p>Don't select from here</p>;
"""


def test_statements_of_a_python_program_are_found_with_line_and_numbered_parameters() -> None:
    assert list(statements_of(python_literals(PYTHON), percent=True)) == [
        (7, "SELECT id FROM clients WHERE fired = $1 AND name LIKE 'a%'"),
        (8, "SELECT name FROM clients WHERE client_id = $1"),
        (10, "SELECT phone FROM staff WHERE active = $1 OR is_active = $1"),
        (13, "insert into clients (nothing) values ($1)"),
        (15, "SELECT id FROM clients {}"),
        (16, "UPDATE clients SET nobody = $1 WHERE id = $2"),
    ]


def test_statements_of_a_typescript_program_are_found_with_line_and_numbered_parameters() -> None:
    assert list(statements_of(script_literals(SCRIPT), percent=False)) == [
        (5, "SELECT fired FROM clients WHERE id = $1"),
        (6, "SELECT id, {} FROM clients WHERE client_id = $1"),
        (6, "SELECT inner_one FROM staff"),
        (7, "UPDATE clients SET nobody = $1 WHERE id = 1"),
        (8, "select nothing from clients where id = $1 and phone::text = $1"),
        (9, "DELETE FROM bookings_old WHERE id = $1"),
    ]


def test_direct_sql_of_programs_is_judged_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "src" / "jobs").mkdir(parents=True)
    (tmp_path / "src" / "jobs" / "lapsed.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "src" / "lapsed.ts").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "src" / "empty.py").write_text("x = 'no statement'\n", encoding="utf-8")
    configuration = configured(contract={"statements": ["src/**/*.py", "src/*.ts"]})
    statements = read_statement_files(tmp_path, configuration.contract.statements)
    result = contract_stage(SOURCE, SOURCE, statements, configuration)
    places = {each.object.identity: each.breaks for each in result.findings if each.code == "CTR003"}
    assert places == {
        "public.clients.fired": ("src/jobs/lapsed.py:7 (target layer)", "src/lapsed.ts:5 (target layer)"),
        "public.clients.client_id": ("src/jobs/lapsed.py:8 (target layer)",),
        "public.staff.active": ("src/jobs/lapsed.py:10 (target layer)",),
        "public.staff.phone": ("src/jobs/lapsed.py:10 (target layer)",),
        "public.clients.nothing": ("src/jobs/lapsed.py:13 (target layer)", "src/lapsed.ts:8 (target layer)"),
        "public.clients.nobody": ("src/jobs/lapsed.py:16 (target layer)", "src/lapsed.ts:7 (target layer)"),
        "public.staff.inner_one": ("src/lapsed.ts:6 (target layer)",),
    }
    assert [each.object.identity for each in result.findings if each.code == "CTR001"] == ["public.bookings_old"]
    unknown = [each for each in result.findings if each.code == "CTR007"]
    assert {method for each in unknown for method in each.breaks} == {
        "src/jobs/lapsed.py:15 (target layer)",
        "src/lapsed.ts:6 (target layer)",
    }
    assert all("put together while the program runs" in each.title for each in unknown)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("broken.py", "def (", "no Python that can be parsed"),
        ("broken.ts", "const a = `SELECT 1", "a template literal does not end"),
    ],
)
def test_a_program_that_cannot_be_read_is_an_error_that_names_it(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"{name} cannot be read: .*{reason}"):
        read_statement_files(tmp_path, [name])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM clients", True),
        ("  (SELECT 1 FROM clients)", True),
        ("select id from clients where id = 1", True),
        ("update clients\nset name = 'x'", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("Select a client from the list", False),
        ("select a client from the list", False),
        ("Update the settings", False),
        ("deleted from the basket", False),
        ("with care", False),
    ],
)
def test_a_statement_is_told_from_prose(text: str, expected: bool) -> None:
    assert is_statement(text) is expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("SELECT 1", "SELECT 1"),
        ("a = %s AND b IN (%s, %s)", "a = $1 AND b IN ($2, $3)"),
        ("a = %(x)s OR b = %(x)s", "a = $1 OR b = $1"),
        ("a = ? AND tags ? 'x' AND tags ?| array['y']", "a = $1 AND tags ? 'x' AND tags ?| array['y']"),
        ("a = :a AND b::text = :'b' AND c[1:n] = d", "a = $1 AND b::text = $2 AND c[1:n] = d"),
        ("a = $2 AND b = :b", "a = $2 AND b = $3"),
        ("a = '%s ? :x {}'", "a = '%s ? :x {}'"),
        ("SELECT {} FROM {} WHERE a = {}", "SELECT {} FROM {} WHERE a = $1"),
        ("INSERT INTO t ({}) VALUES ({}, {})", "INSERT INTO t ({}) VALUES ($1, $2)"),
        ("a % s", "a % s"),
    ],
)
def test_placeholders_of_every_kind_become_numbered_parameters(given: str, expected: str) -> None:
    assert numbered(given) == expected
