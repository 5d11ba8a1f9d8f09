"""What is asked of a scratch server about differing texts, and what is made around them."""

from __future__ import annotations

from harness.core.differences import differences
from harness.core.model.catalog import Catalog, Dependency, ServerInfo
from harness.core.model.programs import Enum, Routine
from harness.core.model.relations import Column, Table, View
from harness.core.model.rules import Constraint
from harness.core.model.views import ViewColumn
from harness.core.replay.questions import questions
from harness.core.replay.surroundings import Names, surroundings

SERVER = ServerInfo(
    version="18", version_number=180000, database="d", encoding="UTF8", collate="C", ctype="C", locale_provider="libc",
    timezone="UTC",
)  # fmt: skip


def _catalog(definition: str = "", view: str = "") -> Catalog:
    return Catalog(
        server=SERVER,
        enums=(Enum(schema="Stock", name="mood", labels=("a",)), Enum(schema="public", name="other", labels=("b",))),
        tables=(Table(schema="public", name="clients"), Table(schema="public", name="staff")),
        columns=(
            Column(schema="public", table="clients", name="id", type="integer", position=1),
            Column(schema="public", table="clients", name="Mood", type='"Stock".mood[]', position=2),
            Column(schema="public", table="staff", name="kind", type="public.other", position=1),
        ),
        constraints=(
            Constraint(
                schema="public", table="clients", name="clients_pkey", type="primary key", definition="PRIMARY KEY (id)"
            ),
            Constraint(schema="public", table="clients", name="c", type="check", definition=definition),
        ),
        routines=(
            Routine(schema="public", name="next", arguments="integer", parameters="n integer", returns="bigint"),
        ),
        views=(View(schema="public", name="v", definition=view, columns=("a b integer", "c text")),),
        view_columns=tuple(ViewColumn(schema="public", table="v", name=name) for name in ("a b", "c")),
        dependencies=(Dependency(kind="view", identity="public.v", on_kind="table", on_identity="public.staff"),),
    )  # fmt: skip


def _asked(ours: str, theirs: str) -> int:
    return len(questions(differences(_catalog(f"CHECK ({ours})"), _catalog(f"CHECK ({theirs})"))))


def _around(text: str) -> list[str]:
    catalog = _catalog(text)
    return [
        statement for group in surroundings(Names(catalog), [catalog.constraints[1]], [text]) for statement in group
    ]


def test_texts_with_other_constants_are_not_asked_about() -> None:
    assert _asked("a = ANY (ARRAY['x'::text, 'it''s'::text])", "a = ANY (ARRAY[('it''s')::text, 'x'])") == 1
    assert _asked("a = 'x'::text", "a = 'y'::text") == 0
    assert _asked("a = 1", "a = 2") == 0


def test_a_definition_that_is_no_deparsed_expression_is_not_asked_about() -> None:
    ours, theirs = _catalog("CHECK (true)"), _catalog("CHECK (true)")
    keys = [
        Constraint(schema="public", table="clients", name="f", type="foreign key", definition=each)
        for each in ("FOREIGN KEY (a) REFERENCES b(a)", "FOREIGN KEY (a) REFERENCES b(c)")
    ]
    catalogs = (
        Catalog(server=SERVER, tables=each.tables, constraints=(key,))
        for each, key in zip((ours, theirs), keys, strict=True)
    )
    assert questions(differences(*catalogs)) == []


def test_only_what_a_text_needs_is_made() -> None:
    made = _around("CHECK ((id > 0))")
    assert any(statement.startswith('CREATE TYPE "Stock".mood AS ENUM') for statement in made)
    assert 'CREATE TABLE public.clients (id integer, "Mood" "Stock".mood[])' in made
    assert not any("staff" in statement or "other" in statement for statement in made)


def test_a_type_is_made_before_the_table_that_has_it() -> None:
    made = _around("CHECK ((id > 0))")
    order = [
        next(at for at, each in enumerate(made) if each.startswith(head)) for head in ("CREATE TYPE", "CREATE TABLE")
    ]
    assert order == sorted(order)


def test_a_function_that_a_text_calls_does_nothing() -> None:
    assert "CREATE FUNCTION public.next(n integer) RETURNS bigint LANGUAGE plpgsql volatile AS ''" in _around(
        "CHECK ((public.next(id) > 0))"
    )


def test_a_view_that_a_text_reads_is_columns_without_rows() -> None:
    assert 'CREATE VIEW public.v AS SELECT NULL::integer AS "a b", NULL::text AS c' in _around(
        "CHECK (public.v IS NULL)"
    )


def test_keys_are_made_where_a_query_may_lean_on_them() -> None:
    key = "ALTER TABLE public.clients ADD CONSTRAINT clients_pkey PRIMARY KEY (id)"
    assert key in _around("SELECT id FROM public.clients GROUP BY id")
    assert key not in _around("CHECK ((id > 0))")


def test_what_a_view_needs_by_its_dependencies_is_made() -> None:
    catalog = _catalog(view="SELECT 1")
    made = [each for group in surroundings(Names(catalog), [catalog.views[0]], ["SELECT 1"]) for each in group]
    assert "CREATE TABLE public.staff (kind public.other)" in made
