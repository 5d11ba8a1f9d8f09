"""DDL of columns: a column in an existing table, and every attribute of one that is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.core.align import prechecks
from harness.core.align.ddl import column_types, refusals
from harness.core.align.ddl.column_details import details
from harness.core.align.ddl.identities import identity, without_default
from harness.core.align.ddl.inherited_columns import heirs, parents_of
from harness.core.align.ddl.kind import ACCESS_EXCLUSIVE, Ddl, Made, Sides, Statement
from harness.core.align.ddl.online import set_not_null
from harness.core.align.relations import adding_rewrites, column_definition
from harness.core.model.catalog import Catalog
from harness.core.model.objects import RELATION, Address
from harness.core.model.relations import Column
from harness.core.names import literal, quote
from harness.core.plan import Hazard, Precheck

_SET_EXPRESSION_SINCE = 170000
_NOT_NULL_CONSTRAINTS_SINCE = 180000
_RECURSING = frozenset({"type", "collation", "not_null", "generated", "generated_kind", "identity_kind"})
"""Attributes that a change of the parent's column changes in its children"""
_NOT_NULL = frozenset(
    {
        "not_null", "not_null_name", "not_null_inherited_name", "not_null_no_inherit", "not_null_validated",
        "not_null_comment",
    }
)  # fmt: skip


def _create(column: Column, catalog: Catalog) -> Made:
    if _of_type(column, catalog):
        return complete(column, catalog)
    return [
        Statement(
            sql=f"ALTER TABLE {column.table_identity} ADD COLUMN {column_definition(column, catalog)};",
            lock=ACCESS_EXCLUSIVE,
            hazards=(Hazard.LOCK, *((Hazard.REWRITE,) if adding_rewrites(column) else ())),
            prechecks=() if column.foreign else tuple(prechecks.for_column(column)),
        ),
        *complete(column, catalog),
    ]


def _of_type(column: Column, catalog: Catalog) -> bool:
    """Whether the type that its table follows brings it and takes it."""
    table = catalog.table_by_identity.get(column.table_identity or "")
    return table is not None and table.of is not None


def _drop(column: Column, catalog: Catalog) -> Made:
    if _of_type(column, catalog):
        return []
    lost = (Hazard.LOCK,) if column.generated is not None or column.foreign else (Hazard.LOCK, Hazard.DATA_LOSS)
    return [_table(column, f"DROP COLUMN {quote(column.name)}", hazards=lost)]


def complete(column: Column, catalog: Catalog) -> Made:
    """What neither CREATE TABLE nor ADD COLUMN says of a column, and where a child differs from what it inherits."""
    return [*_overrides(column, catalog), *_invalid(column), *details(column), *_remark(column)]


def _invalid(column: Column) -> Made:
    if column.not_null_validated or column.not_null_name is None:
        return []
    return [_add_not_null(column)]


def _add_not_null(column: Column) -> Statement:
    words = f"ADD CONSTRAINT {quote(column.not_null_name or '')} NOT NULL {quote(column.name)}"
    if column.not_null_no_inherit:
        words += " NO INHERIT"
    if not column.not_null_validated:
        return _table(column, f"{words} NOT VALID")
    return _table(column, words, checks=prechecks.for_not_null(column))


def _remark(column: Column) -> Made:
    if column.not_null_comment is None or column.not_null_name is None:
        return []
    name = f"CONSTRAINT {quote(column.not_null_name)} ON {column.table_identity}"
    return [Statement(sql=f"COMMENT ON {name} IS {literal(column.not_null_comment)};")]


def _overrides(column: Column, catalog: Catalog) -> Made:
    """What a column of a child has otherwise than the parent that it comes from."""
    above = parents_of(column, catalog)
    if not above or column.local:
        return []
    made: Made = []
    if column.generated is None and column.default != above[0].default:
        made.append(_default(column))
    if column.not_null and not any(each.not_null and not each.not_null_no_inherit for each in above):
        named = column.not_null_name not in (None, f"{column.table}_{column.name}_not_null")
        if named and column.not_null_validated:
            made.append(_add_not_null(column))
        elif column.not_null_validated:
            made.append(_alter(column, "SET NOT NULL", only=True))
    return made


