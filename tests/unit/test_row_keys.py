"""How a row is named in results: numbers as numbers, personal parts as a hash, a hash where there is no key."""

from __future__ import annotations

from harness.core.masking import personal_hash
from harness.core.row_keys import ROW_KEY, personal_among, shown_row_key
from tests.unit.test_projection import projected

KEY = {"company_id": "int8", "phone": "text"}


def test_a_whole_number_is_shown_as_a_number_and_a_text_as_it_is() -> None:
    shown = shown_row_key(KEY, ("900100", "80005550101"), 7, personal=())
    assert shown == {"company_id": 900100, "phone": "80005550101"}


def test_null_parts_stay_null_though_the_column_is_personal() -> None:
    assert shown_row_key(KEY, (None, None), 7, personal={"phone"}) == {"company_id": None, "phone": None}


def test_a_personal_part_is_a_hash_also_where_it_is_a_number() -> None:
    shown = shown_row_key(KEY, ("900100", "80005550101"), 7, personal=KEY)
    assert shown == {"company_id": personal_hash("900100"), "phone": personal_hash("80005550101")}


def test_a_row_without_a_key_is_named_by_a_hash() -> None:
    assert shown_row_key({}, (), 7, personal=()) == {ROW_KEY: personal_hash(7)}


def test_what_was_recorded_as_a_hash_is_not_hashed_again_and_what_only_begins_like_one_is() -> None:
    already = personal_hash("80005550101")
    shown = shown_row_key(KEY, ("1", already), 7, personal={"phone"}, recorded=True)
    assert shown["phone"] == already
    shown = shown_row_key(KEY, ("1", "#80005550101"), 7, personal={"phone"}, recorded=True)
    assert shown["phone"] == personal_hash("#80005550101")


def test_a_column_is_personal_by_its_name_on_either_side() -> None:
    projection = projected({"tel": "text", "id": "integer"}, {"phone": "text", "id": "integer"},
                           {"columns": {"phone": {"source": "tel"}}})  # fmt: skip
    for declared in ("public.t.phone", "public.t.tel"):
        assert personal_among(projection.by_name, projection, {declared}) == {"phone"}
    assert personal_among(projection.by_name, projection, {"public.other.phone"}) == frozenset()
