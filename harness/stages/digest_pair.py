"""A table with a recorded side: both sides under one set of names, hashed alike, or refused with the reason."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from harness.core.configuration import Configuration, TableRowsSection
from harness.core.digest import DigestedColumn, DigestedTable
from harness.core.digest_merge import CellRules
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.row_forms import WHOLE_NUMBERS, DescribedType, cell_form
from harness.core.row_keys import personal_among
from harness.core.row_types import definition, same_type
from harness.core.tolerance import check_tolerances
from harness.errors import DocumentError
from harness.postgres.digested import DigestedSide, digested_side, projected
from harness.postgres.failures import blaming
from harness.postgres.projected import described
from harness.stages.digest_checks import condition, ensure_same_condition, ensure_same_hashing
from harness.stages.recorded_side import LiveSide, RecordedSide
from harness.stages.rows_result import ignored_columns
from harness.stages.rows_result import left_out as not_chosen
from harness.stages.rows_scan import SideReading

_STRINGS: Final = frozenset({"text", "varchar", "name"})
_TEXT_FAMILIES: Final = (WHOLE_NUMBERS, _STRINGS)
"""Types whose texts are equal where their values are"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPair:
    """One table on both sides, the columns in one order."""

    projection: TableProjection
    source: DigestedTable | DigestedSide
    target: DigestedTable | DigestedSide
    columns: tuple[DigestedColumn, ...]
    """Under the target's names"""
    key: tuple[str, ...]
    personal: frozenset[str]
    type_drift: tuple[str, ...]
    uncompared: tuple[str, ...]
    limit: int
    buckets: int
    rules: CellRules
    readings: dict[Side, SideReading]
    """Of the sides that are databases"""
    hidden: frozenset[str]
    """Compared columns that are declared personal"""

    @property
    def recorded(self) -> dict[Side, DigestedTable]:
        """The sides that are recorded."""
        sides = ((Side.SOURCE, self.source), (Side.TARGET, self.target))
        return {side: each for side, each in sides if isinstance(each, DigestedTable)}

    @property
    def live(self) -> DigestedSide | None:
        """The side that is a database, where one is."""
        return next((each for each in (self.source, self.target) if isinstance(each, DigestedSide)), None)


def digest_pair(
    projection: TableProjection,
    source: RecordedSide | LiveSide,
    target: RecordedSide | LiveSide,
    configuration: Configuration,
) -> DigestPair:
    """Both sides of one table, checked. DocumentError: what was recorded cannot be compared with this table."""
    ignored = ignored_columns(projection, configuration)
    by_side = {Side.SOURCE: source, Side.TARGET: target}
    identity = {Side.SOURCE: projection.source.identity, Side.TARGET: projection.target.identity}
    tables = {
        side: table
        for side, each in by_side.items()
        if isinstance(each, RecordedSide) and (table := each.table(identity[side])) is not None
    }
    named = {side: _under_target_names(projection, side, table) for side, table in tables.items()}
    for side, table in tables.items():
        ensure_same_condition(table, condition(configuration, side, table.table))
    columns, key = next(iter(named.values()))
    for side, (others, other_key) in named.items():
        _check_alike(projection.source.identity, side, columns, key, others, other_key)
    names = {column.name for column in columns}
    _ensure_wanted(projection, names, ignored | not_chosen(projection, configuration, key))
    left_out = {name for table in tables.values() for name in table.left_out}
    known = (*(column.name for column in projection.columns), *projection.missing)
    recorded = [each for each in by_side.values() if isinstance(each, RecordedSide)]
    as_text = all(each.document.hashing.as_text for each in recorded)
    types = {side: {column.name: column.described for column in each} for side, (each, _) in named.items()}
    sides: dict[Side, DigestedTable | DigestedSide] = dict(tables)
    personal = personal_among(key, projection, configuration.personal.columns).union(
        *(_names(projection, side, table.personal) for side, table in tables.items())
    )
    readings: dict[Side, SideReading] = {}
    for side, live in by_side.items():
        if isinstance(live, LiveSide):
            hashing = recorded[0].document.hashing
            ensure_same_hashing(live.connection, live.endpoint, hashing, tuple(tables.values()))
            types[side] = _types(projection, live)
            readings[side] = live.reading
            sides[side] = digested_side(
                (live.connection, live.endpoint),
                projection,
                side,
                condition(configuration, side, identity[side]),
                columns,
                key,
                hashing.digest,
                types=types[side],
            )
    where = "on the target" if Side.TARGET in readings or not readings else "on the source"
    other = Side.TARGET if Side.SOURCE in named else Side.SOURCE
    drift = _drifting(projection, columns, types[other], where, as_text=as_text)
    forms = {each.name: cell_form(types[Side.SOURCE][each.name], types[Side.TARGET][each.name]) for each in columns}
    if readings:
        # The record does not say what composite types are made of: where both are one type, the server knows.
        live_types = types[next(iter(readings))]
        known_types = {name: live_types[name] for name in names if name not in drift}
        types = {side: each | known_types for side, each in types.items()}
    section = configuration.rows.tables.get(projection.source.identity, TableRowsSection())
    check_tolerances(f"rows.tables.{projection.source.identity!r}", section.tolerances, forms)
    return DigestPair(
        projection=projection,
        source=sides[Side.SOURCE],
        target=sides[Side.TARGET],
        columns=columns,
        key=key,
        personal=personal,
        type_drift=drift,
        uncompared=tuple(name for name in known if name not in names | left_out | ignored.keys()),
        limit=configuration.rows.limit,
        buckets=min(table.buckets for table in tables.values()),
        rules=CellRules(
            forms=forms,
            types={name: (types[Side.SOURCE][name], types[Side.TARGET][name]) for name in forms},
            tolerances=section.tolerances,
            as_text=as_text,
        ),
        readings=readings,
        hidden=personal_among(names, projection, configuration.personal.columns),
    )


