"""What differs between two texts is marked, and nothing is lost of either."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.core.word_difference import Piece, line_difference, word_difference

TEXTS = st.text("ab 1(,.\n", max_size=30)


@given(TEXTS, TEXTS)
def test_each_side_can_be_read_from_the_pieces(source: str, target: str) -> None:
    pieces = word_difference(source, target)
    assert "".join(each.text for each in pieces if each.kind != "target") == source
    assert "".join(each.text for each in pieces if each.kind != "source") == target


def test_words_that_differ_stand_together() -> None:
    assert word_difference("numeric(12,2)", "numeric(10,2)") == (
        Piece("same", "numeric("),
        Piece("source", "12"),
        Piece("target", "10"),
        Piece("same", ",2)"),
    )
    assert word_difference("a b c", "a x y") == (Piece("same", "a "), Piece("source", "b c"), Piece("target", "x y"))


def test_long_texts_are_cut_around_the_lines_that_differ() -> None:
    source = "\n".join(f"line {number}" for number in range(20))
    found = list(line_difference(source, source.replace("line 10", "line ten")))
    assert found[0] is None
    assert found[-1] is None
    assert (Piece("same", "line "), Piece("source", "10"), Piece("target", "ten")) in found
    assert len(found) == 5
