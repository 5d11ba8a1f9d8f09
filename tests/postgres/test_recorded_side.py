"""A recorded side: what a digest proves, what the rows asked for later add, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from harness.core.configuration import Configuration
from harness.core.digest import read_digest
from harness.core.record import Side
from harness.errors import DocumentError, SameDatabase, TableMissing
from harness.stages.recorded_alone import compare_recorded
from harness.stages.recorded_side import recorded_side
from tests.data_pair import Pair
from tests.recorded_pair import Recording

CLIENTS = (
    "CREATE TYPE mood AS ENUM ('calm', 'glad')",
    "CREATE TABLE clients (id bigint PRIMARY KEY, name text, mood mood, total numeric, data jsonb, tags text[])",
    (
        "INSERT INTO clients SELECT g, 'Клиент ' || g, CASE WHEN g % 2 = 0 THEN 'calm' ELSE 'glad' END::mood, g * 1.5,"
        " jsonb_build_object('n', g), ARRAY['a', g::text] FROM generate_series(1, 300) g"
    ),
)


@pytest.fixture
def recording(pair: Pair, tmp_path: Path) -> Recording:
    pair.on_both(*CLIENTS)
    return Recording(pair, tmp_path)


def test_equal_rows_of_other_servers_and_enum_oids_are_identical_to_their_record(recording: Recording) -> None:
    rows = recording.compare(recording.record())
    assert (rows.status, rows.source_rows, rows.target_rows, rows.key) == ("identical", 300, 300, ("id",))
    assert recording.document(recording.record()).verdict.exit_code == 0


def test_a_record_holds_no_value_of_a_row(recording: Recording) -> None:
    recording.record()
    text = (recording.folder / "source.digest.json").read_text(encoding="utf-8")
    assert "Клиент" not in text
    assert "\\u041a" not in text
    assert read_digest(text, "x").tables[0].rows == 300


def test_one_changed_value_makes_one_segment_differ_and_the_table_incomplete(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target("UPDATE clients SET name = 'x' WHERE id = 7")
    rows = recording.compare(recorded)
    assert rows.status == "incomplete"
    assert "1 of " in str(rows.reason)
    assert recording.document(recorded).verdict.exit_code == 3


def test_a_missing_row_is_told_by_the_sums_alone(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target("DELETE FROM clients WHERE id = 7")
    document = recording.document(recorded)
    assert (document.rows[0].status, document.rows[0].missing_on_target) == ("differs", 1)
    assert document.verdict.exit_code == 1


def test_the_rows_asked_for_tell_each_row_and_cell_without_values(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target(
        "UPDATE clients SET name = name || ' ', tags = '{a}' WHERE id = 7",
        "UPDATE clients SET total = 12.00 WHERE id = 8",
        "DELETE FROM clients WHERE id = 9",
        "INSERT INTO clients (id) VALUES (999)",
    )
    told = recording.with_rows(recorded)
    assert "Клиент" not in (recording.folder / "rows.jsonl").read_text(encoding="utf-8")
    rows = recording.compare(told)
    assert (rows.status, rows.missing_on_target, rows.missing_on_source) == ("differs", 1, 1)
    assert (rows.different, rows.drifting) == (1, 1)
    found = {
        delta.key["id"]: {cell.column: (cell.cls, cell.drift) for cell in delta.cells} for delta in rows.differences
    }
    assert found == {
        7: {"name": ("unclassified", False), "tags": ("unclassified", False)},
        8: {"total": ("representation drift", True)},
        9: {},
        999: {},
    }
    assert recording.document(told).verdict.exit_code == 1


def test_with_values_the_cells_have_their_classes(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target("UPDATE clients SET name = name || ' ' WHERE id = 7")
    told = recording.with_rows(recorded, with_values=True)
    assert "Клиент 7" in (recording.folder / "rows.jsonl").read_text(encoding="utf-8")
    (delta,) = recording.compare(told).differences
    assert [(cell.column, cell.cls) for cell in delta.cells] == [("name", "white space")]


def test_rows_of_a_source_that_was_written_since_are_not_believed(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target("UPDATE clients SET name = 'x' WHERE id = 7")
    recording.pair.on_source("UPDATE clients SET name = 'y' WHERE id = 7")
    rows = recording.compare(recording.with_rows(recorded))
    assert rows.status == "incomplete"
    assert "it was written since" in str(rows.reason)
    assert rows.differences == ()


@pytest.mark.long
def test_a_file_of_rows_that_is_cut_short_is_refused(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_target("UPDATE clients SET name = 'x' WHERE id = 7")
    told = recording.with_rows(recorded)
    assert told.rows_file is not None
    lines = told.rows_file.read_text(encoding="utf-8").splitlines()
    told.rows_file.write_text("\n".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(DocumentError, match="cut short"):
        recording.compare(told)


@pytest.mark.long
def test_two_records_are_compared_without_a_server(recording: Recording) -> None:
    left, right = recording.record(), recording.record(Side.TARGET)
    assert compare_recorded(left, right, recording.configuration)[0].rows[0].status == "identical"
    recording.pair.on_target("UPDATE clients SET name = 'x' WHERE id = 7")
    right = recording.record(Side.TARGET)
    document, requests = compare_recorded(left, right, recording.configuration)
    assert document.rows[0].status == "incomplete"
    assert [(each.side, len(each.tables[0].sums)) for each in requests] == [(Side.SOURCE, 1), (Side.TARGET, 1)]


@pytest.mark.long
def test_a_recorded_target_is_compared_with_a_live_source(recording: Recording) -> None:
    recorded = recording.record(Side.TARGET)
    document, _ = compare_recorded(recording.pair.source, recorded, recording.configuration)
    assert document.rows[0].status == "identical"


def test_columns_of_another_type_are_refused_in_one_line(recording: Recording) -> None:
    recording.pair.on_target("ALTER TABLE clients ALTER id TYPE int")
    with pytest.raises(DocumentError, match="was recorded as bigint and is integer on the target"):
        recording.compare(recording.record())


@pytest.mark.long
def test_recorded_as_text_integers_of_other_widths_are_drift(recording: Recording) -> None:
    recording.pair.on_target("ALTER TABLE clients ALTER id TYPE int")
    rows = recording.compare(recording.record(as_text=True))
    assert (rows.status, rows.type_drift) == ("drift", ("id",))


@pytest.mark.long
def test_a_recorded_column_that_the_target_lacks_is_refused(recording: Recording) -> None:
    recording.pair.on_target("ALTER TABLE clients DROP tags")
    with pytest.raises(DocumentError, match="column tags was recorded"):
        recording.compare(recording.record())


@pytest.mark.long
def test_a_column_that_was_not_recorded_keeps_the_table_from_being_identical(recording: Recording) -> None:
    recorded = recording.record()
    recording.pair.on_source("ALTER TABLE clients ADD note text")
    recording.pair.on_target("ALTER TABLE clients ADD note text")
    document, _ = compare_recorded(recorded, recording.pair.target, recording.configuration)
    assert document.rows[0].status == "identical"  # the recorded table never had it: it is the target's own
    recorded = recording.record(Side.TARGET)
    recording.pair.on_source("ALTER TABLE clients ADD more text")
    rows = compare_recorded(recording.pair.source, recorded, recording.configuration)[0].rows[0]
    assert rows.status == "incomplete"
    assert "more" in str(rows.reason)


@pytest.mark.long
def test_a_renamed_table_and_column_are_compared_through_the_mapping(pair: Pair, tmp_path: Path) -> None:
    pair.on_source("CREATE TABLE a (id int PRIMARY KEY, b text)", "INSERT INTO a VALUES (1, 'x'), (2, NULL)")
    pair.on_target("CREATE TABLE c (id int PRIMARY KEY, d text)", "INSERT INTO c VALUES (1, 'x'), (2, NULL)")
    rules = {"public.a": {"target": "public.c", "columns": {"d": {"source": "b"}}}}
    recording = Recording(pair, tmp_path, mapping={"tables": rules})
    assert recording.compare(recording.record()).status == "identical"
    pair.on_target("UPDATE c SET d = '' WHERE id = 2")
    rows = recording.compare(recording.with_rows(recording.record(), with_values=True))
    assert [(cell.column, cell.cls) for cell in rows.differences[0].cells] == [("d", "NULL against empty")]


@pytest.mark.long
def test_a_table_without_a_key_is_compared_as_a_multiset(pair: Pair, tmp_path: Path) -> None:
    pair.on_both("CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, 'x'), (1, 'x'), (NULL, NULL)")
    recording = Recording(pair, tmp_path)
    recorded = recording.record()
    assert recording.compare(recorded).status == "identical"
    pair.on_target("INSERT INTO t VALUES (1, 'x'), (NULL, NULL)")
    rows = recording.compare(recording.with_rows(recorded))
    assert (rows.status, rows.missing_on_source) == ("differs", 2)


@pytest.mark.long
def test_a_view_that_was_asked_for_is_recorded_with_its_declared_key(recording: Recording) -> None:
    recording.pair.on_both("CREATE VIEW v AS SELECT id, name FROM clients WHERE id <= 10")
    settings = {"scope": {"tables": ["public.v"]}, "rows": {"tables": {"public.v": {"key": ["id"]}}}}
    viewed = Recording(recording.pair, recording.folder, **settings)
    rows = viewed.compare(viewed.record())
    assert (rows.table, rows.status, rows.source_rows, rows.key) == ("public.v", "identical", 10, ("id",))


@pytest.mark.long
def test_a_filter_must_be_the_recorded_one(recording: Recording) -> None:
    recording.pair.on_target("DELETE FROM clients WHERE id > 100")
    settings = {"rows": {"tables": {"public.clients": {"where": "id <= 100"}}}}
    filtered = Recording(recording.pair, recording.folder, **settings)
    recorded = filtered.record()
    assert filtered.compare(recorded).status == "identical"
    with pytest.raises(DocumentError, match="with a filter that is not configured here"):
        recording.compare(recorded)


def test_a_personal_key_leaves_the_server_as_a_hash(pair: Pair, tmp_path: Path) -> None:
    pair.on_both("CREATE TABLE t (phone text PRIMARY KEY, n int)", "INSERT INTO t VALUES ('80005550001', 1)")
    recording = Recording(pair, tmp_path, personal={"columns": ["public.t.phone"]})
    recorded = recording.record()
    pair.on_target("UPDATE t SET n = 2")
    rows = recording.compare(recording.with_rows(recorded))
    assert "80005550001" not in (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    (delta,) = rows.differences
    assert str(delta.key["phone"]).startswith("#")


def test_a_server_that_hashes_otherwise_is_refused(recording: Recording) -> None:
    recorded = recording.record()
    hashing = recorded.document.hashing
    answers = hashing.answers | {"numeric": 1}
    document = recorded.document.model_copy(update={"hashing": hashing.model_copy(update={"answers": answers})})
    with pytest.raises(DocumentError, match="hashes values of numeric otherwise") as refused:
        recording.compare(dataclasses.replace(recorded, document=document))
    assert "--as-text" in refused.value.hint


def test_sql_of_a_file_is_never_run(recording: Recording) -> None:
    recorded = recording.record()
    (table,) = recorded.document.tables
    column = table.columns[0].model_copy(update={"exact": "pg_sleep(60)"})
    document = recorded.document.model_copy(
        update={"tables": (table.model_copy(update={"columns": (column, *table.columns[1:])}),)}
    )
    with pytest.raises(DocumentError, match="a form that this version of pgparity does not use"):
        recording.compare(dataclasses.replace(recorded, document=document))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("{}", "is not a pgparity/digest document"),
        ('{"format": "pgparity/digest", "version": 2}', "format version 2"),
        ('{"format": "pgparity/digest", "version": 1}', "not a pgparity DigestDocument"),
    ],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "x.digest.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        recorded_side(str(file), Side.SOURCE)


@pytest.mark.long
def test_a_record_stands_for_the_side_that_it_was_made_of(recording: Recording) -> None:
    recording.record()
    with pytest.raises(DocumentError, match="was recorded as the source"):
        recorded_side(str(recording.folder / "source.digest.json"), Side.TARGET)


def test_a_dsn_is_no_file(tmp_path: Path) -> None:
    for value in ("postgresql://host/x.json", "host=h dbname=x.json", "service=x"):
        assert recorded_side(value, Side.SOURCE) is None
    with pytest.raises(DocumentError, match=r"missing\.json cannot be read"):
        recorded_side("missing.json", Side.SOURCE, base=tmp_path)


def test_a_database_is_not_compared_with_its_own_record(recording: Recording) -> None:
    recorded = recording.record(Side.TARGET)
    document = recorded.document.model_copy(update={"side": Side.SOURCE})
    with pytest.raises(SameDatabase):
        recording.compare(dataclasses.replace(recorded, document=document))


@pytest.mark.long
def test_a_table_that_only_the_live_source_has_is_incomplete(recording: Recording) -> None:
    recorded = recording.record(Side.TARGET)
    recording.pair.on_source("CREATE TABLE extra (id int PRIMARY KEY)")
    rows = compare_recorded(recording.pair.source, recorded, recording.configuration)[0].rows
    assert {each.table: each.status for each in rows} == {"public.clients": "identical", "public.extra": "incomplete"}


@pytest.mark.long
def test_a_table_that_was_not_recorded_by_decision_is_no_gap_and_one_that_was_not_there_is(
    recording: Recording,
) -> None:
    recording.pair.on_target("CREATE TABLE extra (id int PRIMARY KEY)")
    recorded = recording.record()
    assert recording.document(recorded).verdict.exit_code == 3
    recording.configuration = Configuration.model_validate({"scope": {"tables": ["public.clients"]}})
    recorded = recording.record()
    recording.configuration = Configuration()
    assert recording.document(recorded).verdict.exit_code == 0


@pytest.mark.long
def test_a_check_that_needs_two_databases_is_a_gap(recording: Recording) -> None:
    checks = [{"name": "count", "sql": "SELECT count(*) FROM public.clients"}]
    checked = Recording(recording.pair, recording.folder, rows={"checks": checks})
    document = checked.document(checked.record())
    assert (document.rows[0].status, document.verdict.exit_code) == ("identical", 3)


@pytest.mark.long
def test_a_table_on_neither_side_is_an_error_with_the_nearest_name(recording: Recording) -> None:
    recorded = recording.record()
    recording.configuration = Configuration.model_validate({"scope": {"tables": ["public.client"]}})
    with pytest.raises(TableMissing) as missing:
        recording.compare(recorded)
    assert "public.clients" in missing.value.hint


def test_a_recorded_side_is_json_of_its_contract(recording: Recording) -> None:
    data = json.loads(recording.record().document.to_json())
    assert (data["format"], data["version"], data["side"]) == ("pgparity/digest", 1, "source")
    assert data["server"]["database"] == recording.pair.source.parameters()["dbname"]
    assert data["snapshot"]
