"""Laws of the diff: nothing against itself, and the mirror image when the sides are exchanged."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.diff import diff
from harness.core.model.catalog import Catalog, ServerInfo
from harness.core.model.programs import Enum, Routine
from harness.core.model.relations import Column, Sequence, Table, View
from harness.core.model.rules import Constraint, Index, Policy, Trigger
from harness.core.names import qualified

SERVER = ServerInfo(
    version="16.1", version_number=160001, database="d", encoding="UTF8", collate="C", ctype="C",
    locale_provider="libc", timezone="UTC",
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "Order", "имя", 'q"u'])
COMMENTS = st.none() | st.sampled_from(["one", "two"])
PLACE: dict[str, Any] = {"schema": "public"}


def unique_by_key(objects: list[Any]) -> tuple[Any, ...]:
    return tuple({each.key: each for each in objects}.values())


@st.composite
def columns_of(draw: st.DrawFn, table: str) -> list[Column]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return [
        Column(
            **PLACE,
            table=table,
            name=name,
            type=draw(st.sampled_from(["integer", "bigint", "text", "character varying(5)", "date"])),
            not_null=draw(st.booleans()),
            default=draw(st.none() | st.sampled_from(["0", "'x'::text", "nextval('public.s'::regclass)"])),
            identity_kind=draw(st.none() | st.sampled_from(["always", "by default"])),
            sequence=draw(st.none() | st.just("public.s")),
            comment=draw(COMMENTS),
            position=position,
        )
        for position, name in enumerate(names, start=1)
    ]


@st.composite
def parts_of(draw: st.DrawFn, table: str, columns: list[Column]) -> dict[str, list[Any]]:
    place: dict[str, Any] = PLACE | {"table": table}
    constraints, indexes, triggers, policies, sequences = [], [], [], [], []
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        chosen = tuple(draw(st.lists(st.sampled_from([column.name for column in columns]), min_size=1, unique=True)))
        definition = f"UNIQUE ({', '.join(chosen)})"
        constraint = Constraint(
            **place, name=name, type="unique", definition=definition, columns=chosen, comment=draw(COMMENTS)
        )
        index = Index(
            **place, name=name, definition=f"CREATE UNIQUE INDEX ON {table} ({', '.join(chosen)})", unique=True,
            columns=chosen,
        )  # fmt: skip
        match draw(st.sampled_from(["constraint", "index", "trigger", "policy", "sequence"])):
            case "constraint":
                constraints.append(constraint)
                own: dict[str, Any] = {"name": name, "constraint": name}
                indexes.append(Index(**place, **own, definition=index.definition, unique=True, columns=chosen))
            case "index":
                indexes.append(index)
            case "trigger":
                body = draw(st.sampled_from(["BEFORE INSERT", "AFTER INSERT"]))
                triggers.append(Trigger(**place, name=name, definition=body))
            case "policy":
                policies.append(Policy(**place, name=name, using=draw(st.sampled_from(["true", "false"]))))
            case "sequence":
                owner = qualified("public", table, chosen[0])
                sequences.append(
                    Sequence(**PLACE, name=f"{table}_{name}", owned_by=owner, start=draw(st.integers(1, 2)))
                )
    return {
        "constraints": constraints, "indexes": indexes, "triggers": triggers, "policies": policies,
        "sequences": sequences,
    }  # fmt: skip


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    families: dict[str, list[Any]] = {}
    for name in draw(st.lists(NAMES, max_size=3, unique=True)):
        families.setdefault("tables", []).append(
            Table(**PLACE, name=name, row_security=draw(st.booleans()), comment=draw(COMMENTS))
        )
        columns = draw(columns_of(name))
        families.setdefault("columns", []).extend(columns)
        for family, objects in draw(parts_of(name, columns)).items():
            families.setdefault(family, []).extend(objects)
    for name in draw(st.lists(NAMES, max_size=2, unique=True)):
        labels = tuple(draw(st.permutations(["x", "y", "z"])))
        families.setdefault("enums", []).append(Enum(**PLACE, name=name, labels=labels))
        families.setdefault("views", []).append(
            View(**PLACE, name=f"v_{name}", definition=draw(st.sampled_from(["SELECT 1", "SELECT 2"])))
        )
        body = draw(st.sampled_from(["SELECT 1", "SELECT 2"]))
        families.setdefault("routines", []).append(Routine(**PLACE, name=name, arguments="integer", body=body))
    made: dict[str, Any] = {family: unique_by_key(objects) for family, objects in families.items()}
    return Catalog(server=SERVER, **made)


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(catalogs())
def test_a_catalog_does_not_differ_from_itself(catalog: Catalog) -> None:
    assert diff(catalog, catalog) == ()


@MANY
@given(catalogs(), st.randoms(use_true_random=False))
def test_the_order_in_which_objects_were_read_makes_no_difference(catalog: Catalog, random: Any) -> None:
    families: dict[str, Any] = {
        name: tuple(random.sample(objects, len(objects)))
        for name, objects in vars(catalog).items()
        if isinstance(objects, tuple)
    }
    assert diff(catalog, Catalog(server=SERVER, **families)) == ()


@MANY
@given(catalogs(), catalogs())
def test_exchanging_the_sides_gives_the_mirror_image(one: Catalog, other: Catalog) -> None:
    mirrored = {"added": "removed", "removed": "added", "altered": "altered"}
    there = [(c.change, c.attribute, c.equivalence, c.source, c.target) for c in diff(one, other)]
    back = [(mirrored[c.change], c.attribute, c.equivalence, c.target, c.source) for c in diff(other, one)]
    # Row-level security may be the platform's in one direction only; without platform roles it is so in none.
    assert sorted(map(repr, there)) == sorted(map(repr, back))


@MANY
@given(catalogs(), catalogs())
def test_equal_fingerprints_mean_no_change_and_no_change_means_equal_objects(one: Catalog, other: Catalog) -> None:
    if one.fingerprint == other.fingerprint:
        assert diff(one, other) == ()
    if not diff(one, other):
        compared = [[(each.kind, each.key) for each in catalog.objects() if each.compared] for catalog in (one, other)]
        assert sorted(compared[0]) == sorted(compared[1])
