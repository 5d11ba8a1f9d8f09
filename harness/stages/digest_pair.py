"""A table with a recorded side: both sides under one set of names, hashed alike, or refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core.configuration import Configuration
from harness.core.digest import DigestedColumn, DigestedTable
from harness.core.names import qualified
from harness.core.projection import TableProjection
from harness.core.record import Side
from harness.core.row_forms import DescribedType
from harness.errors import DocumentError
from harness.postgres.digested import DigestedSide, projected
from harness.postgres.failures import blaming
from harness.postgres.projected import described
from harness.stages.digest_checks import condition, ensure_same_condition, ensure_same_hashing
from harness.stages.recorded_side import LiveSide, RecordedSide
from harness.stages.rows_result import ignored_columns

_WHOLE_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
_STRINGS: Final = frozenset({"text", "varchar", "name"})
_TEXT_FAMILIES: Final = (_WHOLE_NUMBERS, _STRINGS)
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

    @property
    def recorded(self) -> dict[Side, DigestedTable]:
        """The sides that are recorded."""
        sides = ((Side.SOURCE, self.source), (Side.TARGET, self.target))
        return {side: each for side, each in sides if isinstance(each, DigestedTable)}


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
    left_out = {name for table in tables.values() for name in table.left_out}
    known = (*(column.name for column in projection.columns), *projection.missing)
    drift: tuple[str, ...] = ()
    if len(named) == len(by_side):
        types = {column.name: column.described for column in named[Side.TARGET][0]}
        as_text = all(each.document.hashing.as_text for each in by_side.values() if isinstance(each, RecordedSide))
        drift = _drifting(projection, named[Side.SOURCE][0], types, "on the target", as_text=as_text)
    sides: dict[Side, DigestedTable | DigestedSide] = dict(tables)
    personal = frozenset(personal_columns(projection, key, configuration)).union(
        *(_names(projection, side, table.personal) for side, table in tables.items())
    )
    for side, live in by_side.items():
        if isinstance(live, LiveSide):
            recorded = next(each for each in by_side.values() if isinstance(each, RecordedSide))
            ensure_same_hashing(live.connection, live.endpoint, recorded.document.hashing, tuple(tables.values()))
            drift = _type_drift(projection, live, columns, as_text=recorded.document.hashing.as_text)
            sides[side] = DigestedSide(
                connection=live.connection,
                endpoint=live.endpoint,
                rows=projected(projection, side, condition(configuration, side, identity[side])),
                columns=columns,
                names=tuple(column.name for column in columns),
                key=key,
                digest=recorded.document.hashing.digest,
                personal=personal,
            )
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


def _type_drift(
    projection: TableProjection, live: LiveSide, columns: tuple[DigestedColumn, ...], *, as_text: bool
) -> tuple[str, ...]:
    """Columns whose types differ and whose texts tell that values are equal; DocumentError for other pairs of types."""
    with blaming(live.endpoint, live.connection):
        found = described(live.connection, projected(projection, live.endpoint.side, None))
    types = dict(zip((column.name for column in projection.columns), found, strict=True))
    mine = {column.name: types[column.name] for column in columns}
    return _drifting(projection, columns, mine, f"on the {live.endpoint.side}", as_text=as_text)


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
        user = not mine.builtin and not recorded.builtin
        if mine.name == recorded.name if user else mine.oid == recorded.oid:
            continue
        if not as_text or not any({mine.name, recorded.name} <= family for family in _TEXT_FAMILIES):
            raise DocumentError(
                f"{projection.source.identity}: {column.name} was recorded as {recorded.sql} and is {mine.sql} {where}:"
                " such hashes say nothing of each other",
                hint="Record with --as-text, which compares integers, or texts, of other types; or ignore the column.",
            )
        drift.append(column.name)
    return tuple(drift)


def personal_columns(projection: TableProjection, key: tuple[str, ...], configuration: Configuration) -> Iterator[str]:
    """Columns of the key that are declared personal, by their name on either side."""
    target, source = projection.target, projection.source
    for name in key:
        names = {qualified(target.schema, target.name, name), qualified(source.schema, source.name, name)}
        if column := projection.by_name[name].source:
            names.add(qualified(source.schema, source.name, column))
        if not names.isdisjoint(configuration.personal.columns):
            yield name
