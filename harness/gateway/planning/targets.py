"""Which embedded resource each filter, order and range of a request is meant for.

A target name is the alias of an embedded resource, or its relation where it has none; with
`url-use-legacy-target-names` an aliased one answers to its relation as well
(https://docs.postgrest.org/en/v16/references/configuration.html#url-use-legacy-target-names).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from harness.core.postgrest.errors import RequestError
from harness.core.postgrest.model import (
    Condition,
    Logic,
    OrderTerm,
    Placed,
    Query,
    RowRange,
    SelectField,
    SelectItem,
    SelectRelation,
)


@dataclass(slots=True)
class Target:
    """One level of `select=`, and what the request asks of it; `item` is None for the root.

    `by_relation` says that the request called it by its relation although it has an alias.
    """

    item: SelectRelation | None
    columns: tuple[SelectField, ...]
    children: list[Target]
    conditions: list[Condition] = field(default_factory=list)
    order: tuple[OrderTerm, ...] = ()
    rows: RowRange = field(default_factory=RowRange)
    by_relation: bool = False

    def place(self, value: Condition | tuple[OrderTerm, ...] | RowRange) -> None:
        """Take in what is asked of this level; of several orders or ranges the last one placed counts."""
        if isinstance(value, RowRange):
            self.rows = value
        elif isinstance(value, tuple):
            self.order = value
        else:
            self.conditions.insert(0, value)


def _target(item: SelectRelation | None, items: tuple[SelectItem, ...]) -> Target:
    columns = tuple(one for one in items if isinstance(one, SelectField))
    return Target(item, columns, [_target(one, one.items) for one in items if isinstance(one, SelectRelation)])


def _is_called(target: Target, name: str, *, legacy_names: bool) -> bool:
    item = target.item
    if item is None:
        return False
    return (item.alias or item.name) == name or (legacy_names and item.name == name)


def not_embedded(name: str, *, details: str | None = None, hint: str | None = None) -> RequestError:
    """PGRST108: the request asks something of a resource that it does not embed."""
    return RequestError(
        400,
        "PGRST108",
        f"'{name}' is not an embedded resource in this request",
        details=details,
        hint=hint or f"Verify that '{name}' is included in the 'select' query parameter.",
    )


def _missing(children: list[Target], name: str) -> RequestError:
    aliases = (one.item.alias for one in children if one.item is not None and one.item.name == name)
    alias = next((one for one in aliases if one is not None), None)
    if alias is None:
        return not_embedded(name)
    return not_embedded(
        name,
        details="Target names are not allowed in filters if they have an alias",
        hint=f"Change '{name}' to '{alias}' in filters, orders or limits.",
    )


def _found(root: Target, path: tuple[str, ...], *, legacy_names: bool) -> Target:
    """The level that a path leads to. Like in PostgREST, what was found comes first among its siblings from then on."""
    here = root
    for name in path:
        called = (at for at, one in enumerate(here.children) if _is_called(one, name, legacy_names=legacy_names))
        at = next(called, None)
        if at is None:
            raise _missing(here.children, name)
        child = here.children.pop(at)
        here.children.insert(0, child)
        if child.item is not None and child.item.alias not in (None, name):
            child.by_relation = True
        here = child
    return here


def _as_placed(
    query: Query, *, root_conditions: bool, ranges: bool
) -> Iterator[Placed[Condition] | Placed[tuple[OrderTerm, ...]] | Placed[RowRange]]:
    """Everything that is asked, in the order in which PostgREST looks for its targets."""
    conditions = [at for at in reversed(query.conditions) if at.path or root_conditions]
    yield from (at for at in conditions if not isinstance(at.value, Logic))
    yield from reversed(query.order)
    if ranges:
        yield from query.ranges
    yield from (at for at in conditions if isinstance(at.value, Logic))


def resolve(query: Query, rows: RowRange, *, root_conditions: bool, ranges: bool, legacy_names: bool) -> Target:
    """The levels of `select=` with everything that is asked of them.

    :param rows: the range of the root.
    :param root_conditions: whether the root's filters apply to what is read (not in a write: there they choose the
        rows that it touches).
    :param ranges: whether `limit` and `offset` apply (not in a write).
    :param legacy_names: whether an aliased resource answers to its relation too.
    :raises RequestError: PGRST108 where something is asked of a resource that is not embedded.
    """
    root = _target(None, query.select)
    if ranges:
        root.rows = rows
    for placed in _as_placed(query, root_conditions=root_conditions, ranges=ranges):
        _found(root, placed.path, legacy_names=legacy_names).place(placed.value)
    return root


def legacy_name_warnings(names: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The `Warning` header of an answer, where the request calls aliased resources by their relation.

    :param names: relation and alias of each.
    """
    if not names:
        return []
    changes = ", ".join(f"`{relation}` to `{alias}`" for relation, alias in names)
    text = (
        "Embedded resource was referenced by relation name even though it has an alias. This is deprecated and will"
        f" stop working in a future release. Update {changes} in query string filters, orders or limits."
    )
    # headers are bytes, which the names are in UTF-8; a line break in a name must not become one of the answer
    visible = "".join(one if one.isprintable() else "?" for one in text)
    return [("Warning", f'299 PostgRESTv16 "{visible}"'.encode().decode("latin-1"))]
