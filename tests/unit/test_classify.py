"""Consequences: what a change does at a cutover decides how bad it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.core.classify import type_change
from harness.core.codes import CODES
from harness.core.diff import diff
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.objects import CatalogObject
from harness.core.model.programs import Enum, Extension, Routine
from harness.core.model.relations import Column, Schema, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.record import Consequence, Severity
from harness.core.schema_findings import findings

SERVER = ServerInfo(
    version="16.1", version_number=160001, database="d", encoding="UTF8", collate="C", ctype="C",
    locale_provider="libc", timezone="UTC",
)  # fmt: skip
IN_T: dict[str, Any] = {"schema": "public", "table": "t"}
PUBLIC: dict[str, Any] = {"schema": "public"}
TABLE = Table(**PUBLIC, name="t")
COLUMN = Column(**IN_T, name="c", type="integer")
INDEX = Index(**IN_T, name="i", definition="CREATE INDEX ON public.t USING btree (c)", columns=("c",))
UNIQUE = replace(INDEX, definition="CREATE UNIQUE INDEX ON public.t USING btree (c)", unique=True)
KEY = Constraint(**IN_T, name="k", type="primary key", definition="PRIMARY KEY (c)", columns=("c",))
ONLY = Constraint(**IN_T, name="k", type="unique", definition="UNIQUE (c)", columns=("c",))
REFERS = Constraint(
    **IN_T, name="k", type="foreign key", definition="FOREIGN KEY (c) REFERENCES public.u(c)", columns=("c",),
    references="public.u", references_columns=("c",),
)  # fmt: skip
CHECK = Constraint(**IN_T, name="k", type="check", definition="CHECK ((c > 0))", columns=("c",))
SEQUENCE = Sequence(**PUBLIC, name="s")
VIEW = View(**PUBLIC, name="v", definition=" SELECT 1;", columns=("a integer",))
ROUTINE = Routine(**PUBLIC, name="f", arguments="integer", body="SELECT 1")
TRIGGER = Trigger(**IN_T, name="g", definition="BEFORE INSERT")
ENUM = Enum(**PUBLIC, name="e", labels=("a", "b"))
POLICY = Policy(**IN_T, name="p", roles=("public",), using="true")

_FAMILIES = {
    Schema: "schemas", Table: "tables", Column: "columns", Constraint: "constraints", Index: "indexes",
    Sequence: "sequences", View: "views", Routine: "routines", Trigger: "triggers", Enum: "enums",
    Policy: "policies", Extension: "extensions",
}  # fmt: skip


def catalog(*objects: CatalogObject) -> Catalog:
    families: dict[str, list[Any]] = {}
    for each in objects:
        families.setdefault(_FAMILIES[type(each)], []).append(each)
    made: dict[str, Any] = {name: tuple(each) for name, each in families.items()}
    return Catalog(server=SERVER, **made)


AROUND = (TABLE, replace(COLUMN, name="other"))
MISSING = [
    (Schema(name="s"), "writes fail", "SCH001"),
    (TABLE, "data loss", "TAB001"),
    (COLUMN, "data loss", "COL001"),
    (KEY, "writes fail", "CON001"),
    (ONLY, "writes fail", "CON002"),
    (replace(ONLY, deferrable=True), "wrong results", "CON002"),
    (REFERS, "wrong results", "CON003"),
    (CHECK, "wrong results", "CON004"),
    (INDEX, "performance", "IDX001"),
    (UNIQUE, "writes fail", "IDX002"),
    (SEQUENCE, "writes fail", "SEQ001"),
    (VIEW, "writes fail", "VIE001"),
    (ROUTINE, "writes fail", "FUN001"),
    (TRIGGER, "wrong results", "TRG001"),
    (ENUM, "writes fail", "TYP001"),
    (POLICY, "wrong results", "POL001"),
    (replace(POLICY, permissive=False), "exposure", "POL001"),
    (Extension(name="x"), "writes fail", "EXT001"),
]
EXTRA = [
    (Schema(name="s"), "cosmetic", "SCH002"),
    (TABLE, "cosmetic", "TAB002"),
    (COLUMN, "cosmetic", "COL002"),
    (replace(COLUMN, not_null=True), "writes fail", "COL006"),
    (replace(COLUMN, not_null=True, default="0"), "cosmetic", "COL002"),
    (replace(COLUMN, not_null=True, identity_kind="always"), "cosmetic", "COL002"),
    (ONLY, "writes fail", "CON005"),
    (REFERS, "writes fail", "CON005"),
    (CHECK, "writes fail", "CON005"),
    (INDEX, "cosmetic", "IDX003"),
    (UNIQUE, "writes fail", "IDX004"),
    (SEQUENCE, "cosmetic", "SEQ004"),
    (VIEW, "cosmetic", "VIE003"),
    (ROUTINE, "cosmetic", "FUN003"),
    (TRIGGER, "wrong results", "TRG002"),
    (ENUM, "cosmetic", "TYP002"),
    (POLICY, "exposure", "POL002"),
    (Extension(name="x"), "cosmetic", "EXT002"),
]
ALTERED = [
    (TABLE, {"persistence": "unlogged"}, "data loss", "TAB003"),
    (TABLE, {"row_security": True}, "writes fail", "TAB003"),
    (TABLE, {"options": ("fillfactor=70",)}, "performance", "TAB003"),
    (TABLE, {"replica_identity": "nothing"}, "writes fail", "TAB003"),
    (TABLE, {"comment": "x"}, "cosmetic", "CMT001"),
    (COLUMN, {"type": "smallint"}, "data loss", "COL003"),
    (COLUMN, {"type": "bigint"}, "cosmetic", "COL003"),
    (COLUMN, {"not_null": True}, "writes fail", "COL004"),
    (replace(COLUMN, not_null=True), {"not_null": False}, "wrong results", "COL004"),
    (COLUMN, {"default": "1"}, "wrong results", "COL005"),
    (replace(COLUMN, not_null=True, default="1"), {"default": None}, "writes fail", "COL005"),
    (COLUMN, {"collation": 'pg_catalog."C"'}, "wrong results", "COL008"),
    (COLUMN, {"generated": "1", "generated_kind": "stored"}, "writes fail", "COL009"),
    (replace(COLUMN, identity_kind="by default"), {"identity_kind": "always"}, "writes fail", "COL009"),
    (replace(COLUMN, identity_kind="always"), {"identity_kind": "by default"}, "cosmetic", "COL009"),
    (REFERS, {"definition": REFERS.definition + " ON DELETE CASCADE"}, "wrong results", "CON003"),
    (
        REFERS,
        {"definition": "FOREIGN KEY (c) REFERENCES public.w(c)", "references": "public.w"},
        "writes fail",
        "CON003",
    ),
    (CHECK, {"definition": "CHECK ((c > 1))"}, "writes fail", "CON004"),
    (CHECK, {"definition": "CHECK ((c > '-1'::integer))"}, "wrong results", "CON004"),
    (CHECK, {"validated": False}, "wrong results", "CON006"),
    (ONLY, {"deferrable": True}, "writes fail", "CON008"),
    (INDEX, {"definition": "CREATE INDEX ON public.t USING hash (c)"}, "performance", "IDX005"),
    (INDEX, {"valid": False}, "performance", "IDX007"),
    (UNIQUE, {"valid": False}, "writes fail", "IDX007"),
    (SEQUENCE, {"increment": 2}, "wrong results", "SEQ002"),
    (SEQUENCE, {"cache": 2}, "cosmetic", "SEQ002"),
    (VIEW, {"definition": " SELECT 2;"}, "wrong results", "VIE002"),
    (replace(VIEW, options=("security_invoker=true",)), {"options": ()}, "exposure", "VIE002"),
    (ROUTINE, {"body": "SELECT 2"}, "wrong results", "FUN002"),
    (ROUTINE, {"security_definer": True}, "exposure", "FUN002"),
    (ROUTINE, {"cost": 5.0}, "performance", "FUN002"),
    (TRIGGER, {"enabled": "disabled"}, "wrong results", "TRG001"),
    (ENUM, {"labels": ("a",)}, "data loss", "TYP001"),
    (ENUM, {"labels": ("b", "a")}, "wrong results", "TYP001"),
    (ENUM, {"labels": ("a", "b", "c")}, "cosmetic", "TYP001"),
    (POLICY, {"using": "false"}, "exposure", "POL001"),
]


def judged(source: Catalog, target: Catalog) -> list[tuple[str, str]]:
    changes = diff(source, target)
    found = findings(changes, source, target)
    assert all(CODES[finding.code].sentence == finding.meaning for finding in found)
    assert len({finding.anchor for finding in found}) == len(found)
    return [(str(change.consequence), finding.code) for change, finding in zip(changes, found, strict=True)]


def named(case: Any) -> str:
    return f"{case.kind}" if isinstance(case, CatalogObject) else str(case)


@pytest.mark.parametrize(("each", "consequence", "code"), MISSING, ids=named)
def test_what_is_missing_on_the_target(each: CatalogObject, consequence: str, code: str) -> None:
    around = [other for other in AROUND if other.kind != each.kind]
    assert judged(catalog(*around, each), catalog(*around)) == [(consequence, code)]


@pytest.mark.parametrize(("each", "consequence", "code"), EXTRA, ids=named)
def test_what_is_on_the_target_only(each: CatalogObject, consequence: str, code: str) -> None:
    around = [other for other in AROUND if other.kind != each.kind]
    assert judged(catalog(*around), catalog(*around, each)) == [(consequence, code)]


@pytest.mark.parametrize(("each", "values", "consequence", "code"), ALTERED, ids=named)
def test_what_is_another_on_the_target(
    each: CatalogObject, values: dict[str, Any], consequence: str, code: str
) -> None:
    around = [other for other in AROUND if other.kind != each.kind]
    found = judged(catalog(*around, each), catalog(*around, replace(each, **values)))
    assert (consequence, code) in found
    assert len(found) == len([name for name in values if name not in ("references",)])


def test_a_unique_rule_that_follows_from_one_of_the_source_refuses_nothing() -> None:
    source = catalog(TABLE, COLUMN, UNIQUE)
    wider = replace(
        UNIQUE, name="w", definition="CREATE UNIQUE INDEX ON public.t USING btree (c, d)", columns=("c", "d")
    )
    (change,) = diff(source, catalog(TABLE, COLUMN, UNIQUE, wider))
    assert change.severity is Severity.COSMETIC


def test_a_narrower_unique_rule_of_the_target_refuses_what_the_source_accepts() -> None:
    wide = replace(UNIQUE, definition="CREATE UNIQUE INDEX ON public.t USING btree (c, d)", columns=("c", "d"))
    narrow = replace(UNIQUE, name="n")
    (change,) = diff(catalog(TABLE, COLUMN, wide), catalog(TABLE, COLUMN, wide, narrow))
    assert change.consequence is Consequence.WRITES_FAIL


def test_a_rule_over_a_column_that_stays_null_on_the_target_refuses_nothing() -> None:
    extra = replace(COLUMN, name="extra")
    rule = replace(ONLY, columns=("extra",), definition="UNIQUE (extra)")
    changes = diff(catalog(TABLE, COLUMN), catalog(TABLE, COLUMN, extra, rule))
    assert {change.severity for change in changes} == {Severity.COSMETIC}
    filled = replace(extra, default="0")
    changes = diff(catalog(TABLE, COLUMN), catalog(TABLE, COLUMN, filled, rule))
    assert Severity.BLOCKER in {change.severity for change in changes}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("integer", "bigint", "cosmetic"),
        ("bigint", "integer", "data loss"),
        ("text", "character varying(20)", "data loss"),
        ("character varying(20)", "character varying(40)", "cosmetic"),
        ("character varying(40)", "character varying(20)", "data loss"),
        ("character varying(40)", "text", "cosmetic"),
        ("numeric(5,2)", "integer", "data loss"),
        ("integer", "numeric", "wrong results"),
        ("numeric(12,2)", "numeric(10,2)", "data loss"),
        ("numeric(10,2)", "numeric(12,2)", "cosmetic"),
        ("numeric(10,2)", "numeric(12,4)", "wrong results"),
        ("numeric(10,2)", "numeric(10,4)", "data loss"),
        ("numeric", "numeric(10,2)", "data loss"),
        ("real", "double precision", "wrong results"),
        ("date", "timestamp with time zone", "wrong results"),
        ("timestamp with time zone", "date", "data loss"),
        ("uuid", "text", "wrong results"),
        ("text", "uuid", "data loss"),
        ("json", "jsonb", "wrong results"),
    ],
)
def test_types(source: str, target: str, expected: str) -> None:
    assert str(type_change(source, target)) == expected
