"""Large cells: where two values begin to differ, found on the servers by hashes of blocks; only a window is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg import sql

from harness.core.row_forms import CellForm, written
from harness.core.row_merge import HashedRow
from harness.postgres.failures import blaming
from harness.postgres.projected import expression
from harness.postgres.row_fetch import conditions, row_texts
from harness.postgres.row_hash import HashedTable, column, digest_of

LARGE_CELL: Final = 2**20
"""Bytes above which a cell is never fetched whole"""
_BLOCKS: Final = 256
"""Hashed at once: two round trips find the place in 100 MB"""
_FETCHED: Final = 2048
"""Bytes within which the place is found here"""
_SHOWN: Final = 64
"""Characters of the window before the first difference, and after"""
_CHARACTER: Final = 4
"""Bytes that a character of UTF-8 has at most"""

_TELLS_UNIQUE_KEYS: Final = 160_000
"""Version that has IS JSON WITH UNIQUE KEYS: only then json of one value can be told without reading it here"""

Sides = tuple[HashedTable, HashedTable]
OnBoth = Callable[[Callable[[int], Any]], tuple[Any, Any]]
"""Runs a function of 0 (source) and 1 (target) for both sides at once"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeDifference:
    """How two values differ of which at least one is large. Neither is NULL."""

    source: str
    target: str
    """The windows: up to 64 characters that are alike, then up to 64 from the first that is not; bytes as hex"""
    position: int
    """Of the first character (or byte) that differs, from 1; beyond the end of a value that begins the other"""
    lengths: tuple[int, int]
    """In characters; of bytea, in bytes"""
    unit: str
    to_the_end: bool
    """The windows reach the end of both values"""
    equal: bool
    """Both are one value by PostgreSQL's =, as far as its own 64-bit hash of values says"""


class CellVanished(Exception):
    """A cell that was hashed in this snapshot cannot be found again by its row's hashes."""


def cell_sizes(
    table: HashedTable, row: HashedRow, columns: Sequence[str], forms: dict[str, CellForm]
) -> list[int | None]:
    """Bytes of some cells of one row, as they would be fetched; None for NULL."""
    items = [f"pg_catalog.octet_length({_bytes(table, name, forms[name])})" for name in columns]
    texts = row_texts(table, [row], items).get(row[:2])
    if texts is None:
        raise CellVanished
    return [None if text is None else int(text) for text in texts]


def row_place(table: HashedTable, row: HashedRow) -> sql.Composed:
    """WHERE of one row. By its own hash only where others have its key: it takes reading all of its large cells."""
    (condition,) = conditions(table, [row])
    by_key = sql.SQL("{} AND {} = {}").format(condition, expression(table.key_hash), sql.Literal(row.key))
    statement = sql.SQL("SELECT pg_catalog.count(*) FROM ({}) AS p WHERE {}").format(table.rows, by_key)
    with blaming(table.endpoint, table.connection):
        found = table.connection.execute(statement).fetchone()
    if found == (1,):
        return by_key
    return sql.SQL("{} AND {} = {}").format(by_key, expression(table.row_hash), sql.Literal(row.row))


def large_difference(
    sides: Sides, places: tuple[sql.Composed, sql.Composed], name: str, form: CellForm, on_both: OnBoth
) -> LargeDifference | None:
    """Where one cell of two rows begins to differ; `places` as row_place gives them.

    Round trips: three, and one for each factor of 256 in the size. None where one of the values is NULL.
    """

    def ask(side: int, items: str) -> tuple[Any, ...]:
        return _asked(sides[side], places[side], name, form, items)

    facts = on_both(lambda side: ask(side, _facts(sides[side], name, form)))
    if facts[0][0] is None or facts[1][0] is None:
        return None
    sizes = (int(facts[0][0]), int(facts[1][0]))
    start, span = _place(min(sizes), lambda items: on_both(lambda side: ask(side, items)[0]), sides[0].digest)
    first = max(0, start - _SHOWN * _CHARACTER)
    length = start - first + span + (_SHOWN + 1) * _CHARACTER
    windows = on_both(lambda side: bytes(ask(side, f"pg_catalog.substr(v.b, {first + 1}, {length})")[0]))
    # The window of bytes may begin within a character.
    skipped = 0 if form.kind == "bytes" else _continued(windows[0], 0)
    before = first + skipped
    if form.kind != "bytes" and before and facts[0][0] != facts[0][1]:
        prefix = f"pg_catalog.convert_from(pg_catalog.substr(v.b, 1, {before}), 'UTF8')"
        (before,) = ask(0, f"pg_catalog.char_length({prefix})")
    texts = [_read(window[skipped:], form) for window in windows]
    at = _first_difference(*texts)
    shown = slice(max(0, at - _SHOWN), at + _SHOWN)
    ends = first + length >= max(sizes) and max(len(text) for text in texts) <= at + _SHOWN
    return LargeDifference(
        source=_written(texts[0][shown]),
        target=_written(texts[1][shown]),
        position=before + at + 1,
        lengths=(int(facts[0][1]), int(facts[1][1])),
        unit="byte" if form.kind == "bytes" else "character",
        to_the_end=ends,
        equal=facts[0][2:] == facts[1][2:],
    )


