"""A recorded side under the rules of rows: tolerances, slices, stale rows, chosen columns, checks, several sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.core.configuration import Configuration
from harness.core.record import Side
from harness.errors import ConfigurationError, DocumentError
from harness.postgres import table_pieces
from harness.stages import digest_scan, rows_scan
from harness.stages.recorded_alone import compare_recorded
from harness.stages.recorded_side import recorded_side
from tests.data_pair import Pair
from tests.recorded_pair import Recording

BILLS = (
    "CREATE TABLE bills (id int PRIMARY KEY, company_id int, total numeric, seen timestamptz, note text)",
    (
        "INSERT INTO bills SELECT g, 900100 + 100 * (g % 20), g * 1.50, '2024-02-29 12:00:00+00', 'n' || g"
        " FROM generate_series(1, 400) g"
    ),
    "ANALYZE bills",
)
TOLERANT = {"rows": {"tables": {"public.bills": {"tolerances": {"total": {"absolute": 0.01}}}}}}


def bills(pair: Pair, folder: Path, **settings: Any) -> Recording:
    pair.on_both(*BILLS)
    return Recording(pair, folder, **settings)


def test_a_tolerance_is_not_decided_by_hashes_and_is_by_the_values(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, **TOLERANT)
    recorded = recording.record()
    pair.on_target("UPDATE bills SET total = total + 0.01 WHERE id = 7")
    rows = recording.compare(recorded)
    assert (rows.status, rows.different) == ("incomplete", 0)
    assert "--with-values for the tolerances" in str(rows.reason)
    rows = recording.compare(recording.with_rows(recorded))
    assert (rows.status, rows.different, rows.differences) == ("incomplete", 0, ())
    assert "1 row may differ in total, which only values decide" in str(rows.reason)
    rows = recording.compare(recording.with_rows(recorded, with_values=True))
    assert (rows.status, rows.tolerated, rows.reason) == ("identical", 1, None)


def test_beyond_its_tolerance_or_in_another_column_a_row_differs(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, **TOLERANT)
    recorded = recording.record()
    pair.on_target(
        "UPDATE bills SET total = total + 0.01, note = note || ' ' WHERE id = 7",
        "UPDATE bills SET total = total + 0.02 WHERE id = 8",
        "UPDATE bills SET total = total + 0.00000 WHERE id = 9",
    )
    rows = recording.compare(recording.with_rows(recorded))
    assert (rows.status, rows.different) == ("differs", 1)
    assert [(cell.column, cell.cls) for cell in rows.differences[0].cells] == [
        ("note", "unclassified"),
        ("total", "not decided without values"),
    ]
    # The ninth has an equal value, which is within any tolerance; of the eighth nothing is said yet.
    assert rows.tolerated == 1
    assert "1 row may differ" in str(rows.reason)
    rows = recording.compare(recording.with_rows(recorded, with_values=True))
    found = {delta.key["id"]: [(cell.column, cell.cls) for cell in delta.cells] for delta in rows.differences}
    assert found == {7: [("note", "white space")], 8: [("total", "other")]}
    assert (rows.status, rows.tolerated, rows.reason) == ("differs", 1, None)


@pytest.mark.long
def test_a_tolerance_of_a_column_that_is_not_compared_is_refused(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, rows={"tables": {"public.bills": {"tolerances": {"totl": {"absolute": 1}}}}})
    with pytest.raises(ConfigurationError, match="no column totl is compared"):
        recording.compare(recording.record())


def test_slices_and_stale_rows_are_told_beside_a_record(pair: Pair, tmp_path: Path) -> None:
    pair.on_both(*BILLS, "ALTER TABLE bills ADD updated_at timestamptz", "UPDATE bills SET updated_at = seen")
    recording = Recording(pair, tmp_path)
    recorded = recording.record()
    pair.on_target("UPDATE bills SET note = 'x', updated_at = updated_at + '77 min 3 s' WHERE company_id = 900200")
    hashes_only = recording.compare(recording.with_rows(recorded))
    assert [(each.column, each.value, each.share) for each in hashes_only.slices if each.column == "company_id"] == [
        ("company_id", 900200, 1.0)
    ]
    rows = recording.compare(recording.with_rows(recorded, with_values=True))
    assert rows.different == 20
    assert {(cell.column, cell.cls, cell.older) for delta in rows.differences for cell in delta.cells} == {
        ("note", "stale row", Side.SOURCE),
        ("updated_at", "stale row", Side.SOURCE),
    }


@pytest.mark.long
def test_recorded_as_text_equal_numbers_are_not_told_apart_without_values(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path)
    recorded = recording.record(as_text=True)
    pair.on_target("UPDATE bills SET total = total + 0.00000 WHERE id = 7")
    rows = recording.compare(recording.with_rows(recorded))
    assert (rows.status, rows.different) == ("incomplete", 0)
    rows = recording.compare(recording.with_rows(recorded, with_values=True))
    assert (rows.status, rows.drifting, rows.different) == ("drift", 1, 0)


@pytest.mark.long
def test_only_the_columns_that_are_named_are_recorded_and_compared(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, rows={"tables": {"public.bills": {"columns": ["total"]}}})
    recorded = recording.record()
    pair.on_target("UPDATE bills SET note = 'x' WHERE id = 7")
    document = recording.document(recorded)
    assert (document.rows[0].status, document.rows[0].columns) == ("identical", ("id", "total"))
    recording.configuration = Configuration()
    skipped = [each for stage in recording.document(recorded).coverage for each in stage.skipped]
    assert ("public.bills.note", True) in {(each.item, each.decided) for each in skipped}


@pytest.mark.long
def test_a_column_that_was_recorded_and_is_left_out_here_is_refused(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path)
    recorded = recording.record()
    for rows in (
        {"ignore_columns": {"public.bills.note": "noise"}},
        {"tables": {"public.bills": {"columns": ["total"]}}},
    ):
        recording.configuration = Configuration.model_validate({"rows": rows})
        with pytest.raises(DocumentError, match="was recorded, and the configuration leaves it out here"):
            recording.compare(recorded)


def test_a_side_is_recorded_by_several_sessions_on_one_snapshot(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = bills(pair, tmp_path)
    whole = recording.record()
    pair.on_both("VACUUM ANALYZE bills")
    monkeypatch.setattr(table_pieces, "PIECE_BYTES", 8192)
    scans: list[int] = []

    def counted(*arguments: Any) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[int, int]]]:
        scans.append(len(arguments[2][0]))
        return rows_scan.scanned(*arguments)

    monkeypatch.setattr(digest_scan, "scanned", counted)
    # The older server, 13, has no scan of a range of blocks: its side is read by one session.
    pieces = recording.record(Side.TARGET)
    assert dict(pieces.document.tables[0].sums_of(256)) == dict(whole.document.tables[0].sums_of(256))
    rows = recording.compare(whole)
    assert rows.status == "identical"
    assert min(scans) > 1


CHECKS = {
    "rows": {
        "checks": [
            {"name": "totals", "sql": "SELECT company_id, sum(total) FROM public.bills GROUP BY company_id"},
            {"name": "debts", "sql": "SELECT id FROM public.bills WHERE total < 0", "expect": "no rows"},
        ]
    }
}


def test_answers_of_checks_are_recorded_and_compared_later(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, **CHECKS)
    recorded = recording.record(with_answers=True)
    document = recording.document(recorded)
    assert (document.verdict.exit_code, document.findings) == (0, ())
    pair.on_target("UPDATE bills SET total = -1 WHERE id = 7")
    codes = {each.object.identity: each.code for each in recording.document(recorded).findings if each.object}
    assert (codes["totals"], codes["debts"]) == ("ROW008", "ROW008")


def test_without_being_asked_a_record_holds_no_answer_but_how_many_rows_break_an_invariant(
    pair: Pair, tmp_path: Path
) -> None:
    recording = bills(pair, tmp_path, **CHECKS)
    recorded = recording.record()
    assert [each.rows for each in recorded.document.answers] == [None, None]
    document = recording.document(recorded)
    found = {each.object.identity: each.code for each in document.findings if each.object}
    assert (found, document.verdict.exit_code) == ({"totals": "ROW009"}, 3)
    other = {"rows": {"checks": [CHECKS["rows"]["checks"][1] | {"sql": "SELECT 1 WHERE false"}]}}
    recording.configuration = Configuration.model_validate(other)
    (finding,) = recording.document(recorded).findings
    assert "another SELECT of that name" in finding.title


@pytest.mark.long
def test_answers_of_two_records_are_compared_without_a_server(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path, **CHECKS)
    sides = [recording.record(side, with_answers=True) for side in (Side.SOURCE, Side.TARGET)]
    assert compare_recorded(sides[0], sides[1], recording.configuration)[0].verdict.exit_code == 0


def test_a_record_that_was_changed_is_not_believed(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path)
    recording.record()
    file = tmp_path / "source.digest.json"
    text = file.read_text(encoding="utf-8")
    for changed, message in (
        (text.replace('"rows":400', '"rows":401'), "does not fit its seal"),
        (text[: len(text) // 2], "is not JSON"),
        (text.replace('"version":1', '"version":2'), "format version 2"),
        (text.replace('"type":"numeric"', '"typ":"numeric"', 1), "source.digest.json is not a pgparity DigestDocument"),
    ):
        assert changed != text
        file.write_text(changed, encoding="utf-8")
        with pytest.raises(DocumentError, match=message):
            recorded_side(str(file), Side.SOURCE)
    file.write_text(text, encoding="utf-8")
    assert recorded_side(str(file), Side.SOURCE) is not None


@pytest.mark.long
def test_rows_that_were_changed_are_not_believed(pair: Pair, tmp_path: Path) -> None:
    recording = bills(pair, tmp_path)
    recorded = recording.record()
    pair.on_target("UPDATE bills SET note = 'x' WHERE id = 7")
    told = recording.with_rows(recorded, with_values=True)
    file = tmp_path / "rows.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"n7"', '"x"'), encoding="utf-8")
    with pytest.raises(DocumentError, match="cut short or damaged"):
        recording.compare(told)