def _alter_column(now: Column, wanted: Column, attributes: frozenset[str], sides: Sides) -> Made | None:
    shared = _of_parent(now, wanted, attributes, sides)
    attributes -= shared
    if "type" in shared:
        # The parent's change of type takes the defaults of its heirs away, and sets them again.
        attributes -= {"default"}
    table = sides.source.table_by_identity.get(wanted.table_identity or "")
    if table is not None and table.of and {"type", "collation"} & attributes:
        # The type that the table follows brings it along.
        attributes -= {"type", "collation"}
    if "generated_kind" in attributes and not (now.generated_kind == "stored" and wanted.generated is None):
        return None
    made: Made = []
    if "generated" in attributes:
        if wanted.generated is None:
            made.append(_alter(now, "DROP EXPRESSION"))
        elif sides.target.server.version_number >= _SET_EXPRESSION_SINCE:
            rewrite = (Hazard.LOCK, Hazard.REWRITE) if wanted.generated_kind == "stored" else (Hazard.LOCK,)
            made.append(_alter(now, f"SET EXPRESSION AS ({wanted.generated})", hazards=rewrite))
        else:
            return None
    typed = bool({"type", "collation"} & attributes)
    gone = False
    if "identity_kind" in attributes and now.identity_kind is None:
        made += without_default(now, wanted, sides)
        gone = True
    elif typed and now.default is not None:
        # It may not be of the new type.
        made.append(_alter(now, "DROP DEFAULT", only=True))
        gone = True
    # An identity column is NOT NULL as long as it is one.
    needed = _not_null(now, wanted, attributes, sides)
    if typed:
        if not wanted.not_null and now.identity_kind is None:
            made, needed = [*made, *needed], []
        below = heirs(now, sides)
        made += [_of_heir(replace(its, default=None)) for its, _ in below if its.default is not None]
        made.append(_type(now, wanted, sides))
        made += [_of_heir(mine) for _, mine in below if mine.default is not None]
    identified = identity(now, wanted, sides) if "identity_kind" in attributes else []
    made += [*needed, *identified] if wanted.identity_kind else [*identified, *needed]
    plain = wanted.generated is None and wanted.identity_kind is None
    if plain and (wanted.default is not None if gone else "default" in attributes):
        made.append(_default(wanted))
    made += details(wanted, attributes, sides)
    return made


def _of_parent(now: Column, wanted: Column, attributes: frozenset[str], sides: Sides) -> frozenset[str]:
    """Attributes that change in a column of its parent alike, and with it here."""
    found: set[str] = set()
    theirs = {each.identity: each for each in parents_of(wanted, sides.source)}
    for parent in parents_of(now, sides.target):
        other = theirs.get(parent.identity)
        if other is None:
            continue
        for name in attributes & (_RECURSING | _NOT_NULL):
            mine, its = getattr(now, name), getattr(wanted, name)
            if (getattr(parent, name), getattr(other, name)) == (mine, its):
                found.add(name)
    return frozenset(found)


def _type(now: Column, wanted: Column, sides: Sides) -> Statement:
    words = f"TYPE {wanted.type}"
    if wanted.collation:
        words += f" COLLATE {wanted.collation}"
    # Only where the types differ; a generated column is computed anew, a foreign one is not here.
    stored = now.generated is None and not now.foreign
    expression = column_types.using(now, wanted) if now.type != wanted.type and stored else None
    if expression is not None:
        words += f" USING {expression}"
    hazards = [Hazard.LOCK]
    if column_types.rewrites(now, wanted):
        hazards.append(Hazard.REWRITE)
    if now.type != wanted.type and column_types.cuts(now, wanted):
        hazards.append(Hazard.DATA_LOSS)
    checks = refusals.prechecks(now, wanted, sides) if now.type != wanted.type else ()
    return _alter(now, words, hazards=tuple(hazards), checks=checks)