def _names(projection: TableProjection, side: Side, names: tuple[str, ...]) -> list[str]:
    """Names of a side's columns as the target has them; '' for those that have no place there."""
    if side is Side.TARGET:
        return [name if name in projection.by_name else "" for name in names]
    plain = {
        name: column.name
        for name, column in projection.by_source.items()
        if not column.converted or column.source_type == column.target_type
    }
    return [plain.get(name, "") for name in names]


def _under_target_names(
    projection: TableProjection, side: Side, table: DigestedTable
) -> tuple[tuple[DigestedColumn, ...], tuple[str, ...]]:
    names = _names(projection, side, tuple(column.name for column in table.columns))
    for column, name in zip(table.columns, names, strict=True):
        if not name:
            other = Side.TARGET if side is Side.SOURCE else Side.SOURCE
            raise DocumentError(
                f"{table.table}: column {column.name} was recorded, and the {other} has nothing that it could be"
                " compared with",
                hint="Map it, drop it or ignore it in the configuration, and record again with that configuration.",
            )
    columns = tuple(column.model_copy(update={"name": name}) for column, name in zip(table.columns, names, strict=True))
    return columns, tuple(name for name in _names(projection, side, table.key) if name)


def _ensure_wanted(projection: TableProjection, recorded: Collection[str], unwanted: Collection[str]) -> None:
    """DocumentError where a column was hashed that is left out here: it cannot be taken out of a row's hash."""
    for name in recorded:
        if name in unwanted:
            raise DocumentError(
                f"{projection.source.identity}: column {name} was recorded, and the configuration leaves it out here",
                hint="Record the side again with this configuration.",
            )


def _check_alike(
    table: str,
    side: Side,
    columns: tuple[DigestedColumn, ...],
    key: tuple[str, ...],
    others: tuple[DigestedColumn, ...],
    other_key: tuple[str, ...],
) -> None:
    """Two recorded sides were hashed over the same columns, in one order and by the same forms."""
    mine, theirs = ([(each.name, each.exact, each.key) for each in some] for some in (columns, others))
    if mine != theirs or key != other_key:
        unlike = sorted({each[0] for each in {*mine} ^ {*theirs}}) or ["the key"]
        raise DocumentError(
            f"{table}: the two sides were not recorded alike ({', '.join(unlike)} on the {side})",
            hint="Record both with one configuration; --as-text for columns of other types.",
        )


def _types(projection: TableProjection, live: LiveSide) -> dict[str, DescribedType]:
    """The types of every column of the projection on a side that is a database."""
    with blaming(live.endpoint, live.connection):
        found = described(live.connection, projected(projection, live.endpoint.side, None))
    return dict(zip((column.name for column in projection.columns), found, strict=True))


def _drifting(
    projection: TableProjection,
    columns: tuple[DigestedColumn, ...],
    types: dict[str, DescribedType],
    where: str,
    *,
    as_text: bool,
) -> tuple[str, ...]:
    """Of recorded columns, those that have another of `types`, the ones `where` says."""
    drift = []
    for column in columns:
        mine, recorded = types[column.name], column.described
        if same_type(mine, recorded):
            continue
        if _hashed_by_text(mine, recorded):
            drift.append(column.name)
            continue
        if not as_text or not any({mine.name, recorded.name} <= family for family in _TEXT_FAMILIES):
            raise DocumentError(
                f"{projection.source.identity}: {column.name} was recorded as {recorded.sql} and is {mine.sql} {where}:"
                " such hashes say nothing of each other",
                hint="Record with --as-text, which compares integers, or texts, of other types; or ignore the column.",
            )
        drift.append(column.name)
    return tuple(drift)


def _hashed_by_text(mine: DescribedType, recorded: DescribedType) -> bool:
    """Whether both are types of users of one name that say the same by their texts: not composite ones, whose fields
    may stand in another order.
    """
    known = mine.known_name or recorded.known_name or mine.name != recorded.name
    return not known and not any("composite(" in definition(each) for each in (mine, recorded))
