"""A condition on a table's rows: only those move, another condition is another migration, and the rest is told."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.errors import ConfigurationError, PlanRefused
from harness.stages.events import Silent
from harness.stages.migrate import migrate_stage
from harness.stages.move_filters import comparing
from tests.data_pair import Pair

PLAIN = "CREATE TABLE t (id int PRIMARY KEY, company int, v text)"
FILLED = """
    INSERT INTO t SELECT g, CASE WHEN g % 3 > 0 THEN 900100 WHEN g % 2 = 0 THEN 900200 END, 'v' || g
    FROM generate_series(1, 300) g
"""
ONE = "company = 900100 -- the first one"


def settings(where: str = ONE, table: str = "public.t", **migrate: Any) -> Configuration:
    return Configuration.model_validate({"migrate": {"tables": {table: {"where": where}}} | migrate})


@pytest.fixture
def filled(pair: Pair) -> Pair:
    pair.on_both(PLAIN)
    pair.on_source(FILLED)
    return pair


@pytest.mark.parametrize("migrate", [pytest.param({"batch_rows": 50}, marks=pytest.mark.long), {"batch_bytes": 8192}])
def test_only_the_rows_that_a_condition_chooses_move_and_the_others_are_counted(
    filled: Pair, migrate: dict[str, Any]
) -> None:
    configuration = settings(**migrate)
    result = filled.migrate(configuration=configuration)
    (table,) = result.artifact.tables
    assert (table.rows, table.verified, table.checksums, result.findings) == (200, True, True, ())
    assert filled.rows_of_target("SELECT count(*) FROM t WHERE company = 900100") == [(200,)]
    (skipped,) = result.coverage.skipped
    assert (skipped.item, skipped.decided) == ("rows of public.t", True)
    assert skipped.reason.startswith("100 are left out")
    assert filled.compare(configuration=comparing(configuration)).artifact[0].status == "identical"
    # Compared with those alone, but with all of the target's.
    filled.on_target("INSERT INTO t VALUES (3, NULL, 'v3')")
    (rows,) = filled.compare(configuration=comparing(configuration)).artifact
    assert (rows.status, rows.source_rows, rows.target_rows) == ("differs", 200, 201)


def test_another_condition_is_another_migration(filled: Pair) -> None:
    filled.on_target("ALTER TABLE t ADD CHECK (id < 250)")
    filled.migrate(configuration=settings(batch_rows=100))
    with pytest.raises(PlanRefused, match="another migration"):
        filled.migrate(configuration=settings("company = 900200", batch_rows=100))
    filled.on_target("ALTER TABLE t DROP CONSTRAINT t_id_check")
    assert filled.migrate(configuration=settings(batch_rows=100)).artifact.tables[0].rows == 200


@pytest.mark.parametrize(
    ("table", "where", "said"),
    [
        ("public.t", "compnay = 1", r"migrate\.tables\.'public\.t': the source cannot evaluate .*compnay"),
        ("public.t", "random() < 0.5", r"migrate\.tables\.'public\.t': .* volatile"),
        ("public.t", "true) OR (true", r"migrate\.tables\.'public\.t': the source cannot evaluate"),
        ("public.tt", "true", r"migrate\.tables\.'public\.tt': there is no source table"),
    ],
)
def test_a_condition_that_the_source_cannot_answer_for_good_is_refused_before_a_row_moves(
    filled: Pair, table: str, where: str, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        filled.migrate(configuration=settings(where, table))
    assert filled.rows_of_target("SELECT count(*), to_regclass('pgparity.ledger') FROM t") == [(0, None)]


def test_a_condition_on_a_partition_belongs_to_the_table_that_it_is_a_part_of(pair: Pair) -> None:
    pair.on_both("CREATE TABLE t (id int) PARTITION BY LIST (id)", "CREATE TABLE one PARTITION OF t FOR VALUES IN (1)")
    with pytest.raises(ConfigurationError, match="is a partition of"):
        pair.migrate(configuration=settings("true", "public.one"))


def test_what_is_caught_up_with_is_only_what_the_condition_chooses(filled: Pair) -> None:
    filled.migrate(configuration=settings())
    filled.on_source("UPDATE t SET company = 900200 WHERE id = 1", "UPDATE t SET company = 900100 WHERE id = 3")
    source, target = filled.catalogs()
    result = migrate_stage(
        filled.source, filled.target, source, target, ("public.t",), settings(), Silent(), catch_up=True
    )
    assert result.findings == ()
    chosen = "SELECT id FROM t WHERE company = 900100 ORDER BY id"
    assert filled.rows_of_target("SELECT id FROM t ORDER BY id") == filled.rows_of_source(chosen)
