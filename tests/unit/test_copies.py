"""Copies: what a partition has because its parent has it is told at the parent, and told when it deviates."""

from __future__ import annotations

from dataclasses import replace

from harness.core.diff import diff
from harness.core.model.catalog import Catalog
from harness.core.model.objects import CatalogObject
from harness.core.model.relations import Table
from harness.core.model.rules import Constraint, Index, Trigger
from tests.unit.catalogs import SERVER

PARENT = Table(schema="public", name="visits", partition_key="RANGE (on_day)")
PART = Table(schema="public", name="visits_1", partition_of="public.visits FOR VALUES FROM (1) TO (2)")
BASE = Catalog(server=SERVER, tables=(PARENT, PART))
CHECK = Constraint(schema="public", table="visits", name="positive", type="check", definition="CHECK (price > 0)")
CHECK_COPY = replace(CHECK, table="visits_1", inherited=True, parents=("public.visits.positive",))
KEY = Constraint(
    schema="public", table="visits", name="visits_client_fkey", type="foreign key",
    definition="FOREIGN KEY (client) REFERENCES public.clients(id)",
)  # fmt: skip
KEY_COPY = replace(KEY, table="visits_1", inherited=True, parents=("public.visits.visits_client_fkey",))
TOUCH = Trigger(schema="public", table="visits", name="touch", definition="BEFORE INSERT ON public.visits …")
TOUCH_COPY = replace(
    TOUCH, table="visits_1", definition="BEFORE INSERT ON public.visits_1 …", inherited=True,
    parents=("public.visits.touch",),
)  # fmt: skip
INDEX = Index(
    schema="public", table="visits", name="by_price", definition="CREATE INDEX ON ONLY public.visits (price)",
    partitioned=True,
)  # fmt: skip
INDEX_COPY = Index(
    schema="public", table="visits_1", name="visits_1_price_idx", definition="CREATE INDEX ON public.visits_1 (price)",
    attached="public.by_price", inherited=True, parents=("public.visits.by_price",),
)  # fmt: skip


def having(*objects: CatalogObject) -> Catalog:
    return replace(
        BASE,
        constraints=tuple(each for each in objects if isinstance(each, Constraint)),
        indexes=tuple(each for each in objects if isinstance(each, Index)),
        triggers=tuple(each for each in objects if isinstance(each, Trigger)),
    )


def told(source: Catalog, target: Catalog) -> list[tuple[str, str, str | None]]:
    return [(each.change, each.identity, each.attribute) for each in diff(source, target)]


def test_a_check_that_the_parent_lacks_is_told_once() -> None:
    assert told(having(CHECK, CHECK_COPY), BASE) == [("removed", "public.visits.positive", None)]


def test_a_check_that_a_partition_alone_has_on_one_side_is_not_inherited_there() -> None:
    alone = replace(CHECK_COPY, inherited=False, parents=())
    assert told(having(CHECK_COPY, CHECK), having(alone, CHECK)) == [
        ("altered", "public.visits_1.positive", "inherited")
    ]


def test_a_partition_that_has_the_check_while_the_parent_lacks_it_is_told_at_the_parent() -> None:
    alone = replace(CHECK_COPY, inherited=False, parents=())
    assert told(having(CHECK, CHECK_COPY), having(alone)) == [("removed", "public.visits.positive", None)]


def test_a_foreign_key_that_postgresql_called_otherwise_on_the_partition_is_its_copy() -> None:
    alone = replace(KEY_COPY, name="visits_1_client_fkey", inherited=False, parents=())
    assert told(having(KEY, KEY_COPY), having(KEY, alone)) == [
        ("altered", "public.visits_1.visits_client_fkey", "inherited")
    ]


def test_copies_of_a_trigger_are_told_where_they_are_disabled_on_their_own() -> None:
    off = replace(TOUCH_COPY, enabled="disabled", deviates=True)
    assert told(having(TOUCH, TOUCH_COPY), having(TOUCH, off)) == [("altered", "public.visits_1.touch", "enabled")]


def test_a_trigger_that_is_disabled_with_all_its_copies_is_told_once() -> None:
    off, off_too = (replace(each, enabled="disabled") for each in (TOUCH, TOUCH_COPY))
    assert told(having(TOUCH, TOUCH_COPY), having(off, off_too)) == [("altered", "public.visits.touch", "enabled")]


def test_the_partition_of_an_index_that_is_called_otherwise_is_still_attached() -> None:
    renamed = replace(INDEX, name="on_price")
    moved = replace(INDEX_COPY, attached="public.on_price", parents=("public.visits.on_price",))
    assert told(having(INDEX, INDEX_COPY), having(renamed, moved)) == [("altered", "public.visits.by_price", "name")]


def test_an_index_that_is_not_attached_on_the_target_is_told() -> None:
    loose = replace(INDEX_COPY, attached=None, inherited=False, parents=())
    assert told(having(INDEX, INDEX_COPY), having(INDEX, loose)) == [
        ("altered", "public.visits_1.visits_1_price_idx", "attached")
    ]


def test_the_name_of_a_trigger_counts_where_it_changes_the_order_in_which_they_fire() -> None:
    last = replace(TOUCH, name="zeal", definition="BEFORE INSERT ON public.visits EXECUTE FUNCTION public.g()")
    first = replace(last, name="able")
    (change,) = diff(having(TOUCH, last), having(TOUCH, first))
    assert (change.attribute, change.equivalence) == ("name", None)
    (change,) = diff(having(TOUCH, last), having(TOUCH, replace(last, name="zest")))
    assert (change.attribute, change.equivalence) == ("name", "name")


def test_the_comment_on_the_index_of_a_constraint_is_the_indexs() -> None:
    unique = Constraint(
        schema="public", table="visits", name="one", type="unique", definition="UNIQUE (id)", columns=("id",)
    )
    index = Index(
        schema="public", table="visits", name="one", definition="CREATE UNIQUE INDEX ON public.visits (id)",
        unique=True, columns=("id",), constraint="one",
    )  # fmt: skip
    (change,) = diff(having(unique, index), having(replace(unique, index_comment="by hand"), index))
    assert (change.kind, change.attribute, change.target) == ("index", "comment", "by hand")
