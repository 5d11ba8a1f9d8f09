"""What the target has and does not vouch for, where no change says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.core.change import Change
from harness.core.model.catalog import Catalog
from harness.core.model.relations import Table
from harness.core.model.replication import Publication
from harness.core.model.rules import Constraint, Index
from harness.core.record import Consequence, Severity
from harness.core.sorting import at_risk, rules_finding
from harness.core.soundness import soundness_findings
from tests.unit.catalogs import SERVER, catalog, columns, primary_key

POSITIVE = Constraint(
    schema="public", table="t", name="positive", type="check", definition="CHECK (x > 0)", validated=False
)
KEY = primary_key("t", "x")


def index(definition: str, *keys: str, name: str = "i", unique: bool = False, valid: bool = True) -> Index:
    return Index(
        schema="public", table="t", name=name, definition=definition, columns=keys, unique=unique, valid=valid
    )  # fmt: skip


def table(*rules: Constraint, indexes: tuple[Index, ...] = (), kind: str = "int") -> Catalog:
    return catalog({"t": columns("t", x=f"{kind}!", y="text")}, list(rules), list(indexes))


def codes(source: Catalog, target: Catalog, *changes: Change) -> list[tuple[str, str, str]]:
    return [(each.code, each.object.identity, each.severity) for each in soundness_findings(source, target, changes)]


def test_a_constraint_that_is_valid_on_neither_side_is_told_and_one_that_differs_is_told_once() -> None:
    both = table(KEY, POSITIVE)
    assert codes(both, both) == [("CON009", "public.t.positive", "risk")]
    change = Change(
        kind="constraint", identity="public.t.positive", attribute="validated", change="altered", source=True,
        target=False, consequence=Consequence.WRONG_RESULTS,
    )  # fmt: skip
    assert codes(both, both, change) == []
    assert soundness_findings(both, both, (), {"public.t"}) == ()
    assert codes(both, table(KEY, replace(POSITIVE, validated=True))) == []
    assert codes(both, table(KEY, replace(POSITIVE, enforced=False))) == []


def test_a_not_null_that_was_not_checked_is_told_with_the_statement_that_checks() -> None:
    found = table(KEY)
    needed = replace(found.columns[1], not_null=True, not_null_name="y_needed", not_null_validated=False)
    found = replace(found, columns=(found.columns[0], needed))
    (told,) = soundness_findings(found, found, ())
    assert told.fix is not None
    assert told.fix.sql == "ALTER TABLE public.t VALIDATE CONSTRAINT y_needed;"


def test_an_index_that_no_query_uses_is_told_also_where_both_sides_have_it() -> None:
    both = table(KEY, indexes=(index("CREATE UNIQUE INDEX ON public.t (y)", "y", unique=True, valid=False),))
    (told,) = soundness_findings(both, both, ())
    assert (told.code, told.severity) == ("IDX007", Severity.RISK)
    assert told.fix is not None
    assert told.fix.sql == "REINDEX INDEX CONCURRENTLY public.i;"


def published(found: Catalog, identity: str = "default", **given: object) -> Catalog:
    values: dict[str, object] = {"name": "feed", "all_tables": True, "publish": ("insert", "update", "delete")} | given
    named = tuple(replace(each, replica_identity=identity) for each in found.tables)
    return replace(found, tables=named, publications=(Publication(**values),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "refused"),
    [
        (published(table()), True),
        (published(table(KEY)), False),
        (published(table(primary_key("t", "x", deferrable=True))), True),
        (published(table(KEY), "nothing"), True),
        (published(table(), "full"), False),
        (published(table(indexes=(index("…", "x", name="by_x"),)), "index by_x"), False),
        (published(table(), publish=("insert", "truncate")), False),
        (published(table(), all_tables=False), False),
        (published(table(), all_tables=False, tables=("public.t",)), True),
        (published(table(), all_tables=False, schemas=("public",)), True),
        (published(table(KEY), all_tables=False, tables=("public.t",), columns=("public.t (x)",)), False),
        (published(table(KEY), all_tables=False, tables=("public.t",), columns=("public.t (y)",)), True),
    ],
)
def test_a_published_table_whose_rows_nothing_names_refuses_updates(target: Catalog, refused: bool) -> None:
    wanted = [("PUB001", "public.t", "blocker")] if refused else []
    assert codes(table(), target) == wanted
    assert [severity for *_, severity in codes(target, target)] == ["risk"] * refused


def test_a_partition_is_published_by_its_parent() -> None:
    parent = Table(schema="public", name="whole", partition_key="RANGE (x)")
    found = table()
    part = replace(found.tables[0], partition_of="public.whole FOR VALUES FROM (1) TO (2)")
    found = replace(found, tables=(parent, part))
    assert codes(table(), published(found, all_tables=False, tables=("public.other",))) == []
    assert codes(table(), published(found, all_tables=False, tables=(parent.identity,))) == [
        ("PUB001", "public.t", "blocker")
    ]


def test_indexes_over_texts_are_named_where_the_sides_sort_by_other_rules() -> None:
    listed = (
        index("…", "y", name="plain", unique=True),
        index("…", "(lower(y))", name="lowered"),
        index("…", "x", name="numbers"),
    )
    found = table(KEY, indexes=listed)
    assert [each.name for each in at_risk(found)] == ["plain", "lowered"]

    def rules(collate: str, identifier: str) -> Catalog:
        return replace(found, server=replace(SERVER, collate=collate, system_identifier=identifier))

    ours, theirs = rules("de_DE.utf8", "1"), rules("de_DE.UTF-8", "2")
    assert rules_finding(ours, theirs, ("2.31", "2.31")) is None
    assert rules_finding(ours, theirs, (None, "2.31")) is None
    assert rules_finding(rules("C", "1"), rules("C.UTF-8", "2"), (None, None)) is None
    loaded = rules_finding(ours, theirs, ("2.31", "2.36"))
    copied = rules_finding(ours, rules("de_DE.UTF-8", "1"), ("2.31", "2.36"))
    assert loaded is not None
    assert copied is not None
    assert (loaded.severity, copied.severity) == (Severity.COSMETIC, Severity.RISK)
    assert copied.fix is not None
    assert "REINDEX INDEX CONCURRENTLY public.lowered;" in (copied.fix.sql or "")
    assert copied.evidence[2].text == "public.plain"
