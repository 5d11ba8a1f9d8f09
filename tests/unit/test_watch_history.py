"""The lines of a watch's history: what is read back, what a kill leaves, what is somebody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.watch.history import BytesReceived, History, Look, NotLookedAt, OpenAlert, TableCount, parsed_history
from harness.errors import ConfigurationError, DocumentError
from harness.stages.watch_history import has_history, opened_history, read_history
from tests.watching import at


def look(number: int, hour: float, **fields: object) -> Look:
    """A look at counts."""
    given = {"what": ("counts",), "due": at(hour), "at": at(hour), "seconds": 0.1, **fields}
    return Look.model_validate({"number": number, **given})


def alert(key: str = "counts public.t") -> OpenAlert:
    return OpenAlert(id="a", key=key, since=at(0), told_at=at(0), title="t")


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "w" / "watch.jsonl"
    looks = [
        look(number, number, counts=(TableCount(table="public.t", source=number, target=1),)) for number in (1, 2, 3)
    ]
    with opened_history(file) as history:
        for each in looks:
            history.append(each)
    assert read_history(file).lines == tuple(looks)
    assert has_history(file)


@pytest.mark.parametrize("cut", [1, 20, 60, 200])
def test_a_torn_last_line_is_left_out_and_the_next_look_does_not_stick_to_it(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "watch.jsonl"
    file.write_text(f"{look(1, 1).to_json()}\n{look(2, 2).to_json()}\n"[:-cut], encoding="utf-8")
    assert [each.number for each in read_history(file).looks] == [1]
    with opened_history(file) as history:
        assert [each.number for each in history.history.looks] == [1]
        history.append(look(2, 2))
    assert [each.number for each in read_history(file).looks] == [1, 2]


def test_zeros_after_a_power_failure_count_as_torn(tmp_path: Path) -> None:
    file = tmp_path / "watch.jsonl"
    file.write_bytes(look(1, 1).to_json().encode() + b"\n" + bytes(300))
    assert read_history(file).torn
    assert len(read_history(file).looks) == 1


@pytest.mark.parametrize("text", ["notes of somebody\n", "notes", "{}\n", '{"format": "pgparity/run"}'])
def test_a_file_of_somebody_else_is_refused_and_stays_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "watch.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match="line 1 is no line of a watch's history"), opened_history(file):
        pass
    assert file.read_text(encoding="utf-8") == text


def test_a_damaged_line_in_the_middle_is_named() -> None:
    good = f"{look(1, 1).to_json()}\n"
    with pytest.raises(DocumentError, match="line 2 is no line"):
        parsed_history([good, good[:40] + "\n", good])


def test_a_line_of_a_newer_version_says_so() -> None:
    newer = look(1, 1).to_json().replace('"version":1', '"version":2')
    with pytest.raises(DocumentError, match="newer pgparity"):
        parsed_history([f"{newer}\n"])


def test_a_second_watch_is_told_who_has_the_history(tmp_path: Path) -> None:
    file = tmp_path / "watch.jsonl"
    with (
        opened_history(file),
        pytest.raises(ConfigurationError, match=r"another watch writes .*: process \d+"),
        opened_history(file),
    ):
        pass


def test_retention_keeps_what_the_watch_goes_on_from(tmp_path: Path) -> None:
    file = tmp_path / "watch.jsonl"
    with opened_history(file) as history:
        history.append(look(1, 0, what=("schema",), open=(alert(),)))
        for number in range(2, 50):
            history.append(look(number, number))
        dropped = history.keep_since(at(40))
        assert dropped == 38
        assert history.history == read_history(file)
    kept = read_history(file)
    assert [each.number for each in kept.looks] == [1, *range(40, 50)]
    assert kept.open_alerts == (alert(),)
    assert kept.last_of("schema") is not None


def test_alerts_stay_open_over_looks_that_changed_nothing() -> None:
    history = History((look(1, 1, open=(alert(),)), look(2, 2), look(3, 3)))
    assert history.open_alerts == (alert(),)
    assert History((*history.lines, look(4, 4, open=()))).open_alerts == ()


def test_received_bytes_are_kept_by_kind() -> None:
    text = look(1, 1, received_by={"counts": BytesReceived(source=5, target=7)}).to_json()
    assert Look.from_json(text).received_by["counts"].target == 7


def test_a_watch_keeps_of_tables_the_latest_figures_alone_and_the_file_keeps_them_all(tmp_path: Path) -> None:
    file = tmp_path / "watch.jsonl"
    with opened_history(file) as history:
        for number in range(1, 6):
            history.append(look(number, number, counts=(TableCount(table="public.t", source=number, target=1),)))
        history.append(look(6, 6, what=("schema",)))
        assert [len(each.counts) for each in history.history.looks] == [0, 0, 0, 0, 1, 0]
        assert history.keep_since(at(3)) == 2
    with opened_history(file) as again:
        assert [len(each.counts) for each in again.history.looks] == [0, 0, 1, 0]
        assert again.history.last_counts[0].source == 5
    assert [each.counts[0].source for each in read_history(file).looks if each.counts] == [3, 4, 5]


def test_a_look_at_counts_does_not_mend_what_was_not_looked_at_among_the_values() -> None:
    gap = NotLookedAt(item="public.t", reason="stopped", what="digests")
    mended = NotLookedAt(item="counts", reason="put off", what="counts")
    looks = (look(1, 1, what=("counts", "digests"), skipped=(gap, mended)), look(2, 2, what=("counts",)))
    assert History(looks).gaps == (gap,)
    assert History((*looks, look(3, 3, what=("digests",)))).gaps == ()
