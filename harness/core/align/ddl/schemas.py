"""DDL of schemas."""

from __future__ import annotations

from harness.core.align.ddl.kind import Ddl, Made, Statement
from harness.core.align.relations import create_schema
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Schema
from harness.core.names import quote


def _create(schema: Schema, _catalog: Catalog) -> Made:
    # Every database begins with this one.
    if schema.name == "public":
        return [Statement(sql="CREATE SCHEMA IF NOT EXISTS public;")]
    return [Statement(sql=create_schema(schema))]


def _drop(schema: Schema, _catalog: Catalog) -> Made:
    return [Statement(sql=f"DROP SCHEMA {quote(schema.name)};")]


DDL: dict[str, Ddl] = {
    Schema.kind: Ddl(named=lambda schema: f"SCHEMA {quote(schema.name)}", create=_create, drop=_drop),
}
