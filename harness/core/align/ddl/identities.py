"""Identities: how a column gets, loses and changes its identity, and keeps the numbers of a sequence that it had."""

from __future__ import annotations

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Made, Sides, Statement
from harness.core.align.ddl.sequences import create_sequence
from harness.core.align.relations import sequence_of, sequence_options
from harness.core.equivalence import own_sequence
from harness.core.model.relations import Column, Sequence
from harness.core.names import literal, qualified, quote
from harness.core.plan import Hazard

_ASIDE = "pgparity_numbers"
"""What a sequence is called while the other one takes its place"""


def without_default(now: Column, wanted: Column, sides: Sides) -> Made:
    """The column no longer takes from the sequence that it owns, which is put aside for its value."""
    made = [_alter(now, "DROP DEFAULT")] if now.default is not None else []
    former = _kept(now, wanted, sides)
    if former is not None:
        made += (
            Statement(sql=f"ALTER SEQUENCE {former.identity} OWNED BY NONE;"),
            Statement(sql=f"ALTER SEQUENCE {former.identity} RENAME TO {_ASIDE};"),
        )
    return made


def identity(now: Column, wanted: Column, sides: Sides) -> Made:
    """ADD, SET or DROP of the identity; the column is NOT NULL and without a default when it is added."""
    if now.identity_kind and wanted.identity_kind:
        return [_alter(now, f"SET GENERATED {wanted.identity_kind.upper()}")]
    if wanted.identity_kind:
        return _added(now, wanted, sides)
    return _removed(now, wanted, sides)


def _added(now: Column, wanted: Column, sides: Sides) -> Made:
    sequence = sequence_of(wanted, sides.source)
    options = "" if sequence is None else f" (SEQUENCE NAME {sequence.identity} {sequence_options(sequence)})"
    made = [_alter(now, f"ADD GENERATED {(wanted.identity_kind or '').upper()} AS IDENTITY{options}")]
    if sequence is None:
        return made
    former = _kept(now, wanted, sides)
    if former is not None:
        aside = qualified(former.schema, _ASIDE)
        return [*made, _same_value(sequence, aside), Statement(sql=f"DROP SEQUENCE {aside};")]
    end = "max" if sequence.increment > 0 else "min"
    name = quote(now.name)
    return [
        *made,
        # Numbers that are there are not handed out again.
        Statement(
            sql=f"SELECT pg_catalog.setval({literal(sequence.identity)}, {end}({name}))"  # noqa: S608
            f" FROM {now.table_identity} HAVING {end}({name}) BETWEEN {sequence.minimum} AND {sequence.maximum};"
        ),
    ]


def _removed(now: Column, wanted: Column, sides: Sides) -> Made:
    sequence = sequence_of(wanted, sides.source)
    former = sequence_of(now, sides.target)
    if sequence is None or former is None or not own_sequence(wanted):
        return [_alter(now, "DROP IDENTITY")]
    # The sequence is taken over under another name, since the identity takes its own one with it. It is called as the
    # source calls it by now.
    aside = qualified(sequence.schema, _ASIDE)
    new = create_sequence(sequence, sides.source).replace(sequence.identity, aside, 1)
    return [
        Statement(sql=new),
        _same_value_into(aside, sequence.identity),
        _alter(now, "DROP IDENTITY"),
        Statement(sql=f"ALTER SEQUENCE {aside} RENAME TO {quote(sequence.name)};"),
        Statement(sql=f"ALTER SEQUENCE {sequence.identity} OWNED BY {wanted.identity};"),
    ]


def _kept(now: Column, wanted: Column, sides: Sides) -> Sequence | None:
    """The sequence of a serial column whose numbers the identity goes on with, as it is called by then."""
    if not wanted.identity_kind or now.identity_kind or not own_sequence(now):
        return None
    if sequence_of(now, sides.target) is None:
        return None
    return sequence_of(wanted, sides.source)


def _same_value(sequence: Sequence, other: str) -> Statement:
    return _same_value_into(sequence.identity, other)


def _same_value_into(identity: str, other: str) -> Statement:
    return Statement(
        sql=f"SELECT pg_catalog.setval({literal(identity)}, last_value, is_called) FROM {other};"  # noqa: S608
    )


def _alter(column: Column, change: str) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {column.table_identity} ALTER COLUMN {quote(column.name)} {change};",
        lock=ACCESS_EXCLUSIVE,
        hazards=(Hazard.LOCK,),
    )