def _not_null(now: Column, wanted: Column, attributes: frozenset[str], sides: Sides) -> Made:
    made: Made = []
    names = sides.target.server.version_number >= _NOT_NULL_CONSTRAINTS_SINCE
    if wanted.not_null_name is None and wanted.not_null_inherited_name is not None:
        # A partition that is attached later brings the constraint that its parent demands.
        wanted = replace(wanted, not_null_name=wanted.not_null_inherited_name)
    named = names and wanted.not_null_name is not None
    again = "not_null_validated" in attributes and not wanted.not_null_validated
    if "not_null" in attributes and not wanted.not_null:
        return [_alter(now, "DROP NOT NULL")]
    if again:
        made.append(_alter(now, "DROP NOT NULL"))
    if "not_null" in attributes or again:
        usual = wanted.not_null_name in (None, f"{wanted.table}_{wanted.name}_not_null")
        if named and (not usual or wanted.not_null_no_inherit or not wanted.not_null_validated):
            made.append(_add_not_null(wanted))
        else:
            stated = _alter(now, "SET NOT NULL", checks=prechecks.for_not_null(now))
            made.append(stated if now.foreign else replace(stated, online=set_not_null(now)))
        return [*made, *(_remark(wanted) if named else ())]
    if "not_null_name" in attributes and now.not_null_name and wanted.not_null_name:
        made.append(_table(now, f"RENAME CONSTRAINT {quote(now.not_null_name)} TO {quote(wanted.not_null_name)}"))
    if not wanted.not_null_name:
        return made
    name = quote(wanted.not_null_name)
    if "not_null_validated" in attributes:
        made.append(_table(now, f"VALIDATE CONSTRAINT {name}", checks=prechecks.for_not_null(now)))
    if "not_null_no_inherit" in attributes:
        word = "NO INHERIT" if wanted.not_null_no_inherit else "INHERIT"
        made.append(_table(now, f"ALTER CONSTRAINT {name} {word}"))
    if "not_null_comment" in attributes:
        text = "NULL" if wanted.not_null_comment is None else literal(wanted.not_null_comment)
        made.append(Statement(sql=f"COMMENT ON CONSTRAINT {name} ON {now.table_identity} IS {text};"))
    return made


def _default(column: Column) -> Statement:
    change = "DROP DEFAULT" if column.default is None else f"SET DEFAULT {column.default}"
    return _alter(column, change, only=True)


def _of_heir(column: Column) -> Statement:
    return replace(_default(column), about=(RELATION, column.table_identity or ""))


def _alter(
    column: Column,
    change: str,
    *,
    only: bool = False,
    hazards: tuple[Hazard, ...] = (Hazard.LOCK,),
    checks: Iterable[Precheck] = (),
) -> Statement:
    return _table(column, f"ALTER COLUMN {quote(column.name)} {change}", only=only, hazards=hazards, checks=checks)


def _table(
    column: Column,
    change: str,
    *,
    only: bool = False,
    hazards: tuple[Hazard, ...] = (Hazard.LOCK,),
    checks: Iterable[Precheck] = (),
) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {'ONLY ' if only else ''}{column.table_identity} {change};",
        lock=ACCESS_EXCLUSIVE,
        hazards=hazards,
        prechecks=tuple(checks),
    )


def _disturbs(now: Column, wanted: Column, attributes: frozenset[str], _sides: Sides) -> frozenset[str]:
    """What PostgreSQL refuses to change under: all that has the column's type in a stored expression of its own."""
    if not {"type", "collation"} & attributes:
        return frozenset()
    found = {"view", "rule", "policy", "trigger", "column", "routine", "publication"}
    if not column_types.comparable(now, wanted):
        found.add("foreign key")
    if now.type != wanted.type and column_types.using(now, wanted) is not None:
        # The other side of a foreign key, and a rule that compares with a constant of the former type.
        found |= {"constraint", "index"}
    return frozenset(found)


def _comes_with(column: Column, _catalog: Catalog) -> tuple[Address, ...]:
    table = ((RELATION, column.table_identity or ""),)
    if column.local is False:
        return (*table, *((Column.kind, each) for each in column.inherited_from))
    return table


DDL: dict[str, Ddl] = {
    Column.kind: Ddl(
        named=lambda column: f"COLUMN {column.identity}",
        create=_create,
        drop=_drop,
        alter=_alter_column,
        disturbs=_disturbs,
        complete=complete,
        comes_with=_comes_with,
        of_table={"local": "inherits"},
        rename=lambda column, name: [_table(column, f"RENAME COLUMN {quote(column.name)} TO {quote(name)}")],
        owned=False,
    ),
}
