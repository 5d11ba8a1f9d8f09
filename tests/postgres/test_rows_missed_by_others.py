"""What other comparisons of rows miss or invent is told right, and the same rows without it are told equal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from benchmarks.rows.collations import with_icu
from benchmarks.rows.planted import CASES, Case
from harness.core.configuration import Configuration
from harness.core.deltas import TableRows
from harness.core.record import Side
from harness.embedded.server import Server
from harness.errors import PrivilegeMissing
from harness.postgres.connect import Endpoint
from harness.stages.rows import rows_stage
from tests.conftest import MEMORY
from tests.data_pair import Pair, pair_of

ICU = with_icu()
HERE = [case for case in CASES if not case.icu or ICU is not None]
NAMES = [case.planted for case in HERE]


@dataclass(frozen=True)
class Compared:
    """By the case's name, the rows of its table t in a schema of its own: planted, and its counterpart."""

    planted: dict[str, TableRows]
    counterparts: dict[str, TableRows]


@pytest.fixture(scope="module")
def compared(server: Server, newer_server: Server) -> Compared:
    """All cases in two comparisons of many schemas: a comparison of its own for each would take ten times as long."""
    with pair_of(server, newer_server) as pair:
        both = _all([case for case in CASES if not case.icu], pair)
    if ICU is None:
        return both
    with Server.start(installation=ICU, memory=MEMORY) as target, pair_of(server, target) as pair:
        under_icu = _all([case for case in CASES if case.icu], pair)
    return Compared(both.planted | under_icu.planted, both.counterparts | under_icu.counterparts)


def _all(cases: list[Case], pair: Pair) -> Compared:
    schemas = {f"case_{number}": case for number, case in enumerate(cases)}
    pair = replace(pair, schemas=tuple(schemas))
    planted: dict[str, TableRows] = {}
    counterparts: dict[str, TableRows] = {}
    for found, made in ((planted, Case.statements), (counterparts, counterpart)):
        pair.on_both("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        for schema, case in schemas.items():
            for run, statements in zip((pair.on_source, pair.on_target), made(case), strict=True):
                begin = [f"DROP SCHEMA IF EXISTS {schema} CASCADE", f"CREATE SCHEMA {schema}"]
                run(*begin, f"SET search_path = {schema}", *statements)
        (name,) = pair.rows_of_target("SELECT current_database()")[0]
        pair.on_target(*(f"ALTER DATABASE {name} SET {each}" for case in cases for each in case.setting))
        found.update({schemas[rows.table.split(".")[0]].planted: rows for rows in pair.compare().artifact})
    return Compared(planted, counterparts)


def counterpart(case: Case) -> tuple[list[str], list[str]]:
    """The rows of the source on both sides; of a case that is identical, one row changed on the target."""
    on_source, on_target = case.statements()
    return on_source, [*on_target, case.changed] if case.right == "identical" else on_source


def _found(rows: TableRows) -> int:
    return rows.different + rows.missing_on_source + rows.missing_on_target


@pytest.mark.parametrize("case", HERE, ids=NAMES)
def test_what_others_miss_or_invent_is_told_right(case: Case, compared: Compared) -> None:
    rows = compared.planted[case.planted]
    cells = {(cell.column, cell.cls) for delta in rows.differences for cell in delta.cells}
    assert (rows.status, rows.reason) == (case.right, None)
    if case.cell is not None:
        assert cells == {case.cell}
    if case.right == "differs":
        assert (_found(rows), len(rows.differences)) == (case.found, case.found)
    elif case.right == "drift" and not rows.type_drift:
        assert (rows.drifting, _found(rows)) == (case.found, 0)
    else:
        assert cells == set()


@pytest.mark.parametrize("case", HERE, ids=NAMES)
def test_the_same_tables_without_it_are_told_the_other_way(case: Case, compared: Compared) -> None:
    rows = compared.counterparts[case.planted]
    if case.right == "identical":
        assert (rows.status, _found(rows)) == ("differs", 1)
    else:
        assert (rows.status, rows.differences) == ("identical", ())


def test_differences_at_both_ends_and_beyond_the_other_sides_range_have_their_keys(compared: Compared) -> None:
    (rows,) = (rows for name, rows in compared.planted.items() if name.startswith("40,000 rows"))
    by_status = {
        status: sorted(int(str(delta.key["id"])) for delta in rows.differences if delta.status == status)
        for status in ("different", "missing_on_target", "missing_on_source")
    }
    assert by_status == {
        "different": [1, 2, 16383, 16384, 16385, 32768, 32769, 40000],
        "missing_on_target": [-9, 8192, 900000],
        "missing_on_source": [-10, 900001, 9223372036854775806],
    }


def test_a_source_role_that_row_level_security_filters_is_refused_with_the_reason(
    databases: Pair, server: Server
) -> None:
    pair = databases.emptied()
    pair.on_both("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    pair.on_target("DELETE FROM t WHERE id = 2")
    pair.on_source(
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY first_one ON t USING (id = 1)",
        "DROP ROLE IF EXISTS sees_less",
        "CREATE ROLE sees_less LOGIN PASSWORD 'x'",
        "GRANT USAGE ON SCHEMA public TO sees_less",
        "GRANT SELECT ON t TO sees_less",
    )
    (name,) = pair.rows_of_source("SELECT current_database()")[0]
    source, target = pair.catalogs()
    filtered = Endpoint(Side.SOURCE, server.dsn(name, user="sees_less", password="x"))
    with pytest.raises(PrivilegeMissing, match="source role") as caught:
        rows_stage(filtered, pair.target, source, target, ("public.t",), Configuration())
    assert "ROW-LEVEL SECURITY" in caught.value.hint.upper()
    pair.on_source("DROP OWNED BY sees_less", "DROP ROLE sees_less")


@pytest.mark.long
def test_a_value_of_100_mb_is_compared_to_its_last_byte(databases: Pair) -> None:
    pair = databases.emptied()
    pair.on_both(
        "CREATE TABLE t (id int PRIMARY KEY, v text)",
        "INSERT INTO t VALUES (1, repeat('x', 100000000) || 'a'), (2, 'b')",
    )
    assert pair.compare_one("public.t").status == "identical"
    pair.on_target("UPDATE t SET v = repeat('x', 100000000) || 'A' WHERE id = 1")
    (delta,) = pair.compare_one("public.t").differences
    assert (delta.key, [(cell.column, cell.cls) for cell in delta.cells]) == ({"id": 1}, [("v", "case")])
