"""DDL of casts."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Statement, plain_drop
from harness.core.model.catalog import Catalog
from harness.core.model.operators import Cast

_CONTEXT = {"explicit": "", "assignment": " AS ASSIGNMENT", "implicit": " AS IMPLICIT"}


def _named(each: Cast) -> str:
    return f"CAST ({each.source} AS {each.target})"


def _create(each: Cast, _: Catalog) -> Made:
    how = {"inout": "WITH INOUT", "binary": "WITHOUT FUNCTION"}.get(each.method, f"WITH FUNCTION {each.function}")
    return [Statement(sql=f"CREATE {_named(each)} {how}{_CONTEXT[each.context]};")]


DDL: dict[str, Ddl] = {Cast.kind: Ddl(named=_named, create=_create, drop=plain_drop(_named), owned=False)}
