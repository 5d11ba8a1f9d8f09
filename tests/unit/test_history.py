"""What a run is told of the runs before it: only those of the same two databases, oldest first, at most twenty."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from harness.core.document import RunDocument
from harness.core.history import RUNS_KEPT, history_of, known_run, same_database, summary_of
from harness.render.html import relative_link
from harness.render.json import render_json
from harness.stages.run_folders import (
    SUMMARY,
    folder_of,
    folder_of_runs,
    found_runs,
    read_document,
    run_folders,
    with_history,
    write_index,
    write_run,
)
from tests.report import samples
from tests.report.reading import Reading


def run(number: int, document: RunDocument | None = None, **changes: object) -> RunDocument:
    started = f"2026-07-{number // 24 + 1:02d}T{number % 24:02d}:00:00+00:00"
    return (document or samples.aligned()).model_copy(
        update={"id": f"run{number:03d}", "started_at": started, **changes}
    )


def elsewhere(document: RunDocument) -> RunDocument:
    other = document.target.model_copy(update={"system_identifier": "1"})
    return document.model_copy(update={"target": other})


def test_a_summary_counts_findings_gaps_rows_and_cases() -> None:
    planted, interrupted = summary_of(samples.planted()), summary_of(samples.interrupted())
    assert (planted.status, planted.blockers, planted.risks, planted.cosmetic) == ("NO-GO", 2, 0, 1)
    assert (planted.tables, planted.rows, planted.methods) == (7, 1490, 8)
    assert planted.cases == sum(each.cases for each in samples.planted().methods) > 0
    assert [each.name for each in planted.stages] == ["introspect", "diff", "rows", "methods"]
    assert (interrupted.status, interrupted.gaps) == ("INCOMPLETE", 3)


def test_only_earlier_runs_of_the_same_pair_are_told_oldest_first() -> None:
    others = [run(3), elsewhere(run(4)), run(9), run(1), run(5)]
    told = history_of(run(5), [(known_run(each), f"../{each.id}/report.html") for each in others])
    assert [each.id for each in told] == ["run001", "run003"]
    assert told[0].href == "../run001/report.html"


def test_at_most_twenty_runs_are_told_the_latest_ones() -> None:
    told = history_of(run(200), [(known_run(run(number)), None) for number in range(50)])
    assert [each.id for each in told] == [f"run{number:03d}" for number in range(50 - RUNS_KEPT, 50)]


def test_a_run_hands_on_what_it_knew_of_runs_whose_folders_are_gone() -> None:
    gone = summary_of(run(1)).model_copy(update={"href": "../gone/report.html"})
    told = history_of(run(5), [(known_run(run(3, history=(gone,))), "../3/report.html")])
    assert [(each.id, each.href) for each in told] == [("run001", None), ("run003", "../3/report.html")]


def test_a_database_is_known_by_its_server_s_identifier_and_without_one_by_its_address() -> None:
    one = samples.aligned().source
    assert same_database(one, one.model_copy(update={"address": "elsewhere:1"}))
    assert not same_database(one, one.model_copy(update={"database": "another"}))
    assert not same_database(one, one.model_copy(update={"system_identifier": "1"}))
    unread = one.model_copy(update={"system_identifier": None})
    assert same_database(one, unread)
    assert not same_database(one, unread.model_copy(update={"address": "elsewhere:1"}))


def test_runs_in_folders_beside_each_other_are_told_with_links_that_lead_to_their_reports(tmp_path: Path) -> None:
    for number in (1, 2):
        write_run(run(number), tmp_path / f"run {number}")
    (tmp_path / "run 2" / "report.html").unlink()
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "run.json").write_text('{"format": "pgpa')
    (tmp_path / "file").write_text("")
    told = with_history(run(3), tmp_path / "run 3").history
    assert [(each.id, each.href) for each in told] == [("run001", "../run%201/report.html"), ("run002", None)]


@pytest.mark.parametrize("name", ["a#b", "a?b", "100%", "a%20b", "проба 1", "a&b", "a:b"])
def test_a_folder_of_any_name_is_led_to(name: str, tmp_path: Path) -> None:
    write_run(run(1), tmp_path / name)
    (told,) = with_history(run(2), tmp_path / "next").history
    assert told.href is not None
    link = urlsplit(relative_link(told.href))
    assert (unquote(link.path), link.query, link.fragment) == (f"../{name}/report.html", "", "")
    assert folder_of(told.href, tmp_path / "next") == tmp_path / name
    write_index(tmp_path)
    links = [urlsplit(each) for each in Reading((tmp_path / "index.html").read_text(encoding="utf-8")).links]
    assert f"./{name}/report.html" in {unquote(each.path) for each in links}


@pytest.mark.parametrize(
    ("folder", "place"), [(".", ".."), ("..", "../.."), ("a/..", "a/../.."), ("a/b", "a"), ("a", ".")]
)
def test_the_folder_of_all_runs_is_the_one_above_also_for_a_run_that_goes_here(folder: str, place: str) -> None:
    assert str(folder_of_runs(Path(folder))) == place


def test_a_run_that_goes_to_the_folder_that_one_is_in_knows_the_ones_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(run(1), tmp_path / "first")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    write_run(run(2), Path())
    (told, own) = with_history(run(3), Path()).history
    assert (told.href, own.href) == ("../first/report.html", None)
    assert folder_of("../first/report.html", Path()) == Path("../first")


def test_an_earlier_run_is_known_without_its_document_being_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        write_run(run(number), tmp_path / str(number))
    write_run(run(2), tmp_path / "2")
    (tmp_path / "3" / "run.json").write_text(render_json(run(4)), encoding="utf-8")
    (tmp_path / "1" / SUMMARY).write_text("{", encoding="utf-8")
    read: list[str] = []

    def reading(file: Path) -> RunDocument:
        read.append(file.parent.name)
        return read_document(file)

    monkeypatch.setattr("harness.stages.run_folders.read_document", reading)
    told = with_history(run(5), tmp_path / "5").history
    assert [each.id for each in told] == ["run001", "run002", "run004"]
    assert sorted(read) == ["1", "3"], "the one whose summary is broken, the one that was written over"


def test_a_summary_of_another_version_is_not_believed(tmp_path: Path) -> None:
    write_run(run(1), tmp_path / "1")
    kept = tmp_path / "1" / SUMMARY
    kept.write_text(kept.read_text(encoding="utf-8").replace("run001", "told"), encoding="utf-8")
    assert [each.id for each in with_history(run(2), tmp_path / "2").history] == ["told"]
    data = json.loads(kept.read_text(encoding="utf-8")) | {"pgparity": "0.0.1"}
    kept.write_text(json.dumps(data), encoding="utf-8")
    assert [each.id for each in with_history(run(2), tmp_path / "2").history] == ["run001"]


def test_runs_that_go_to_one_folder_hand_their_history_on(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write_run(with_history(run(number), tmp_path / "out"), tmp_path / "out")
    told = read_document(tmp_path / "out").history
    assert [(each.id, each.href) for each in told] == [("run001", None), ("run002", None)]


def test_a_run_that_cannot_be_read_is_named_and_the_newest_come_first(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        (tmp_path / str(number)).mkdir()
        file = tmp_path / str(number) / "run.json"
        file.write_text(render_json(run(number)) if number != 2 else "[]")
        os.utime(file, (number, number))
    found = list(found_runs(run_folders(tmp_path)[:2]))
    assert [(each.folder.name, each.run is None) for each in found] == [("3", False), ("2", True)]
    assert "not a pgparity RunDocument" in found[1].problem


def test_a_run_that_cannot_be_written_leaves_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(run(1), tmp_path)

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Exception, match="No space left"):
        write_run(run(2), tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == [SUMMARY, "report.html", "run.json"]
    assert read_document(tmp_path).id == "run001"
