"""Text made safe, cut, compared and counted: what every output is built from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.render.cutting import fit, within
from harness.render.differing import differing
from harness.render.figures import clock, counted, duration, milliseconds, moment, size
from harness.render.visible import clipped, one_line, visible, visible_difference


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nul\0", "nul␀"),
        ("\x1b[31m", "␛[31m"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("a\r\nb\tc", "a␍\nb\tc"),
        ("\x7f\ufffe", "␡⟨U+FFFE⟩"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["Ёлка, «Имя»", "👩\u200d🔬", "שלום", "क्\u200dष", "a\nb\tc", "  two  ", "e\u0301"])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\tc") == "a␊b␉c"


def test_a_difference_of_blanks_can_be_seen() -> None:
    assert visible_difference("  ") == "␣␣"
    assert visible_difference("\u00a0") == "⟨U+00A0⟩"
    assert visible_difference("👩\u200d🔬") == "👩⟨U+200D⟩🔬"
    assert visible_difference("a b") == "a b"


def test_what_is_cut_from_a_text_is_counted() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("x" * 1_300, 300) == "x" * 300 + " … (1,000 more characters)"


def _marked(source: str, target: str) -> tuple[str, str]:
    left, right = differing(source, target)
    return tuple("".join(f"[{run.text}]" if run.differs else run.text for run in side) for side in (left, right))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("source", "target", "left", "right"),
    [
        ("varchar(255)", "varchar(64)", "varchar([255])", "varchar([64])"),
        ("yclients_id", "yclients_record_id", "yclients_[id]", "yclients_[record_id]"),
        ("integer", "bigint", "[integer]", "[bigint]"),
        ("a desc nulls first", "a desc nulls last", "a desc nulls [first]", "a desc nulls [last]"),
        ("name", "name ", "name", "name[ ]"),
        ("same", "same", "same", "same"),
        ("", "x", "", "[x]"),
    ],
)
def test_differing_characters_are_marked_on_both_sides(source: str, target: str, left: str, right: str) -> None:
    assert _marked(source, target) == (left, right)


@given(st.text("ab_ (\n", max_size=30), st.text("ab_ (\n", max_size=30))
def test_the_runs_of_a_side_are_that_side_and_its_equal_runs_are_the_other_s(source: str, target: str) -> None:
    left, right = differing(source, target)
    assert "".join(run.text for run in left) == source
    assert "".join(run.text for run in right) == target
    assert "".join(run.text for run in left if not run.differs) == "".join(run.text for run in right if not run.differs)
    assert any(run.differs for run in left + right) == (source != target)


def test_long_texts_are_compared_by_their_start_and_end() -> None:
    same = "x " * 1_000
    left, right = differing(f"{same}1{same}", f"{same}2{same}")
    assert [run.text for run in left if run.differs] == ["1"]
    assert [run.text for run in right if run.differs] == ["2"]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (duration(0.0042), "4 ms"),
        (duration(0.841), "0.84 s"),
        (duration(8.24), "8.2 s"),
        (duration(59.97), "1 min 00 s"),
        (duration(3_720), "1 h 02 min"),
        (milliseconds(6.31), "6.3 ms"),
        (milliseconds(1_234.5), "1,234 ms"),
        (size(412), "412 B"),
        (size(26_000), "26.0 kB"),
        (size(683_000_000), "683 MB"),
        (size(5 * 10**15), "5,000 TB"),
        (counted(1, "row"), "1 row"),
        (counted(1_490, "row"), "1,490 rows"),
        (moment("2026-07-14T12:12:03+03:00"), "2026-07-14 09:12:03 UTC"),
        (moment("0001-01-01T00:00:00+03:00"), "0001-01-01T00:00:00+03:00"),
        (moment("yesterday"), "yesterday"),
        (clock("2026-07-14T12:12:03+03:00"), "09:12:03"),
        (clock("soon"), "soon"),
    ],
)
def test_figures_are_written_as_people_read_them(shown: str, expected: str) -> None:
    assert shown == expected


def test_a_list_is_cut_where_its_allowance_ends_but_never_to_nothing() -> None:
    assert within([3, 3, 3], 7, lambda item: item).items == (3, 3)
    assert within([3, 3, 3], 7, lambda item: item).cut == 1
    assert within([9, 1], 7, lambda item: item).items == (9,)
    assert within([], 7, lambda item: item).items == ()


def test_every_item_is_told_in_brief_before_the_first_is_told_in_full() -> None:
    fitted = fit("abcd", lambda item: item * 10, lambda item: item, 25)
    assert fitted.pieces == ("a" * 10, "b" * 10, "c", "d")
    assert (fitted.full, fitted.cut) == (2, 0)
    assert fit("abcd", lambda item: item * 10, lambda item: item, 2).cut == 2


@given(st.lists(st.integers(1, 50), max_size=30), st.integers(60, 400))
def test_what_fits_never_exceeds_its_allowance(sizes: list[int], allowance: int) -> None:
    fitted = fit(sizes, lambda item: "ж" * item, lambda item: "-" * (item // 5), allowance)
    assert len("".join(fitted.pieces).encode()) <= max(allowance, 2 * (sizes or [0])[0] + allowance)
    assert len(fitted.pieces) + fitted.cut == len(sizes)