def _place(size: int, hashes: Callable[[str], tuple[Any, Any]], digest: str) -> tuple[int, int]:
    """The byte from which to look, and how many bytes hold the first difference; 0 where one value begins the other."""
    start, span = 0, size
    while span > _FETCHED:
        block = -(-span // _BLOCKS)
        left, right = hashes(_hashes(digest, start, span, block))
        unequal = next((at for at, (one, other) in enumerate(zip(left, right, strict=True)) if one != other), None)
        if unequal is None:
            return start + span, 0
        start, span = start + unequal * block, min(block, span - unequal * block)
    return start, span


def _read(window: bytes, form: CellForm) -> str | bytes:
    # A last character may be cut off, and a value of another encoding than it says is shown as far as it reads.
    return window if form.kind == "bytes" else window.decode("utf-8", "ignore")


def _written(window: str | bytes) -> str:
    return window if isinstance(window, str) else window.hex()


def _continued(window: bytes, at: int) -> int:
    """The first place from `at` on where a character of UTF-8 begins."""
    while at < len(window) and window[at] & 0xC0 == 0x80:  # the mark of a byte that continues one
        at += 1
    return at


def _first_difference(source: Sequence[Any], target: Sequence[Any]) -> int:
    length = min(len(source), len(target))
    return next((at for at in range(length) if source[at] != target[at]), length)


def _text(table: HashedTable, name: str) -> str:
    return f"({written(table.forms[name].text or '{}', column(name))})::text"


def _bytes(table: HashedTable, name: str, form: CellForm) -> str:
    """The bytes that are compared: of bytea its own, of all else those of its text in UTF-8."""
    if form.kind == "bytes":
        # Joined with nothing, it is a value in memory: as it is stored, each block would be read from its beginning.
        return f"(({column(name)})::bytea OPERATOR(pg_catalog.||) ''::bytea)"
    return f"pg_catalog.convert_to({_text(table, name)}, 'UTF8')"


def _facts(table: HashedTable, name: str, form: CellForm) -> str:
    """Bytes, characters, and what is the same for values that are equal by =, and for no others."""
    characters = "pg_catalog.octet_length(v.b)" if form.kind == "bytes" else "pg_catalog.char_length(v.t)"
    apart = f"'{table.endpoint.side}'"
    value = digest_of(table.digest, [written(table.forms[name].key, "v.c")])
    if form.settled_as is not None:
        # The key's form of an array does not tell {1,2} from {{1,2}}.
        same = f"{value}, {'pg_catalog.array_dims(v.c)' if table.types[name].element else 'NULL'}"
    elif table.types[name].name == "json" and table.connection.info.server_version >= _TELLS_UNIQUE_KEYS:
        same = f"{value}, CASE WHEN v.c IS NOT JSON WITH UNIQUE KEYS THEN {apart} END"
    else:
        same = apart
    return f"pg_catalog.octet_length(v.b), {characters}, {same}"


def _hashes(digest: str, start: int, span: int, block: int) -> str:
    """Hashes of the blocks of a span of bytes, the last one cut at its end."""
    end = start + span + 1
    length = f"CASE WHEN {end} - s.at < {block} THEN {end} - s.at ELSE {block} END"
    hashed = digest_of(digest, [f"pg_catalog.substr(v.b, s.at, {length})"])
    series = f"pg_catalog.generate_series({start + 1}, {start + span}, {block}) AS s (at)"
    return f"ARRAY(SELECT {hashed} FROM {series} ORDER BY s.at)"  # noqa: S608  # numbers of our own


def _asked(table: HashedTable, place: sql.Composed, name: str, form: CellForm, items: str) -> tuple[Any, ...]:
    """Expressions over the cell: v.b its bytes, v.t its text, v.c itself."""
    # LIMIT keeps the value from being computed once for each block.
    statement = sql.SQL(
        "SELECT {items} FROM (SELECT {bytes} AS b, {text} AS t, {cell} AS c FROM ({rows}) AS p"
        " WHERE {place} LIMIT 1) AS v"
    ).format(
        items=expression(items),
        bytes=expression(_bytes(table, name, form)),
        text=expression(_text(table, name)),
        cell=expression(column(name)),
        rows=table.rows,
        place=place,
    )
    with blaming(table.endpoint, table.connection):
        found = table.connection.execute(statement, binary=True).fetchone()
    if found is None:
        raise CellVanished
    return tuple(found)
