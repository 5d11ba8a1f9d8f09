"""Large objects in pieces, and what becomes of one by what the target has under its number."""

from __future__ import annotations

import hashlib

import pytest

from harness.core.large_objects import AT_ONCE, PIECE, TOGETHER, Content, Course, course, pieces_of, together
from harness.core.ledger import MovedLargeObjects
from harness.stages.large_objects_found import Unlike, findings_of


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE, 5 * PIECE + 7])
def test_pieces_cover_every_byte_once_and_the_last_one_says_so(size: int) -> None:
    pieces = list(pieces_of(7, size))
    assert [each.offset for each in pieces] == [number * PIECE for number in range(len(pieces))]
    assert sum(each.length for each in pieces) == size
    assert all(each.length == PIECE for each in pieces[:-1])
    assert [each.last for each in pieces] == [False] * (len(pieces) - 1) + [True]


def test_what_shares_a_transaction_is_bounded_by_bytes_and_by_number() -> None:
    small = [piece for oid in range(3 * TOGETHER) for piece in pieces_of(oid, 1)]
    large = list(pieces_of(9_000, 40 * PIECE))
    groups = list(together([*small, *large], AT_ONCE))
    assert [piece for group in groups for piece in group] == [*small, *large]
    assert max(len(group) for group in groups) == TOGETHER
    assert max(sum(piece.length for piece in group) for group in groups) == AT_ONCE
    assert [len(group) for group in together(large, 1)] == [1] * 40


@pytest.mark.parametrize(
    ("size", "there", "ours", "moving", "wanted"),
    [
        (5, None, False, True, "write"),
        (5, None, True, True, "write"),
        (5, None, False, False, "missing"),
        (5, 3, True, True, "write"),
        (5, 5, True, True, "write"),
        (5, 5, True, False, "compare"),
        (5, 3, True, False, "differs"),
        (5, 5, False, True, "compare"),
        (5, 3, False, True, "taken"),
        (5, 0, False, True, "write"),
        (5, 0, False, False, "differs"),
        (0, 0, False, True, "compare"),
        (0, 3, False, True, "taken"),
    ],
)
def test_an_object_of_others_is_written_to_only_where_it_is_empty(
    size: int, there: int | None, ours: bool, moving: bool, wanted: Course
) -> None:
    assert course(size, there, ours=ours, moving=moving) == wanted


def test_the_digest_of_an_object_follows_from_its_pieces_in_their_order() -> None:
    first, second = hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()
    one, other = Content(), Content()
    for each in (first, second):
        one.add(each)
    for each in (second, first):
        other.add(each)
    assert one.digest == hashlib.sha256(first + second).hexdigest()
    assert one.digest != other.digest


def test_a_finding_counts_all_and_lists_the_first() -> None:
    unlike = Unlike()
    for oid in range(1000, 1030):
        unlike.note("differs", oid)
    unlike.note("compare", 1)
    unlike.note("gone", 5)
    differs, gone = findings_of(unlike, moving=False)
    assert differs.title == "30 large objects do not hold the same bytes on both sides"
    assert differs.object.identity.endswith("1019 and 10 more")
    assert (gone.object.identity, str(gone.severity), str(differs.severity)) == ("5", "risk", "blocker")
    assert "--catch-up" in (differs.fix.text if differs.fix else "")


def test_what_was_not_compared_is_not_verified() -> None:
    assert not MovedLargeObjects(objects=3, bytes=0).verified
