"""A text that was mangled in one way gets exactly that class, in either direction; unrelated texts get none."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness.core.cells import classify
from harness.core.encoding_damage import damaged

LETTERS = "абвгдежзиклмнопрстуфхцчшщыэюяАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ"
WORDS = st.text(st.sampled_from(f"{LETTERS}abcdefghijklmnop0123456789"), min_size=2, max_size=30)
CYRILLIC = st.text(st.sampled_from(LETTERS), min_size=3, max_size=30)


def both_ways(one: str, other: str) -> set[str]:
    return {classify(one, other, "text").name, classify(other, one, "text").name}


@given(word=WORDS, space=st.sampled_from([" ", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff"]), data=st.data())
def test_white_space_anywhere_is_white_space(word: str, space: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word)))
    assert both_ways(word, word[:at] + space + word[at:]) == {"white space"}


@given(word=WORDS)
def test_decomposed_letters_are_unicode_normalisation(word: str) -> None:
    word += "йёé"
    assert both_ways(word, unicodedata.normalize("NFD", word)) == {"unicode normalisation"}


@given(word=CYRILLIC)
def test_another_case_is_case(word: str) -> None:
    assume(word != word.upper())
    assert both_ways(word, word.upper()) == {"case"}


@given(word=WORDS, pair=st.sampled_from(["аa", "еe", "оo", "рp", "сc", "уy", "хx", "АA", "ВB", "НH", "іi", "ѕs", "οo"]))
def test_a_letter_of_another_alphabet_that_looks_alike_is_a_look_alike(word: str, pair: str) -> None:
    assert both_ways(f"{word}{pair[0]}б", f"{word}{pair[1]}б") == {"look-alike letters"}


@given(word=WORDS, data=st.data())
def test_a_beginning_is_a_truncation(word: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(1, len(word) - 1))
    assert both_ways(word, word[:length]) == {f"truncation at {length} characters"}


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1251", "cp437", "koi8-r", "iso8859-5"])
@given(word=CYRILLIC)
@settings(max_examples=25)
def test_bytes_read_in_a_wrong_encoding_are_encoding_damage(encoding: str, word: str) -> None:
    lost = word.encode().decode(encoding, "replace")
    assert both_ways(word, lost) == {"encoding damage"}
    if encoding == "latin-1":
        assert both_ways(word, lost.encode().decode("latin-1")) == {"encoding damage"}


@given(word=CYRILLIC, mark=st.sampled_from("?\ufffd"), bytewise=st.booleans())
def test_letters_that_became_marks_are_encoding_damage(word: str, mark: str, bytewise: bool) -> None:
    assert both_ways(f"{word} 7", f"{mark * len(word) * (2 if bytewise else 1)} 7") == {"encoding damage"}


@given(word=CYRILLIC)
def test_a_code_page_read_as_another_is_encoding_damage(word: str) -> None:
    assert both_ways(word, word.encode("cp1251").decode("cp1252", "replace")) <= {"encoding damage"}
    assert both_ways(word, word.encode("cp1251").decode("utf-8", "replace")) <= {"encoding damage"}


@given(one=CYRILLIC, other=CYRILLIC)
def test_unrelated_texts_have_no_class(one: str, other: str) -> None:
    assume(one.casefold() != other.casefold() and not one.startswith(other) and not other.startswith(one))
    assert both_ways(one, other) == {"other"}
    assert not damaged(one, other)


@given(one=st.text(max_size=20), other=st.text(max_size=20))
def test_a_class_does_not_depend_on_the_direction(one: str, other: str) -> None:
    assume(one != other)
    assert len(both_ways(one, other)) == 1
