"""The rows stage: what it reports, what it leaves out, and when it may not say identical."""

from __future__ import annotations

import psycopg
import pytest

from harness.core import segments
from harness.core.configuration import Configuration
from harness.core.record import Severity, Side
from harness.core.row_forms import PORTABLE_TYPES
from harness.embedded.server import Server
from harness.errors import ConfigurationError, PrivilegeMissing, TableMissing
from harness.postgres.connect import Endpoint
from harness.postgres.row_hash import ARRAY_DIGEST
from harness.stages.rows import rows_stage
from tests.data_pair import Pair

CLIENTS = "CREATE TABLE clients (id int PRIMARY KEY, phone text, name text, total numeric(10, 2))"


def fill(pair: Pair, count: int = 20) -> None:
    pair.on_both(
        CLIENTS,
        "INSERT INTO clients SELECT g, '8000555' || lpad(g::text, 4, '0'), 'Клиент ' || g, g * 1.5"
        f" FROM generate_series(1, {count}) g",
    )


def test_equal_rows_are_identical_and_counted(pair: Pair) -> None:
    fill(pair)
    result = pair.compare()
    (rows,) = result.artifact
    assert (rows.status, rows.source_rows, rows.target_rows, rows.key) == ("identical", 20, 20, ("id",))
    assert (result.coverage.unit, result.coverage.checked, result.coverage.complete) == ("row", 20, True)
    assert result.findings == ()


def test_each_kind_of_difference_is_one_finding_with_keys_and_a_query(pair: Pair) -> None:
    fill(pair)
    pair.on_target("DELETE FROM clients WHERE id IN (3, 4)", "UPDATE clients SET name = 'x' WHERE id = 7")
    pair.on_target("INSERT INTO clients VALUES (99, NULL, 'new', 0)")
    findings = {finding.code: finding for finding in pair.compare().findings}
    assert sorted(findings) == ["ROW001", "ROW002", "ROW003"]
    assert findings["ROW001"].severity is Severity.BLOCKER
    assert "2 rows" in findings["ROW001"].title
    assert findings["ROW001"].query == "SELECT * FROM public.clients WHERE (id = 3) OR (id = 4);"
    assert "id = 7" in str(findings["ROW003"].evidence)
    assert "name: other (1)" in str(findings["ROW003"].evidence)


def test_no_value_of_a_row_is_in_the_result(pair: Pair) -> None:
    fill(pair)
    pair.on_target("UPDATE clients SET name = 'Тайна' WHERE id = 7", "DELETE FROM clients WHERE id = 8")
    result = pair.compare()
    text = "".join([*(each.to_json() for each in (*result.artifact, *result.findings)), result.summary])
    for value in ("Тайна", "Клиент 7", "80005550008", "Клиент 8"):
        assert value not in text


def test_a_personal_key_appears_as_a_short_hash(pair: Pair) -> None:
    pair.on_both("CREATE TABLE clients (phone text PRIMARY KEY, n int)")
    pair.on_source("INSERT INTO clients VALUES ('80005550001', 1), ('80005550002', 2)")
    pair.on_target("INSERT INTO clients VALUES ('80005550001', 1)")
    result = pair.compare(personal={"columns": ["public.clients.phone"]})
    (delta,) = result.artifact[0].differences
    assert str(delta.key["phone"]).startswith("#")
    assert len(str(delta.key["phone"])) == 11
    assert "80005550002" not in result.artifact[0].to_json() + "".join(each.to_json() for each in result.findings)
    assert result.findings[0].query is None


def test_differences_beyond_the_limit_are_counted_and_said_to_be_unlisted(pair: Pair) -> None:
    fill(pair, 1200)
    pair.on_target("UPDATE clients SET name = 'x' WHERE id % 2 = 0", "DELETE FROM clients WHERE id % 2 = 1")
    result = pair.compare(rows={"limit": 10})
    (rows,) = result.artifact
    assert (rows.different, rows.missing_on_target, len(rows.differences)) == (600, 600, 10)
    assert rows.truncated
    assert result.coverage.complete, "every row was compared: the list alone is cut"


def test_an_ignored_column_is_not_compared_and_is_listed_with_its_reason(pair: Pair) -> None:
    fill(pair)
    pair.on_target("UPDATE clients SET name = 'x'")
    result = pair.compare(rows={"ignore_columns": {"public.clients.name": "kept by a trigger"}})
    assert result.artifact[0].status == "identical"
    assert "name" not in result.artifact[0].columns
    (skipped,) = result.coverage.skipped
    assert (skipped.item, skipped.reason, skipped.decided) == ("public.clients.name", "kept by a trigger", True)


def test_a_table_missing_on_the_target_is_incomplete(pair: Pair) -> None:
    fill(pair)
    pair.on_source("CREATE TABLE extra (id int PRIMARY KEY)")
    result = pair.compare()
    by_table = {rows.table: rows for rows in result.artifact}
    assert by_table["public.extra"].status == "incomplete"
    assert [finding.code for finding in result.findings] == ["ROW005"]
    assert not result.coverage.complete


