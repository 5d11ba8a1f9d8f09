"""DDL of sequences; the one of an identity column comes and goes with the column's identity."""

from __future__ import annotations

from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.align.relations import own_sequence, sequence_options
from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.model.relations import Column, Sequence
from harness.core.plan import Hazard

_UNLOGGED_SINCE = 150000
_WORDS = {
    "increment": "INCREMENT BY {0.increment}",
    "minimum": "MINVALUE {0.minimum}",
    "maximum": "MAXVALUE {0.maximum}",
    "start": "START WITH {0.start}",
    "cache": "CACHE {0.cache}",
}


def create_sequence(sequence: Sequence, catalog: Catalog) -> str:
    """CREATE SEQUENCE with all options; who owns it is said once the column is there."""
    kind = "UNLOGGED SEQUENCE" if _unlogged(sequence, catalog) else "SEQUENCE"
    return f"CREATE {kind} {sequence.identity} AS {sequence.type} {sequence_options(sequence)};"


def _unlogged(sequence: Sequence, catalog: Catalog) -> bool:
    if sequence.persistence != "permanent":
        return sequence.persistence == "unlogged"
    table = catalog.table_by_identity.get(sequence.table_identity or "")
    follows = table is not None and table.persistence == "unlogged"
    return follows and catalog.server.version_number >= _UNLOGGED_SINCE


def _create(sequence: Sequence, catalog: Catalog) -> Made:
    if sequence.identity_sequence:
        return _complete(sequence, catalog)
    return [Statement(sql=create_sequence(sequence, catalog))]


def _complete(sequence: Sequence, catalog: Catalog) -> Made:
    """Of the sequence of an identity column its type, which LIKE … INCLUDING IDENTITY makes another one's."""
    columns = catalog.columns_by_table.get(sequence.table_identity or "", ())
    column = next((each for each in columns if each.identity == sequence.owned_by), None)
    if column is None or column.type == sequence.type:
        return []
    bounds = f"MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum}"
    return [Statement(sql=f"ALTER SEQUENCE {sequence.identity} AS {sequence.type} {bounds};")]


def _drop(sequence: Sequence, _catalog: Catalog) -> Made:
    if sequence.identity_sequence:
        return []
    return [
        Statement(
            sql=f"DROP SEQUENCE {sequence.identity};",
            lock=ACCESS_EXCLUSIVE,
            hazards=(Hazard.LOCK, Hazard.DATA_LOSS),
        )
    ]


def _alter(now: Sequence, wanted: Sequence, attributes: frozenset[str], _sides: Sides) -> Made | None:
    if "identity_sequence" in attributes:
        # The column makes the sequence anew, with the options and the value that it needs.
        return []
    made: Made = []
    if "owned_by" in attributes and now.owned_by is not None:
        # Else it would go with its former column.
        made.append(Statement(sql=f"ALTER SEQUENCE {wanted.identity} OWNED BY NONE;", lock=SHARE_ROW_EXCLUSIVE))
    words = []
    if "type" in attributes:
        # A new type moves the bounds that are the former type's own, so they are said.
        words.append(f"AS {wanted.type}")
        attributes |= {"minimum", "maximum"}
    words += [text.format(wanted) for name, text in _WORDS.items() if name in attributes]
    if "cycle" in attributes:
        words.append("CYCLE" if wanted.cycle else "NO CYCLE")
    restart = _restart(now, wanted)
    if restart is not None and attributes & {"minimum", "maximum"}:
        words.append(f"RESTART WITH {restart}")
    if words:
        made.append(
            Statement(
                sql=f"ALTER SEQUENCE {wanted.identity} {' '.join(words)};",
                lock=SHARE_ROW_EXCLUSIVE,
                hazards=(Hazard.LOCK,),
            )
        )
    if "persistence" in attributes:
        state = "UNLOGGED" if _unlogged(wanted, _sides.source) else "LOGGED"
        made.append(
            Statement(
                sql=f"ALTER SEQUENCE {wanted.identity} SET {state};", lock=ACCESS_EXCLUSIVE, hazards=(Hazard.LOCK,)
            )
        )
    return made


def _restart(now: Sequence, wanted: Sequence) -> int | None:
    """Where it goes on when its value does not lie within the new bounds; None: its value stays."""
    if now.next_value is None:
        return None
    last = now.next_value - now.increment
    if wanted.minimum <= min(last, now.next_value) and max(last, now.next_value) <= wanted.maximum:
        return None
    if wanted.minimum <= now.next_value <= wanted.maximum:
        return now.next_value
    return wanted.minimum if now.next_value < wanted.minimum else wanted.maximum


def _late(_now: Sequence, wanted: Sequence, _attributes: frozenset[str], sides: Sides) -> Made:
    return _afterwards(wanted, sides.source)


def _afterwards(sequence: Sequence, _catalog: Catalog) -> Made:
    if sequence.owned_by is None or sequence.identity_sequence:
        return []
    return [Statement(sql=own_sequence(sequence), lock=SHARE_ROW_EXCLUSIVE)]


def _comes_with(sequence: Sequence, _catalog: Catalog) -> tuple[Address, ...]:
    if sequence.identity_sequence and sequence.owned_by is not None:
        return ((Column.kind, sequence.owned_by),)
    return ()


DDL: dict[str, Ddl] = {
    Sequence.kind: Ddl(
        named=lambda sequence: f"SEQUENCE {sequence.identity}",
        create=_create,
        drop=_drop,
        alter=_alter,
        afterwards=_afterwards,
        late=frozenset({"owned_by"}),
        late_alter=_late,
        complete=_complete,
        comes_with=_comes_with,
    ),
}
