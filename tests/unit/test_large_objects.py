"""Large objects in pieces, and what becomes of one by what the target has under its number."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from harness.core.large_objects import (
    AT_ONCE,
    PIECE,
    TOGETHER,
    Content,
    Course,
    Noted,
    course,
    origin_of,
    pieces_of,
    together,
)
from harness.core.ledger import MovedLargeObjects
from harness.core.model.catalog import Catalog, ServerInfo
from harness.stages.large_objects_found import Unlike, findings_of

SERVER = ServerInfo(
    version="17.0",
    version_number=170000,
    database="app",
    encoding="UTF8",
    collate="C",
    ctype="C",
    locale_provider="libc",
    timezone="UTC",
)


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
    ("size", "there", "line", "moving", "wanted"),
    [
        (5, None, None, True, "write"),
        (5, None, "begun", True, "write"),
        (5, None, "whole", True, "write"),
        (5, None, None, False, "missing"),
        (5, None, "whole", False, "missing"),
        (5, 3, "begun", True, "write"),
        (5, 5, "begun", True, "write"),
        (5, 5, "begun", False, "compare"),
        (5, 3, "begun", False, "differs"),
        (5, 5, "whole", True, "compare"),
        (5, 5, "whole", False, "compare"),
        (5, 3, "whole", True, "differs"),
        (5, 3, "whole", False, "differs"),
        (5, 0, "whole", True, "differs"),
        (5, 5, None, True, "compare"),
        (5, 3, None, True, "taken"),
        (5, 0, None, True, "write"),
        (5, 0, None, False, "differs"),
        (0, 0, None, True, "compare"),
        (0, 3, None, True, "taken"),
    ],
)
def test_what_others_may_have_written_is_never_written_to_unless_it_is_theirs_and_empty(
    size: int, there: int | None, line: Noted | None, moving: bool, wanted: Course
) -> None:
    """An object that was moved whole may since be others': the target lives."""
    assert course(size, there, line=line, moving=moving) == wanted


def test_numbers_of_two_servers_that_do_not_say_which_they_are_are_not_taken_for_the_same() -> None:
    unknown = Catalog(server=SERVER)
    known = Catalog(server=dataclasses.replace(SERVER, system_identifier="74"))
    assert origin_of(unknown, "one") != origin_of(unknown, "other")
    assert origin_of(known, "one") == origin_of(known, "other") == "74/app"


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
    differs, gone = findings_of(unlike, catch_up=False)
    assert differs.title == "30 large objects do not hold the same bytes on both sides"
    assert differs.object.identity.endswith("1019 and 10 more")
    assert (gone.object.identity, str(gone.severity), str(differs.severity)) == ("5", "risk", "blocker")
    assert "--catch-up" in (differs.fix.text if differs.fix else "")


def test_what_was_not_compared_is_not_verified() -> None:
    assert not MovedLargeObjects(objects=3, bytes=0).verified