def test_a_table_missing_on_the_source_is_incomplete(pair: Pair) -> None:
    fill(pair)
    pair.on_target("CREATE TABLE extra (id int PRIMARY KEY)")
    result = pair.compare("public.clients", "public.extra")
    assert {rows.table: rows.status for rows in result.artifact}["public.extra"] == "incomplete"


def test_a_table_missing_on_both_sides_is_an_error(pair: Pair) -> None:
    fill(pair)
    with pytest.raises(TableMissing, match=r"public\.nowhere"):
        pair.compare("public.nowhere")


def test_a_column_that_the_target_has_not_makes_equal_rows_incomplete(pair: Pair) -> None:
    fill(pair)
    pair.on_target("ALTER TABLE clients DROP COLUMN name")
    result = pair.compare()
    assert result.artifact[0].status == "incomplete"
    assert "name" in str(result.artifact[0].reason)


def test_a_column_of_the_target_alone_does_not_make_equal_rows_incomplete(pair: Pair) -> None:
    fill(pair)
    pair.on_target("ALTER TABLE clients ADD COLUMN note text")
    result = pair.compare()
    assert (result.artifact[0].status, result.coverage.complete) == ("identical", True)
    assert "on the target only, not compared: note" in result.artifact[0].method


def test_one_empty_table_beside_a_full_one_is_identical(pair: Pair) -> None:
    fill(pair)
    pair.on_both("CREATE TABLE empty (id int PRIMARY KEY)")
    result = pair.compare()
    assert {rows.status for rows in result.artifact} == {"identical"}
    assert result.coverage.complete


@pytest.mark.parametrize("target", ["", "INSERT INTO clients VALUES (1, NULL, 'x', 0)"])
def test_an_empty_source_is_never_a_pass(pair: Pair, target: str) -> None:
    pair.on_both(CLIENTS)
    if target:
        pair.on_target(target)
    result = pair.compare()
    assert "COV002" in [finding.code for finding in result.findings]
    assert not result.coverage.complete


def test_drift_is_a_risk_and_cosmetic_where_it_is_allowed(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v numeric)")
    pair.on_source("INSERT INTO t VALUES (1, 1.0)")
    pair.on_target("INSERT INTO t VALUES (1, 1.00)")
    assert [(each.code, each.severity) for each in pair.compare().findings] == [("ROW004", Severity.RISK)]
    allowed = pair.compare(run={"allow_drift": True}).findings
    assert [(each.code, each.severity) for each in allowed] == [("ROW004", Severity.COSMETIC)]


def test_a_row_that_drifts_and_differs_is_different(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v numeric, w int)")
    pair.on_source("INSERT INTO t VALUES (1, 1.0, 1)")
    pair.on_target("INSERT INTO t VALUES (1, 1.00, 2)")
    rows = pair.compare_one("public.t")
    assert (rows.status, rows.different, rows.drifting) == ("differs", 1, 0)
    assert [(cell.column, cell.drift) for cell in rows.differences[0].cells] == [("v", True), ("w", False)]


def test_the_mapping_is_applied_to_the_source(pair: Pair) -> None:
    pair.on_source(
        "CREATE TABLE clients (id int PRIMARY KEY, title text, born text, legacy int, price int)",
        "INSERT INTO clients SELECT g, 'Имя ' || g, '2000-01-01', g, g FROM generate_series(1, 9) g",
    )
    pair.on_target(
        "CREATE TABLE people (id int PRIMARY KEY, name text, birth_date date, origin text, cents int, made int"
        " DEFAULT 7)",
        "INSERT INTO people SELECT g, 'Имя ' || g, '2000-01-01', 'old', g * 100 FROM generate_series(1, 9) g",
    )
    mapping = {
        "tables": {
            "public.clients": {
                "target": "public.people",
                "columns": {
                    "name": {"source": "title"},
                    "birth_date": {"source": "born", "cast": "date"},
                    "origin": {"constant": "old"},
                    "cents": {"expression": "price * 100 % 100000"},
                    "made": {"default": True},
                },
                "drop": {"legacy": "never read"},
            }
        }
    }
    result = pair.compare("public.clients", mapping=mapping)
    (rows,) = result.artifact
    assert (rows.status, rows.target_table) == ("identical", "public.people")
    assert result.coverage.complete
    assert {each.item for each in result.coverage.skipped} == {"public.clients.legacy", "public.people.made"}
    pair.on_target("UPDATE people SET cents = 0 WHERE id = 3")
    assert pair.compare("public.clients", mapping=mapping).artifact[0].differences[0].cells[0].column == "cents"


def test_an_expression_that_the_source_refuses_is_named(pair: Pair) -> None:
    fill(pair)
    mapping = {"tables": {"public.clients": {"columns": {"name": {"expression": "upper(nome)"}}}}}
    with pytest.raises(ConfigurationError, match=r"columns\.name.*nome"):
        pair.compare(mapping=mapping)


