"""DDL of aggregates, made from what pg_aggregate holds."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.programs import Aggregate
from harness.core.names import literal, qualified

_FIXED = frozenset({"parameters", "direct_arguments", "hypothetical"})
"""What CREATE OR REPLACE AGGREGATE does not change"""


def _signature(each: Aggregate) -> str:
    return f"{qualified(each.schema, each.name)}({each.parameters or '*'})"


def _named(each: Aggregate) -> str:
    return f"AGGREGATE {_signature(each)}"


def _options(each: Aggregate) -> list[str]:
    """The options of CREATE AGGREGATE, those that are as they are by default left out."""
    modify = "read_only" if each.direct_arguments is None else "read_write"
    words: list[tuple[str, str | None]] = [
        ("SFUNC", each.sfunc),
        ("STYPE", each.stype),
        ("SSPACE", str(each.sspace) if each.sspace else None),
        ("FINALFUNC", each.finalfunc),
        ("FINALFUNC_EXTRA", "" if each.finalfunc_extra else None),
        ("FINALFUNC_MODIFY", each.finalfunc_modify.upper() if each.finalfunc_modify != modify else None),
        ("COMBINEFUNC", each.combinefunc),
        ("SERIALFUNC", each.serialfunc),
        ("DESERIALFUNC", each.deserialfunc),
        ("INITCOND", None if each.initcond is None else literal(each.initcond)),
        ("MSFUNC", each.msfunc),
        ("MINVFUNC", each.minvfunc),
        ("MSTYPE", each.mstype),
        ("MSSPACE", str(each.msspace) if each.msspace else None),
        ("MFINALFUNC", each.mfinalfunc),
        ("MFINALFUNC_EXTRA", "" if each.mfinalfunc_extra else None),
        ("MFINALFUNC_MODIFY", each.mfinalfunc_modify.upper() if each.mfinalfunc_modify != modify else None),
        ("MINITCOND", None if each.minitcond is None else literal(each.minitcond)),
        ("SORTOP", None if each.sortop is None else f"OPERATOR({each.sortop})"),
        ("PARALLEL", each.parallel.upper() if each.parallel != "unsafe" else None),
        ("HYPOTHETICAL", "" if each.hypothetical else None),
    ]
    return [f"{word} = {value}" if value else word for word, value in words if value is not None]


def create_aggregate(each: Aggregate, *, replace: bool = False) -> str:
    """CREATE AGGREGATE; with `replace` for one that keeps its arguments, its kind and the type it returns."""
    options = ",\n    ".join(_options(each))
    return f"CREATE {'OR REPLACE ' if replace else ''}AGGREGATE {_signature(each)} (\n    {options}\n);"


def _create(each: Aggregate, _: Catalog) -> Made:
    return [Statement(sql=create_aggregate(each))]


def _alter(now: Aggregate, wanted: Aggregate, attributes: frozenset[str], _: Sides) -> Made | None:
    if attributes & _FIXED or now.returns != wanted.returns:
        return None
    return [Statement(sql=create_aggregate(wanted, replace=True))]


DDL: dict[str, Ddl] = {Aggregate.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), alter=_alter)}
