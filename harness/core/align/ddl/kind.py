"""Ddl: what a kind of object gives to a plan: the statements that create, drop and alter one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.core.model.catalog import Catalog
from harness.core.model.objects import Address
from harness.core.plan import Hazard, Precheck

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
SHARE = "SHARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement with what it costs; the plan adds why it is there."""

    sql: str
    """With its semicolon"""
    lock: str | None = None
    """Mode of the lock on a table that is there already"""
    hazards: tuple[Hazard, ...] = ()
    prechecks: tuple[Precheck, ...] = ()
    about: Address | None = None
    """Another object than the one that the statement is written for: where that one goes, nothing is to be said"""
    transactional: bool = True
    """Whether PostgreSQL runs it inside a transaction, and shows its effect there"""
    online: tuple[Statement, ...] = ()
    """What does the same while writers go on, where there is such a way"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both catalogs of a plan: what is wanted, and what is there."""

    source: Catalog
    target: Catalog


Made = list[Statement]


def never(_now: Any, _wanted: Any, _attributes: frozenset[str], _sides: Sides) -> Made | None:
    """An `alter` for kinds without ALTER: they are dropped and created."""
    return None


def nothing(*_: Any) -> Made:
    """No statements."""
    return []


def plain_drop(named: Callable[[Any], str], *, lock: str | None = None) -> Callable[[Any, Catalog], Made]:
    """A `drop` that says DROP and the object, and nothing beside."""

    def drop(each: Any, _: Catalog) -> Made:
        return [Statement(sql=f"DROP {named(each)};", lock=lock)]

    return drop


def undisturbed(_now: Any, _wanted: Any, _attributes: frozenset[str], _sides: Sides) -> frozenset[str]:
    """A `disturbs` for kinds whose ALTER leaves what stands on them alone."""
    return frozenset()


def on_its_own(_each: Any, _catalog: Catalog) -> tuple[Address, ...]:
    """A `comes_with` for objects that nothing brings along."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ddl:
    """One kind of object. Every function is pure; `each`, `now` and `wanted` are objects of the kind.

    Comments, owners and names are not the functions' affair: the plan writes COMMENT ON, ALTER … OWNER TO and
    ALTER … RENAME TO with `named`, for created and for altered objects alike. Privileges are objects of their own.
    """

    named: Callable[[Any], str]
    """The object as COMMENT ON and ALTER take it: TABLE public.clients, TRIGGER touch ON public.clients"""
    create: Callable[[Any, Catalog], Made]
    """CREATE, without what `afterwards` gives; `each` and the catalog are the source's"""
    drop: Callable[[Any, Catalog], Made]
    """DROP without CASCADE; `each` and the catalog are the target's"""
    alter: Callable[[Any, Any, frozenset[str], Sides], Made | None] = never
    """(now, wanted, attributes that differ without comment, owner and name, sides); None: drop and create instead"""
    disturbs: Callable[[Any, Any, frozenset[str], Sides], frozenset[str]] = undisturbed
    """Kinds of objects standing on `now` that must be dropped before `alter` and created again behind it; of
    constraints their type will do"""
    afterwards: Callable[[Any, Catalog], Made] = nothing
    """What is said at the very end, when all else is there (OWNED BY, REPLICA IDENTITY USING INDEX, CLUSTER ON);
    asked for every created object, and for an altered one when an attribute of `late` differs"""
    late: frozenset[str] = frozenset()
    """Attributes that `afterwards` settles and `alter` need not"""
    late_alter: Callable[[Any, Any, frozenset[str], Sides], Made] | None = None
    """What is said at the very end of an altered object whose attributes of `late` differ, in place of `afterwards`;
    `alter` is then given those attributes too, for what has to be said early (DETACH before ATTACH)"""
    complete: Callable[[Any, Catalog], Made] = nothing
    """For an object that came with another one's CREATE (a column with its table): what that CREATE does not say"""
    comes_with: Callable[[Any, Catalog], tuple[Address, ...]] = on_its_own
    """Addresses of objects whose creation brings this one along, and whose DROP takes it (beside `part_of`, which
    only takes it along)"""
    rename: Callable[[Any, str], Made] | None = None
    """(now, new name) where ALTER `named` RENAME TO is not how it is written"""
    converted: Callable[[Any, Any, str, Sides], str] | None = None
    """(now, wanted, value, sides): a value of the type `now` as one of `wanted`, where its text is not read alike"""
    sketch: Callable[[Any, Catalog], Made] | None = None
    """What makes one, or makes of one, a stand-in that others can name and that needs nothing itself; `alter` of its
    definition makes of the stand-in what is wanted. None: for a circle with this one there is no way out"""
    of_table: Mapping[str, str] = field(default_factory=dict)
    """Attributes that its table settles, as if it differed in another attribute"""
    owned: bool = True
    """Whether ALTER `named` OWNER TO exists"""