def test_an_expression_that_fails_on_a_row_makes_its_table_incomplete_and_no_other(pair: Pair) -> None:
    fill(pair)
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 0)")
    mapping = {"tables": {"public.t": {"columns": {"v": {"expression": "1 / v"}}}}}
    result = pair.compare(mapping=mapping)
    by_table = {rows.table: rows for rows in result.artifact}
    assert by_table["public.clients"].status == "identical"
    assert by_table["public.t"].reason == "on the source: 22012: an expression divides by zero"


def test_an_expression_that_is_never_the_same_is_incomplete(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v float8)", "INSERT INTO t VALUES (1, 0)")
    mapping = {"tables": {"public.t": {"columns": {"v": {"expression": "random()"}}}}}
    (rows,) = pair.compare(mapping=mapping).artifact
    assert rows.status == "incomplete"
    assert "volatile" in str(rows.reason)


def test_a_key_of_one_side_alone_still_matches_rows_and_finds_its_duplicates(pair: Pair) -> None:
    pair.on_source("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    pair.on_target("CREATE TABLE t (id int, v text)", "INSERT INTO t VALUES (1, 'a'), (1, 'a'), (2, 'c')")
    rows = pair.compare_one("public.t")
    assert (rows.key, rows.missing_on_source, rows.different) == (("id",), 1, 1)


def test_a_role_without_rights_on_the_target_is_told_of_the_target(pair: Pair, newer_server: Server) -> None:
    fill(pair)
    pair.on_target("DROP ROLE IF EXISTS stranger", "CREATE ROLE stranger LOGIN PASSWORD 'x'")
    (name,) = pair.rows_of_target("SELECT current_database()")[0]
    source, target = pair.catalogs()
    endpoint = Endpoint(Side.TARGET, newer_server.dsn(name, user="stranger", password="x"))
    with pytest.raises(PrivilegeMissing, match="target role"):
        rows_stage(pair.source, endpoint, source, target, ("public.clients",), Configuration())
    pair.on_target("DROP ROLE stranger")


def test_types_whose_binary_form_the_servers_disagree_on_are_compared_by_their_text(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, v numeric, a date[])",
        "INSERT INTO t VALUES (1, 1.50, '{2024-01-01}'), (2, NULL, NULL)",
    )
    for name in ("int4", "numeric", "date"):
        kind = "date '2000-01-01' + " if name == "date" else ""
        literal = f"({kind}current_setting('server_version_num')::int4)::{name}"
        monkeypatch.setitem(PORTABLE_TYPES, name, literal)
    assert pair.compare_one("public.t").status == "identical"
    pair.on_target("UPDATE t SET v = 1.51 WHERE id = 1")
    assert [delta.key for delta in pair.compare_one("public.t").differences] == [{"id": 1}]


def test_servers_whose_hash_functions_differ_are_compared_by_sha256(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(pair)
    seed_of_each = ARRAY_DIGEST.replace("], 0)", "], current_setting('server_version_num')::bigint)")
    monkeypatch.setattr("harness.postgres.row_hash.ARRAY_DIGEST", seed_of_each)
    assert pair.compare_one("public.clients").status == "identical"
    pair.on_target("UPDATE clients SET name = 'x' WHERE id = 5")
    assert pair.compare_one("public.clients").different == 1


def test_progress_is_told_table_by_table(pair: Pair) -> None:
    fill(pair)
    told: list[tuple[int, int, str]] = []

    class Watcher:
        def stage_started(self, stage: str) -> None: ...
        def progress(self, stage: str, done: int, total: int, what: str) -> None:
            told.append((done, total, what))

        def stage_finished(self, stage: str, status: str, seconds: float, summary: str) -> None: ...

    source, target = pair.catalogs()
    rows_stage(pair.source, pair.target, source, target, ("public.clients",), Configuration(), Watcher())
    assert told == [(0, 1, "public.clients"), (1, 1, "")]


def test_the_source_is_only_read(pair: Pair) -> None:
    fill(pair)
    with psycopg.connect(pair.source_dsn, autocommit=True) as connection:
        before = connection.execute("SELECT pg_current_wal_insert_lsn(), pg_current_xact_id()").fetchone()
        pair.compare()
        after = connection.execute("SELECT pg_current_xact_id()").fetchone()
    assert before is not None
    assert after is not None
    assert int(after[0]) == int(before[1]) + 1, "the comparison used a transaction id of the source: it wrote"


def test_rows_in_many_buckets_that_all_differ_are_all_counted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "FEWEST", 4)
    fill(pair, 3000)
    pair.on_target("UPDATE clients SET total = total + 1")
    rows = pair.compare_one("public.clients")
    assert (rows.different, len(rows.differences), rows.truncated) == (3000, 1000, True)
