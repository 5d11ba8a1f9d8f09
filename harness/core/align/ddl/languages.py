"""DDL of procedural languages and transforms; both are replaced in place, under what stands on them."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Sides, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.languages import Language, Transform
from harness.core.names import quote


def _named(each: Language) -> str:
    return f"LANGUAGE {quote(each.name)}"


def _create(each: Language, _: Catalog) -> Made:
    return [Statement(sql=f"CREATE {_defined(each)};")]


def _alter(_: Language, wanted: Language, __: frozenset[str], ___: Sides) -> Made:
    return [Statement(sql=f"CREATE OR REPLACE {_defined(wanted)};")]


def _defined(each: Language) -> str:
    clauses = [
        f"{name.upper()} {value}" for name in ("handler", "inline", "validator") if (value := getattr(each, name))
    ]
    return " ".join([("TRUSTED " if each.trusted else "") + _named(each), *clauses])


def _transform_named(each: Transform) -> str:
    return f"TRANSFORM FOR {each.type} LANGUAGE {quote(each.language)}"


def _create_transform(each: Transform, _: Catalog) -> Made:
    return [Statement(sql=f"CREATE {_transform(each)};")]


def _alter_transform(_: Transform, wanted: Transform, __: frozenset[str], ___: Sides) -> Made:
    return [Statement(sql=f"CREATE OR REPLACE {_transform(wanted)};")]


def _transform(each: Transform) -> str:
    ways = (("FROM SQL", each.from_sql), ("TO SQL", each.to_sql))
    clauses = [f"{way} WITH FUNCTION {function}(internal)" for way, function in ways if function is not None]
    return f"{_transform_named(each)} ({', '.join(clauses)})"


DDL: dict[str, Ddl] = {
    Language.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), alter=_alter),
    Transform.kind: Ddl(
        named=_transform_named,
        create=_create_transform,
        drop=plain_drop(_transform_named),
        alter=_alter_transform,
        owned=False,
    ),
}
